"""Parquet, Excel, SPSS, Stata, SAS: what is written reads as what was read."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from polars.testing import assert_frame_equal

from sosie.manifest import Manifest
from sosie.tables import source
from sosie.tables.frame import Table

EMPTY = Manifest()
N = 30
FRAME = pl.DataFrame(
    {
        "patient_id": [f"P{i:03}" for i in range(N)],
        "age": [None if i % 7 == 0 else 20 + i for i in range(N)],
        "weight": [round(50 + i / 10, 1) for i in range(N)],
        "sex": [None if i == 3 else "MF"[i % 2] for i in range(N)],
        "seen": [date(2021, 1, 1) + timedelta(i) for i in range(N)],
        "at": [datetime(2021, 1, 1, 3, 4, 5) + timedelta(i) for i in range(N)],
    }
)
CODES = {"age": {20: "twenty", 99: "refused"}}
WRITERS: dict[str, Callable[[Path], object]] = {
    ".parquet": FRAME.write_parquet,
    ".xlsx": FRAME.write_excel,
    ".sav": lambda path: pyreadstat.write_sav(FRAME, str(path), variable_value_labels=CODES),
    ".zsav": lambda path: pyreadstat.write_sav(FRAME, str(path), compress=True),
    ".dta": lambda path: pyreadstat.write_dta(FRAME, str(path), variable_value_labels=CODES),
    ".xpt": lambda path: pyreadstat.write_xport(FRAME, str(path)),
}


def there_and_back(path: Path) -> tuple[Table, Table]:
    part = source.read(path, EMPTY)
    source.write(part, path.parent / "out")
    again = source.read(path.parent / "out" / path.name, EMPTY)
    return part.tables[0], again.tables[0]


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_table_keeps_its_values_types_and_formats(suffix: str, tmp_path: Path) -> None:
    WRITERS[suffix](tmp_path / f"t{suffix}")
    first, again = there_and_back(tmp_path / f"t{suffix}")
    assert_frame_equal(first.frame, FRAME)
    assert_frame_equal(first.frame, again.frame)
    assert first.columns == again.columns
    assert [column.decimals for column in first.columns[1:3]] == [0, 1]


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_labels_are_kept(suffix: str, tmp_path: Path) -> None:
    write = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    write(FRAME, str(tmp_path / f"t{suffix}"), column_labels={"age": "Age (years)"}, variable_value_labels=CODES)
    for table in there_and_back(tmp_path / f"t{suffix}"):
        assert table.column("age").label == "Age (years)"
        assert table.column("age").value_labels == CODES["age"]
        assert table.column("age").categorical


def test_missing_codes_of_spss_are_missing_and_stay_declared(tmp_path: Path) -> None:
    pyreadstat.write_sav(FRAME, str(tmp_path / "t.sav"), missing_ranges={"age": [21]})
    first, again = there_and_back(tmp_path / "t.sav")
    assert first.frame["age"][1] is None
    assert again.file.options["missing_ranges"] == first.file.options["missing_ranges"] != {}


def test_native_types_of_parquet_are_restored_without_the_categories_of_the_source(tmp_path: Path) -> None:
    kinds = pl.Enum(["F", "M", "rare"])
    native = FRAME.with_columns(
        pl.col("age").cast(pl.Int16), pl.col("sex").cast(kinds), pl.col("weight").cast(pl.Float32)
    )
    native.with_columns(code=pl.col("sex").cast(pl.String).cast(pl.Categorical)).write_parquet(tmp_path / "t.parquet")
    source.write(source.read(tmp_path / "t.parquet", EMPTY), tmp_path / "out")
    released = pl.read_parquet(tmp_path / "out" / "t.parquet")
    assert released.schema["age"] == pl.Int16
    assert released.schema["weight"] == pl.Float32
    assert b"rare" not in (tmp_path / "out" / "t.parquet").read_bytes()


def test_metadata_of_parquet_are_kept_but_not_those_of_its_rows(tmp_path: Path) -> None:
    metadata = {b"pandas": b'{"index_columns": [{"stop": 30}]}', b"study": b"ACTG"}
    pq.write_table(pa.table({"id": [1, 2], "x": [3, 4]}).replace_schema_metadata(metadata), tmp_path / "t.parquet")
    source.write(source.read(tmp_path / "t.parquet", EMPTY), tmp_path / "out")
    assert pq.read_schema(tmp_path / "out" / "t.parquet").metadata == {b"study": b"ACTG"}


def test_each_sheet_that_looks_like_a_table_is_one(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "study.xlsx") as book:
        FRAME.write_excel(book, "clinic", position=(2, 0))
        FRAME.select("patient_id", "weight").reverse().write_excel(book, "lab")
        book.add_worksheet("empty")
        book.get_worksheet_by_name("clinic").write_string(0, 0, "Export of the study")
    part = source.read(tmp_path / "study.xlsx", EMPTY)
    assert [table.name for table in part.tables] == ["study.clinic", "study.lab"]
    assert part.tables[1].frame["weight"].to_list() == FRAME["weight"].to_list()
    source.write(part, tmp_path / "out")
    again = source.read(tmp_path / "out" / "study.xlsx", EMPTY)
    assert_frame_equal(part.tables[0].frame, again.tables[0].frame)


def test_a_workbook_never_runs_what_it_holds(tmp_path: Path) -> None:
    part = source.from_frame(pl.DataFrame({"id": [1, 2], "note": ['=HYPERLINK("http://x")', "@SUM(1)"]}), "t")
    FRAME.write_excel(tmp_path / "t.xlsx")
    file = source.read(tmp_path / "t.xlsx", EMPTY).tables[0].file
    table = Table("t", part.tables[0].frame, part.tables[0].columns, file)
    source.write(type(part)(part.keys, (table,), part.present), tmp_path / "out")
    (again,) = source.read(tmp_path / "out" / "t.xlsx", EMPTY).tables
    assert again.frame["note"].to_list() == ['\'=HYPERLINK("http://x")', "'@SUM(1)"]


def test_text_that_looks_like_numbers_stays_text_in_a_workbook(tmp_path: Path) -> None:
    pl.DataFrame({"id": [1, 2], "postcode": ["01000", "75001"]}).write_excel(tmp_path / "t.xlsx")
    first, again = there_and_back(tmp_path / "t.xlsx")
    assert first.frame["postcode"].to_list() == again.frame["postcode"].to_list() == ["01000", "75001"]


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx", ".dta"])
@pytest.mark.parametrize(
    ("cells", "kind"), [(["2024-01-31", None, "2023-12-01"], pl.Date), (["31/01/2024"] * 3, pl.Date)]
)
def test_dates_kept_as_text_are_read_as_dates_and_written_as_text(
    suffix: str, cells: list[str | None], kind: type[pl.Date], tmp_path: Path
) -> None:
    frame = pl.DataFrame({"day": cells, "x": [1, 2, 3]})
    path = tmp_path / f"t{suffix}"
    if suffix == ".dta":
        pyreadstat.write_dta(frame.with_columns(pl.col("day").fill_null("")), str(path))
    else:
        frame.write_parquet(path) if suffix == ".parquet" else frame.write_excel(path)
    part = source.read(path, Manifest())
    assert part.tables[0].frame.schema["day"] == kind
    source.write(part, tmp_path / "out")
    back = source.read(tmp_path / "out" / path.name, Manifest()).tables[0]
    assert back.frame.equals(part.tables[0].frame)
    assert back.column("day").date_format == part.tables[0].column("day").date_format is not None
