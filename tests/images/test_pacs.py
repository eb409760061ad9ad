import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from sosie import archives, cli
from sosie.errors import ManifestError, UnreadableError
from sosie.images import pacs
from sosie.images.pacs.address import Address

ORTHANC = os.environ.get("SOSIE_TEST_ORTHANC", "")
"""``http port:DICOM port`` of an Orthanc server on loopback, which may be filled."""
needs_orthanc = pytest.mark.skipif(not ORTHANC, reason="SOSIE_TEST_ORTHANC names no server")
FORMS = ("CT_small.dcm", "JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm", "examples_ybr_color.dcm")


@pytest.fixture
def study(tmp_path: Path) -> tuple[str, list[Path]]:
    """A study of four kinds of instances that no other test stores."""
    uid = generate_uid()
    files = []
    for name in FORMS:
        dataset = dcmread(str(get_testdata_file(name)))
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid, generate_uid()
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.PatientID = f"T{uid[-20:]}"
        files.append(tmp_path / f"{name}")
        dataset.save_as(files[-1])
    return str(uid), files


def places() -> Iterator[str]:
    http, _, dicom = ORTHANC.partition(":")
    yield f"dicomweb+http://127.0.0.1:{http}/dicom-web"
    yield f"dicom://ORTHANC@127.0.0.1:{dicom}"


@needs_orthanc
@pytest.mark.parametrize("way", [0, 1], ids=["dicomweb", "dimse"])
def test_what_was_sent_is_fetched_as_it_was(way: int, study: tuple[str, list[Path]], tmp_path: Path) -> None:
    uid, files = study
    place = list(places())[way]
    assert list(pacs.send(files, f"{place}?StudyInstanceUID={uid}")) == []
    with pacs.staged(f"{place}?StudyInstanceUID={uid}", tmp_path / "out") as fetched:
        got = {str(one.SOPInstanceUID): one for one in map(dcmread, sorted(fetched.folder.iterdir()))}
        assert fetched.problems == ()
        for path in files:
            sent = dcmread(path)
            same = got[str(sent.SOPInstanceUID)]
            assert same.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
            assert same.PixelData == sent.PixelData
    assert not (tmp_path / ".out.fetched").exists()


@needs_orthanc
def test_a_patient_is_selected_by_keyword_in_both_ways(study: tuple[str, list[Path]], tmp_path: Path) -> None:
    uid, files = study
    web, dimse = places()
    list(pacs.send(files, f"{web}?StudyInstanceUID={uid}"))
    for number, place in enumerate((web, dimse)):
        with pacs.staged(f"{place}?PatientID=T{uid[-20:]}", tmp_path / f"out{number}") as fetched:
            assert len(list(fetched.folder.iterdir())) == len(FORMS)


@needs_orthanc
def test_an_archive_without_what_is_asked_says_so(tmp_path: Path) -> None:
    for place in places():
        with (
            pytest.raises(UnreadableError, match="no instance"),
            pacs.staged(f"{place}?PatientID=NOBODY", tmp_path / "o"),
        ):
            pass
    assert list(tmp_path.iterdir()) == []


@needs_orthanc
def test_a_run_that_was_killed_fetches_what_is_missing(study: tuple[str, list[Path]], tmp_path: Path) -> None:
    uid, files = study
    place = f"{next(places())}?StudyInstanceUID={uid}"
    list(pacs.send(files, place))
    with suppress(KeyboardInterrupt), pacs.staged(place, tmp_path / "out") as fetched:
        kept = next(fetched.folder.iterdir())
        kept.write_bytes(b"kept")
        raise KeyboardInterrupt
    with pytest.raises(ManifestError, match="another address"), pacs.staged(f"{place}1", tmp_path / "out"):
        pass
    with pacs.staged(place, tmp_path / "out") as fetched:
        assert len(list(fetched.folder.iterdir())) == len(FORMS)
        assert kept.read_bytes() == b"kept"


@needs_orthanc
def test_a_study_of_an_archive_is_copied_in_one_command_and_sent_back(
    study: tuple[str, list[Path]], tmp_path: Path
) -> None:
    uid, files = study
    web, dimse = places()
    list(pacs.send(files, web))
    out, key = tmp_path / "copy", tmp_path / "key"
    asked = [f"{dimse}?StudyInstanceUID={uid}", "--out", str(out), "--key", str(key), "--send", web, "--json"]
    assert cli.run(["deidentify", *asked]) == 0
    copies = [dcmread(path) for path in sorted(out.rglob("*.dcm"))]
    assert len(copies) == len(FORMS)
    (made,) = {str(copy.StudyInstanceUID) for copy in copies}
    with pacs.staged(f"{web}?StudyInstanceUID={made}", tmp_path / "back") as fetched:
        assert len(list(fetched.folder.iterdir())) == len(FORMS)
    assert {copy.PatientIdentityRemoved for copy in copies} == {"YES"}


@needs_orthanc
def test_what_identifies_in_a_study_of_an_archive_is_listed(
    study: tuple[str, list[Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    uid, files = study
    web, _ = places()
    list(pacs.send(files, web))
    assert cli.run(["inspect", f"{web}?StudyInstanceUID={uid}"]) == 0
    assert "PATIENT" in capsys.readouterr().out.upper()


def test_an_archive_to_send_to_is_understood_before_anything_is_done(tmp_path: Path) -> None:
    source = str(get_testdata_file("CT_small.dcm"))
    assert cli.run(["deidentify", source, "--out", str(tmp_path / "copy"), "--send", "nowhere"]) == 2
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("place", ["dicomweb+http://127.0.0.1:9/x?PatientID=1", "dicom://A@127.0.0.1:9?PatientID=1"])
def test_an_archive_that_does_not_answer_is_named_without_what_was_asked(place: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught, pacs.staged(place, tmp_path / "out"):
        pass
    assert "PatientID" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    ["dicom://A@h:104", "dicomweb+http://h/x", "dicom://h?Nothing=1", "dicom://h?PatientID=1&move=no", "dicom://"],
)
def test_an_address_that_selects_nothing_or_nothing_known_is_refused(place: str) -> None:
    with pytest.raises(ManifestError):
        Address.of(place)


def test_an_address_says_who_is_called_and_how() -> None:
    address = Address.of("dicom://PACS@archive.example:11112?StudyInstanceUID=1.2&calling=ME&move=11113")
    assert (address.called, address.calling, address.host, address.port) == ("PACS", "ME", "archive.example", 11112)
    assert (address.move, address.filters) == (11113, {"StudyInstanceUID": "1.2"})
    assert Address.of("dicomweb+https://u:secret@h/dw?PatientID=1").url == "https://h/dw"
    assert "secret" not in repr(Address.of("dicomweb+https://u:secret@h/dw?PatientID=1"))


@pytest.mark.parametrize(("place", "is_one"), [("dicom://h", True), ("postgresql://h/d", False), ("/a/b", False)])
def test_addresses_of_archives_are_told_from_others(place: str, is_one: bool) -> None:
    assert pacs.is_address(place) is is_one


def test_doubles_of_an_archive_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["anonymize", "dicom://A@127.0.0.1:9?PatientID=1", "--out", str(tmp_path / "out")]) == 2
    assert "not offered yet" in capsys.readouterr().err


def test_without_its_extra_an_archive_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archives, "find_spec", lambda name: None)
    assert cli.run(["deidentify", "dicom://A@127.0.0.1:9?PatientID=1", "--out", str(tmp_path / "out")]) == 2
    assert "sosie[images]" in capsys.readouterr().err
