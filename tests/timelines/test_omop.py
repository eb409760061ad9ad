"""OMOP sources: read as one event table, written again with keys, eras and periods that hold."""

import os
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.events import Code, Group, TimelinesPart
from sosie.timelines.source.omop import Omop, database, tables
from sosie.timelines.source.omop.check import accepts, check
from tests.timelines import clinic
from tests.timelines.same import assert_same_events

EMPTY = Manifest()
OMOP = Omop()
POSTGRESQL = os.environ.get("SOSIE_TEST_POSTGRESQL", "")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clinic.folder(tmp_path_factory.mktemp("omop") / "cdm")


@pytest.fixture(scope="module")
def part(source: Path) -> TimelinesPart:
    return OMOP.read(source, EMPTY)


def test_persons_are_read_with_their_facts(part: TimelinesPart) -> None:
    assert len(part.keys) == clinic.PATIENTS
    assert set(part.people["sex"]) == {"F", "M"}
    assert part.people["race"].unique().to_list() == ["White"]
    assert part.people["birth"].null_count() == 0
    assert part.people["dead"].sum() == clinic.PATIENTS // 5
    assert (part.people["stop"] >= part.people["start"]).all()


def test_every_kind_of_event_is_read(part: TimelinesPart) -> None:
    groups = {code.group for code in part.codes}
    assert groups == set(Group)
    assert Code(Group.MEASUREMENT, "3004410", "OMOP", "%") in part.codes
    assert Code(Group.CONDITION, "320128", "OMOP") in part.codes


def test_what_has_no_concept_is_named_as_the_source_names_it(part: TimelinesPart) -> None:
    assert Code(Group.CONDITION, "Z99.9") in part.codes


def test_results_in_words_are_words(part: TimelinesPart) -> None:
    assert set(part.texts) == {"Positive", "never"}


def test_moments_keep_the_hour(part: TimelinesPart) -> None:
    visits = np.array([code.group is Group.VISIT for code in part.codes])[part.events.code]
    np.testing.assert_allclose(part.events.time[visits] % 1, 8.5 / 24, atol=1e-9)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_folder_comes_back_as_it_was(tmp_path: Path, separator: str) -> None:
    source = clinic.folder(tmp_path / "cdm", separator=separator)
    part = OMOP.read(source, EMPTY)
    OMOP.write(part, tmp_path / "out")
    assert_same_events(part, OMOP.read(tmp_path / "out", EMPTY))
    assert separator in (tmp_path / "out" / "person.csv").read_text().splitlines()[0]
    assert accepts(tmp_path / "out")


def test_names_in_capitals_stay_in_capitals(tmp_path: Path) -> None:
    folder = clinic.folder(tmp_path / "cdm")
    for path in list(folder.iterdir()):
        path.rename(path.with_name(f"{path.stem.upper()}.csv"))
    OMOP.write(OMOP.read(folder, EMPTY), tmp_path / "out")
    assert (tmp_path / "out" / "VISIT_OCCURRENCE.csv").exists()


def test_a_zip_comes_back_as_a_zip(source: Path, part: TimelinesPart, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "cdm.zip", "w") as archive:
        for path in source.iterdir():
            archive.write(path, f"cdm/{path.name}")
    packed = OMOP.read(tmp_path / "cdm.zip", EMPTY)
    assert_same_events(part, packed)
    OMOP.write(packed, tmp_path / "out")
    assert_same_events(part, OMOP.read(tmp_path / "out" / "cdm.zip", EMPTY))


def test_parquet_comes_back_as_parquet(part: TimelinesPart, tmp_path: Path) -> None:
    (tmp_path / "cdm").mkdir()
    for name, frame in tables(part).items():
        frame.write_parquet(tmp_path / "cdm" / f"{name}.parquet")
    clinic.tables()["concept"].write_parquet(tmp_path / "cdm" / "concept.parquet")
    again = OMOP.read(tmp_path / "cdm", EMPTY)
    assert_same_events(part, again)
    OMOP.write(again, tmp_path / "out")
    schema = pl.read_parquet_schema(tmp_path / "out" / "measurement.parquet")
    assert schema["measurement_date"] == pl.Date
    assert accepts(tmp_path / "out")


def test_a_duckdb_file_comes_back_as_one(part: TimelinesPart, tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "cdm.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE SCHEMA cdm.cdm")
        every = tables(part) | {"concept": clinic.tables()["concept"]}
        for name, frame in ((name, frame) for name, frame in every.items() if len(frame)):
            base.register("rows", frame.to_arrow())
            base.execute(f"CREATE TABLE cdm.cdm.{name} AS SELECT * FROM rows")
            base.unregister("rows")
    again = OMOP.read(path, EMPTY)
    assert_same_events(part, again)
    OMOP.write(again, tmp_path / "out")
    assert_same_events(part, OMOP.read(tmp_path / "out" / "cdm.duckdb", EMPTY))


@pytest.mark.postgresql
@pytest.mark.skipif(not POSTGRESQL, reason="SOSIE_TEST_POSTGRESQL names no server")
def test_a_server_takes_the_doubles_with_their_keys_declared(part: TimelinesPart, tmp_path: Path) -> None:
    import sqlalchemy as sa

    schema = f"doubles_{os.getpid()}"
    database.publish(part, POSTGRESQL, schema)
    address = f"{POSTGRESQL}?options=-csearch_path%3D{schema}"
    try:
        again = OMOP.read(address, EMPTY)
        assert_same_events(part, again)
        with pytest.raises(Exception, match="exists"):
            database.publish(part, POSTGRESQL, schema)
        OMOP.write(again, tmp_path)
        assert pl.read_parquet(tmp_path / "person.parquet").height == clinic.PATIENTS
    finally:
        with sa.create_engine(POSTGRESQL).begin() as base:
            base.execute(sa.schema.DropSchema(schema, cascade=True))


def test_a_password_never_reaches_a_message() -> None:
    with pytest.raises(UnreadableError) as caught:
        database.reached("postgresql+psycopg://me:hunter2@127.0.0.1:1/base?password=hunter2")
    assert "hunter2" not in str(caught.value)
    assert not OMOP.recognises("postgresql+psycopg://me:hunter2@127.0.0.1:1/base", EMPTY)


def test_nothing_of_providers_notes_and_persons_is_written(part: TimelinesPart, tmp_path: Path) -> None:
    OMOP.write(part, tmp_path / "out")
    text = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert not {"Dupont", "1234567893", "IPP1", "seen by", "SN-99"} & {
        word for word in ("Dupont", "IPP1") if word in text
    }
    assert pl.read_csv(tmp_path / "out" / "note.csv").height == 0
    assert "note_text" in (tmp_path / "out" / "note.csv").read_text()
    assert "doubles" in (tmp_path / "out" / "cdm_source.csv").read_text().lower()


def test_local_concepts_that_no_double_bears_are_left_out(part: TimelinesPart, tmp_path: Path) -> None:
    OMOP.write(part, tmp_path / "out")
    concepts = pl.read_csv(tmp_path / "out" / "concept.csv")["concept_id"].to_list()
    assert 2_000_000_007 not in concepts
    assert 320128 in concepts


def test_some_patients_are_written_alone(part: TimelinesPart, tmp_path: Path) -> None:
    OMOP.write(part.take(np.array([3, -1, 3, 0])), tmp_path / "out")
    assert pl.read_csv(tmp_path / "out" / "person.csv")["person_id"].to_list() == [1, 3, 4]
    assert accepts(tmp_path / "out")


def test_tables_of_5_3_have_the_columns_of_5_3(tmp_path: Path) -> None:
    from sosie.timelines.source.omop import specification

    (tmp_path / "cdm").mkdir()
    for name, frame in clinic.tables().items():
        known = specification.tables("5.3").get(name)
        if known is None:
            continue
        cells = [column if column in frame.columns else pl.lit(None).alias(column) for column in known]
        frame.select(cells).write_csv(tmp_path / "cdm" / f"{name}.csv")
    source = pl.read_csv(tmp_path / "cdm" / "cdm_source.csv").with_columns(cdm_version=pl.lit("v5.3.1"))
    source.write_csv(tmp_path / "cdm" / "cdm_source.csv")
    OMOP.write(OMOP.read(tmp_path / "cdm", EMPTY), tmp_path / "out")
    assert "procedure_end_date" not in (tmp_path / "out" / "procedure_occurrence.csv").read_text()
    assert check(tmp_path / "out") == ()


def test_a_source_without_persons_is_refused(tmp_path: Path) -> None:
    folder = clinic.folder(tmp_path / "cdm", without=("person",))
    assert OMOP.recognises(folder, EMPTY)
    with pytest.raises(UnreadableError, match="cdm: an OMOP source without its PERSON table"):
        OMOP.read(folder, EMPTY)


def _spoil(folder: Path, table: str, row: int, column: str, cell: str) -> None:
    frame = pl.read_csv(folder / f"{table}.csv", infer_schema=False)
    frame[row - 2, column] = cell
    frame.write_csv(folder / f"{table}.csv")


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("condition_occurrence", "condition_start_date", "31 Mars"),
        ("measurement", "value_as_number", "about 7"),
        ("drug_exposure", "drug_concept_id", "metformin"),
        ("visit_occurrence", "visit_start_date", ""),
        ("person", "year_of_birth", "MCMLX"),
    ],
)
def test_a_bad_cell_is_told_by_file_column_and_row(tmp_path: Path, table: str, column: str, cell: str) -> None:
    folder = clinic.folder(tmp_path / "cdm")
    _spoil(folder, table, 5, column, cell)
    with pytest.raises(UnreadableError) as caught:
        OMOP.read(folder, EMPTY)
    assert (caught.value.file, caught.value.column, caught.value.row) == (f"{table}.csv", column, 5)
    assert not cell or cell not in str(caught.value)


def test_a_broken_row_is_told_by_its_number(tmp_path: Path) -> None:
    folder = clinic.folder(tmp_path / "cdm")
    path = folder / "measurement.csv"
    lines = path.read_text().splitlines()
    lines[6] += ",more,cells"
    path.write_text("\n".join(lines))
    with pytest.raises(UnreadableError, match=r"measurement\.csv, row 7: .* cells"):
        OMOP.read(folder, EMPTY)


def test_a_row_of_nobody_is_left_out_and_told(tmp_path: Path) -> None:
    folder = clinic.folder(tmp_path / "cdm")
    _spoil(folder, "measurement", 4, "person_id", "999")
    part = OMOP.read(folder, EMPTY)
    assert any("measurement.csv, column 'person_id', row 4" in notice for notice in part.notices)
    assert "999" not in part.keys
    with pytest.raises(UnreadableError, match="row 4"):
        OMOP.read(folder, Manifest(faulty="stop"))


def test_a_concept_that_is_not_known_is_told(tmp_path: Path) -> None:
    folder = clinic.folder(tmp_path / "cdm")
    _spoil(folder, "condition_occurrence", 4, "condition_concept_id", "77777")
    part = OMOP.read(folder, EMPTY)
    assert any("condition_occurrence.csv: 1 concepts are not in CONCEPT" in notice for notice in part.notices)
    assert Code(Group.CONDITION, "77777", "OMOP") in part.codes
    assert [fault.check for fault in check(folder) if fault.table == "condition_occurrence"] == ["concept"]


def test_other_sources_are_not_taken_for_omop(tmp_path: Path) -> None:
    (tmp_path / "person.csv").write_text("person_id,name\n1,a\n")
    (tmp_path / "death.csv").write_text("key,day\n1,2020-01-01\n")
    assert not OMOP.recognises(tmp_path, EMPTY)
    assert not OMOP.recognises(tmp_path / "person.csv", EMPTY)
