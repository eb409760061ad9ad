import json
from pathlib import Path

import pytest

pytest.importorskip("sosie.notes.source")
pytest.importorskip("sosie.notes.identify")

from sosie import cli

TEXT = "Patient : M. DUPONT Jean, né le 01/02/1960.\nM. DUPONT est suivi au CHU de Rennes par le Dr Marie LEFÈVRE.\n"


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "letter.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    return cli.run([*arguments, "--jobs", "1"])


@pytest.mark.parametrize(("lang", "words"), [("en", "1 notes read"), ("fr", "1 notes lues")])
def test_an_inspection_tells_labels_and_no_value(
    notes: Path, lang: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", "notes", "--lang", lang) == 0
    said = capsys.readouterr().out
    assert words in said
    assert "NOM" in said
    assert "DUPONT" not in said


def test_a_copy_tells_what_was_found_and_where_it_is(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("deidentify", "notes", "--out", "copy", "--key", "k.key", "--review") == 0
    said = capsys.readouterr().out
    assert "still personal data" in said
    assert "columns" not in said
    assert "review" in said
    assert (notes / "copy" / "review" / "index.html").is_file()
    assert "DUPONT" not in (notes / "copy" / "review" / "0001.html").read_text(encoding="utf-8")


def test_an_earlier_copy_is_replaced_pages_included(notes: Path) -> None:
    assert run("deidentify", "notes", "--out", "copy", "--review") == 0
    assert run("deidentify", "notes", "--out", "copy") == 0
    assert not (notes / "copy" / "review").exists()


def test_json_is_one_object_with_counts(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("deidentify", "notes", "--out", "copy", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["notes"]["documents"] == 1
    assert record["notes"]["labels"]["NOM"] >= 2
    assert "paths" not in record["notes"]
    assert "DUPONT" not in json.dumps(record)


def test_a_profile_is_followed(notes: Path) -> None:
    (notes / "profile.yaml").write_text("default: tag\nlabels: {HOPITAL: keep}\n", encoding="utf-8")
    assert run("deidentify", "notes", "--out", "copy", "--profile", "profile.yaml") == 0
    text = (notes / "copy" / "data" / "letter.txt").read_text(encoding="utf-8")
    assert "né le <DATE_NAISSANCE>." in text
    assert "DUPONT" not in text
    assert "CHU de Rennes" in text


def test_a_profile_that_names_no_label_is_refused(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (notes / "profile.yaml").write_text("labels: {NOOM: tag}\n", encoding="utf-8")
    assert run("deidentify", "notes", "--out", "copy", "--profile", "profile.yaml") == 2
    assert "NOOM" in capsys.readouterr().err
    assert not (notes / "copy").exists()


def test_problems_are_listed_and_the_run_ends_well(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (notes / "notes" / "junk.txt").write_bytes(bytes(range(256)) * 20)
    assert run("deidentify", "notes", "--out", "copy") == 0
    said = capsys.readouterr().out
    assert "1 problems" in said
    assert "junk.txt: " in said


def test_nothing_readable_leaves_with_4(notes: Path) -> None:
    (notes / "notes" / "letter.txt").write_bytes(bytes(range(256)) * 20)
    assert run("deidentify", "notes", "--out", "copy") == 4
    assert not (notes / "copy").exists()


def test_anonymize_leaves_with_2_and_says_why(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("anonymize", "notes", "--out", "shared") == 2
    assert "at least 22" in capsys.readouterr().err
