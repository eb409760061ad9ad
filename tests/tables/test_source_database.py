"""DuckDB files and SQLAlchemy addresses."""

import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import Manifest
from sosie.tables import source

EMPTY = Manifest()
POSTGRESQL = os.environ.get("SOSIE_TEST_POSTGRESQL", "")
TABLE = """CREATE TABLE sosie_patients (
    ipp varchar PRIMARY KEY, age smallint, dose numeric(6, 2), level real, seen date, moment timestamp, dead boolean
)"""
ROWS = """INSERT INTO sosie_patients VALUES
    ('a', 34, 2.50, 0.5, '2021-02-05', '2021-02-05 10:00:00', true),
    ('b', NULL, 10.25, NULL, NULL, '2021-02-06 11:30:00', false)"""


def duckdb_file(path: Path, *statements: str) -> Path:
    import duckdb

    with duckdb.connect(str(path)) as base:
        for statement in statements:
            base.execute(statement)
    return path


def test_a_duckdb_file_comes_back_with_its_tables_and_types(tmp_path: Path) -> None:
    import duckdb

    path = duckdb_file(
        tmp_path / "base.duckdb", TABLE, ROWS, "CREATE TABLE more AS SELECT ipp, 1 AS x FROM sosie_patients"
    )
    part = source.read(path, EMPTY)
    source.write(part, tmp_path / "out")
    again = source.read(tmp_path / "out" / "base.duckdb", EMPTY)
    for first, second in zip(part.tables, again.tables, strict=True):
        assert_frame_equal(first.frame, second.frame)
        assert first.columns == second.columns
    with duckdb.connect(str(tmp_path / "out" / "base.duckdb")) as base:
        kinds = {row[0]: row[1] for row in base.execute("DESCRIBE sosie_patients").fetchall()}
    assert (kinds["age"], kinds["dose"], kinds["dead"]) == ("SMALLINT", "DECIMAL(6,2)", "BOOLEAN")


def test_an_enum_does_not_publish_the_categories_of_the_source(tmp_path: Path) -> None:
    make = "CREATE TABLE t AS SELECT i AS id, 'F'::ENUM('F', 'rarest') AS sex FROM range(3) r(i)"
    source.write(source.read(duckdb_file(tmp_path / "base.duckdb", make), EMPTY), tmp_path / "out")
    assert b"rarest" not in (tmp_path / "out" / "base.duckdb").read_bytes()


def test_queries_choose_what_is_read(tmp_path: Path) -> None:
    path = duckdb_file(tmp_path / "base.duckdb", TABLE, ROWS)
    part = source.read(path, Manifest(query={"young": "SELECT ipp, age FROM sosie_patients WHERE age < 40"}))
    assert [(table.name, table.frame.shape) for table in part.tables] == [("young", (1, 2))]
    with pytest.raises(UnreadableError, match=r"base\.duckdb: .*a query"):
        source.read(path, Manifest(query={"young": "SELECT nothing FROM sosie_patients"}))


def test_a_sql_database_is_released_as_one_parquet_file_for_each_table(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "base.sqlite") as base:
        base.execute(TABLE)
        base.execute(ROWS)
    part = source.read(f"sqlite:///{tmp_path / 'base.sqlite'}", EMPTY)
    source.write(part, tmp_path / "out")
    again = source.read(tmp_path / "out" / "sosie_patients.parquet", EMPTY)
    assert part.tables[0].frame.schema["dead"] == pl.Boolean
    assert part.tables[0].frame.schema["moment"] == pl.Datetime("us")
    assert_frame_equal(part.tables[0].frame, again.tables[0].frame)


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg://me:hunter2@127.0.0.1:1/base?password=hunter2", "nosuch://me:hunter2@host/base"]
)
def test_a_password_never_reaches_a_message(address: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        source.read(address, EMPTY)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_malformed_address_is_a_usage_error() -> None:
    with pytest.raises(ManifestError, match="malformed"):
        source.read("postgresql://host:port:more/base", EMPTY)


@pytest.mark.postgresql
@pytest.mark.skipif(not POSTGRESQL, reason="SOSIE_TEST_POSTGRESQL names no server")
def test_postgresql_gives_its_types(tmp_path: Path) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(POSTGRESQL)
    with engine.begin() as base:
        base.execute(sa.text("DROP TABLE IF EXISTS sosie_patients"))
        base.execute(sa.text(TABLE))
        base.execute(sa.text(ROWS))
    everything = Manifest(query={"patients": "SELECT *, gen_random_uuid() AS visit FROM sosie_patients"})
    part = source.read(POSTGRESQL, everything)
    with engine.begin() as base:
        base.execute(sa.text("DROP TABLE sosie_patients"))
    (table,) = part.tables
    assert part.keys == ("a", "b")
    kinds = [pl.String, pl.Int64, pl.Float64, pl.Float64, pl.Date, pl.Datetime("us"), pl.Boolean, pl.String]
    assert table.frame.dtypes == kinds
    assert table.column("dose").decimals == 2
    source.write(part, tmp_path)
    assert_frame_equal(source.read(tmp_path / "patients.parquet", EMPTY).tables[0].frame, table.frame)
