"""When: a column of dates, of times or of numbers of days, read as days and written as it was.

Dates are counted from 1970-01-01. Local times are kept as they stand: a zone is put back where it was, never applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from sosie.cohort import Floats
from sosie.columns.dates import as_dates, looks_dated, parse
from sosie.columns.durations import unit_of
from sosie.columns.vocabulary import split

DAY = 86_400_000_000
"""Microseconds."""
SPREADSHEET = 25_569.0
"""Number that spreadsheets give to 1970-01-01."""
ZONE = r"\s*(?:Z|UTC|[+-]\d{2}:?\d{2})$"
_CLOCK_ZONE = r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})$"


@dataclass(frozen=True)
class Moment:
    """How a column tells times.

    Parameters
    ----------
    calendar : bool
        Dates; numbers since an origin of each patient where it is false.
    kind : polars type, optional
        Of a column that is typed in its file.
    date_format : str, optional
        Of dates that are text.
    zone : str
        What follows most of the times that are text (``Z``, ``+01:00``).
    unit : float
        Days in one of the numbers.
    origin : float, optional
        Number of 1970-01-01, where numbers count from a day of the calendar.
    whole : bool
        Whether the numbers are whole.
    decimals : int
        Of numbers that are text and not whole.
    """

    calendar: bool
    kind: pl.DataType | None = None
    date_format: str | None = None
    zone: str = ""
    unit: float = 1.0
    whole: bool = True
    decimals: int = 0
    origin: float | None = None

    def days(self, column: pl.Series) -> Floats:
        """Return days; NaN where a cell is blank or cannot be read."""
        if not self.calendar or self.origin is not None:
            numbers = column.cast(pl.Float64, strict=False) if self.kind is not None else _number(column)
            return (_floats(numbers) - (self.origin or 0.0)) * self.unit
        told = self.date_format
        dates = column if told is None else parse(_bare(column.cast(pl.String)), told)
        if dates.dtype == pl.Date:
            return _floats(dates.cast(pl.Int32).cast(pl.Float64))
        local = dates.dt.replace_time_zone(None) if getattr(dates.dtype, "time_zone", None) else dates
        return _floats(local.cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64)) / DAY

    def written(self, days: Floats, name: str) -> pl.Series:
        """Return the cells that tell some days, null where they are NaN."""
        given = pl.Series(name, days).fill_nan(None)
        if not self.calendar or self.origin is not None:
            numbers = given / self.unit + (self.origin or 0.0)
            if self.whole:
                numbers = numbers.round().cast(pl.Int64)
            if self.kind is not None:
                return numbers.cast(self.kind, strict=False)
            return numbers.cast(pl.String) if self.whole else spelled(numbers, 0, self.decimals)
        plain = self.kind == pl.Date if self.date_format is None else not _timed(self.date_format)
        if plain:
            dates = pl.Series(name, np.floor(days)).fill_nan(None).cast(pl.Int32).cast(pl.Date)
        else:
            # A second is the finest that days in binary keep from one end of the calendar to the other, surely.
            dates = ((given * 86_400).round() * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us"))
        if self.date_format is not None:
            text = (dates.dt.to_string(self.date_format) + self.zone).alias(name)
            return text if self.kind is None else text.cast(self.kind, strict=False)
        zone = getattr(self.kind, "time_zone", None)
        if zone:
            dates = dates.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return dates if self.kind is None else dates.cast(self.kind)

    def other_zones(self, column: pl.Series) -> np.ndarray:
        """Tell the cells whose zone is not that of most."""
        if self.kind is not None or not self.calendar or self.origin is not None:
            return np.zeros(len(column), dtype=bool)
        return (_zones(column) != self.zone).fill_null(False).to_numpy()


def moment_of(column: pl.Series, name: str, day_first: bool | None = None) -> Moment | None:
    """Return how a column tells times, from some of its cells; None when it tells none.

    Parameters
    ----------
    column : polars.Series
    name : str
        Tells the unit of numbers (``months``, ``semaines``); days where it says nothing.
    day_first : bool, optional
        Where the order of day and month cannot be seen; day first when None.
    """
    values = column.drop_nulls()
    if not len(values):
        return None
    if values.dtype in (pl.Date, pl.Datetime):
        return Moment(True, kind=values.dtype)
    if values.dtype.is_numeric():
        if values.dtype.is_integer() and _packed(values.cast(pl.String)):
            return Moment(True, kind=values.dtype, date_format="%Y%m%d")
        numbers = values.cast(pl.Float64)
        whole = bool((numbers == numbers.round()).all())
        return _counted(numbers, name, Moment(False, kind=values.dtype, unit=unit_of(name), whole=whole))
    if values.dtype != pl.String:
        return None
    numbers = _number(values)
    if numbers.null_count() == 0:
        if _packed(values) and (dated := as_dates(values)) is not None:
            return Moment(True, date_format=dated.date_format)
        whole = bool((numbers == numbers.round()).all())
        told = Moment(False, unit=unit_of(name), whole=whole, decimals=decimals(values, 1.0)[1])
        return _counted(numbers, name, told)
    bare = _bare(values)
    if not looks_dated(bare.head(200).to_list()):
        return None
    dated = as_dates(bare, None if day_first is None else not day_first)
    if dated is None or dated.values.null_count() > 0.2 * len(values):
        return None
    zones = _zones(values)
    most = zones.mode().sort()[0] if zones.len() else ""
    return Moment(True, date_format=dated.date_format, zone=most or "")


def _packed(text: pl.Series) -> bool:
    return looks_dated(text.head(200).to_list())


def _counted(numbers: pl.Series, name: str, otherwise: Moment) -> Moment:
    """Recognise numbers that count from a day of the calendar: seconds since 1970, or the days of spreadsheets."""
    low, high = numbers.quantile(0.05), numbers.quantile(0.95)
    assert low is not None
    assert high is not None
    for part in (1.0, 1e3, 1e6, 1e9):
        if 1e8 * part <= low and high < 5e9 * part:
            return replace(otherwise, calendar=True, unit=1 / (86_400 * part), origin=0.0)
    if says_date(name) and low >= 20_000 and high < 60_000:
        return replace(otherwise, calendar=True, unit=1.0, origin=SPREADSHEET)
    return otherwise


def says_date(name: str) -> bool:
    """Tell whether a name is that of dates."""
    return not {"date", "dates", "datetime", "timestamp"}.isdisjoint(split(name))


def decimals(text: pl.Series, share: float) -> tuple[int, int]:
    """Return how many decimals every number has, and how many are enough for a share of them."""
    found = text.str.extract(r"[.,](\d+)\s*$").str.len_chars().fill_null(0)
    if not len(found):
        return 0, 0
    least, enough = found.min(), found.quantile(share, "higher")
    return int(least if isinstance(least, int | float) else 0), int(enough or 0)


def spelled(numbers: pl.Series, least: int, most: int, comma: bool = False) -> pl.Series:
    """Return numbers as text, with no fewer and no more decimals than two bounds.

    Where decimals vary and none are few, as those of binary numbers do, no zero is put behind them.
    """
    most = min(most, 15)
    least = least if least in (1, most) else 0
    text = numbers.round(most).cast(pl.String) if most else numbers.round().cast(pl.Int64).cast(pl.String)
    if most:
        exponent = text.str.contains("e", literal=True).fill_null(False)
        if exponent.any():
            rare = pl.Series([None if n is None else f"{n:.{most}f}" for n in numbers.to_list()], dtype=pl.String)
            text = pl.select(pl.when(exponent).then(rare).otherwise(text)).to_series()
        head, tail = text.str.extract(r"^(-?\d+)"), text.str.extract(r"\.(\d+)$").fill_null("")
        tail = tail.str.strip_chars_end("0").str.pad_end(least, "0")
        dot = "," if comma else "."
        frame = pl.DataFrame({"head": head, "tail": tail})
        whole = pl.when(pl.col("tail") == "").then(pl.col("head")).otherwise(pl.col("head") + dot + pl.col("tail"))
        text = frame.select(whole).to_series()
    return text.alias(numbers.name)


def _number(text: pl.Series) -> pl.Series:
    return text.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


def _bare(text: pl.Series) -> pl.Series:
    """Return times without their zone."""
    stripped = text.str.strip_chars()
    zoned = stripped.str.contains(_CLOCK_ZONE).fill_null(False)
    if not zoned.any():
        return stripped
    bare = stripped.str.replace(ZONE, "")
    return pl.select(pl.when(zoned).then(bare).otherwise(stripped).alias(text.name)).to_series()


def _zones(text: pl.Series) -> pl.Series:
    stripped = text.str.strip_chars()
    zone = stripped.str.extract(rf"\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?({ZONE[:-1]})$")
    frame = pl.DataFrame({"cell": stripped, "zone": zone})
    return frame.select(
        pl.when(pl.col("cell").is_null()).then(None).otherwise(pl.col("zone").fill_null(""))
    ).to_series()


def _timed(date_format: str) -> bool:
    return re.search(r"%-?[HIT]", date_format) is not None


def _floats(column: pl.Series) -> Floats:
    return np.asarray(column.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)
