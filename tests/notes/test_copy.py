import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sosie.notes.source")
pytest.importorskip("sosie.notes.identify")

from sosie import intake, pipeline
from sosie.errors import ManifestError, UnreadableError
from sosie.inspection import inspect
from sosie.notes import crew, identify, worker
from sosie.notes.document import Document
from sosie.pseudonyms import Pseudonyms
from sosie.settings import Settings

HERE = Settings(jobs=1)
LETTER = """CHU de Rennes
Patient : M. {last} {first}, né le {born}, IPP : {key}
Tél. : 06 12 34 56 78

Cher confrère, M. {last} a été vu le 12/03/2020.
Dr Marie LEFÈVRE
"""
PEOPLE = [("DUPONT", "Jean", "01/02/1960", "80012345"), ("KERVELLA", "Yann", "03/04/1971", "80012346")]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for at, (last, first, born, key) in enumerate(PEOPLE * 2):
        text = LETTER.format(last=last, first=first, born=born, key=key)
        (folder / f"letter{at}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


def texts(out: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((out / "data").iterdir())}


def test_a_folder_of_notes_is_copied_without_its_names(notes: Path, out: Path) -> None:
    tally = pipeline.deidentify(notes, out, settings=HERE).streams["notes"]
    made = texts(out)
    assert set(made) == {f"letter{at}.txt" for at in range(4)}
    for word in ("DUPONT", "KERVELLA", "Jean", "Rennes", "LEFÈVRE", "80012345", "06 12 34 56 78", "12/03/2020"):
        assert not any(word in text for text in made.values())
    assert tally.documents == tally.touched == 4
    assert tally.labels["NOM"] >= 8


def test_two_notes_with_the_same_number_are_one_patient_s(notes: Path, out: Path) -> None:
    pipeline.deidentify(notes, out, settings=HERE)
    made = texts(out)
    assert made["letter0.txt"] == made["letter2.txt"] != made["letter1.txt"]


def test_findings_point_into_the_original_and_hold_no_text(notes: Path, out: Path) -> None:
    pipeline.deidentify(notes, out, settings=HERE)
    original = (notes / "letter0.txt").read_text(encoding="utf-8")
    found = [line for line in lines(out) if line["document"] == "letter0.txt"]
    assert all(list(line) == ["document", "start", "end", "label", "score", "detector"] for line in found)
    assert "DUPONT" in {original[line["start"] : line["end"]] for line in found if line["label"] == "NOM"}  # type: ignore[misc]
    assert "DUPONT" not in (out / "findings.jsonl").read_text(encoding="utf-8")


def test_the_same_key_gives_the_same_copy_and_processes_change_nothing(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.json"
    pipeline.deidentify(notes, tmp_path / "one", key, HERE)
    pipeline.deidentify(notes, tmp_path / "two", key, HERE)
    pipeline.deidentify(notes, tmp_path / "other", None, HERE)
    assert texts(tmp_path / "one") == texts(tmp_path / "two") != texts(tmp_path / "other")


def test_a_file_whose_name_identifies_is_renamed_and_the_mapping_tells(notes: Path, out: Path, tmp_path: Path) -> None:
    (notes / "letter0.txt").rename(notes / "DUPONT_Jean_2020-03-12.txt")
    pipeline.deidentify(notes, out, settings=HERE, mapping=tmp_path / "mapping.json")
    paths = json.loads((tmp_path / "mapping.json").read_text(encoding="utf-8"))
    assert paths["letter1.txt"] == "letter1.txt"
    renamed = paths["DUPONT_Jean_2020-03-12.txt"]
    assert (out / "data" / renamed).is_file()
    assert not any(word in renamed.casefold() for word in ("dupont", "jean", "2020-03-12"))
    assert renamed in {line["document"] for line in lines(out)}
    assert "DUPONT" not in (out / "findings.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "mapping.json").stat().st_mode & 0o077 == 0


def test_a_mapping_never_replaces_a_file_and_never_lies_in_the_copy(notes: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "mapping.json").touch()
    with pytest.raises(ManifestError, match="never replaced"):
        pipeline.deidentify(notes, out, settings=HERE, mapping=tmp_path / "mapping.json")
    with pytest.raises(ManifestError, match="lies in this folder"):
        pipeline.deidentify(notes, out, settings=HERE, mapping=out / "mapping.json")


def test_each_problem_is_told_and_the_run_goes_on(notes: Path, out: Path) -> None:
    (notes / "empty.txt").touch()
    (notes / "junk.txt").write_bytes(bytes(range(256)) * 20)
    tally = pipeline.deidentify(notes, out, settings=HERE).streams["notes"]
    assert {problem.name for problem in tally.problems} == {"empty.txt", "junk.txt"}
    assert not (out / "data" / "junk.txt").exists()
    assert len(texts(out)) >= 4


def test_nothing_readable_is_an_error_and_leaves_nothing(tmp_path: Path, out: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "junk.txt").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(UnreadableError, match=r"no note could be read|nothing here"):
        pipeline.deidentify(tmp_path / "notes", out, settings=HERE)
    assert not out.exists()


def test_a_note_that_makes_a_detector_fail_is_left_empty(
    notes: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = identify.find_all

    def find_all(documents: list[Document], *given: object) -> object:
        if "KERVELLA" in documents[0].text:
            raise ValueError(documents[0].text)
        return real(documents, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker.identify, "find_all", find_all)
    tally = pipeline.deidentify(notes, out, settings=HERE).streams["notes"]
    assert [problem.reason for problem in tally.problems] == ["could not be treated (ValueError); it is left empty"] * 2
    assert texts(out)["letter1.txt"] == ""


def test_a_long_note_is_searched_in_pieces(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PIECE", 400)
    (tmp_path / "long.txt").write_text("Examen sans particularité.\n" * 40 + LETTER.format(
        last="DUPONT", first="Jean", born="01/02/1960", key="80012345"
    ), encoding="utf-8")  # fmt: skip
    pipeline.deidentify(tmp_path / "long.txt", out, settings=HERE)
    assert "DUPONT" not in texts(out)["long.txt"]
    assert texts(out)["long.txt"].startswith("Examen sans particularité.\n" * 40)


def test_a_run_that_was_killed_goes_on(notes: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.notes.windows.DOCUMENTS", 1)
    treated: list[str] = []
    real = worker.Worker.__call__

    def treat(self: worker.Worker, task: object) -> object:
        treated.append("once")
        if len(treated) == 3:
            raise KeyboardInterrupt
        return real(self, task)  # type: ignore[arg-type]

    monkeypatch.setattr(worker.Worker, "__call__", treat)
    with pytest.raises(KeyboardInterrupt):
        pipeline.deidentify(notes, out, settings=HERE)
    assert not out.exists()
    pipeline.deidentify(notes, out, settings=HERE)
    assert len(treated) == 5
    made = texts(out)
    assert made["letter0.txt"] == made["letter2.txt"]
    assert not list(out.parent.glob(".out*"))


def test_a_note_that_changed_meanwhile_is_treated_again(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sosie.notes.kept import Kept
    from sosie.notes.worker import Answer

    kept = Kept(tmp_path, Pseudonyms(b"s" * 32))
    before, after = ([Document("a.txt", text)] for text in ("one", "two"))
    kept.save(0, kept.digest(before), [Answer(0, "new", ())])
    assert kept.load(0, kept.digest(before)) == [Answer(0, "new", ())]
    assert kept.load(0, kept.digest(after)) is None
    (tmp_path / "notes-0").write_bytes(b"torn")
    assert kept.load(0, kept.digest(before)) is None


def test_tables_and_notes_of_the_same_patients_agree(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "both"
    source.mkdir()
    rows = [f"{800000 + at};{last};{first};0{1 + at % 9}/02/1960" for at, (last, first) in enumerate(cohort())]
    (source / "patients.csv").write_text("ipp;nom;prenom;date_naissance\n" + "\n".join(rows), encoding="utf-8")
    text = "M. DURANDAL Gontran, IPP 800000, né le 01/02/1960. Gontran DURANDALE va bien."
    (source / "cr.txt").write_text(text, encoding="utf-8")
    pipeline.deidentify(source, out, settings=HERE)
    key, last, first, born = (out / "data/patients.csv").read_text(encoding="utf-8").splitlines()[1].split(";")
    note = texts(out)["cr.txt"]
    assert note.startswith(f"M. {last} {first}, IPP {key}, né le {born}.")
    assert note.count(last) == 2


def cohort() -> Iterator[tuple[str, str]]:
    yield "DURANDAL", "Gontran"
    for at in range(40):
        yield f"MARCH{'ABCDEFGHIJ'[at % 10]}{'ABCD'[at // 10]}ND", "Paule"


def test_a_pseudonymised_copy_holds_nothing_of_the_notes_in_memory(notes: Path) -> None:
    opened = intake.open_(notes)
    assert list(opened.streams) == ["notes"]
    assert opened.held(lambda event: None) is None


def test_an_inspection_counts_and_shows_no_value(notes: Path) -> None:
    found = inspect(notes, jobs=1)
    assert found.streams["notes"].labels["NOM"] >= 8
    assert "DUPONT" not in repr(found)


def test_several_processes_do_as_one(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "FEW", 0)
    monkeypatch.setattr(crew, "get_context", lambda kind: __import__("multiprocessing").get_context("fork"))
    key = tmp_path / "key.json"
    pipeline.deidentify(notes, tmp_path / "one", key, HERE)
    pipeline.deidentify(notes, tmp_path / "two", key, Settings(jobs=2))
    assert texts(tmp_path / "one") == texts(tmp_path / "two")
    assert lines(tmp_path / "one") == lines(tmp_path / "two")
