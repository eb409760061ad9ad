"""How little of a trajectory singles out a patient.

A part comes in; shares of its patients leave, JSON-ready, whoever they are. An event that somebody knows is a code and
when it happened, to the day, the week or the month; known events are drawn at random among a patient's own. A gap is
the number of days between two days on which something happened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.manifest import Manifest
from sosie.timelines.days import first_days
from sosie.timelines.events import Clock, Group, TimelinesPart

MOST = 5
"""Events and gaps that are known, at most."""
RESOLUTIONS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 30.4375}
ASKED = 1_000
"""Patients of whom some events are known; the shares are those among them."""
SEED = 20_240_501
"""Which events are known is drawn, and tells nothing: the same source is described alike every time."""
_CHAPTERED = re.compile(r"[A-Z]?\d{2}[0-9A-Z]?(?:\.?[0-9A-Z]{1,4})?$")
YEAR = 365.25


def uniqueness(part: TimelinesPart, manifest: Manifest) -> dict[str, object]:
    """Measure how few events, gaps, codes and facts single out a patient.

    Returns
    -------
    dict
        ``patients`` and ``k``; ``quasi_identifiers`` as tables tell them (``columns``, ``alone``, ``under_k``);
        ``events``, ``gaps`` and ``codes``: a list of ``{"known": m, "patients": n, "day": share, ...}``, the share of
        the ``n`` patients with as many whom nobody else is like (``codes`` have no time: ``alone``). ``diagnoses`` are
        codes of conditions, cut to three characters where they are longer.
    """
    rng = np.random.default_rng(SEED)
    found: dict[str, object] = {
        "patients": int(part.present.sum()),
        "k": manifest.k,
        "quasi_identifiers": _people(part, manifest.k),
        "gaps": _gaps(part, manifest.k),
    }
    if len(part.events):
        known = ~np.isnan(part.events.time)
        patient, code = part.events.patient[known].astype(np.int64), part.events.code[known].astype(np.int64)
        time = part.events.time[known]
        by: dict[str, list[tuple[int, float]]] = {}
        for name, days in RESOLUTIONS.items():
            when = np.floor(time / days).astype(np.int64)
            by[name] = _singled(patient, _dense(code, when), len(part.keys), rng)
        found["events"] = _merged(by, manifest.k)
        everything = part.events.patient.astype(np.int64), part.events.code.astype(np.int64)
        found["codes"] = _merged({"alone": _singled(*everything, len(part.keys), rng)}, manifest.k)
        chapters = _chapters(part)
        condition = chapters[part.events.code] >= 0
        if condition.any():
            held = part.events.patient[condition].astype(np.int64), chapters[part.events.code[condition]]
            found["diagnoses"] = _merged({"alone": _singled(*held, len(part.keys), rng)}, manifest.k)
    return found


def _people(part: TimelinesPart, k: int) -> list[dict[str, object]]:
    """Walk from sex to the year of birth, and to the follow-up in days."""
    people = part.people
    numbers = {name: people[name].cast(float).to_numpy().astype(np.float64) for name in ("birth", "start", "stop")}
    origin = 0.0 if part.clock is Clock.RELATIVE else -1970.0 * YEAR
    year = np.floor((numbers["birth"] - origin) / YEAR)
    followed = numbers["stop"] - numbers["start"]
    sex = np.unique(people["sex"].cast(str).fill_null("").to_numpy().astype(str), return_inverse=True)[1]
    steps: list[dict[str, object]] = []
    cells = np.zeros(len(part.keys), dtype=np.int64)
    names: list[str] = []
    for name, values in (("sex", sex.astype(np.float64)), ("birth.year", year), ("follow-up.days", followed)):
        there = part.present
        if np.isnan(values[there]).all():
            continue
        cells = _dense(cells, np.unique(np.nan_to_num(values, nan=-1e9), return_inverse=True)[1])
        names.append(name)
        sizes = np.bincount(cells[there], minlength=int(cells.max(initial=0)) + 1)[cells[there]]
        alone, small = float((sizes == 1).mean()), float((sizes < k).mean())
        steps.append({"columns": list(names), "alone": round(alone, 4), "under_k": round(small, 4)})
    return steps


def _gaps(part: TimelinesPart, k: int) -> list[dict[str, object]]:
    gaps = np.diff(first_days(part, MOST + 1).day, axis=1)
    steps: list[dict[str, object]] = []
    for known in range(1, MOST + 1):
        there = ~np.isnan(gaps[:, :known]).any(axis=1)
        if there.sum() < k:
            break
        shares = {name: _alone(np.floor(gaps[there, :known] / days)) for name, days in RESOLUTIONS.items()}
        steps.append({"known": known, "patients": int(there.sum()), **shares})
    return steps


def _alone(rows: Floats) -> float:
    _, counts = np.unique(rows, axis=0, return_counts=True)
    return round(float((counts == 1).sum() / max(len(rows), 1)), 4)


@dataclass(frozen=True)
class _Held:
    """Who holds each item: the patients of item ``i`` are ``patient[first[i] : first[i + 1]]``, rising."""

    patient: Rows
    first: Rows

    def of(self, item: int) -> Rows:
        return self.patient[self.first[item] : self.first[item + 1]]


def _singled(patient: Rows, item: Rows, patients: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Return, for 1 to `MOST` items known of somebody, how many were asked and the share that nobody else is like."""
    size = int(item.max(initial=-1)) + 1
    pairs = np.unique(patient * max(size, 1) + item)
    patient, item = pairs // max(size, 1), pairs % max(size, 1)
    first = np.searchsorted(patient, np.arange(patients + 1))
    order = np.lexsort((patient, item))
    held = _Held(patient[order], np.searchsorted(item[order], np.arange(size + 1)))
    asked = rng.permutation(np.flatnonzero(np.diff(first)))[:ASKED]
    alone: Mask = np.zeros((len(asked), MOST), dtype=bool)
    tried: Mask = np.zeros((len(asked), MOST), dtype=bool)
    for row, target in enumerate(asked):
        mine = item[first[target] : first[target + 1]]
        like: Rows | None = None
        for step, one in enumerate(rng.permutation(mine)[:MOST]):
            others = held.of(int(one))
            like = others if like is None else _both(like, others)
            tried[row, step], alone[row, step] = True, len(like) == 1
    counts = tried.sum(axis=0)
    return [
        (int(count), round(float(won) / count, 4))
        for count, won in zip(counts, alone.sum(axis=0), strict=True)
        if count
    ]


def _both(some: Rows, others: Rows) -> Rows:
    if len(some) > len(others):
        some, others = others, some
    at = np.minimum(np.searchsorted(others, some), len(others) - 1)
    both: Rows = some[others[at] == some]
    return both


def _merged(by: Mapping[str, list[tuple[int, float]]], k: int) -> list[dict[str, object]]:
    """Put the resolutions of as many known things side by side; shares among fewer than k patients are not told."""
    length = min(map(len, by.values()), default=0)
    steps: list[dict[str, object]] = []
    for at in range(length):
        asked = min(each[at][0] for each in by.values())
        if asked >= k:
            steps.append({"known": at + 1, "patients": asked, **{name: each[at][1] for name, each in by.items()}})
    return steps


def _chapters(part: TimelinesPart) -> Rows:
    """Return a number for each code of a condition cut to three characters, -1 for any other code."""
    cut = [
        (code.code.strip()[:3] if _CHAPTERED.match(code.code.strip()) else code.code)
        if code.group is Group.CONDITION
        else None
        for code in part.codes
    ]
    at = {name: place for place, name in enumerate(dict.fromkeys(name for name in cut if name is not None))}
    return np.array([-1 if name is None else at[name] for name in cut], dtype=np.int64)


def _dense(some: Rows, others: Rows) -> Rows:
    """Return a number for each pair."""
    low = int(others.min(initial=0))
    pairs = some * (int(others.max(initial=0)) - low + 1) + (others - low)
    dense: Rows = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    return dense
