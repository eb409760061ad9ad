"""The course of doubles: their slots, and the groups of codes in each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.decode.arrival import Arrivals
from sosie.timelines.decode.history import History
from sosie.timelines.decode.person import Doubles
from sosie.timelines.decode.placing import Placing
from sosie.timelines.encode.block import Block


@dataclass(frozen=True)
class Wishes:
    """What doubles want, by group of the vector; arrays of shape (doubles, groups).

    Parameters
    ----------
    times : ndarray of int64
        Slots that hold the group.
    first : ndarray of float64
        Days from the origin to the first of a group that happens once; NaN for the others.
    """

    times: Rows
    first: Floats


@dataclass(frozen=True)
class Course:
    """Slots of doubles, in their order, and the groups in them.

    Parameters
    ----------
    owner, start : ndarray, shape (slots,)
        ``start`` on the clock of the part.
    visit : ndarray of bool, shape (slots,)
    slot, group : ndarray of int64, shape (pairs,)
    """

    owner: Rows
    start: Floats
    visit: Mask
    slot: Rows
    group: Rows


def run(
    block: Block,
    models: tuple[Arrivals, Placing, History],
    doubles: Doubles,
    wishes: Wishes,
    features: Floats,
    visits: Mask,
    rng: np.random.Generator,
) -> Course:
    """Make the course of doubles.

    Parameters
    ----------
    features : ndarray of float64, shape (doubles, 1 + features)
        Of their vectors, for what these do not say.
    visits : ndarray of bool, shape (groups,)
        Groups that are visits.
    """
    arrivals, placing, history = models
    groups = block.groups
    who, which = history.others(features * doubles.present[:, None], groups, rng)
    owner, start, alone, doubles = _slots(block, arrivals, placing, doubles, wishes, who, rng)
    held = np.zeros((len(owner), groups.coded), dtype=bool)
    relative = start - doubles.origin[owner]
    free = alone < 0
    visited = np.zeros(len(owner), dtype=bool)
    for group in placing.order:
        wanted = wishes.times[:, group]
        if np.isnan(wishes.first[:, group]).all():
            open_ = free & ~visited if visits[group] else free
            chosen = placing.best(group, owner, relative, held, wanted, open_, rng)
        else:
            chosen = _single(group, owner, relative, alone, free, wishes, placing, held, rng)
        held[chosen, group] = True
        if visits[group]:
            visited[chosen] = True
    slot, kind = np.nonzero(held)
    if len(who) and len(owner):
        count = np.bincount(owner, minlength=len(doubles))
        has = count[who] > 0
        who, which = who[has], which[has]
        # A visit outside the vector is held by no more than one slot, which no other visit has.
        times = np.minimum(history.times(groups, which + groups.coded, count[who], rng), count[who])
        who, which = np.repeat(who, times), np.repeat(which, times)
        at = placing.other(which, who, owner, relative, held, rng)
        pairs = np.unique(at * groups.count + which + groups.coded)
        slot = np.concatenate([slot, pairs // groups.count])
        kind = np.concatenate([kind, pairs % groups.count])
    slot, kind, visited = _one_visit(slot, kind, visits, len(owner))
    order = np.lexsort((kind, slot))
    return Course(owner, start, visited, slot[order], kind[order])


def _slots(
    block: Block,
    arrivals: Arrivals,
    placing: Placing,
    doubles: Doubles,
    wishes: Wishes,
    who: Rows,
    rng: np.random.Generator,
) -> tuple[Rows, Floats, Rows, Doubles]:
    """Return the slots: owner, start, and the group for which a slot stands alone (-1)."""
    n, coded = len(doubles), block.groups.coded
    single = ~np.isnan(wishes.first) & (wishes.times > 0)
    lonely = single & (rng.random((n, coded)) < placing.alone)
    early = wishes.first < 0
    aside = [(lonely & early).sum(axis=1), (lonely & ~early).sum(axis=1)]
    shared = single & ~lonely
    before = np.maximum(doubles.before - aside[0], (shared & early).any(axis=1))
    after = np.maximum(doubles.after - aside[1], (shared & ~early).any(axis=1))
    most = np.where(single, 0, wishes.times).max(axis=1, initial=0)
    some = (np.bincount(who, minlength=n) > 0) & (aside[0] + aside[1] == 0)
    after = np.maximum(after, np.maximum(most, some) - before)
    before, after = before * doubles.present, after * doubles.present
    mine: list[tuple[Rows, Floats, Rows]] = []
    for count, side in ((before, True), (after, False)):
        owner, start = arrivals.draw(count.astype(np.int64), doubles.lead, doubles.followed, side, rng)
        mine.append((owner, start, np.full(len(owner), -1)))
    row, group = np.nonzero(lonely & doubles.present[:, None])
    mine.append((row, wishes.first[row, group], group))
    owner, start, alone = (np.concatenate(arrays) for arrays in zip(*mine, strict=True))
    order = np.lexsort((start, owner))
    owner, start, alone = owner[order].astype(np.int64), start[order], alone[order]
    origin = doubles.origin[owner]
    past = start < 0
    low = np.where(past, origin - doubles.lead[owner], origin)
    high = np.where(past, origin - (1.0 if arrivals.whole else 1e-3), origin + doubles.followed[owner])
    settled = arrivals.settle(owner, start + origin, low, high, rng)
    order = np.lexsort((settled, owner))
    return owner[order], settled[order], alone[order], replace(doubles)


def _single(
    group: int,
    owner: Rows,
    start: Floats,
    alone: Rows,
    free: Mask,
    wishes: Wishes,
    placing: Placing,
    held: Mask,
    rng: np.random.Generator,
) -> Rows:
    """Return the slots of a group that happens once, or seldom: its first at its time, others after it."""
    own = np.flatnonzero(alone == group)
    first, times = wishes.first[:, group], wishes.times[:, group]
    lacking = (times > 0) & ~np.isnan(first)
    lacking[owner[own]] = False
    rows = np.flatnonzero(free & lacking[owner])
    away = np.abs(start[rows] - first[owner[rows]]) + 1e6 * ((start[rows] < 0) != (first[owner[rows]] < 0))
    order = np.lexsort((away, owner[rows]))
    mine = owner[rows][order]
    opens = np.concatenate([[True], mine[1:] != mine[:-1]])[: len(mine)]
    chosen = np.concatenate([own, rows[order][opens]])
    more = np.maximum(times - 1, 0) * ~np.isnan(first)
    if more.any():
        later = free & (start > np.nan_to_num(first, nan=np.inf)[owner])
        later[chosen] = False
        chosen = np.concatenate([chosen, placing.best(group, owner, start, held, more, later, rng)])
    return chosen


def _one_visit(slot: Rows, group: Rows, visits: Mask, slots: int) -> tuple[Rows, Rows, Mask]:
    """Keep one visit a slot, the most frequent kind, and tell which slots are visits."""
    order = np.lexsort((group, slot))
    slot, group = slot[order], group[order]
    is_visit = visits[group] if len(group) else np.zeros(0, dtype=bool)
    at = np.flatnonzero(is_visit)
    again = np.zeros(len(slot), dtype=bool)
    again[at[1:]] = slot[at[1:]] == slot[at[:-1]]
    visited = np.zeros(slots, dtype=bool)
    visited[slot[at]] = True
    return slot[~again], group[~again], visited
