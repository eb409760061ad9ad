"""Dates that move by their patient's days: typed, or text of any format, which keeps its hours and zone as written."""

from __future__ import annotations

import polars as pl

from sosie.columns import generalise
from sosie.columns.dates import parse
from sosie.timelines.source.reader import NUMBER

_DASHED = r"^(\d{4}-\d{2}-\d{2})(.*)$"
_PACKED = r"^(\d{8})(.*)$"
_MONTH, _YEAR = r"^\d{4}-?\d{2}$", r"^\d{4}$"
_ZONE = r"^(.*\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(\s*(?:Z|UTC|[+-]\d{2}:?\d{2}))$"


def moved(column: pl.Series, days: pl.Series, date_format: str | None = None, unit: float = 1.0) -> pl.Series:
    """Return dates, each moved by the days of its row; what is no date, or has no days, is blanked.

    Parameters
    ----------
    column : polars.Series
        Dates, or text.
    days : polars.Series
        Null for a row of nobody.
    date_format : str, optional
        Of text; ISO 8601 of whatever precision, dashed or not, where it is not given. `NUMBER` for numbers.
    unit : float
        Numbers in a day.
    """
    if date_format == NUMBER:
        return _counted(column, days, unit)
    if column.dtype in (pl.Date, pl.Datetime):
        done = generalise.shift(column, days.fill_null(0))
        return done.set(days.is_null(), None)
    if column.dtype.is_integer():
        return moved(column.cast(pl.String), days, date_format).cast(column.dtype, strict=False)
    if column.dtype != pl.String:
        return generalise.blank(column)
    text = column.str.strip_chars()
    if date_format is not None and not date_format.startswith("%Y-%m-%d"):
        return _formatted(text, days, date_format)
    return _iso(text, days)


def _counted(column: pl.Series, days: pl.Series, unit: float) -> pl.Series:
    step = (days * unit).round().cast(pl.Int64)
    if column.dtype.is_numeric():
        return (column + step.cast(column.dtype)).alias(column.name)
    numbers = column.str.strip_chars()
    whole = numbers.cast(pl.Int64, strict=False)
    broken = numbers.str.extract(r"^-?\d+([.,]\d+)$").fill_null("")
    head = whole.fill_null(numbers.str.extract(r"^(-?\d+)[.,]").cast(pl.Int64, strict=False))
    return ((head + step).cast(pl.String) + broken).alias(column.name)


def _formatted(text: pl.Series, days: pl.Series, date_format: str) -> pl.Series:
    zone = text.str.extract(_ZONE, 2)
    bare = pl.select(pl.coalesce(text.str.extract(_ZONE, 1), text).alias(text.name)).to_series()
    # A zone that the pattern spells out is not taken for one that varies.
    whole = date_format.rstrip().endswith(("Z", "UTC")) or date_format[-6:-5] in ("+", "-")
    dates = parse(text if whole else bare, date_format)
    shifted = moved(dates, days).dt.to_string(date_format)
    return (shifted + ("" if whole else zone.fill_null(""))).alias(text.name)


def _iso(text: pl.Series, days: pl.Series) -> pl.Series:
    """Move the day alone: the hour, its fraction and its zone stay as they are written."""
    frame = pl.DataFrame({"text": text, "days": days})
    packed = pl.col("text").str.contains(r"^\d{6}")
    day = pl.coalesce(pl.col("text").str.extract(_DASHED, 1), pl.col("text").str.extract(_PACKED, 1))
    rest = pl.coalesce(pl.col("text").str.extract(_DASHED, 2), pl.col("text").str.extract(_PACKED, 2))
    month, year = pl.col("text").str.contains(_MONTH), pl.col("text").str.contains(_YEAR)
    plain = pl.col("text").str.replace_all("-", "", literal=True)
    # A month or a year moves as its middle does.
    middle = pl.when(year).then(plain + "0701").when(month).then(plain + "15").otherwise(day.str.replace_all("-", ""))
    read = frame.with_columns(
        middle.str.strptime(pl.Date, "%Y%m%d", strict=False).alias("date"),
        rest.fill_null("").alias("rest"),
        packed.alias("packed"),
        month.alias("month"),
        year.alias("year"),
    )
    shifted = moved(read["date"], days)
    written = (
        pl.when("year")
        .then(pl.col("new").dt.to_string("%Y"))
        .when(pl.col("month") & pl.col("packed"))
        .then(pl.col("new").dt.to_string("%Y%m"))
        .when("month")
        .then(pl.col("new").dt.to_string("%Y-%m"))
        .when("packed")
        .then(pl.col("new").dt.to_string("%Y%m%d") + pl.col("rest"))
        .otherwise(pl.col("new").dt.to_string("%Y-%m-%d") + pl.col("rest"))
    )
    return read.with_columns(shifted.alias("new")).select(written.alias(text.name)).to_series()
