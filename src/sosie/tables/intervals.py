"""Find the columns that name intervals of a number or a date: age groups, strata, years of admission."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from scipy.special import gammaln

from sosie.cohort import Floats
from sosie.tables.rules import Steps
from sosie.tables.screen import LOG_CHANCE, Screen, Search
from sosie.tables.workspace import Scalar

MOST_STEPS = 20
_FEWEST_VALUES = 13


def find_steps(search: Search) -> None:
    """Take the columns of few levels, each of which is one interval of a measured column."""
    screen = search.screen
    sources = [c for c, counts in enumerate(screen.counts) if len(counts) >= _FEWEST_VALUES and screen.measures(c)]
    targets = [c for c, counts in enumerate(screen.counts) if _divides(counts, search.k)]
    if not sources or not targets:
        return
    codes, levels = screen.codes[targets], np.array([len(screen.counts[target]) for target in targets])
    for source in sources:
        present = int(screen.counts[source].sum())
        if present < screen.rows * 0.5 or not search.free[source]:
            continue
        ascending = codes[:, screen.order[source, :present]]
        changes = (ascending[:, 1:] != ascending[:, :-1]).sum(axis=1)
        for place in np.flatnonzero(changes == levels - 1):
            target = targets[place]
            if target == source or search.root(target) == source:
                continue
            rule = _steps(screen, source, target, ascending[place], search.k)
            if rule is not None and search.free[target]:
                rule = replace(rule, target=screen.names[target])
            if rule is not None and search.take(rule) and search.free[target]:
                search.bind(target, (source,))


def _divides(counts: np.ndarray, k: int) -> bool:
    return 2 <= len(counts) <= MOST_STEPS and bool((counts >= k).all())


def _steps(screen: Screen, source: int, target: int, ascending: np.ndarray, k: int) -> Steps | None:
    lacking = screen.codes[target, screen.order[source, len(ascending) :]]
    several = len(np.unique(lacking)) > 1
    if several or (ascending < 0).any() or (len(lacking) and lacking[0] >= 0 and len(lacking) < k):
        return None
    sizes = np.bincount(ascending)
    # Of all orders of these rows, the share in which every level is one run.
    if gammaln(len(sizes) + 1) + gammaln(sizes + 1).sum() - gammaln(sizes.sum() + 1) >= LOG_CHANCE:
        return None
    values = screen.values[source, screen.order[source, : len(ascending)]]
    starts = np.flatnonzero(np.diff(ascending)) + 1
    below, above = values[starts - 1], values[starts]
    if (below >= above).any() or (np.diff(np.append(np.insert(starts, 0, 0), len(values))) < k).any():
        return None
    dtype = screen.dtype(source)
    cuts = tuple(_cut(low, high, dtype) for low, high in zip(below, above, strict=True))
    names = tuple(screen.level(target, int(code)) for code in ascending[np.insert(starts, 0, 0)])
    missing: Scalar | None = screen.level(target, int(lacking[0])) if len(lacking) and lacking[0] >= 0 else None
    return Steps(screen.names[source], screen.names[target], cuts, names, missing, dtype, screen.dtype(target))


def _cut(low: float, high: float, dtype: pl.DataType) -> float:
    """Return the roundest value above ``low`` and at most ``high``: a definition, not somebody's value."""
    if dtype.is_temporal():
        return _round_date(low, high)
    for decimals in range(-6, 16):
        unit = 10.0**-decimals
        cut = round(float(np.floor(high / unit)) * unit, max(decimals, 0))
        if low < cut <= high:
            return cut
    return high


def _round_date(low: float, high: float) -> float:
    last = np.datetime64(int(np.floor(high)), "D")
    for unit in ("Y", "M"):
        day: Floats = last.astype(f"datetime64[{unit}]").astype("datetime64[D]").astype(np.float64)
        if low < day <= high:
            return float(day)
    middle = np.floor((low + high) / 2) + 1
    return float(middle if low < middle <= high else high)
