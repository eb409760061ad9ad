import json
import random
from pathlib import Path

import pytest
from copied import copied, replacing

from sosie.errors import ManifestError
from sosie.manifest import Manifest, load
from sosie.notes import source
from sosie.notes.document import Document
from sosie.notes.source import Problem

LONG = "Patiente vue ce jour en consultation pour le suivi de son diabète, avec un bilan qui reste satisfaisant. " * 4


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def folder(root: Path, **contents: str | bytes) -> Path:
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def mixed(root: Path) -> Path:
    rows = "".join(f"{n % 3};{LONG}{n}\n" for n in range(9))
    return folder(
        root,
        **{
            "b/deux.txt": "M. REY",
            "a.txt": "Bien.",
            "c/notes.jsonl": json.dumps({"text": "M. REY " + LONG}) + "\n",
            "c/notes.csv": "ipp;texte\n" + rows,
            "patients.csv": "ipp,age,commentaire\n1,54,vu\n2,61,à revoir\n",
            "sosie.yaml": "version: 1\n",
            ".hidden.txt": "M. REY",
            "README.md": "About",
            "image.png": b"\x89PNG\r\n\x1a\n",
            "vieux.doc": b"\xd0\xcf\x11\xe0" + b"\0" * 50,
            "sans_extension": "M. REY",
        },
    )


def test_a_mixed_folder_is_copied_file_by_file(tmp_path: Path) -> None:
    got = copied(mixed(tmp_path / "notes"), tmp_path / "out", replacing(("REY", "BONNET")))
    assert files(got.out) == ["a.txt", "b/deux.txt", "c/notes.csv", "c/notes.jsonl", "sans_extension"]
    assert (got.out / "b" / "deux.txt").read_text() == "M. BONNET"
    assert {problem.name for problem in got.problems} == {"vieux.doc"}
    assert not got.unwritten


def test_the_order_of_documents_never_changes(tmp_path: Path) -> None:
    mixed(tmp_path / "notes")
    first, second = (list(source.read(tmp_path / "notes")) for _ in range(2))
    assert first == second


def test_documents_may_be_written_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.notes.source.waiting.MOST", 500)
    lines = [json.dumps({"ipp": n % 7, "text": f"{n} {LONG}"}) for n in range(40)]
    folder(tmp_path / "in", **{"a.jsonl": "\n".join(lines), "b.jsonl": "\n".join(lines)})
    documents = [found for found in source.read(tmp_path / "in") if isinstance(found, Document)]
    random.Random(3).shuffle(documents)
    writer = source.open_writer(tmp_path / "in", tmp_path / "out")
    for document in documents:
        writer.write(document, document.text.replace("diabète", "asthme"))
    assert writer.close() == ()
    for name in ("a.jsonl", "b.jsonl"):
        written = [json.loads(line) for line in (tmp_path / "out" / name).read_text().splitlines()]
        assert written == [json.loads(line.replace("diab\\u00e8te", "asthme")) for line in lines]


def test_more_files_than_can_be_open_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.notes.source.writer._MOST_OPEN", 2)
    lines = "\n".join(json.dumps({"ipp": n, "text": f"{n} {LONG}"}) for n in range(3))
    folder(tmp_path / "in", **{f"{name}.jsonl": lines for name in "abcdef"})
    documents = [found for found in source.read(tmp_path / "in") if isinstance(found, Document)]
    writer = source.open_writer(tmp_path / "in", tmp_path / "out")
    for document in sorted(documents, key=lambda document: str(document.patient)):
        writer.write(document, document.text)
    assert writer.close() == ()
    assert {(tmp_path / "out" / f"{name}.jsonl").read_text() for name in "abcdef"} == {lines}
    assert len(writer.paths) == 6


def test_a_document_that_never_comes_is_left_empty_and_told(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{n} {LONG}"}) for n in range(3)]
    folder(tmp_path / "in", **{"a.jsonl": "\n".join(lines)})
    writer = source.open_writer(tmp_path / "in", tmp_path / "out")
    for found in source.read(tmp_path / "in"):
        if isinstance(found, Document) and not found.name.endswith("#2"):
            writer.write(found, found.text)
    assert [problem.name for problem in writer.close()] == ["a.jsonl#2"]
    written = [json.loads(line)["text"] for line in (tmp_path / "out" / "a.jsonl").read_text().splitlines()]
    assert [bool(text) for text in written] == [True, False, True]


def test_a_file_takes_the_name_that_it_is_given(tmp_path: Path) -> None:
    folder(tmp_path / "in", **{"REY Jean.txt": "a", "REY Paul.txt": "b", "../in/c.txt": "c"})
    writer = source.open_writer(tmp_path / "in", tmp_path / "out")
    for found in source.read(tmp_path / "in"):
        assert isinstance(found, Document)
        writer.write(found, found.text, "../x/N: 1.txt" if "REY" in found.name else None)
    assert writer.paths == {"REY Jean.txt": "x/N_ 1.txt", "REY Paul.txt": "x/N_ 1-2.txt", "c.txt": "c.txt"}
    assert files(tmp_path / "out") == ["c.txt", "x/N_ 1-2.txt", "x/N_ 1.txt"]


def test_a_number_sign_may_be_in_the_name_of_a_file(tmp_path: Path) -> None:
    folder(tmp_path / "in", **{"note #3.txt": "a", "b#1.jsonl": json.dumps({"text": LONG})})
    got = copied(tmp_path / "in", tmp_path / "out")
    assert list(got.documents) == ["b#1.jsonl#1", "note #3.txt"]
    assert files(got.out) == ["b#1.jsonl", "note #3.txt"]


def test_a_file_is_a_source_too(tmp_path: Path) -> None:
    folder(tmp_path, **{"note.txt": "M. REY"})
    assert files(copied(tmp_path / "note.txt", tmp_path / "out").out) == ["note.txt"]


def test_the_name_of_a_file_tells_patient_date_and_kind(tmp_path: Path) -> None:
    folder(tmp_path / "in", **{"80012345/20240312_CR.txt": "Bien."})
    manifest = Manifest.model_validate(
        {"notes": {"*": {"path": r"^(?P<patient>\d+)/(?P<date>\d{8})_(?P<kind>\w+)\.txt$"}}}
    )
    document = copied(tmp_path / "in", tmp_path / "out", manifest=manifest).documents["80012345/20240312_CR.txt"]
    assert (document.patient, str(document.written), document.kind) == ("80012345", "2024-03-12", "CR")


def test_a_pattern_that_is_no_regular_expression_is_refused(tmp_path: Path) -> None:
    folder(tmp_path, **{"sosie.yaml": "notes:\n  '*': {path: '('}\n"})
    with pytest.raises(ManifestError, match=r"notes\.\*\.path"):
        load(tmp_path / "sosie.yaml")


def test_a_pdf_is_known_by_its_content(tmp_path: Path) -> None:
    folder(tmp_path / "in", **{"a.txt": b"%PDF-1.4 junk"})
    assert "PDF" in copied(tmp_path / "in", tmp_path / "out").problems[0].reason


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    folder(tmp_path / "in", **{"a/b.txt": "Bien."})
    (tmp_path / "in" / "a" / "up").symlink_to(tmp_path / "in")
    assert list(copied(tmp_path / "in", tmp_path / "out").documents) == ["a/b.txt"]


def test_a_crash_in_one_file_does_not_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "in", **{"a.pdf": b"%PDF-1.4", "b.txt": "Bien."})
    monkeypatch.setattr("sosie.notes.source.pdf._read", lambda data: {}["REY"])
    got = copied(tmp_path / "in", tmp_path / "out")
    assert list(got.documents) == ["b.txt"]
    assert "REY" not in got.problems[0].reason


def test_a_text_that_cannot_be_written_does_not_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "in", **{"a.html": "<p>REY</p>", "b.txt": "Bien."})
    monkeypatch.setattr("sosie.notes.source.layout.Layout.fill", lambda *_: {}["REY"])
    got = copied(tmp_path / "in", tmp_path / "out")
    assert files(got.out) == ["b.txt"]
    assert [problem.name for problem in got.unwritten] == ["a.html"]
    assert "REY" not in got.unwritten[0].reason


CSV_OF_NOTES = "ipp;texte\n" + "".join(f"{n % 3};{LONG}\n" for n in range(9))
COMMENTED = "ipp;age;poids;commentaire\n" + "".join(
    f"{n};{50 + n};70;Vu en consultation, à revoir\n" for n in range(30)
)
LONG_COMMENTS = "ipp;age;remarque\n" + "".join(f"{n};{50 + n};{LONG if n < 3 else ''}\n" for n in range(30))
WIDE = "ipp;" + ";".join(f"v{n}" for n in range(300)) + ";remarque\n" + (
    "".join(f"{n};" + ";".join(["123.456"] * 300) + f";{LONG}\n" for n in range(9))
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "holds_notes"),
    [
        ("a.txt", "Bien.", True),
        ("a.csv", CSV_OF_NOTES, True),
        ("a.csv", COMMENTED, False),
        ("a.csv", LONG_COMMENTS, False),
        ("a.csv", WIDE, False),
        ("a.csv", "", False),
        ("a.csv", "texte\n", False),
        ("README.txt", "About these tables", False),
        ("a.R", "mean(x)", False),
        ("a.xml", "<a/>", False),
        ("a.json", '{"a": 1}', False),
        ("a.json", json.dumps([{"texte": LONG}]), True),
        ("a.json", '{"resourceType": "Bundle"}', True),
        ("a.png", "junk", False),
    ],
)
def test_notes_are_told_from_tables(tmp_path: Path, name: str, content: str, holds_notes: bool) -> None:
    folder(tmp_path / "in", **{name: content})
    assert source.recognises(tmp_path / "in") is holds_notes


def test_the_manifest_decides_what_a_table_is(tmp_path: Path) -> None:
    folder(tmp_path, **{"a.csv": COMMENTED, "b.csv": CSV_OF_NOTES})
    manifest = Manifest.model_validate({"notes": {"a": {"text": "commentaire"}}, "tables": {"b": {}}})
    assert source.is_notes_table(tmp_path / "a.csv", manifest)
    assert not source.is_notes_table(tmp_path / "b.csv", manifest)


def test_a_column_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    folder(tmp_path, **{"a.csv": CSV_OF_NOTES})
    manifest = Manifest.model_validate({"notes": {"a": {"text": "note"}}})
    found = list(source.read(tmp_path / "a.csv", manifest))
    assert [type(one) for one in found] == [Problem]


def test_an_address_is_no_folder_of_notes() -> None:
    assert not source.recognises("postgresql://server/base")
