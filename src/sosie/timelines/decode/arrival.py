"""When things happen to a double: as many slots as its vector says, at gaps of the population.

A gap is counted in mean gaps of its patient and drawn anew from quantiles of those who have about as many slots; the
first and the last gap have distributions of their own. No patient's own gap, nor two in a row, is ever kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.slots import Slots
from sosie.timelines.encode.span import Spans
from sosie.timelines.quantiles import Quantiles, fewest

FIRST, INNER, LAST = 0, 1, 2
CLASSES = 7
"""Classes of numbers of slots: 1, 2-3, 4-7 ... 64 and more."""
MIDNIGHT = 1e-9


@dataclass(frozen=True)
class Arrivals:
    """Gaps of the population.

    Parameters
    ----------
    gaps : mapping of (bool, int, int) to Quantiles
        By side of the origin (whether before it), kind of gap and class of the number of slots.
    whole : bool
        Whether times are whole days.
    hours : Quantiles, optional
        Time of the day at which slots begin.
    """

    gaps: Mapping[tuple[bool, int, int], Quantiles]
    whole: bool
    hours: Quantiles | None

    def draw(
        self, count: Rows, lead: Floats, followed: Floats, early: bool, rng: np.random.Generator
    ) -> tuple[Rows, Floats]:
        """Draw slots on one side of the origin.

        Parameters
        ----------
        count : ndarray of int64, shape (doubles,)
        lead, followed : ndarray of float64, shape (doubles,)
        early : bool
            Before the origin; there the first slot is the first event.

        Returns
        -------
        owner, start : ndarray, shape (slots,)
            In order of time within each double.
        """
        gaps = np.where(count > 0, count + 1, 0)
        owner = np.repeat(np.arange(len(count)), gaps)
        begin = np.cumsum(gaps) - gaps
        rank = np.arange(len(owner)) - begin[owner]
        kind = np.where(rank == 0, FIRST, np.where(rank == count[owner], LAST, INNER))
        if early:
            kind[rank == 0] = FIRST
        level = classes(count)[owner]
        ratio = np.ones(len(owner))
        for at in (FIRST, INNER, LAST):
            for each in range(CLASSES):
                mine = np.flatnonzero((kind == at) & (level == each))
                if len(mine):
                    found = self.gaps.get((early, at, each)) or self.gaps.get((early, at, -1))
                    ratio[mine] = rng.gamma(1.0, 1.0, len(mine)) if found is None else found.draw(len(mine), rng)
        if early:
            ratio[kind == FIRST] = 0.0
        total = np.bincount(owner, weights=ratio, minlength=len(count))
        run = np.cumsum(ratio)
        base = np.concatenate([[0.0], run])[begin]
        share = (run - base[owner]) / np.maximum(total[owner], 1e-12)
        span = np.where(early, lead, followed)[owner]
        kept = kind != LAST
        start = share * span - np.where(early, span, 0.0)
        return owner[kept], start[kept]

    def settle(self, owner: Rows, start: Floats, low: Floats, high: Floats, rng: np.random.Generator) -> Floats:
        """Bring times, in order within each owner, to whole days that differ, or to hours, between bounds."""
        if not self.whole:
            if self.hours is None:
                return np.clip(start, low, high)
            hours = np.round(self.hours.draw(len(start), rng) * 1440) / 1440
            return np.clip(np.floor(start) + hours, low, high)
        days = np.clip(np.floor(start + 1e-9), np.ceil(low), np.floor(high))
        if not len(days):
            return days
        far = owner * (float(np.ptp(days)) + len(days) + 1.0)
        rank = np.arange(len(days), dtype=np.float64)
        days = np.maximum.accumulate(days + far - rank) - far + rank
        # Pushed beyond the last day: they fall back, the last ones first.
        last = np.floor(high) + far
        days = np.minimum.accumulate((np.minimum(days + far, last) - rank)[::-1])[::-1] + rank - far
        return np.asarray(np.clip(days, np.ceil(low), np.floor(high)))


def classes(count: Rows) -> Rows:
    """Return the class of numbers of slots."""
    return np.clip(np.floor(np.log2(np.maximum(count, 1))), 0, CLASSES - 1).astype(np.int64)


def learn(found: Slots, spans: Spans, early: bool, k: int, rng: np.random.Generator) -> Arrivals:
    """Learn the gaps of a cohort."""
    gaps: dict[tuple[bool, int, int], Quantiles] = {}
    before = (found.start < 0) & early
    for side in (True, False) if early else (False,):
        mine = np.flatnonzero(before == side)
        owner, start = found.owner[mine], np.maximum(found.start[mine], -np.inf if early else 0.0)
        count = np.bincount(owner, minlength=found.patients)
        span = spans.lead if side else spans.followed
        mean = (span / np.maximum(count + (0 if side else 1), 1))[owner]
        opens = np.concatenate([[True], owner[1:] != owner[:-1]])[: len(owner)]
        closes = np.concatenate([owner[1:] != owner[:-1], [True]])[: len(owner)]
        inner = np.concatenate([[0.0], np.diff(start)])[: len(owner)]
        first = start - (-span[owner] if side else 0.0)
        last = (0.0 if side else span[owner]) - start
        for kind, gap, which in ((FIRST, first, opens), (INNER, inner, ~opens), (LAST, last, closes)):
            usable = which & (mean > 0)
            ratio = gap[usable] / mean[usable]
            people, level = owner[usable], classes(count)[owner[usable]]
            for each in (-1, *range(CLASSES)):
                chosen = level == each if each >= 0 else np.ones(len(level), dtype=bool)
                if not chosen.any():
                    continue
                learned = Quantiles.of(ratio[chosen], fewest(k, rng), len(np.unique(people[chosen])), 60)
                if learned is not None:
                    gaps[side, kind, each] = learned
    return Arrivals(gaps, *_hours(found, spans, k, rng))


def _hours(found: Slots, spans: Spans, k: int, rng: np.random.Generator) -> tuple[bool, Quantiles | None]:
    """Tell whether times are whole days, and at what time of the day slots begin."""
    clock = found.start + spans.origin[found.owner]
    hour = clock - np.floor(clock)
    whole: Mask = np.minimum(hour, 1 - hour) < MIDNIGHT
    if not len(whole) or bool(whole.all()):
        return True, None
    return False, Quantiles.of(hour, fewest(k, rng), len(np.unique(found.owner)), 24)
