"""How fine the values of a column are: whole minutes, multiples of five, first days of months.

A column of numbers or dates enters; a `Resolution` leaves, which brings the doubles to the same marks. A column of
whole minutes whose doubles show seconds looks false, and its rules may break.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from sosie.cohort import Floats, Mask

FEWEST = 5
"""Distinct values below which a common step says nothing."""
USUAL = 0.9
"""Share of the values that says how many decimals are usual."""
_ENOUGH = 50
_MOST_DECIMALS = 6
_EXACT = 2.0**52
_HEAD = 2_000
"""Values that most often settle it: no need to sort a million."""

Calendar = Literal["1y", "1mo"]


@dataclass(frozen=True)
class Resolution:
    """Marks at ``offset + step * n``.

    Parameters
    ----------
    step, offset : float
    """

    step: float = 1.0
    offset: float = 0.0

    def snap(self, values: Floats) -> Floats:
        """Return the marks that are nearest."""
        if self.step == 1.0:
            return np.asarray(np.round(values))
        return np.asarray(np.round((values - self.offset) / self.step) * self.step + self.offset)


UNITS = Resolution()
"""Whole numbers."""


def resolution(values: Floats) -> Resolution:
    """Find the widest step between whole numbers that reaches all of them; NaN is missing."""
    if len(values) > 2 * _HEAD and resolution(values[:_HEAD]).step == 1.0:
        return UNITS
    known = np.unique(values[~np.isnan(values)])
    if len(known) < FEWEST or max(abs(known[0]), abs(known[-1])) > _EXACT or (known != np.round(known)).any():
        return UNITS
    whole = known.astype(np.int64)
    step = int(np.gcd.reduce(np.diff(whole)))
    return Resolution(float(step), float(whole[0] % step)) if step > 1 else UNITS


def usual_decimals(values: Floats, most: int | None) -> int | None:
    """Return the decimals that nearly all values need; where a few need more (thirds, say), doubles do without.

    Parameters
    ----------
    values : ndarray
    most : int, optional
        Decimals of the column; None for binary floats, which stay so unless nearly all are round.
    """
    known = values[~np.isnan(values)][:_HEAD]
    for decimals in range(_MOST_DECIMALS if most is None else most):
        if len(known) >= _ENOUGH and float(np.mean(_needs_no_more(known, decimals))) >= USUAL:
            return decimals
    return most


def in_units(values: Floats, decimals: int) -> Floats:
    """Return the values that need no more decimals, as whole numbers of the last one."""
    return np.round(values[_needs_no_more(values, decimals)] * 10.0**decimals)


def _needs_no_more(values: Floats, decimals: int) -> Mask:
    return np.isclose(np.round(values, decimals), values, rtol=1e-12, atol=0.0)


def calendar(series: pl.Series) -> Calendar | None:
    """Tell dates that are all the first of a year, or of a month."""
    known = series.drop_nulls()
    if known.n_unique() < FEWEST or (known.dt.day() != 1).any():
        return None
    return "1mo" if (known.dt.month() != 1).any() else "1y"


def to_calendar(dates: pl.Series, unit: Calendar | None) -> pl.Series:
    """Return the first days of the years or months that dates are in."""
    return dates if unit is None else dates.dt.truncate(unit)
