"""Patients followed until an event, or until they were lost to follow-up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.tables.aligned import OTHER, Aligned, Side
from sosie.tables.targets import EndPoint

ROWS = 20_000
HAPPENED = re.compile(
    r"1|true|yes|oui|vrai|o|y|event|[eé]v[eé]nement|dead|died|death|deceased|d[eé]c[eè]s|d[eé]c[eé]d[eé]e?|morte?"
    r"|relapsed?|rechute|progression"
)
CENSORED = re.compile(r"0|false|no|non|faux|n|alive|vivante?|censored|censure|censurée?|none|aucun")


@dataclass(frozen=True)
class Followed:
    """Patients followed until an event or until they were lost to follow-up.

    Parameters
    ----------
    duration : ndarray of float64
    event : ndarray of bool
    group : ndarray of float64
        Code of the group of each patient, 0 where there are no groups.
    rows : ndarray of int64
        Their rows in the table.
    """

    duration: Floats
    event: Mask
    group: Floats
    rows: Rows

    def of_group(self, code: int) -> Followed:
        """Return the patients of one group."""
        here = self.group == code
        return Followed(self.duration[here], self.event[here], self.group[here], self.rows[here])


def follow(columns: Sequence[Aligned], end_point: EndPoint, side: Side, rng: np.random.Generator) -> Followed:
    """Return the patients of one side whose duration, event and group are known, at most ``ROWS`` of them."""
    by_name = {column.name: column for column in columns}
    group = by_name[end_point.group] if end_point.group else None
    duration = by_name[end_point.duration].values(side)
    event = happened(by_name[end_point.event], side)
    if group is None:
        codes = np.zeros(len(duration))
    else:
        codes = group.codes.of(side) if group.codes is not None else np.full(len(duration), np.nan)
    usable = ~np.isnan(duration) & (duration >= 0) & ~np.isnan(event) & ~np.isnan(codes)
    rows = np.flatnonzero(usable)
    if len(rows) > ROWS:
        rows = np.sort(rng.choice(rows, ROWS, replace=False))
    return Followed(duration[rows], event[rows] == 1, codes[rows], rows)


def happened(column: Aligned, side: Side) -> Floats:
    """Return 1 where the event happened, 0 where it did not, NaN where unknown.

    The event is the largest number, or the level whose name says so; failing that, the rarest level.
    """
    if column.numbers is not None:
        original = column.numbers.original
        values = column.numbers.of(side)
        if np.isnan(original).all():
            return values
        return np.where(np.isnan(values), np.nan, (values >= np.nanmax(original)).astype(np.float64))
    codes = column.values(side)
    named = [level for level in column.levels if level != OTHER]
    said = [i for i, level in enumerate(named) if HAPPENED.fullmatch(level.strip().lower())]
    not_censored = [i for i, level in enumerate(named) if not CENSORED.fullmatch(level.strip().lower())]
    chosen = said or (not_censored if len(not_censored) < len(named) else [len(named) - 1])
    return np.where(np.isnan(codes), np.nan, np.isin(codes, chosen).astype(np.float64))
