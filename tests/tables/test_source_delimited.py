"""CSV and TSV: what is read is typed, what is written is what was read."""

import csv
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.tables import source
from sosie.tables.frame import Table, TablesPart

EMPTY = Manifest()


def read_bytes(folder: Path, data: bytes, manifest: Manifest = EMPTY, name: str = "t.csv") -> Table:
    (folder / name).write_bytes(data)
    return source.read(folder / name, manifest).tables[0]


CLEAN = {
    "plain": b"patient_id,age,sex\n1,34,F\n2,,M\n3,51,\n",
    "french": "ipp;âge;poids\r\n0012;34;61,5\r\n0013;;70,0\r\n".encode("cp1252"),
    "marked utf-8": "\ufeffid,ville\n1,Orléans\n2,Nîmes\n".encode(),
    "utf-16": "id\tville\r\n1\tOrléans\r\n2\tNîmes\r\n".encode("utf-16"),
    "all quoted": b'"id","age","city"\n"1","34","A"\n"2","","B, C"\n',
    "text quoted, as R writes": b'"id","age","sex"\n1,34,"F"\n2,NA,"M"\n3,12,NA\n',
    "quoted only where needed": b'id,note\n1,"a ""b"", c"\n2,"two\nlines"\n3,plain\n',
    "pandas floats": b"id,cd4\n1,660.0\n2,\n3,12.5\n",
    "fixed decimals": b"id,dose\n1,2.50\n2,10.00\n3,0.75\n",
    "grouped thousands": b"id;cost\n1;1 234,50\n2;12,00\n3;1 234 567,25\n",
    "day first": b"id,seen\n1,05/02/2021\n2,25/12/2020\n",
    "short dates": b"id;seen\n1;5/2/2021\n2;25/12/2020\n",
    "month first": b"id,seen,born\n1,05/22/2021,01/02/1960\n2,12/25/2020,02/03/1961\n",
    "two-digit years": b"id;born\n1;03-04-45\n2;25-12-02\n",
    "compact dates": b"id,seen\n1,20210205\n2,20201225\n3,20190101\n",
    "SAS dates": b"id,seen\n1,05FEB2021\n2,25DEC2020\n",
    "times": b"id,at\n1,2021-02-05T10:00:00.125Z\n2,2020-12-25T23:59:59.000Z\n",
    "booleans": b"id,dead\n1,TRUE\n2,FALSE\n3,TRUE\n",
    "no final newline": b"id,a\n1,2\n2,3",
    "one column": b"age\n34\n51\n",
    "one row": b"id,age\n1,34\n",
    "all missing": b"id,age\n1,NA\n2,NA\n",
    "sep line": b"sep=;\r\nid;a\r\n1;2,5\r\n2;3,5\r\n",
    "old Mac": b"id,a\r1,2\r2,3\r",
    "quote marks that quote nothing": b"id,height\n1,5'10\"\n2,6'1\"\n",
    "single quotes": b"id,note\n1,'a,b'\n2,'c,d'\n",
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_file_is_written_back_byte_for_byte(name: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(CLEAN[name])
    part = source.read(tmp_path / "t.csv", EMPTY)
    source.write(part, tmp_path / "out")
    assert (tmp_path / "out" / "t.csv").read_bytes() == CLEAN[name]


@pytest.mark.parametrize(
    ("cells", "kind", "first"),
    [
        (["1", "", "3"], pl.Int64, 1),
        (["1.5", ".", "3"], pl.Float64, 1.5),
        (["-0,5", "N/A", "12"], pl.Float64, -0.5),
        (["1 234,5", "12", "1 000"], pl.Float64, 1234.5),
        (["1.234,5", "12,5", "3,5"], pl.Float64, 1234.5),
        (["1e-05", "2", "3"], pl.Float64, 1e-05),
        (["01000", "75001", "69003"], pl.String, "01000"),
        (["0612345678", "0698765432", "0611223344"], pl.String, "0612345678"),
        (["+33612345678", "+33698765432", "+33611223344"], pl.String, "+33612345678"),
        (["185057800608436", "285057800608437", "185057800608438"], pl.String, "185057800608436"),
        (["7482024270134467590", "1", "2"], pl.String, "7482024270134467590"),
        (["FR", "NA", "DE"], pl.String, "FR"),
        (["2021-02-05", "null", "2020-12-25"], pl.Date, date(2021, 2, 5)),
        (["01.02.2021", "", "25.12.2020"], pl.Date, date(2021, 2, 1)),
        (["05/02/2021 09:30", "", "25/12/2020 10:00"], pl.Datetime("us"), datetime(2021, 2, 5, 9, 30)),
        (["12/03/45", "01/01/02", "31/12/99"], pl.Date, date(1945, 3, 12)),
        (["oui", "non", "oui"], pl.String, "oui"),
        (["True", "False", ""], pl.Boolean, True),
    ],
)
def test_cells_get_the_narrowest_type_that_reads_them_all(
    cells: list[str], kind: pl.DataType, first: object, tmp_path: Path
) -> None:
    table = read_bytes(tmp_path, "\n".join(["name;x", *(f"a{i};{cell}" for i, cell in enumerate(cells))]).encode())
    assert table.frame["x"].dtype == kind
    assert table.frame["x"][0] == first


def test_decimals_are_those_that_carry_information(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"a,b,c\n1.0,2.50,0.123456789012345\n2.0,3.25,0.5\n")
    assert [column.decimals for column in table.columns] == [0, 2, None]


def test_a_column_that_turns_mixed_stays_text_and_says_where(tmp_path: Path) -> None:
    rows = [f"{i},{i if i != 57 else 'secret'}" for i in range(100)]
    table = read_bytes(tmp_path, "\n".join(["id,x", *rows]).encode())
    (notice,) = table.file.options["notices"]  # type: ignore[misc]
    assert table.frame["x"].dtype == pl.String
    assert "t.csv, column 'x', row 59" in notice
    assert "secret" not in notice


def test_ambiguous_dates_are_read_day_first_and_noticed(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"id,seen\n1,05/02/2021\n2,06/03/2021\n")
    assert table.frame["seen"][0] == date(2021, 2, 5)
    assert "cannot be told apart" in str(table.file.options["notices"])


def test_the_manifest_wins_over_what_is_found(tmp_path: Path) -> None:
    columns = {"seen": ColumnManifest(date_format="%m/%d/%Y"), "code": ColumnManifest(kind="text", missing=("99",))}
    manifest = Manifest(tables={"t": TableManifest(columns=columns)})
    table = read_bytes(tmp_path, b"id,seen,code\n1,05/02/2021,12\n2,06/03/2021,99\n", manifest)
    assert table.frame["seen"][0] == date(2021, 5, 2)
    assert table.frame["code"].to_list() == ["12", None]


def test_what_a_spreadsheet_would_run_is_disarmed(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b'id,=cmd\n1,=1+1\n2,"@SUM(A1;""x"")"\n3,-2+3\n4,-12\n5,"\ttab"\n6,+/-\n')
    source.write(source.read(tmp_path / "t.csv", EMPTY), tmp_path / "out")
    lines = (tmp_path / "out" / "t.csv").read_text().splitlines()
    assert lines[0] == "id,'=cmd"
    assert table.frame.columns[1] == "=cmd"
    assert [line.split(",", 1)[1] for line in lines[1:]] == [
        "'=1+1", '"\'@SUM(A1;""x"")"', "'-2+3", "-12", "'\ttab", "+/-"
    ]  # fmt: skip


def test_a_character_that_the_encoding_lacks_does_not_stop_the_release(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("id;ville\n1;Nîmes\n2;Sète\n".encode("cp1252"))
    part = source.read(tmp_path / "t.csv", EMPTY)
    frame = part.tables[0].frame.with_columns(ville=pl.lit("Łódź"))
    changed = TablesPart(part.keys, (Table("t", frame, part.tables[0].columns, part.tables[0].file),), part.present)
    with pytest.warns(UserWarning, match="written as UTF-8"):
        source.write(changed, tmp_path / "out")
    assert "Łódź" in (tmp_path / "out" / "t.csv").read_text(encoding="utf-8-sig")


def test_rows_without_any_value_are_left_out(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"id,a\n1,2\n,\n\n2,3\n\n")
    assert table.frame["id"].to_list() == [1, 2]
    assert "row 3: 3 rows without any value" in str(table.file.options["notices"])


words = st.text("aé0,;|\t\"' \n=+-@", max_size=8).map("w".__add__)
rows = st.lists(
    st.tuples(
        st.integers(-(10**9), 10**9).map(str) | st.just("NA"),
        st.decimals(-9999, 9999, places=2).map(str),
        words,
        st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat) | st.just("NA"),
        st.integers(0, 99_999).map("{:05}".format),
    ),
    min_size=1,
    max_size=30,
)
dialects = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, dialect=dialects, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_table_in_any_dialect_comes_back(
    rows: list[tuple[str, ...]], dialect: dict[str, Any], encoding: str, tmp_path: Path
) -> None:
    with (tmp_path / "t.csv").open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, **dialect).writerows([("count", "level", "word", "day", "code"), *rows])
    part = source.read(tmp_path / "t.csv", EMPTY)
    source.write(part, tmp_path / "out")
    counts, _, texts, days, _ = (values.to_list() for values in part.tables[0].frame.iter_columns())
    assert texts == [row[2] for row in rows]
    assert counts == [None if row[0] == "NA" else int(row[0]) for row in rows]
    assert days == [None if row[3] == "NA" else date.fromisoformat(row[3]) for row in rows]
    assert (tmp_path / "out" / "t.csv").read_bytes() == (tmp_path / "t.csv").read_bytes()


@pytest.mark.parametrize("cells", [["3.46e-12", "1.04e+290", "2.5e-300"], ["0.000000024535978", "0.000000273315491"]])
def test_doubles_have_no_more_figures_than_the_source(cells: list[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("p\n" + "\n".join(cells) + "\n")
    part = source.read(tmp_path / "t.csv", Manifest())
    noisy = part.tables[0].frame.with_columns(pl.col("p") * 1.23456789012345)
    source.write(replace(part, tables=(replace(part.tables[0], frame=noisy),)), tmp_path / "out")
    written = (tmp_path / "out/t.csv").read_text().split()[1:]
    most = max(len(cell.partition("e")[0].replace(".", "").strip("0")) for cell in cells)
    assert all(len(cell.partition("e")[0].replace(".", "").strip("0")) <= most for cell in written)
