"""From cells as a source keeps them (text, or a database's types) to the types of the model, or the row at fault."""

from __future__ import annotations

import polars as pl

from sosie.errors import UnreadableError
from sosie.timelines.source.omop import specification
from sosie.timelines.source.omop.base import Base

_EXPECTED = {
    "integer": "expected a whole number",
    "float": "expected a number",
    "date": "expected a date, as 2020-12-31 or 20201231",
    "datetime": "expected a date and a time, as 2020-12-31 23:59:59",
}
_COMPACT = r"^(\d{4})(\d{2})(\d{2})"


def table(base: Base, name: str, version: str, wanted: tuple[str, ...], needed: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return columns of a table in the types of the model; one that the table lacks is empty.

    Parameters
    ----------
    base : Base
    name, version : str
    wanted : tuple of str
        Columns.
    needed : tuple of str
        Those of them that no row may lack.

    Raises
    ------
    UnreadableError
        When a column or a cell is missing that is needed, or a cell is not of its type; it names file, column and row.
    """
    stored = base.tables[name]
    model = {**specification.tables("5.4").get(name, {}), **specification.tables(version)[name]}
    frame = stored.read(wanted)
    for column in needed:
        if column not in frame.columns:
            raise UnreadableError(stored.file, f"the column is missing; OMOP CDM {version} requires it", column=column)
    cells = {}
    for column in wanted:
        kind = model[column].type if column in model else "varchar"
        if column not in frame.columns:
            cells[column] = pl.Series(column, [None], dtype=type_of(kind)).extend_constant(None, max(len(frame) - 1, 0))
            cells[column] = cells[column].head(len(frame))
            continue
        cells[column] = typed(frame[column], kind)
        at = (cells[column].is_null() & frame[column].is_not_null()).arg_max()
        if at is not None and cells[column][at] is None and frame[column][at] is not None:
            expected = _EXPECTED.get(kind, "expected text")
            raise UnreadableError(stored.file, f"a cell cannot be read; {expected}", column=column, row=at + 2)
        if column in needed and cells[column].null_count():
            empty = cells[column].is_null().arg_max()
            row = None if empty is None else empty + 2
            problem = f"the cell is empty; OMOP CDM {version} requires it"
            raise UnreadableError(stored.file, problem, column=column, row=row)
    return pl.DataFrame(list(cells.values())) if cells else pl.DataFrame()


def type_of(kind: str) -> pl.DataType:
    """Return what holds the cells of a type of the model."""
    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "float": pl.Float64(),
        "date": pl.Date(),
        "datetime": pl.Datetime("us"),
    }
    return types.get(kind, pl.String())


def typed(cells: pl.Series, kind: str) -> pl.Series:
    """Return cells in the type of the model; null where one is not of it."""
    if cells.dtype == pl.String and kind in _EXPECTED:
        return _read(cells, kind)
    if isinstance(cells.dtype, pl.Datetime):
        cells = cells.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    wanted = type_of(kind)
    if kind == "datetime" and cells.dtype == pl.Date:
        return cells.cast(pl.Datetime("us"))
    return cells.cast(wanted, strict=False) if cells.dtype != wanted else cells


def _read(cells: pl.Series, kind: str) -> pl.Series:
    if kind == "integer":
        whole = cells.cast(pl.Int64, strict=False)
        # Some tools write whole numbers with a fraction of zero as soon as a column has a gap.
        return (
            whole
            if whole.null_count() == cells.null_count()
            else cells.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
        )
    if kind == "float":
        return cells.cast(pl.Float64, strict=False)
    iso = cells.str.replace(_COMPACT, "$1-$2-$3") if cells.str.contains(_COMPACT).any() else cells
    if kind == "date":
        return iso.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    moment = iso.str.replace("T", " ", literal=True).str.replace(r"(Z|[+-]\d\d:?\d\d)$", "")
    found = moment.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    if found.null_count() == cells.null_count():
        return found
    short = moment.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False)
    return found.fill_null(short).fill_null(moment.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")))
