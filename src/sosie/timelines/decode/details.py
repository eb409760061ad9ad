"""What an event says beside its code: where in its slot it stands, how long it lasts, which word it bears.

All from quantiles or shares of the events of its kind, which enough patients have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.block import View
from sosie.timelines.encode.slots import HALF_MINUTE
from sosie.timelines.events import NONE, Code, Group
from sosie.timelines.quantiles import Quantiles, fewest

CODED = 5
"""A code with this many times k patients has durations of its own."""
_MINUTE = 1440


@dataclass(frozen=True)
class Lasting:
    """How events last: how many have an end, how many end with their visit, and the days of the others."""

    ended: float
    with_visit: float
    days: Quantiles | None


@dataclass(frozen=True)
class Details:
    """What the events of a kind say.

    Parameters
    ----------
    within : mapping of Group to Quantiles
        Share of the visit that has passed.
    after : mapping of Group to Quantiles
        Days since the day began, of events without a visit.
    lasting : mapping of int to Lasting
        By code.
    words : mapping of int to (ndarray, ndarray, float)
        By code: words, how often, and how often an event bears one.
    repeats : ndarray of float64, shape (codes,)
        Mean number of events of a code in a slot that holds it.
    """

    within: Mapping[Group, Quantiles]
    after: Mapping[Group, Quantiles]
    lasting: Mapping[int, Lasting]
    words: Mapping[int, tuple[Rows, Floats, float]]
    repeats: Floats

    def times(
        self, kinds: Rows, start: Floats, length: Floats, visit: Mask, whole: bool, rng: np.random.Generator
    ) -> Floats:
        """Draw when events happen in their slots; ``kinds`` are places in the list of `Group`."""
        time = start.copy()
        place = rng.random(len(kinds))
        for at, group in enumerate(Group):
            mine = (kinds == at) & (group is not Group.VISIT)
            for where, among in ((mine & visit, self.within), (mine & ~visit, self.after)):
                if group in among and where.any():
                    shift = among[group].at(place[where])
                    time[where] += shift * (length[where] if among is self.within else 1.0)
        return np.floor(time) if whole else np.round(time * _MINUTE) / _MINUTE

    def ends(
        self, code: Rows, time: Floats, stop: Floats, visit: Mask, whole: bool, rng: np.random.Generator
    ) -> Floats:
        """Draw ends, NaN for none; ``stop`` is the end of the visit."""
        end = np.full(len(code), np.nan)
        order = np.argsort(code, kind="stable")
        bounds = np.searchsorted(code[order], np.array([*self.lasting, 0])[:-1])
        for lasting, low in zip(self.lasting.items(), bounds, strict=True):
            each, how = lasting
            mine = order[low : np.searchsorted(code[order], each, "right")]
            mine = mine[rng.random(len(mine)) < how.ended]
            days = np.zeros(len(mine)) if how.days is None else how.days.draw(len(mine), rng)
            days = np.round(days) if whole else np.round(days * _MINUTE) / _MINUTE
            with_visit = (rng.random(len(mine)) < how.with_visit) & visit[mine]
            end[mine] = np.where(with_visit, np.maximum(stop[mine], time[mine]), time[mine] + days)
        return end

    def texts(self, code: Rows, rng: np.random.Generator) -> Rows:
        """Draw words, `NONE` for none."""
        found = np.full(len(code), NONE)
        for each, (words, shares, borne) in self.words.items():
            mine = np.flatnonzero(code == each)
            mine = mine[rng.random(len(mine)) < borne]
            found[mine] = rng.choice(words, len(mine), p=shares)
        return found


def learn(view: View, codes: tuple[Code, ...], k: int, rng: np.random.Generator) -> Details:
    """Learn the details of a cohort."""
    found, events = view.slots, view.part.events
    kinds = np.array([list(Group).index(code.group) for code in codes], dtype=np.int64)
    kind = kinds[found.code] if len(codes) else found.code
    start, length, visit = found.start[found.slot], found.length[found.slot], found.visit[found.slot]
    since = found.time - start
    day = np.floor(start + view.spans.origin[found.patient]) - view.spans.origin[found.patient]
    within: dict[Group, Quantiles] = {}
    after: dict[Group, Quantiles] = {}
    for at, group in enumerate(Group):
        long = (kind == at) & visit & (length > HALF_MINUTE)
        if long.any():
            share = np.clip(since[long] / length[long], 0.0, 1.0)
            _put(within, group, Quantiles.of(share, fewest(k, rng), len(np.unique(found.patient[long])), 24))
        loose = (kind == at) & ~visit
        if loose.any():
            hours = found.time[loose] - day[loose]
            _put(after, group, Quantiles.of(hours, fewest(k, rng), len(np.unique(found.patient[loose])), 24))
    end = events.end[found.which] - view.spans.origin[found.patient]
    pairs = np.unique(found.slot * max(len(codes), 1) + found.code)
    held = np.bincount(pairs % max(len(codes), 1), minlength=len(codes))
    repeats = np.bincount(found.code, minlength=len(codes)) / np.maximum(held, 1)
    lasting = _lasting(view, kind, kinds, end, start + length, k, rng)
    return Details(within, after, lasting, _words(view, len(codes), k, rng), repeats)


def _put(among: dict[Group, Quantiles], group: Group, learned: Quantiles | None) -> None:
    if learned is not None:
        among[group] = learned


def _lasting(
    view: View, kind: Rows, kinds: Rows, end: Floats, stop: Floats, k: int, rng: np.random.Generator
) -> dict[int, Lasting]:
    found = view.slots
    shared = {at: _last(view, np.flatnonzero(kind == at), end, stop, fewest(k, rng)) for at in np.unique(kind)}
    order = np.argsort(found.code, kind="stable")
    bounds = np.searchsorted(found.code[order], np.arange(len(kinds) + 1))
    lasting: dict[int, Lasting] = {}
    for code, at in enumerate(kinds):
        if shared.get(int(at), Lasting(0.0, 0.0, None)).ended == 0:
            continue
        mine = order[bounds[code] : bounds[code + 1]]
        own = _last(view, mine, end, stop, CODED * fewest(k, rng))
        lasting[code] = own if own.days is not None else shared[int(at)]
    return {code: how for code, how in lasting.items() if how.ended > 0}


def _last(view: View, mine: Rows, end: Floats, stop: Floats, needed: int) -> Lasting:
    known = mine[~np.isnan(end[mine])]
    if not len(known):
        return Lasting(0.0, 0.0, None)
    days = np.maximum(end[known] - view.slots.time[known], 0.0)
    visit = view.slots.visit[view.slots.slot[known]]
    together = visit & (np.abs(end[known] - stop[known]) < HALF_MINUTE) & (days > 0)
    people = len(np.unique(view.slots.patient[known]))
    rest = days[~together]
    learned = Quantiles.of(rest, needed, len(np.unique(view.slots.patient[known][~together])), 40)
    if learned is None and people >= needed:
        learned = Quantiles(np.zeros(2))
    return Lasting(len(known) / len(mine), float(together.mean()), learned)


def _words(view: View, codes: int, k: int, rng: np.random.Generator) -> dict[int, tuple[Rows, Floats, float]]:
    found, text = view.slots, view.part.events.text[view.slots.which].astype(np.int64)
    mine = np.flatnonzero(text >= 0)
    if not len(mine):
        return {}
    width = len(view.part.texts)
    pair = found.code[mine] * width + text[mine]
    distinct, counts = np.unique(pair, return_counts=True)
    people = np.unique(np.searchsorted(distinct, pair) * view.slots.patients + found.patient[mine])
    holders = np.bincount(people // view.slots.patients, minlength=len(distinct))
    needed = np.array([fewest(k, rng) for _ in distinct])
    kept = holders >= needed
    total = np.bincount(found.code, minlength=codes)
    words: dict[int, tuple[Rows, Floats, float]] = {}
    for code in np.unique(distinct[kept] // width):
        its = kept & (distinct // width == code)
        borne = counts[its].sum()
        words[int(code)] = (distinct[its] % width, counts[its] / borne, float(borne / total[code]))
    return words
