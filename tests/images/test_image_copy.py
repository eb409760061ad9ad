import io
import json
import os
import signal
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom")
pytest.importorskip("rapidocr")

import pydicom
from PIL import Image

from sosie import pipeline
from sosie.engine import Event
from sosie.errors import ManifestError, UnreadableError
from sosie.images import copy, faces, slices, worker
from sosie.images.copy import Images
from sosie.images.source import Item
from sosie.inspection import inspect
from sosie.settings import Settings
from tests.images import heads
from tests.images.made import ROOT, SECRET, burned, dataset, nifti, packed, written, zipped
from tests.images.stubs import Pixels

HERE = Settings(jobs=1)
PEOPLE = (("IPP800123", "DURANDAL^Gontran"), ("IPP800456", "KERVELLA^Yann"))


@pytest.fixture(autouse=True)
def pixels(monkeypatch: pytest.MonkeyPatch) -> Pixels:
    stub = Pixels()
    for name in ("find", "mask", "verify"):
        monkeypatch.setattr(f"sosie.images.pixels.{name}", lambda *given, name=name: getattr(stub, name)(*given))
    return stub


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are there, whether or not the installed package tells so already."""
    from sosie import intake, stream

    there = stream.streams() | {"images": Images()}
    monkeypatch.setattr(intake, "streams", lambda: dict(sorted(there.items())))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "DURANDAL"
    folder.mkdir()
    for at in range(4):
        key, name = PEOPLE[at % 2]
        (folder / f"{key}_{at}.dcm").write_bytes(written(burned(dataset(at + 1, key, name))))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@dataclass
class Copy:
    folder: Path
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        data = self.folder / "data"
        return {
            path.relative_to(data).as_posix(): path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()
        }

    def dataset(self, name: str) -> pydicom.FileDataset:
        return pydicom.dcmread(self.folder / "data" / self.paths[name])

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


def copied(source: Path, out: Path, **given: object) -> Copy:
    mapping = out.parent / f"{out.name}.json"
    pipeline.deidentify(source, out, settings=HERE, mapping=mapping, **given)  # type: ignore[arg-type]
    return Copy(out, json.loads(mapping.read_text(encoding="utf-8")))


def problems(source: Path, out: Path) -> dict[str, str]:
    tally = pipeline.deidentify(source, out, settings=HERE).streams["images"]
    return {problem.name: problem.reason for problem in tally.problems}


def test_nothing_of_the_patient_is_left_anywhere_in_the_copy(images: Path, out: Path) -> None:
    made = copied(images, out)
    assert len(made.files) == 4
    told = json.dumps(list(made.files)) + (out / "findings.jsonl").read_text(encoding="utf-8")
    for word in SECRET:
        assert not any(word.encode() in data for data in made.files.values())
        assert word.casefold() not in told.casefold()


def test_what_is_burned_in_is_masked_and_the_rest_of_the_pixels_stays(images: Path, out: Path) -> None:
    made = copied(images, out)
    new, old = made.dataset("IPP800123_0.dcm").pixel_array, burned(dataset(1)).pixel_array
    assert not new[:8, :16].any()
    assert np.array_equal(new[8:], old[8:])


def test_findings_tell_tags_and_boxes_and_no_value(images: Path, out: Path) -> None:
    made = copied(images, out)
    here = [line for line in made.lines if line["document"] == made.paths["IPP800123_0.dcm"]]
    boxes = [line for line in here if "box" in line]
    assert list(boxes[0]) == ["document", "frame", "box", "label", "action", "score"]
    assert boxes[0]["box"] == [0, 0, 16, 8]
    tags = [line for line in here if "tag" in line]
    assert all(list(line) == ["document", "tag", "label", "action"] for line in tags)
    assert "(0010,0010)" in {line["tag"] for line in tags}


def test_a_patient_has_one_folder_and_one_pseudonym(images: Path, out: Path) -> None:
    made = copied(images, out)
    folders = {name: path.split("/")[1] for name, path in made.paths.items()}
    assert folders["IPP800123_0.dcm"] == folders["IPP800123_2.dcm"] != folders["IPP800456_1.dcm"]
    assert folders["IPP800123_0.dcm"] == made.dataset("IPP800123_0.dcm").PatientID


def test_the_same_key_gives_the_same_copy_and_processes_change_nothing(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.json"
    monkeypatch.setattr("sosie.images.crew.get_context", lambda kind: __import__("multiprocessing").get_context("fork"))
    one = copied(images, tmp_path / "one", key=key)
    pipeline.deidentify(images, tmp_path / "two", key, Settings(jobs=2))
    assert one.files == Copy(tmp_path / "two").files
    assert one.lines == Copy(tmp_path / "two").lines


def test_an_image_that_kills_its_process_is_a_problem_and_the_others_are_copied(
    images: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = worker.Worker.__call__

    def treat(self: worker.Worker, item: Item) -> object:
        if item.name == "IPP800456_1.dcm":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, item)

    monkeypatch.setattr(worker.Worker, "__call__", treat)
    monkeypatch.setattr("sosie.images.crew.get_context", lambda kind: __import__("multiprocessing").get_context("fork"))
    tally = pipeline.deidentify(images, out, settings=Settings(jobs=2)).streams["images"]
    assert [(each.name, each.reason.split()[-2:]) for each in tally.problems] == [
        ("IPP800456_1.dcm", ["not", "copied"])
    ]
    assert len(Copy(out).files) == 3


def test_what_cannot_be_masked_is_not_copied(images: Path, out: Path, pixels: Pixels) -> None:
    pixels.stubborn = True
    (images / "clean.dcm").write_bytes(written(dataset(9)))
    assert len(problems(images, out)) == 4
    assert len(Copy(out).files) == 1


def test_what_makes_a_step_fail_is_not_copied_and_not_quoted(
    images: Path, out: Path, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pixels.find

    def find(made: pydicom.FileDataset, told: object) -> object:
        if made.InstanceNumber == 2:
            raise RuntimeError("KERVELLA")
        return real(made, told)

    monkeypatch.setattr(pixels, "find", find)
    assert problems(images, out) == {"IPP800456_1.dcm": "could not be treated (RuntimeError); not copied"}
    assert len(Copy(out).files) == 3


def test_bad_input_is_told_by_name_and_never_copied(images: Path, out: Path) -> None:
    (images / "cut.dcm").write_bytes(written(dataset(7))[:700])
    (images / "text.dcm").write_text("DURANDAL", encoding="utf-8")
    (images / "tool.exe").write_bytes(b"MZ\0" * 99)
    zipped(images / "a.zip", {"../evil.dcm": written(dataset(8)), "ok.dcm": written(dataset(9)), "readme": b"DURANDAL"})
    made = problems(images, out)
    assert made.keys() == {"cut.dcm", "text.dcm", "tool.exe", "a.zip/../evil.dcm", "a.zip/readme"}
    assert len(Copy(out).files) == 5


def test_a_second_copy_of_an_instance_is_written_once(images: Path, out: Path) -> None:
    (images / "again.dcm").write_bytes((images / "IPP800123_0.dcm").read_bytes())
    made = copied(images, out)
    assert len(made.files) == 4
    assert made.paths["again.dcm"] == made.paths["IPP800123_0.dcm"]
    assert problems(images, out) == {"again.dcm": copy.TWICE}


def test_two_instances_that_bear_one_uid_are_both_written(images: Path, out: Path) -> None:
    other = dataset(1)
    other.PixelData = bytes(len(other.PixelData))
    (images / "zz.dcm").write_bytes(written(other))
    made = copied(images, out)
    assert made.paths["zz.dcm"].endswith("-2.dcm")
    assert len(made.files) == 5
    assert problems(images, out) == {"zz.dcm": copy.CLASH}


def test_huge_pixels_are_refused(images: Path, out: Path) -> None:
    huge = dataset(9)
    huge.NumberOfFrames = 10_000_000
    (images / "huge.dcm").write_bytes(written(huge))
    assert "GiB" in problems(images, out)["huge.dcm"]


def test_a_dicomdir_is_left_out_and_told(images: Path, out: Path) -> None:
    made = dataset(9)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = "1.2.840.10008.1.3.10"
    (images / "DICOMDIR").write_bytes(written(made))
    assert "DICOMDIR" in problems(images, out)["DICOMDIR"]
    assert len(Copy(out).files) == 4


def test_nothing_readable_is_an_error_and_leaves_nothing(tmp_path: Path, out: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cut.dcm").write_bytes(written(dataset())[:700])
    with pytest.raises(UnreadableError, match=r"no image could be read .1 problems; cut.dcm: the file is truncated"):
        pipeline.deidentify(tmp_path / "in", out, settings=HERE)
    assert not out.exists()


def test_a_run_that_was_killed_goes_on(images: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    treated: list[str] = []
    real = worker.Worker._treated

    def treat(self: worker.Worker, item: Item, data: bytes) -> object:
        treated.append(item.name)
        if len(treated) == 3:
            raise KeyboardInterrupt
        return real(self, item, data)

    monkeypatch.setattr(worker.Worker, "_treated", treat)
    with pytest.raises(KeyboardInterrupt):
        pipeline.deidentify(images, out, settings=HERE)
    assert not out.exists()
    pipeline.deidentify(images, out, settings=HERE)
    assert len(treated) == 5
    assert len(Copy(out).files) == 4
    assert not list(out.parent.glob(".out*"))


def test_what_is_kept_meanwhile_holds_nothing_of_the_patient(
    images: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(event: Event) -> None:
        if event.stage == "redact images" and event.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.deidentify(images, out, settings=HERE, listener=stop)
    kept = [zlib.decompress(path.read_bytes()) for path in out.parent.glob(".out.sosie-run/images/*.json")]
    assert len(kept) >= 3
    found = [word for word in (*SECRET, "KERVELLA") for each in kept if word.encode() in each]
    # The name of the file in the source is told, by which the answer is known again.
    assert set(found) <= {"IPP800123"}


def test_pictures_and_volumes_are_of_the_patient_whom_their_names_tell(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub-01").mkdir(parents=True)
    (folder / "sub-01" / "sub-01_T1w.nii.gz").write_bytes(packed(nifti()))
    white = np.full((32, 48), 20, np.uint8)
    white[:8, :16] = 255
    for name, form in (("sub-01_photo.png", "PNG"), ("sub-02_photo.png", "PNG")):
        buffer = io.BytesIO()
        Image.fromarray(white).save(buffer, form)
        (folder / name).write_bytes(buffer.getvalue())
    made = copied(folder, out)
    there = {name: path.split("/")[1] for name, path in made.paths.items()}
    assert there["sub-01/sub-01_T1w.nii.gz"] == there["sub-01_photo.png"] != there["sub-02_photo.png"]
    assert made.paths["sub-01/sub-01_T1w.nii.gz"].endswith("_T1w.nii.gz")
    assert not any(b"DURANDAL" in data for data in made.files.values())
    masked = np.asarray(Image.open(io.BytesIO(made.files[made.paths["sub-01_photo.png"]])))
    assert masked[0, 0] == 0
    assert masked[20, 20] == 20


def test_the_manifest_says_whose_a_picture_is(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "sosie.yaml").write_text("images: {path: '^(?P<patient>IPP[0-9]+)-'}\n", encoding="utf-8")
    (folder / "IPP800123-a.nii").write_bytes(nifti())
    (folder / "x.dcm").write_bytes(written(dataset()))
    made = copied(folder, out)
    assert {path.split("/")[1] for name, path in made.paths.items() if "." in name and "images" in path} == {
        made.dataset("x.dcm").PatientID
    }


def test_tables_notes_and_images_of_the_same_patient_agree(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    rows = [f"{key};{last};{first};0{1 + at % 9}/02/1960" for at, (key, last, first) in enumerate(cohort())]
    (folder / "patients.csv").write_text("ipp;nom;prenom;date_naissance\n" + "\n".join(rows), encoding="utf-8")
    (folder / "cr.txt").write_text("M. DURANDAL Gontran, IPP 800123, né le 01/02/1960, va bien.", encoding="utf-8")
    (folder / "x").write_bytes(written(burned(dataset(1, "800123"))))
    made = copied(folder, out)
    key, last, first, born = (out / "data/patients.csv").read_text(encoding="utf-8").splitlines()[1].split(";")
    image = made.dataset("x")
    assert image.PatientID == key == made.paths["x"].split("/")[1]
    assert str(image.PatientName).split("^") == [last, first]
    assert image.PatientBirthDate == "".join(reversed(born.split("/")))
    assert (out / "data/cr.txt").read_text(encoding="utf-8") == f"M. {last} {first}, IPP {key}, né le {born}, va bien."


def test_notes_know_the_patients_of_the_headers(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(written(dataset(1, "80012345")))
    (folder / "letter.txt").write_text("M. DURANDALE Gontran, IPP 80012345, vu le 12/03/2020.", encoding="utf-8")
    made = copied(folder, out)
    image = made.dataset("1.dcm")
    last, first = str(image.PatientName).split("^")
    day = pydicom.valuerep.DA(image.StudyDate)
    note = (out / "data" / "letter.txt").read_text(encoding="utf-8")
    assert note == f"M. {last} {first}, IPP {image.PatientID}, vu le {day:%d/%m/%Y}."


def cohort() -> Iterator[tuple[str, str, str]]:
    yield "800123", "DURANDAL", "Gontran"
    for at in range(40):
        yield str(800200 + at), f"MARCH{'ABCDEFGHIJ'[at % 10]}{'ABCD'[at // 10]}ND", "Paule"


def test_a_modality_of_which_nothing_can_be_read_does_not_stop_the_others(images: Path, out: Path) -> None:
    (images / "letter.txt").write_bytes(bytes(range(256)) * 20)
    copied_ = pipeline.deidentify(images, out, settings=HERE)
    assert copied_.streams["images"].documents == 4
    assert "no note could be read" in copied_.streams["notes"].problems[0].reason


def test_contact_sheets_lie_beside_the_copy_for_their_owner_alone(images: Path, out: Path) -> None:
    for _ in range(2):
        pipeline.deidentify(images, out, settings=HERE, review=True)
    there = out.with_name("out-review") / "contact-sheets"
    assert not (out / "review").exists()
    assert there.stat().st_mode & 0o077 == 0
    page = (there / "0001.html").read_text(encoding="utf-8")
    assert page.count("<article>") == 4
    assert page.count("data:image/png") == 8
    assert "images/" in page
    assert "DURANDAL" not in page


@pytest.fixture
def head(tmp_path: Path) -> Path:
    folder = tmp_path / "head"
    folder.mkdir()
    for at, made in enumerate(heads.slices(heads.phantom("CT", 5.0), "CT")):
        made.PatientID, made.PatientName = "IPP800123", "DURANDAL^Gontran"
        made.StudyInstanceUID = made.SeriesInstanceUID = f"{ROOT}.7"
        made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"{ROOT}.7.{at}"
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        (folder / f"{at:03d}.dcm").write_bytes(written(made))
    return folder


def test_a_face_goes_from_a_volume_whose_slices_are_files(head: Path, out: Path) -> None:
    (head / "x").mkdir()
    (head / "x" / "other.dcm").write_bytes(written(dataset(1)))
    made = copied(head, out)
    assert len(made.files) == len(made.paths) == len(list(head.glob("*.dcm"))) + 1
    faced = {line["document"] for line in made.lines if line["label"] == "FACE"}
    assert len(faced) > 10
    for name, path in made.paths.items():
        old, new = (pydicom.dcmread(each).pixel_array for each in (head / name, out / "data" / path))
        assert (old != new).any() == (path in faced)
    assert made.dataset("000.dcm").RecognizableVisualFeatures == "NO"


def test_a_profile_keeps_faces(head: Path, out: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("images: {clean_recognizable_visual_features: false}\n", encoding="utf-8")
    made = copied(head, out, profile=profile)
    assert not [line for line in made.lines if line["label"] == "FACE"]


def test_a_volume_that_was_treated_is_not_treated_again(head: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (head / "000.dcm").write_bytes((head / "000.dcm").read_bytes()[:900])
    looked: list[int] = []
    real = faces.series

    def series(datasets: list[pydicom.Dataset]) -> object:
        looked.append(len(datasets))
        return real(datasets)

    def stop(event: Event) -> None:
        if event.stage == "redact images" and event.done == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(faces, "series", series)
    with pytest.raises(KeyboardInterrupt):
        pipeline.deidentify(head, out, settings=HERE, listener=stop)
    assert problems(head, out) == {"000.dcm": "the file is truncated; not copied"}
    assert looked == [len(list(head.iterdir())) - 1]


def test_a_volume_that_makes_no_sense_is_copied_and_told(
    head: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def series(datasets: list[pydicom.Dataset]) -> object:
        raise ValueError("DURANDAL")

    monkeypatch.setattr(faces, "series", series)
    assert set(problems(head, out).values()) == {slices.UNSEEN}
    assert Copy(out).files


def test_an_inspection_counts_writes_nothing_and_shows_no_value(images: Path, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    found = inspect(images, jobs=1)
    tally = found.streams["images"]
    assert tally.documents == tally.touched == 4
    assert tally.detectors["pixels"] == 4
    assert "DURANDAL" not in repr(found)
    assert set(tmp_path.rglob("*")) == before


def test_progress_tells_how_many_there_are(images: Path, out: Path) -> None:
    heard: list[Event] = []
    pipeline.deidentify(images, out, settings=HERE, listener=heard.append)
    assert Event("redact images", 4, 4) in heard


def test_a_profile_that_names_what_does_not_exist_is_refused(images: Path, out: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("weekdays: true\nimages: {clean_everything: true}\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="clean_everything"):
        copied(images, out, profile=profile)


def test_a_profile_serves_notes_and_images(images: Path, out: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("weekdays: true\nimages: {retain_uids: true}\n", encoding="utf-8")
    made = copied(images, out, profile=profile)
    assert made.dataset("IPP800123_0.dcm").SOPInstanceUID == dataset(1).SOPInstanceUID
    shift = pydicom.valuerep.DA(made.dataset("IPP800123_0.dcm").StudyDate) - pydicom.valuerep.DA("20200312")
    assert shift.days % 7 == 0
