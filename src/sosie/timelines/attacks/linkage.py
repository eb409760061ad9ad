"""Linkage of two halves of a story: the days of odd and of even rank of one person, without a name.

Each half is a profile: how often each code stands, levels of the measurements, when things happened since the first
day. The double nearest to a patient's first half is compared with the double nearest to the second: where they are
the same, the doubles are a bridge between both.
"""

from __future__ import annotations

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.events import Code, TimelinesPart

CODES, BLOCK, TARGETS = 40, 500, 1_000
"""Codes of a profile; patients who are compared at once, and at most."""
_NEVER = np.inf


def linked(patients: TimelinesPart, doubles: TimelinesPart) -> dict[str, float | int]:
    """Return the share of patients both of whose halves lie nearest to the same double, and to the same stranger."""
    usual = _usual(patients)
    mine, theirs = (_halves(part, usual) for part in (patients, doubles))
    centre, spread = _scale(np.vstack(mine[:2]))
    told = np.flatnonzero(mine[2])[:TARGETS]
    offered = np.flatnonzero(theirs[2])
    if not len(told) or len(offered) < 2:
        return {"doubles": 0.0, "strangers": 0.0, "targets": 0}
    first, second = ((half[told] - centre) / spread for half in mine[:2])
    others = [(half[offered] - centre) / spread for half in theirs[:2]]
    made = _nearest(first, others[0], alone=False) == _nearest(second, others[1], alone=False)
    strangers = [(half[mine[2]] - centre) / spread for half in mine[:2]]
    own = _nearest(first, strangers[0], alone=True) == _nearest(second, strangers[1], alone=True)
    return {
        "doubles": round(float(made.mean()), 4),
        "strangers": round(float(own.mean()), 4),
        "targets": len(told),
    }


def _usual(part: TimelinesPart) -> dict[Code, int]:
    size = max(len(part.codes), 1)
    pairs = np.unique(part.events.patient.astype(np.int64) * size + part.events.code)
    held = np.bincount(pairs % size, minlength=size)
    return {part.codes[at]: place for place, at in enumerate(np.argsort(-held, kind="stable")[:CODES]) if held[at]}


def _halves(part: TimelinesPart, usual: dict[Code, int]) -> tuple[Floats, Floats, Mask]:
    """Return the profiles of both halves, shape (patients, features), and who has both."""
    events, n = part.events, len(part.keys)
    dated = np.flatnonzero(~np.isnan(events.time))
    patient, day = events.patient[dated].astype(np.int64), np.floor(events.time[dated])
    new = np.ones(len(dated), dtype=bool)
    new[1:] = (patient[1:] != patient[:-1]) | (day[1:] != day[:-1])
    number = np.cumsum(new) - 1
    begins = np.searchsorted(patient, np.arange(n))
    rank = number - number[np.minimum(begins[patient], max(len(number) - 1, 0))]
    since = day - day[begins[patient]] if len(day) else day
    place = np.array([usual.get(code, -1) for code in part.codes], dtype=np.int64)[events.code[dated]]
    value = events.value[dated]
    halves = [_profile(patient, since, place, value, rank % 2 == odd, n) for odd in (0, 1)]
    both = np.bincount(patient[rank % 2 == 1], minlength=n) > 0
    return halves[0], halves[1], both


def _profile(patient: Rows, since: Floats, place: Rows, value: Floats, here: Mask, n: int) -> Floats:
    kept = here & (place >= 0)
    cell = patient[kept] * CODES + place[kept]
    count = np.bincount(cell, minlength=n * CODES).reshape(n, CODES).astype(np.float64)
    valued = kept & ~np.isnan(value)
    where = patient[valued] * CODES + place[valued]
    many = np.bincount(where, minlength=n * CODES)
    level = np.where(many > 0, np.bincount(where, value[valued], minlength=n * CODES) / np.maximum(many, 1), np.nan)
    level = level.reshape(n, CODES)
    with np.errstate(all="ignore"):
        usual = np.nan_to_num(np.nansum(level, axis=0) / np.maximum((~np.isnan(level)).sum(axis=0), 1))
    times = np.bincount(patient[here], since[here], minlength=n) / np.maximum(
        np.bincount(patient[here], minlength=n), 1
    )
    filled = np.where(np.isnan(level), usual, level)
    return np.column_stack([np.log1p(count), filled, np.log1p(np.maximum(times, 0.0))])


def _scale(rows: Floats) -> tuple[Floats, Floats]:
    spread = rows.std(axis=0)
    return rows.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _nearest(some: Floats, others: Floats, *, alone: bool) -> Rows:
    """Return the nearest of the others to each row; a row that is among them is not its own."""
    found = np.empty(len(some), dtype=np.int64)
    sizes = (others**2).sum(axis=1)
    for start in range(0, len(some), BLOCK):
        rows = some[start : start + BLOCK]
        far = sizes - 2.0 * rows @ others.T
        if alone:
            far[np.arange(len(rows)), np.arange(start, start + len(rows))] = _NEVER
        found[start : start + BLOCK] = far.argmin(axis=1)
    return found
