"""Parquet files and spreadsheets: typed cells, read and written with their types.

A file enters and tables leave: one for a Parquet file, one for each sheet of a workbook that holds a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import polars as pl
from polars.exceptions import PolarsError

from sosie.errors import UnreadableError
from sosie.manifest import ColumnManifest
from sosie.tables.cells import read_cells
from sosie.tables.frame import FileFormat, Table
from sosie.tables.native import plain, restore, whole_days, whole_numbers
from sosie.tables.spelling import neutral

PARQUET = frozenset({".parquet", ".pq"})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_ROWS_ABOVE_HEADER = 20


def read_parquet(path: Path, file: str, name: str) -> Table:
    """Read one Parquet file; its key-value metadata (labels) are kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow = pq.read_table(path)
        frame = cast("pl.DataFrame", pl.from_arrow(arrow))
    except (pa.ArrowException, PolarsError, OSError, ValueError):
        raise UnreadableError(file, "not a whole Parquet file; it may be truncated") from None
    repeated = _first_repeated(arrow.column_names)
    if repeated is not None:
        raise UnreadableError(file, "two columns have this name; give each its own", column=repeated)
    labels = {field.name: field.metadata for field in arrow.schema if field.metadata}
    typed, columns = plain(frame, file)
    options = {"schema": frame.schema, "metadata": arrow.schema.metadata or {}, "fields": labels}
    return Table(name, typed, columns, FileFormat(file, "parquet", options))


def write_parquet(table: Table, path: Path) -> None:
    """Write one Parquet file with the types and the metadata that came in."""
    import pyarrow.parquet as pq

    options = table.file.options
    frame = restore(table.frame, cast("Mapping[str, pl.DataType]", options.get("schema", {})))
    arrow = frame.to_arrow()
    labels = cast("Mapping[str, Any]", options.get("fields", {}))
    for i, field in enumerate(arrow.schema):
        if field.name in labels:
            # What polars keeps of a column lists its categories: those of the doubles, not those of the original.
            told = {key: text for key, text in labels[field.name].items() if not key.startswith(b"_PL_")}
            arrow = arrow.set_column(i, field.with_metadata({**told, **(field.metadata or {})}), arrow.column(i))
    metadata = cast("Mapping[bytes, bytes]", options.get("metadata", {}))
    # What other programs keep of the frame itself (pandas, Spark, the Arrow schema) describes the original's rows.
    kept = {key: value for key, value in metadata.items() if key not in {b"pandas", b"ARROW:schema"}}
    pq.write_table(arrow.replace_schema_metadata(kept or None), path)


def read_workbook(path: Path, file: str, name: str) -> list[Table]:
    """Read every sheet that looks like a table: a row of distinct names above rows of values."""
    tables = []
    for sheet, frame in _sheets(path, file):
        typed, columns = plain(frame, file)
        typed = typed.select(whole_numbers(whole_days(values)) for values in typed.iter_columns())
        notices = [*_beside(file, path.suffix.lower()), *_nearly_typed(typed, f"{file}, sheet {sheet!r}")]
        options = {"sheet": sheet, "notices": notices}
        tables.append(Table(f"{name}.{sheet}", typed, columns, FileFormat(file, "xlsx", options)))
    if not tables:
        raise UnreadableError(file, "no sheet holds a table; expected a header row and one row for each patient")
    return [Table(name, t.frame, t.columns, t.file) for t in tables] if len(tables) == 1 else tables


def write_workbook(tables: Sequence[Table], path: Path) -> None:
    """Write one workbook; no text in it is a formula or a link."""
    import xlsxwriter

    quiet = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path.with_suffix(".xlsx"), quiet) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for table in tables:
            sheet = book.add_worksheet(str(table.file.options.get("sheet", "Sheet1")))
            for place, (column, heading) in enumerate(
                zip(table.columns, neutral(pl.Series(table.frame.columns)), strict=True)
            ):
                sheet.write_string(0, place, heading)
                values = table.frame[column.name]
                style = day if values.dtype == pl.Date else moment if values.dtype == pl.Datetime else None
                if values.dtype.is_float() and column.decimals is not None:
                    values = values.round(column.decimals)
                text = values.dtype == pl.String
                for row, value in enumerate(neutral(values) if text else values, start=1):
                    if value is None:
                        continue
                    if text:
                        sheet.write_string(row, place, value)
                    elif style is not None:
                        sheet.write_datetime(row, place, value, style)
                    else:
                        sheet.write(row, place, value)


def _sheets(path: Path, file: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the name and the cells of each sheet that looks like a table."""
    import fastexcel

    head = path.open("rb").read(8)
    if head == _COMPOUND_FILE and b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in path.read_bytes():
        raise UnreadableError(file, "the workbook is protected by a password; save it without one")
    try:
        book = fastexcel.read_excel(path)
        for sheet in book.sheet_names:
            peek = book.load_sheet(sheet, header_row=None, n_rows=_ROWS_ABOVE_HEADER, dtypes="string").to_polars()
            above = _header_row(peek.rows())
            if above is None:
                continue
            names = [str(name) for name in peek.row(above) if name is not None]
            repeated = _first_repeated(names)
            if repeated is not None:
                raise UnreadableError(
                    f"{file}, sheet {sheet!r}", "two columns have this name", column=repeated, row=above + 1
                )
            cells = book.load_sheet(sheet, header_row=above, schema_sample_rows=None).to_polars()
            cells = cells.filter(~pl.all_horizontal(pl.all().is_null()))
            cells = cells.select(cells.columns[: len(names)])
            if cells.height:
                yield sheet, cells
    except fastexcel.FastExcelError:
        raise UnreadableError(file, "not a whole workbook; it may be truncated or of another format") from None


def _header_row(rows: Sequence[tuple[str | None, ...]]) -> int | None:
    """Return the first row that names all columns from the left, with a row of cells below it."""
    for i, row in enumerate(rows[:-1]):
        filled = [cell for cell in row if cell is not None and cell.strip()]
        widest = max(sum(cell is not None for cell in other) for other in rows)
        if len(filled) >= max(1, 0.8 * widest) and None not in row[: len(filled)]:
            return i
    return None


def _nearly_typed(frame: pl.DataFrame, place: str) -> list[str]:
    """Return a notice for each text column in which nearly every cell is a number or a date."""
    texts = [values for values in frame.iter_columns() if values.dtype == pl.String]
    found = {values.name: read_cells(values, ColumnManifest(), ",", None).notice for values in texts}
    return [f"{place}, column {name!r}, {notice}" for name, notice in found.items() if notice]


def _first_repeated(names: Sequence[str]) -> str | None:
    return next((name for i, name in enumerate(names) if name in names[:i]), None)


def _beside(file: str, suffix: str) -> list[str]:
    if suffix == ".xlsx":
        return []
    return [f"{file}: {suffix} workbooks are written as .xlsx under the same name"]
