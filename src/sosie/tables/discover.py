"""Find the rules that every row of a table obeys and that chance does not explain.

Derived columns come first, because a column that is computed needs no other rule; then what one condition imposes
on another column; then the order of numbers and dates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from sosie.cohort import Mask
from sosie.tables.arithmetic import find_products, find_sums
from sosie.tables.elapsed import find_elapsed
from sosie.tables.expression import Name
from sosie.tables.frame import ColumnFormat
from sosie.tables.implication import find_atoms, find_indicators, find_mappings, find_nodes, find_together
from sosie.tables.intervals import find_steps
from sosie.tables.rules import Comparison, RuleSet
from sosie.tables.screen import Search, search, unlikely

_LEAST_DISORDER = 0.05
_FEWEST_LEVELS = 3
_GLANCE = 64


def discover(frame: pl.DataFrame, columns: Sequence[ColumnFormat], k: int, declared: RuleSet | None = None) -> RuleSet:
    """Find the rules of a table.

    Parameters
    ----------
    frame : polars.DataFrame
    columns : sequence of ColumnFormat
        Keys, direct identifiers and free text take no part.
    k : int
        Levels, atoms and intervals of fewer rows are in no rule.
    declared : RuleSet, optional
        Rules of the manifest; they come with the result and win over what is found.

    Returns
    -------
    RuleSet
        The frame obeys every rule, and ``apply`` leaves it as it is.
    """
    known = declared or RuleSet()
    state = search(frame, columns, k, known)
    if len(state.screen.names) < 2 or frame.height < 2 * k:
        return known
    nodes = find_nodes(state.screen, k)
    find_indicators(state, nodes)
    find_mappings(state, nodes)
    find_steps(state)
    find_sums(state)
    find_products(state)
    find_elapsed(state)
    find_together(state)
    find_atoms(state, nodes)
    find_orders(state)
    return known.merged(RuleSet(tuple(state.taken)))


def find_orders(state: Search) -> None:
    """Take the pairs of numbers, or of dates, of which one is never above the other."""
    for group in _comparable(state):
        if len(group) < 2:
            continue
        below = _never_above(state, group)
        for i, j in np.argwhere(below):
            below[i, j] = _meaningful(state, group[i], group[j])
        reduced = below & ~((below.astype(np.float32) @ below.astype(np.float32)) > 0)
        for i, j in np.argwhere(reduced):
            _take(state, group[i], group[j])


def _comparable(state: Search) -> tuple[list[int], list[int]]:
    """Return the numbers and the dates; a column computed from one other column repeats its order."""
    screen = state.screen
    able = [c for c in range(len(screen.names)) if screen.measures(c) and len(screen.counts[c]) >= _FEWEST_LEVELS]
    able = [c for c in able if state.root(c) == c]
    dates = [c for c in able if screen.dtype(c).is_temporal()]
    return [c for c in able if c not in dates], dates


def _never_above(state: Search, group: list[int]) -> Mask:
    values = state.screen.values[group]
    glance = values[:, :: max(1, state.screen.rows // _GLANCE)]
    below: Mask = np.asarray(~(glance[:, None] > glance).any(axis=2))
    np.fill_diagonal(below, False)
    for i, j in np.argwhere(below):
        below[i, j] = not (values[i] > values[j]).any()
    return np.asarray(below & ~below.T)


def _meaningful(state: Search, left: int, right: int) -> bool:
    """Tell whether shuffled rows would break the order, often enough for chance not to have made it."""
    screen = state.screen
    both = (screen.codes[left] >= 0) & (screen.codes[right] >= 0)
    disorder = _rate(state, left, right, both, "left")
    return disorder > _LEAST_DISORDER and bool(unlikely(1 - disorder, both.sum()))


def _rate(state: Search, left: int, right: int, both: Mask, side: str) -> float:
    """Return how often the left of one row is above (``left``), or at least (``right``), the right of another."""
    values = state.screen.values
    ascending = np.sort(values[right][both])
    if not len(ascending):
        return 0.0
    places = np.searchsorted(ascending, values[left][both], side="left" if side == "left" else "right")
    return float(places.mean() / len(ascending))


def _take(state: Search, left: int, right: int) -> None:
    names = Name(state.screen.names[left]), Name(state.screen.names[right])
    values = state.screen.values
    both = (state.screen.codes[left] >= 0) & (state.screen.codes[right] >= 0)
    ties = _rate(state, left, right, both, "right") - _rate(state, left, right, both, "left")
    never_equal = not (values[left] == values[right]).any() and bool(unlikely(1 - ties, both.sum()))
    if not (never_equal and state.take(Comparison(*names, strict=True))):
        state.take(Comparison(*names))
