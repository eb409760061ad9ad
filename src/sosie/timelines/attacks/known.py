"""Known events: somebody knows what happened to a person on 1 to 5 days, or the first gaps between days.

They look for who has all of it. A patient of whom exactly one double has it is found; of strangers, exactly one other
patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.days import first_days
from sosie.timelines.events import Code, TimelinesPart

MOST, TARGETS = 5, 300
"""Things known, and patients of whom events are known, at most."""
RESOLUTIONS = (("day", 1.0), ("week", 7.0), ("month", 30.4375))


def events(
    patients: TimelinesPart, doubles: TimelinesPart, rng: np.random.Generator
) -> list[dict[str, int | dict[str, float]]]:
    """Return the share of patients found by as many events drawn among theirs, code and time."""
    codes = {code: at for at, code in enumerate(dict.fromkeys((*patients.codes, *doubles.codes)))}
    asked = np.sort(rng.permutation(len(patients.keys))[:TARGETS])
    found: dict[str, tuple[Floats, Floats]] = {}
    known = [part.events.time[~np.isnan(part.events.time)] for part in (patients, doubles)]
    times = min(time.min(initial=0.0) for time in known), max(time.max(initial=0.0) for time in known)
    seed = int(rng.integers(1 << 62))
    for name, width in RESOLUTIONS:
        mine, theirs = (_items(part, codes, width, times) for part in (patients, doubles))
        found[name] = _found(mine, theirs, asked, np.random.default_rng(seed))
    return [
        {
            "known": step + 1,
            "doubles": {name: round(float(rates[0][step]), 4) for name, rates in found.items()},
            "strangers": {name: round(float(rates[1][step]), 4) for name, rates in found.items()},
        }
        for step in range(MOST)
        if all(not np.isnan(rates[0][step]) for rates in found.values())
    ]


def gaps(patients: TimelinesPart, doubles: TimelinesPart) -> list[dict[str, int | dict[str, float]]]:
    """Return the share of patients found by their first gaps, among those who have as many."""
    mine, theirs = (np.diff(first_days(part, MOST + 1).day, axis=1) for part in (patients, doubles))
    steps: list[dict[str, int | dict[str, float]]] = []
    for known in range(1, MOST + 1):
        one, other = (each[~np.isnan(each[:, :known]).any(axis=1), :known] for each in (mine, theirs))
        if not len(one):
            break
        rates = {name: _begun_alike(np.floor(one / width), np.floor(other / width)) for name, width in RESOLUTIONS}
        steps.append(
            {
                "known": known,
                "doubles": {name: round(rate[0], 4) for name, rate in rates.items()},
                "strangers": {name: round(rate[1], 4) for name, rate in rates.items()},
            }
        )
    return steps


def _begun_alike(mine: Floats, theirs: Floats) -> tuple[float, float]:
    """Return the share of rows that exactly one row of the others equals, and exactly one other row of their own."""
    cells = np.unique(np.vstack([mine, theirs]), axis=0, return_inverse=True)[1].ravel()
    size = int(cells.max()) + 1
    own, other = (np.bincount(each, minlength=size) for each in (cells[: len(mine)], cells[len(mine) :]))
    at = cells[: len(mine)]
    return float((other[at] == 1).mean()), float((own[at] == 2).mean())


@dataclass(frozen=True)
class _Items:
    """What happened to each patient and when, both ways: by patient and by item."""

    item: Rows
    first: Rows
    by_item: Rows
    holder: Rows

    def of(self, item: int) -> Rows:
        """Return who has an item."""
        low, high = np.searchsorted(self.by_item, (item, item + 1))
        return self.holder[low:high]


def _items(part: TimelinesPart, codes: dict[Code, int], width: float, times: tuple[float, float]) -> _Items:
    known = ~np.isnan(part.events.time)
    patient = part.events.patient[known].astype(np.int64)
    place = np.array([codes[code] for code in part.codes], dtype=np.int64)[part.events.code[known]]
    when = np.floor(part.events.time[known] / width).astype(np.int64)
    # A patient and what happened to them as one number, which sorts faster than a pair.
    low, high = (int(np.floor(end / width)) for end in times)
    most = (high - low + 1) * len(codes)
    patient, item = np.divmod(np.unique(patient * most + (when - low) * len(codes) + place), most)
    order = np.argsort(item, kind="stable")
    first = np.searchsorted(patient, np.arange(len(part.keys) + 1))
    return _Items(item, first, item[order], patient[order])


def _found(mine: _Items, theirs: _Items, asked: Rows, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the rates of exactly one double, and of exactly one other patient; NaN where nobody has so many."""
    tried: Mask = np.zeros((len(asked), MOST), dtype=bool)
    hits = np.zeros((2, len(asked), MOST), dtype=bool)
    for row, target in enumerate(asked):
        told = rng.permutation(mine.item[mine.first[target] : mine.first[target + 1]])[:MOST]
        like: list[Rows | None] = [None, None]
        for step, item in enumerate(told):
            for side, held in enumerate((theirs, mine)):
                before, now = like[side], held.of(int(item))
                like[side] = now if before is None else np.intersect1d(before, now, assume_unique=True)
            tried[row, step] = True
            # Among the patients, the target has it too.
            hits[:, row, step] = _size(like[0]) == 1, _size(like[1]) == 2
    counts = tried.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return hits[0].sum(axis=0) / counts, hits[1].sum(axis=0) / counts


def _size(rows: Rows | None) -> int:
    return 0 if rows is None else len(rows)
