from pathlib import Path

import pytest
from copied import copied, replacing
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.manifest import Manifest
from sosie.notes.source.charset import decode
from sosie.notes.source.record import NotReadable

NOTE = "Le patient Béranger a été vu à Saint-Étienne.\nIl tolère bien son traitement, sans gêne.\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "cp850", "mac_roman"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_note_is_read_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "note.txt").write_bytes(NOTE.encode(encoding))
    assert copied(tmp_path / "note.txt", tmp_path / "out").text("note.txt") == NOTE


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_changed_note_keeps_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "note.txt").write_bytes(NOTE.encode(encoding))
    copied(tmp_path / "note.txt", tmp_path / "out", replacing(("Béranger", "Mélanie")))
    assert (tmp_path / "out" / "note.txt").read_bytes() == NOTE.replace("Béranger", "Mélanie").encode(encoding)


def test_the_typographic_signs_of_cp1252_are_read(tmp_path: Path) -> None:
    text = "L’état s’améliore – coût : 12 € ; « à revoir »…"
    (tmp_path / "note.txt").write_bytes(text.encode("cp1252"))
    assert copied(tmp_path / "note.txt", tmp_path / "out").text("note.txt") == text


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_text_come_back_byte_for_byte(data: bytes) -> None:
    try:
        text, charset = decode(data)
    except NotReadable:
        return
    if not charset.encoding.startswith("utf-16") or "\ufffd" not in text:
        assert charset.encode(text) == data


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["utf-8", "latin-1", "cp1252"]))
def test_any_character_can_be_written_in_any_encoding(text: str, encoding: str) -> None:
    charset = decode("é".encode(encoding), encoding)[1]
    assert isinstance(charset.encode(text), bytes)


def test_a_surrogate_that_the_encoding_lacks_becomes_its_nearest_letters(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes("Madame Béal".encode("latin-1"))
    copied(tmp_path / "note.txt", tmp_path / "out", replacing(("Béal", "Łukaš \N{GRINNING FACE}")))
    assert (tmp_path / "out" / "note.txt").read_bytes() == "Madame Lukaš ?".encode("cp1252")


def test_lines_of_two_encodings_keep_theirs(tmp_path: Path) -> None:
    data = "Vu par Chloé\n".encode() + "Adressé par Noël\n".encode("latin-1") + "Réglé à Évry\n".encode()
    (tmp_path / "note.txt").write_bytes(data)
    got = copied(tmp_path / "note.txt", tmp_path / "out", replacing(("Noël", "Joël")))
    assert got.text("note.txt") == "Vu par Chloé\nAdressé par Noël\nRéglé à Évry\n"
    assert (tmp_path / "out" / "note.txt").read_bytes() == data.replace(b"No\xebl", b"Jo\xebl")
    assert [(problem.name, problem.lost) for problem in got.problems] == [("note.txt", False)]


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\x85", "\u2028"])
def test_line_ends_stay(tmp_path: Path, ending: str) -> None:
    data = f"M. Rey{ending}né en 1950{ending}".encode()
    (tmp_path / "note.txt").write_bytes(data)
    copied(tmp_path / "note.txt", tmp_path / "out", replacing(("Rey", "Roy")))
    assert (tmp_path / "out" / "note.txt").read_bytes() == data.replace(b"Rey", b"Roy")


def test_invisible_characters_and_emoji_stay(tmp_path: Path) -> None:
    data = "Du\u200bpont \u202eenitraM\u202c \N{GRINNING FACE} \ufeff fin\x00".encode()
    (tmp_path / "note.txt").write_bytes(data)
    got = copied(tmp_path / "note.txt", tmp_path / "out")
    assert not got.problems
    assert (tmp_path / "out" / "note.txt").read_bytes() == data


def test_an_empty_note_is_written_and_told(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(b"")
    got = copied(tmp_path / "note.txt", tmp_path / "out")
    assert [problem.reason for problem in got.problems] == ["the file is empty"]
    assert (tmp_path / "out" / "note.txt").read_bytes() == b""


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 40, b"\xca\xfe\xba\xbe" + b"\0" * 50, b"\x7fELF\x02\x01", b"\xff\xfe\x00"]
)
def test_binary_junk_is_a_problem_and_is_not_copied(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_bytes(data)
    (tmp_path / "notes" / "b.txt").write_text("Bien.")
    got = copied(tmp_path / "notes", tmp_path / "out")
    assert [(problem.name, problem.lost) for problem in got.problems] == [("a.txt", True)]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.txt"]


def test_the_manifest_names_an_encoding(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes("Łódź".encode("cp1250"))
    manifest = Manifest.model_validate({"notes": {"note": {"encoding": "cp1250"}}})
    assert copied(tmp_path / "note.txt", tmp_path / "out", manifest=manifest).text("note.txt") == "Łódź"


def test_an_unknown_encoding_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(b"abc")
    manifest = Manifest.model_validate({"notes": {"note": {"encoding": "utf-99"}}})
    assert "utf-99" in copied(tmp_path / "note.txt", tmp_path / "out", manifest=manifest).problems[0].reason


def test_a_long_note_is_read_and_written(tmp_path: Path) -> None:
    data = ("Vu ce jour. État stable, à revoir dans un mois.\r\n" * 30_000).encode("cp1252")
    (tmp_path / "note.txt").write_bytes(data)
    copied(tmp_path / "note.txt", tmp_path / "out", lambda document: document.text + "Fin")
    assert (tmp_path / "out" / "note.txt").read_bytes() == data + b"Fin"
