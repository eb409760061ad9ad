import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie import intake
from sosie.cohort import Cohort, Role
from sosie.engine import silent
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.names import fold
from sosie.notes.decode import NotesCodec
from sosie.notes.doubles import overlap
from sosie.notes.doubles.grams import WIDTH
from sosie.notes.doubles.part import NotesPart
from sosie.notes.doubles.residual import invented, residual
from sosie.notes.modality import Notes
from sosie.stream import NOTHING, Described
from tests.notes.wards import write

PATIENTS = 120
PLAIN = Manifest()
Read = tuple[NotesPart, list[dict[str, str]]]
_RNG = 3


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Read:
    path = tmp_path_factory.mktemp("ward") / "notes.jsonl"
    rows = write(path, PATIENTS)
    notes = Notes()
    return notes.attend(notes.read(path, PLAIN), PLAIN, NOTHING, 1, silent), rows


@pytest.fixture(scope="module")
def codec(ward: Read) -> NotesCodec:
    return NotesCodec.fit(ward[0], PLAIN, np.random.default_rng(_RNG))


@pytest.fixture(scope="module")
def doubles(ward: Read, codec: NotesCodec) -> NotesPart:
    return codec.decode(codec.encode(ward[0]), Cohort((), {}), np.random.default_rng(_RNG))


def grams(text: str) -> set[tuple[str, ...]]:
    words = [fold(word) if word.isalpha() else word for word in re.findall(r"[^\W_]+", text.lower())]
    return {tuple(words[at : at + WIDTH]) for at in range(len(words) - WIDTH + 1)}


def test_no_row_of_eight_words_of_fewer_than_k_patients_leaves(ward: Read, doubles: NotesPart) -> None:
    holders: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in ward[1]:
        for gram in grams(row["text"]):
            holders[gram].add(row["patient"])
    rare = {gram for gram, patients in holders.items() if len(patients) < PLAIN.k}
    made = {gram for notes in doubles.documents for note in notes for gram in grams(note.text)}
    assert made
    assert not made & rare


def test_nobody_of_the_cohort_is_named(ward: Read, doubles: NotesPart) -> None:
    text = "\n".join(note.text for notes in doubles.documents for note in notes)
    numbers = {f"{80000000 + number}" for number in range(PATIENTS)}
    assert not numbers & set(re.findall(r"\d{8}", text))
    pairs = {re.search(r"(?:Madame|Monsieur) (\w+ \w+), IPP", row["text"]) for row in ward[1]}
    assert not {found[1] for found in pairs if found} & set(re.findall(r"(\w+ \w+), IPP", text))


def test_the_detector_sees_nothing_that_was_not_invented(doubles: NotesPart) -> None:
    assert residual(doubles, np.random.default_rng(0), 40)["found"] == 0


def test_a_sentence_of_one_patient_stays_theirs(doubles: NotesPart) -> None:
    assert not any("théières" in note.text for notes in doubles.documents for note in notes)


def test_a_double_tells_the_facts_of_its_block(ward: Read, codec: NotesCodec, doubles: NotesPart) -> None:
    block = codec.encode(ward[0])
    names = [column.name for column in block.columns]
    held = block.values[:, names.index("notes.problem i10")] == 1.0
    said = np.array(["hypertension artérielle" in "\n".join(n.text for n in notes) for notes in doubles.documents])
    assert held.any()
    assert said[held].mean() > 0.95
    assert not said[~held].any()


def test_lines_agree_with_the_sex_of_the_double(ward: Read, codec: NotesCodec, doubles: NotesPart) -> None:
    for notes in doubles.documents:
        titles = {title for note in notes for title in re.findall(r"\b(Madame|Monsieur)\b", note.text)}
        assert len(titles) < 2


def test_sex_and_age_are_those_of_the_tables(ward: Read, codec: NotesCodec) -> None:
    class Table:
        keys = tuple(str(number) for number in range(1, 41))

        def take(self, rows: np.ndarray) -> "Table":
            return self

        def described(self) -> Described:
            return Described(["F"] * 40, np.full(40, 57.0))

    block = codec.encode(ward[0]).take(np.arange(40))
    made = codec.decode(block, Cohort(Table.keys, {"tables": Table()}), np.random.default_rng(1))
    text = "\n".join(note.text for notes in made.documents for note in notes)
    assert "Madame" in text
    assert "Monsieur" not in text
    assert set(re.findall(r"(\d+) ans", text)) <= {"57"}


def test_the_codec_finds_a_leak_in_a_finished_part(ward: Read, codec: NotesCodec) -> None:
    assert not codec.valid(ward[0])[:20].any()


def test_planted_sentences_come_out_of_many_patients_only(ward: Read) -> None:
    found = overlap.canaries(ward[0], PLAIN, np.random.default_rng(2))
    assert [one["patients"] for one in found] == [1, PLAIN.k - 1, overlap.MANY * PLAIN.k]
    assert [one["doubles"] > 0 for one in found] == [False, False, True]


def test_a_copy_is_nearer_than_doubles_are(ward: Read, doubles: NotesPart) -> None:
    rng = np.random.default_rng(0)
    own, copied = overlap.nearest(ward[0], doubles, rng), overlap.nearest(ward[0], ward[0], rng)
    assert own is not None
    assert copied is not None
    assert own["doubles_nearer"] < 0.1
    assert copied["doubles_nearer"] == 1.0


def test_a_patient_without_notes_has_an_empty_row(ward: Read, codec: NotesCodec) -> None:
    rows = np.array([0, -1, 5])
    block = codec.encode(ward[0].take(rows))
    assert block.values[1, 0] == 0.0
    assert np.isnan(block.values[1, 1:]).all()


def test_the_view_of_the_attacker_is_one_map_for_all(ward: Read, doubles: NotesPart) -> None:
    look = Notes().observe(ward[0], PLAIN)
    mine, theirs = look(ward[0]), look(doubles)
    assert mine.columns == theirs.columns
    assert 30 <= len(mine.columns) <= 60
    assert np.array_equal(look(ward[0].take(np.array([3]))).values[0], mine.values[3], equal_nan=True)


def test_figures_of_a_comparison_are_whole(ward: Read, doubles: NotesPart) -> None:
    rows = np.arange(60)
    found = Notes().compare(ward[0], doubles.take(rows), PLAIN, np.random.default_rng(0))
    assert json.loads(json.dumps(found))["attacks"]["rare_rows"] == 0
    assert {one["target"] for one in found["downstream"]} == {"kind", "main_problem"}  # type: ignore[attr-defined]


def test_notes_are_written_under_the_columns_that_came_in(ward: Read, doubles: NotesPart, tmp_path: Path) -> None:
    Notes().write(doubles, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "notes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {name for line in lines for name in line} == {"patient", "date", "kind", "text"}
    assert {line["patient"] for line in lines} <= {f"D{number:03d}" for number in range(1, PATIENTS + 1)}
    assert Notes().read(tmp_path, PLAIN).form.shape == "lines"


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_of_notes_keep_their_form(suffix: str, tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.jsonl", 5)
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    frame = pl.DataFrame(rows)
    path = tmp_path / "in" / f"notes{suffix}"
    frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    part = Notes().read(tmp_path / "in", PLAIN)
    Notes().write(part, tmp_path / "out")
    again = Notes().read(tmp_path / "out", PLAIN)
    assert again.form.titles == part.form.titles
    assert [len(notes) for notes in again.documents] == [len(notes) for notes in part.documents]
    assert any("left empty" in notice for notice in part.notices)


def test_files_of_one_note_become_text_files_and_are_read_back_by_double(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"cr{number}.txt").write_text("Consultation du jour.", encoding="utf-8")
    part = Notes().read(folder, PLAIN)
    documents = (part.documents[0], part.documents[1] + part.documents[2])
    Notes().write(NotesPart(("1", "2"), documents, part.form), tmp_path)
    assert len(list((tmp_path / "notes").glob("double-*.txt"))) == 3
    assert [len(notes) for notes in Notes().read(tmp_path / "notes", PLAIN).documents] == [1, 2]


def test_a_folder_without_a_note_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(UnreadableError, match="no note"):
        Notes().read(tmp_path, PLAIN)


def test_tables_and_notes_of_the_same_patients_are_one_cohort(tmp_path: Path) -> None:
    rows = write(tmp_path / "notes.jsonl", 30)
    keys = sorted({row["patient"] for row in rows})
    pl.DataFrame({"patient": [*keys, "P9999"], "age": range(31)}).write_csv(tmp_path / "people.csv")
    (tmp_path / "stray.txt").write_text("Un mot de personne.", encoding="utf-8")
    source = intake.read(tmp_path, jobs=1)
    assert set(source.cohort.parts) == {"tables", "notes"}
    assert source.cohort.keys == (*keys, "P9999")
    part = source.cohort.parts["notes"]
    assert isinstance(part, NotesPart)
    assert part.documents[-1] == ()
    assert any("name no patient" in notice for notice in part.notices)
    assert {finding.role for finding in source.findings if finding.document == "notes.jsonl"} >= {Role.DIRECT}
    rng = np.random.default_rng(0)
    codec = Notes().fit_codec(part, PLAIN, rng)
    assert len(codec.decode(codec.encode(part), Cohort((), {}), rng).keys) == 31


def test_what_the_detector_sees_and_nobody_invented_is_left_out(ward: Read, doubles: NotesPart) -> None:
    few = doubles.take(np.arange(8))
    note = replace(few.documents[0][0], text=f"{few.documents[0][0].text}\nVu par le Dr Hubert GRANDCOLAS.")
    leaking = replace(few, documents=((note, *few.documents[0][1:]), *few.documents[1:]))
    rng = np.random.default_rng(0)
    assert residual(leaking, rng)["found"] > 0
    left = Notes().finish(leaking, ward[0], PLAIN, 1)
    assert residual(left, rng)["found"] == 0
    assert "GRANDCOLAS" not in left.documents[0][0].text
    assert left.documents[1:] == few.documents[1:]


def test_a_name_beside_an_invented_one_is_not_invented() -> None:
    own = frozenset({"marie", "leroux"})
    assert invented("Marie LEROUX", own)
    assert not invented("Marie Grandcolas", own)
    assert not invented("Mari", own)
