"""The types of a typed source (Arrow, pandas, SQL, Excel) made plain, and made native again.

A frame of any types enters; one of integers, floats, text, booleans, dates and datetimes leaves, with the types that it
had. What cannot be a cell of a table (lists, structures, bytes) is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import polars.selectors as cs
from polars.exceptions import PolarsError

from sosie.columns.dates import Dated, as_dates, looks_dated
from sosie.errors import UnreadableError
from sosie.tables.frame import ColumnFormat

_RESOLVED_AT_MOST = 6
_HEAD = 200
_NANOSECONDS = 1_000_000_000
_LAST_SECOND = 86_399


def plain(frame: pl.DataFrame, file: str) -> tuple[pl.DataFrame, tuple[ColumnFormat, ...]]:
    """Return a frame of plain types, and the decimals of its columns where the types or the values fix them.

    Raises
    ------
    UnreadableError
        When there is no row or no column, or a column holds something else than values.
    """
    if not frame.width or not frame.height:
        raise UnreadableError(file, "there is no row; expected one row for each patient")
    nested = frame.select(cs.nested() | cs.binary() | cs.by_dtype(pl.Object)).columns
    if nested:
        problem = "lists, structures or bytes were found; expected one value in each cell"
        raise UnreadableError(file, problem, column=nested[0])
    scales = {name: kind.scale for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal)}
    clocks = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    typed = frame.with_columns(
        cs.integer().cast(pl.Int64, strict=False),
        (cs.float() | cs.decimal()).cast(pl.Float64),
        (cs.categorical() | cs.enum()).cast(pl.String),
        # Times of day are seconds, which doubles can be drawn between.
        cs.time().cast(pl.Int64) // _NANOSECONDS,
        cs.duration().dt.total_microseconds(),
        cs.by_dtype(pl.Null).cast(pl.String),
        *(pl.col(name).dt.replace_time_zone(None).dt.cast_time_unit("us") for name in clocks),
    )
    dated = {column.name: read for column in typed.select(cs.string()) if (read := _text_dates(column)) is not None}
    typed = typed.with_columns(read.values for read in dated.values())
    formats = tuple(
        ColumnFormat(
            column.name,
            decimals=scales.get(column.name, resolution(column)),
            date_format=dated[column.name].date_format if column.name in dated else None,
        )
        for column in typed.iter_columns()
    )
    return typed, formats


def dates_as_text(frame: pl.DataFrame, columns: Sequence[ColumnFormat]) -> pl.DataFrame:
    """Return a frame whose dates that came as text are text again."""
    written = {column.name: column.date_format for column in columns if column.date_format}
    dates = frame.select(cs.date() | cs.datetime()).columns
    return frame.with_columns(pl.col(name).dt.strftime(written[name]) for name in dates if name in written)


def in_polars(frame: Any, name: str) -> tuple[pl.DataFrame, list[str]]:
    """Return any data frame that narwhals knows in polars, and notices: a column of mixed types becomes text.

    Raises
    ------
    UnreadableError
        When it is no data frame, or two of its columns have the same name.
    """
    import narwhals as nw
    from narwhals.exceptions import DuplicateError

    try:
        given = nw.from_native(frame)
        whole = given.collect() if isinstance(given, nw.LazyFrame) else given
    except (TypeError, DuplicateError):
        titles = Counter(str(title) for title in getattr(frame, "columns", ()))
        repeated = next((title for title, count in titles.items() if count > 1), None)
        problem = "not a data frame with distinct names of columns; expected one of pandas, polars, pyarrow ..."
        raise UnreadableError(name, problem, column=repeated) from None
    columns, notices = [], []
    for title in whole.columns:
        try:
            columns.append(whole.get_column(title).to_polars().alias(str(title)))
        except (TypeError, ValueError, PolarsError):
            cells = (None if cell is None or cell != cell else str(cell) for cell in whole.get_column(title).to_list())
            columns.append(pl.Series(str(title), list(cells), dtype=pl.String))
            notices.append(f"{name}, column {str(title)!r}: values of several types; the column is read as text")
    return pl.DataFrame(columns), notices


def restore(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return the frame in its first types; a column that they cannot hold keeps its own."""
    return pl.DataFrame([_restored(column, schema.get(column.name)) for column in frame.iter_columns()])


def resolution(values: pl.Series) -> int | None:
    """Return the fewest decimals (6 at most) that write every value of a float column exactly; None for more."""
    if not values.dtype.is_float():
        return 0 if values.dtype.is_integer() else None
    finite = values.filter(values.is_finite())
    if not len(finite):
        return None
    head = finite.head(1_000)
    exact = (d for d in range(_RESOLVED_AT_MOST + 1) if (head.round(d) == head).all())
    return next((d for d in exact if (finite.round(d) == finite).all()), None)


def whole_days(values: pl.Series) -> pl.Series:
    """Return datetimes that are all midnights as dates."""
    if values.dtype == pl.Datetime and values.null_count() < len(values) and (values.dt.truncate("1d") == values).all():
        return values.cast(pl.Date)
    return values


def whole_numbers(values: pl.Series) -> pl.Series:
    """Return floats that are all integers as integers (sources that know one kind of number)."""
    if values.dtype.is_float() and resolution(values) == 0:
        return values.fill_nan(None).cast(pl.Int64, strict=False)
    return values


def _text_dates(text: pl.Series) -> Dated | None:
    """Read text as dates when every cell is one (SQLite has no other dates), and day and month are told apart."""
    head = text.drop_nulls().head(_HEAD).to_list()
    if not head or not looks_dated(head) or all(cell.isdigit() for cell in head):
        return None
    dated = as_dates(text)
    whole = dated is not None and not dated.ambiguous and dated.values.null_count() == text.null_count()
    if dated is None or not whole or not dated.values.dt.strftime(dated.date_format).equals(text, null_equal=True):
        return None
    return dated


def _restored(values: pl.Series, kind: pl.DataType | None) -> pl.Series:
    if kind is None or kind == values.dtype or kind == pl.Null:
        return values
    try:
        if isinstance(kind, pl.Datetime) and kind.time_zone:
            zoned = values.dt.replace_time_zone(kind.time_zone, ambiguous="earliest", non_existent="null")
            # An hour that the clocks skip in spring is the next one.
            later = values.dt.offset_by("1h")
            zoned = zoned.fill_null(
                later.dt.replace_time_zone(kind.time_zone, ambiguous="earliest", non_existent="null")
            )
            return zoned.dt.cast_time_unit(kind.time_unit)
        if isinstance(kind, pl.Enum):
            # Only what the doubles hold: the list of the source would publish its rarest categories.
            held = values.drop_nulls().unique().sort()
            known = kind.categories.filter(kind.categories.is_in(held.to_list()))
            return values.cast(pl.Enum([*known, *held.filter(~held.is_in(known.to_list()))]))
        if kind == pl.Time:
            return (values.cast(pl.Int64).clip(0, _LAST_SECOND) * _NANOSECONDS).cast(pl.Time)
        if kind.is_integer() and values.dtype.is_float():
            return values.round(0).cast(kind)
        return values.cast(kind)
    except PolarsError:
        return values
