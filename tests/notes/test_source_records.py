import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from copied import copied, replacing
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.manifest import Manifest
from sosie.notes.source.delimited import Fields
from sosie.notes.source.jsontext import NotJson, Splice, leaves

LONG = "Patiente vue ce jour en consultation pour le suivi de son diabète, avec un bilan qui reste satisfaisant. " * 4
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def as_notes(**columns: str) -> Manifest:
    return Manifest.model_validate({"notes": {"notes": columns}})


def flat(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in flat(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in flat(inner)]
    return [value] if isinstance(value, str) else []


def test_a_line_gives_its_text_and_its_header(tmp_path: Path) -> None:
    line = {"id": "D17", "ipp": 80012345, "date": "2024-03-12", "type": "CR", "texte": LONG, "auteur": "Dr Paul REY"}
    (tmp_path / "notes.jsonl").write_text(json.dumps(line) + "\n")
    got = copied(tmp_path / "notes.jsonl", tmp_path / "out")
    note = got.documents["notes.jsonl#1"]
    assert (note.text, note.patient, note.written, note.kind) == (LONG, "80012345", date(2024, 3, 12), "CR")
    assert got.told("notes.jsonl#1/header") == {
        "IDENTIFIER": "D17", "PATIENT_NUMBER": "80012345", "DATE": "2024-03-12", "FIRST_NAME": "Paul",
        "LAST_NAME": "REY",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["notes.jsonl", "notes.csv"])
def test_what_the_manifest_says_of_columns_is_known(tmp_path: Path, name: str) -> None:
    line = {"cle": "A1", "ref": "B2", "quand": "12 mars 2024", "suite": LONG}
    text = (
        json.dumps(line) + "\n" if name == "notes.jsonl" else ",".join(line) + "\n" + f'A1,B2,12 mars 2024,"{LONG}"\n'
    )
    (tmp_path / name).write_text(text)
    manifest = as_notes(text="suite", patient="cle", document="ref", date="quand")
    got = copied(tmp_path / name, tmp_path / "out", manifest=manifest)
    told = {"PATIENT_NUMBER": "A1", "IDENTIFIER": "B2", "DATE": "12 mars 2024"}
    assert got.told(f"{name}#1/header") == told
    assert got.documents[f"{name}#1"].patient == "A1"


def test_a_changed_line_changes_in_its_values_only(tmp_path: Path) -> None:
    raw = (
        '{"ipp" : 80012345,"poids":72.50, "texte":"Vu M. Rey\\u00a0: \\"bien\\"\\n' + LONG.replace("è", "e") + '"}\r\n'
    )
    (tmp_path / "notes.jsonl").write_text(raw, newline="")
    copied(tmp_path / "notes.jsonl", tmp_path / "out", replacing(("Rey", 'Roy "dit" Né'), ("80012345", "90000001")))
    written = (tmp_path / "out" / "notes.jsonl").read_bytes().decode()
    assert written == raw.replace("Rey", 'Roy \\"dit\\" N\\u00e9').replace("80012345", "90000001")


def test_json_lines_come_back_byte_for_byte(tmp_path: Path) -> None:
    data = (
        b"\xef\xbb\xbf" + b'{"text": "' + LONG.encode() + b'"}\n\n{ "text":"' + "Noël, bien.".encode("latin-1") + b'" }'
    )
    (tmp_path / "notes.jsonl").write_bytes(data)
    got = copied(tmp_path / "notes.jsonl", tmp_path / "out")
    assert got.text("notes.jsonl#3") == "Noël, bien."
    assert (tmp_path / "out" / "notes.jsonl").read_bytes() == data


def test_a_line_that_is_not_json_is_a_problem_and_the_others_are_read(tmp_path: Path) -> None:
    line = json.dumps({"text": LONG})
    (tmp_path / "notes.jsonl").write_text(f"{line}\n{{'text': Rey\n{line}\n")
    got = copied(tmp_path / "notes.jsonl", tmp_path / "out")
    assert list(got.documents) == ["notes.jsonl#1", "notes.jsonl#3"]
    assert [problem.name for problem in got.problems] == ["notes.jsonl#2"]
    assert (tmp_path / "out" / "notes.jsonl").read_text() == f"{line}\n{line}\n"


@pytest.mark.parametrize("under", [None, "notes"])
def test_a_list_of_objects_is_a_note_each(tmp_path: Path, under: str | None) -> None:
    notes = [{"ipp": 80012345, "texte": "M. Rey " + LONG, "tags": [{"nom": "Rey"}]}, {"ipp": 1, "texte": LONG}]
    text = json.dumps({under: notes} if under else notes, indent=1)
    (tmp_path / "notes.json").write_text(text)
    got = copied(tmp_path / "notes.json", tmp_path / "out", replacing(("Rey", "Roy")))
    assert got.documents["notes.json#1"].patient == "80012345"
    assert "nom: Rey\n" in got.text("notes.json#1/header")
    assert (tmp_path / "out" / "notes.json").read_text() == text.replace("Rey", "Roy")


@settings(max_examples=60, deadline=None)
@given(JSON, st.booleans())
def test_the_strings_of_a_json_are_found_and_put_back(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    found = [leaf for leaf in leaves(text) if not leaf.number]
    assert [leaf.value for leaf in found] == flat(value)
    splice = Splice(text)
    for leaf in found:
        splice.put(leaf)(leaf.value + "é")
    assert flat(json.loads(splice.whole())) == [leaf + "é" for leaf in flat(value)]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='{}[]",: 12tnul\\', max_size=20))
def test_what_is_no_json_is_refused_as_json_does(text: str) -> None:
    try:
        json.loads(text, parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        with pytest.raises(NotJson):
            list(leaves(text))
        return
    list(leaves(text))


def test_nesting_of_any_depth_is_walked() -> None:
    assert [leaf.value for leaf in leaves("[" * 50_000 + '"x"' + "]" * 50_000)] == ["x"]


CSV = 'ipp;date;note\r\n123;12/03/2024;"Vu M. Rey ; ""bien""\r\nà revoir"\r\n124;;Bien\r\n'


def test_a_row_gives_its_text_and_its_header(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text(CSV, newline="")
    got = copied(tmp_path / "notes.csv", tmp_path / "out", manifest=as_notes(text="note"))
    note = got.documents["notes.csv#1"]
    assert (note.text, note.patient, note.written) == ('Vu M. Rey ; "bien"\r\nà revoir', "123", date(2024, 3, 12))
    assert got.text("notes.csv#1/header") == "ipp: 123\ndate: 12/03/2024\n"
    assert got.told("notes.csv#1/header") == {"PATIENT_NUMBER": "123", "DATE": "12/03/2024"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
def test_a_changed_row_keeps_its_quotes_and_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "notes.csv").write_bytes(CSV.encode(encoding))
    copied(tmp_path / "notes.csv", tmp_path / "out", replacing(("Rey", "Né"), ("123", "987")), as_notes(text="note"))
    assert (tmp_path / "out" / "notes.csv").read_bytes() == CSV.replace("Rey", "Né").replace("123", "987").encode(
        encoding
    )


@pytest.mark.parametrize(
    "header",
    ["id;texte, libre", "id,texte;libre", 'id\t"a;b,c"', "sep=|\r\nid|texte"],
    ids=["semicolon", "comma", "tab", "named"],
)
def test_the_delimiter_is_the_one_that_makes_regular_rows(tmp_path: Path, header: str) -> None:
    mark = next(mark for mark in "|\t;," if f"id{mark}" in header)
    data = "\r\n".join([header, f"1{mark}Bien", f'2{mark}"Vu ; puis, revu | bien"']).encode()
    (tmp_path / "notes.csv").write_bytes(data)
    title = header.split("id" + mark)[1].strip('"')
    got = copied(tmp_path / "notes.csv", tmp_path / "out", manifest=as_notes(text=title))
    assert got.text("notes.csv#2") == "Vu ; puis, revu | bien"
    assert (tmp_path / "out" / "notes.csv").read_bytes() == data


def test_a_new_text_is_quoted_where_it_must_be(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("id,note\n1,Bien\n")
    copied(tmp_path / "notes.csv", tmp_path / "out", replacing(("Bien", 'a,b\n"c"')), as_notes(text="note"))
    assert (tmp_path / "out" / "notes.csv").read_text() == 'id,note\n1,"a,b\n""c"""\n'


def test_a_quote_that_nothing_closes_swallows_its_line_only(tmp_path: Path) -> None:
    raw = 'id,note\n1,"Sonde 5\n2,Bien\n3,"Vu, bien"\n'
    (tmp_path / "notes.csv").write_text(raw)
    got = copied(tmp_path / "notes.csv", tmp_path / "out", manifest=as_notes(text="note"))
    assert got.text("notes.csv#2") == "Bien"
    assert got.text("notes.csv#3") == "Vu, bien"
    assert (tmp_path / "out" / "notes.csv").read_text() == raw


def test_fields_beyond_the_header_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("id,note\n1,Vu par M. Rey, de Lyon\n")
    got = copied(tmp_path / "notes.csv", tmp_path / "out", replacing(("Lyon", "Pau")), as_notes(text="note"))
    assert "extra:  de Lyon\n" in got.text("notes.csv#1/header")
    assert (tmp_path / "out" / "notes.csv").read_text() == "id,note\n1,Vu par M. Rey, de Pau\n"
    assert got.problems[0].name == "notes.csv#1"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet='ab,;"\n é'), min_size=1, max_size=4))
def test_fields_are_cut_as_they_were_spelled(values: list[str]) -> None:
    fields = Fields(",")
    record = ",".join(fields.spell(value, "") for value in values) + "\n"
    lines = [line + "\n" for line in record.split("\n")[:-1]]
    gathered = list(fields.records(iter(lines)))
    assert gathered == [record]
    assert [fields.value(cell) for cell in fields.split(record)] == values


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='ab,"\n\r é'))
def test_any_csv_comes_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    folder = tmp_path_factory.mktemp("csv")
    data = f"id,note\n1,Bien\n{body}".encode()
    (folder / "notes.csv").write_bytes(data)
    copied(folder / "notes.csv", folder / "out", manifest=as_notes(text="note"))
    assert (folder / "out" / "notes.csv").read_bytes() == data


def parquet(path: Path) -> pa.Table:
    table = pa.table(
        {
            "ipp": pa.array([80012345, 80012345, 80099999], pa.int64()),
            "note_date": pa.array([date(2024, 3, 12), None, date(2024, 5, 1)], pa.date32()),
            "note_text": pa.array([LONG, None, "Vu M. Rey. " + LONG]),
            "poids": [70.5, None, 80.0],
            "type": pa.array(["CR", "CR", "lettre"]).dictionary_encode(),
        }
    )
    pq.write_table(table, path, row_group_size=2, compression="zstd")
    return table


def test_parquet_comes_back_with_its_types(tmp_path: Path) -> None:
    table = parquet(tmp_path / "notes.parquet")
    got = copied(tmp_path / "notes.parquet", tmp_path / "out", manifest=as_notes(text="note_text"))
    written = pq.read_table(tmp_path / "out" / "notes.parquet")
    assert (written.schema, written.to_pylist()) == (table.schema, table.to_pylist())
    assert list(got.documents) == [
        "notes.parquet#1", "notes.parquet#1/header", "notes.parquet#2/header", "notes.parquet#3",
        "notes.parquet#3/header",
    ]  # fmt: skip
    assert got.documents["notes.parquet#3"].written == date(2024, 5, 1)


def test_a_changed_row_of_parquet_changes_in_its_types(tmp_path: Path) -> None:
    parquet(tmp_path / "notes.parquet")
    change = replacing(("Rey", "Roy"), ("80099999", "90000001"), ("2024-05-01", "2023-12-24"), ("2024-03-12", "mars"))
    copied(tmp_path / "notes.parquet", tmp_path / "out", change, as_notes(text="note_text"))
    rows = pq.read_table(tmp_path / "out" / "notes.parquet").to_pylist()
    assert rows[2] | {"note_text": ""} == {
        "ipp": 90000001, "note_date": date(2023, 12, 24), "note_text": "", "poids": 80.0, "type": "lettre"
    }  # fmt: skip
    assert rows[2]["note_text"].startswith("Vu M. Roy.")
    assert rows[0]["note_date"] is None


def test_a_column_that_nothing_looks_into_is_emptied(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [LONG], "tags": [["Rey", "Lyon"]]}), tmp_path / "notes.parquet")
    got = copied(tmp_path / "notes.parquet", tmp_path / "out", manifest=as_notes(text="text"))
    assert pq.read_table(tmp_path / "out" / "notes.parquet")["tags"].to_pylist() == [None]
    assert [problem.lost for problem in got.problems] == [False]


def test_a_broken_parquet_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "notes.parquet").write_bytes(b"PAR1 broken PAR1")
    got = copied(tmp_path / "notes.parquet", tmp_path / "out", manifest=as_notes(text="text"))
    assert [problem.lost for problem in got.problems] == [True]
