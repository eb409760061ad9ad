"""The columns of a table while rules read and rewrite them: numbers, missing values, one column replaced at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
import polars as pl

from sosie.cohort import Floats, Mask, Rows

Scalar = str | float | bool | date | datetime
_MICROSECONDS = 86_400e6


class Workspace:
    """A working copy of a data frame. The frame that came in does not change.

    Parameters
    ----------
    frame : polars.DataFrame
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame, self.rows = frame, frame.height
        self._changed: dict[str, pl.Series] = {}
        self._numbers: dict[str, Floats] = {}

    def remember(self, numbers: Mapping[str, Floats]) -> None:
        """Take numbers that were already worked out (of text: anything but NaN where it is present)."""
        self._numbers.update(numbers)

    def result(self) -> pl.DataFrame:
        """Return the frame with the columns that were put."""
        return self.frame.with_columns(self._changed.values()) if self._changed else self.frame

    def has(self, name: str) -> bool:
        """Tell whether a column is there."""
        return name in self._changed or name in self.frame.columns

    def series(self, name: str) -> pl.Series:
        """Return a column as it stands now."""
        changed = self._changed.get(name)
        return self.frame.get_column(name) if changed is None else changed

    def numbers(self, name: str) -> Floats:
        """Return a column as float64: days for dates, NaN for missing; 0 for any text that is present."""
        if name not in self._numbers:
            self._numbers[name] = numbers_of(self.series(name))
        return self._numbers[name]

    def missing(self, name: str) -> Mask:
        """Tell which values are missing."""
        return np.isnan(self.numbers(name))

    def equals(self, name: str, value: Scalar) -> Mask:
        """Tell which values are this one; a missing value is not."""
        series = self.series(name)
        if is_text(series.dtype):
            return _mask((series == str(value)).fill_null(False))
        return np.asarray(self.numbers(name) == number(value))

    def agrees(self, name: str, other: pl.Series) -> Mask:
        """Tell which values are those of another column of the same type, missing ones included."""
        series = self.series(name)
        if is_text(series.dtype):
            return _mask(series.cast(pl.String).eq_missing(other.cast(pl.String)))
        mine, theirs = self.numbers(name), numbers_of(other)
        return np.asarray((mine == theirs) | (np.isnan(mine) & np.isnan(theirs)))

    def codes(self, name: str, keys: tuple[Scalar | None, ...]) -> Rows:
        """Return the position of each value among the keys, -1 for a value that is none of them."""
        series, levels = self.series(name), [key for key in keys if key is not None]
        places = np.array([place for place, key in enumerate(keys) if key is not None], dtype=np.int64)
        codes = np.full(self.rows, -1, dtype=np.int64)
        if is_text(series.dtype):
            found = series.cast(pl.Enum(list(map(str, levels))), strict=False).to_physical().cast(pl.Int64)
            known = found.is_not_null().to_numpy()
            codes[known] = places[found.drop_nulls().to_numpy()]
        elif levels:
            wanted = np.array([number(level) for level in levels])
            order = np.argsort(wanted)
            values = self.numbers(name)
            nearest = order[np.minimum(np.searchsorted(wanted[order], values), len(wanted) - 1)]
            known = wanted[nearest] == values
            codes[known] = places[nearest[known]]
        if None in keys:
            codes[self.missing(name)] = keys.index(None)
        return codes

    def put(self, name: str, values: pl.Series, where: Mask | None = None) -> None:
        """Replace a column, or some of its rows."""
        if where is not None and self.has(name):
            if not where.any():
                return
            values = values.zip_with(pl.Series(where), self.series(name))
        self._changed[name] = values.alias(name)
        self._numbers.pop(name, None)

    def erase(self, name: str, where: Mask) -> None:
        """Make some values of a column missing."""
        if where.any():
            series = self.series(name)
            self.put(name, series.clear(self.rows), where)


def is_text(dtype: pl.DataType) -> bool:
    """Tell whether a column holds words rather than numbers or dates."""
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def number(value: Scalar) -> float:
    """Return a value of a column as the number that stands for it."""
    if isinstance(value, date):
        return float(numbers_of(pl.Series([value]))[0])
    return float(value)


def numbers_of(series: pl.Series) -> Floats:
    """Return a column as float64: days since 1970 for dates, NaN for missing, 0 for any text."""
    dtype = series.dtype
    if is_text(dtype):
        return np.where(series.is_null().to_numpy(), np.nan, 0.0)
    if isinstance(dtype, pl.Datetime):
        return series.cast(pl.Datetime("us")).to_physical().cast(pl.Float64).to_numpy() / _MICROSECONDS
    if isinstance(dtype, pl.Date):
        series = series.to_physical()
    return series.cast(pl.Float64).to_numpy()


def series_of(numbers: Floats, dtype: pl.DataType) -> pl.Series:
    """Return numbers as a column of a type; NaN becomes missing."""
    if isinstance(dtype, pl.Datetime):
        micro = pl.Series(np.round(numbers * _MICROSECONDS), nan_to_null=True).cast(pl.Int64)
        return micro.cast(pl.Datetime("us", dtype.time_zone)).cast(dtype)
    series = pl.Series(numbers, nan_to_null=True)
    if isinstance(dtype, pl.Boolean):
        return series != 0
    if isinstance(dtype, pl.Date) or dtype.is_integer():
        return series.round(0).cast(pl.Int32 if isinstance(dtype, pl.Date) else pl.Int64, strict=False).cast(dtype)
    return series.cast(dtype)


def _mask(series: pl.Series) -> Mask:
    return np.asarray(series.to_numpy(), dtype=bool)
