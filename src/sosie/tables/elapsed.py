"""Find the columns that are a time elapsed between two dates: ages, stays, delays, in any usual unit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from sosie.tables.arithmetic import supported
from sosie.tables.expression import Call, Expression, Name, Number, Operation
from sosie.tables.rules import Equation
from sosie.tables.screen import Screen, Search

_DAYS = {"years": 365.25, "julian": 365.2425, "months": 30.4375, "weeks": 7.0, "days": 1.0, "hours": 1 / 24}
_FEWEST = 20
_GLANCE = 64


def find_elapsed(search: Search) -> None:
    """Take the numbers that are years, months, weeks, days or hours between two dates."""
    screen = search.screen
    dates = [c for c in range(len(screen.names)) if screen.dtype(c).is_temporal()]
    numbers = [c for c in range(len(screen.names)) if screen.measures(c) and c not in dates]
    glance = screen.values[:, :: max(1, screen.rows // _GLANCE)]
    for start, end in permutations(dates, 2):
        days = glance[end] - glance[start]
        known = days[~np.isnan(days)]
        if not len(known) or np.median(known) < 0 or not (search.free[start] and search.free[end]):
            continue
        for unit, length in _DAYS.items():
            far = np.abs(days / length - glance[numbers]) > _slack(length)
            for image in (numbers[place] for place in np.flatnonzero(~far.any(axis=1))):
                if search.free[image]:
                    _take(search, image, start, end, unit)


def _slack(length: float) -> float:
    """Return by how many units a way of counting may differ; calendar days are counted between dates, not hours."""
    return 1.01 + max(1.0, 1 / length)


def _take(search: Search, image: int, start: int, end: int, unit: str) -> None:
    screen = search.screen
    days = screen.values[end] - screen.values[start]
    both = ~np.isnan(days) & ~np.isnan(screen.values[image])
    apart = np.abs(days[both] / _DAYS[unit] - screen.values[image][both])
    if both.sum() < _FEWEST or (apart > _slack(_DAYS[unit])).any():
        return
    for expression in _ways(screen, image, start, end, unit):
        for complete in (True, False):
            rule = Equation(screen.names[image], expression, screen.precision(image), complete)
            if rule.holds(search.table).all() and supported(search, rule) and search.take(rule):
                search.bind(image, (start, end))
                return


def _ways(screen: Screen, image: int, start: int, end: int, unit: str) -> Iterator[Expression]:
    """Yield how such a time may have been computed, the usual way first."""
    names = Name(screen.names[start]), Name(screen.names[end])
    elapsed: Expression = Call("hours", names) if unit == "hours" else Call("days", names)
    if unit == "years":
        yield Call("years", names)
    if unit not in ("days", "hours"):
        elapsed = Operation("/", elapsed, Number(_DAYS["years" if unit == "years" else unit]))
    precision = screen.precision(image)
    whole = precision.half == 0.5 or precision.decimals == 0
    if whole:
        yield Call("floor", (elapsed,))
    yield elapsed
    if unit == "days":
        exact: Expression = Operation("/", Call("hours", names), Number(24.0))
        if whole:
            yield Call("floor", (exact,))
        yield exact
