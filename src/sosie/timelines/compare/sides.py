"""Both sides of a comparison in the same terms: the codes that at least k patients have, times since inclusion."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.events import Clock, Code, Group, TimelinesPart

MOST, CODES = 20_000, 150
"""Patients of a side, and codes, at most."""
YEAR = 365.25
_KNOWN = ("sex", "birth", "start", "stop", "dead")


@dataclass(frozen=True)
class Side:
    """The patients or the doubles.

    Parameters
    ----------
    n : int
    patient, code : ndarray of int64, shape (events,)
        A code of few patients is -1.
    time, end, value : ndarray of float64, shape (events,)
        Days since the patient's inclusion; numbers.
    male, age, followed, dead, born : ndarray of float64, shape (n,)
        1 for men, NaN where unknown; years at inclusion; days from inclusion to the end; 1 for who died; the birth, in
        days since inclusion.
    facts : dict of str to ndarray of float64, shape (n,)
        Other numbers of the person.
    """

    n: int
    patient: Rows = field(repr=False)
    code: Rows = field(repr=False)
    time: Floats = field(repr=False)
    end: Floats = field(repr=False)
    value: Floats = field(repr=False)
    male: Floats = field(repr=False)
    age: Floats = field(repr=False)
    followed: Floats = field(repr=False)
    dead: Floats = field(repr=False)
    born: Floats = field(repr=False)
    facts: dict[str, Floats] = field(repr=False)

    def counts(self, codes: int, here: Mask | None = None) -> Floats:
        """Return how often each patient has each code, shape (n, codes)."""
        kept = self.code >= 0 if here is None else here & (self.code >= 0)
        cell = self.patient[kept] * codes + self.code[kept]
        return np.bincount(cell, minlength=self.n * codes).astype(np.float64).reshape(self.n, codes)

    def means(self, codes: int, here: Mask | None = None) -> Floats:
        """Return the mean value of each code of each patient, NaN without any, shape (n, codes)."""
        kept = (self.code >= 0) & ~np.isnan(self.value)
        kept = kept if here is None else here & kept
        cell = self.patient[kept] * codes + self.code[kept]
        many = np.bincount(cell, minlength=self.n * codes)
        total = np.bincount(cell, self.value[kept], minlength=self.n * codes)
        return np.where(many > 0, total / np.maximum(many, 1), np.nan).reshape(self.n, codes)


@dataclass(frozen=True)
class Both:
    """The patients and the doubles, and the codes of at least k patients, the most usual first."""

    original: Side
    doubles: Side
    codes: tuple[Code, ...]
    k: int

    @property
    def pair(self) -> tuple[Side, Side]:
        """Both sides."""
        return self.original, self.doubles

    def of(self, *groups: Group) -> Rows:
        """Return the codes of some groups."""
        return np.array([at for at, code in enumerate(self.codes) if code.group in groups], dtype=np.int64)

    def measured(self) -> list[int]:
        """Return the codes whose values are numbers of at least 2k patients, and of some doubles."""
        found = []
        for code in range(len(self.codes)):
            mine, theirs = (
                len(np.unique(side.patient[(side.code == code) & ~np.isnan(side.value)])) for side in self.pair
            )
            if mine >= 2 * self.k and theirs >= 2:
                found.append(code)
        return found


def both(original: TimelinesPart, doubles: TimelinesPart, k: int, rng: np.random.Generator) -> Both:
    """Put two parts in the same terms."""
    mine, theirs = _some(original, rng), _some(doubles, rng)
    size = max(len(mine.codes), 1)
    pairs = np.unique(mine.events.patient.astype(np.int64) * size + mine.events.code)
    held = np.bincount(pairs % size, minlength=size)
    usual = [int(at) for at in np.argsort(-held, kind="stable") if held[at] >= k][:CODES]
    codes = tuple(mine.codes[at] for at in usual)
    place = {code: at for at, code in enumerate(codes)}
    return Both(_side(mine, place), _side(theirs, place), codes, k)


def named(code: Code) -> str:
    """Return a code as people read it."""
    return f"{code.code} ({code.unit})" if code.unit else code.code


def _some(part: TimelinesPart, rng: np.random.Generator) -> TimelinesPart:
    rows = np.flatnonzero(part.present)
    if len(rows) > MOST:
        rows = np.sort(rng.choice(rows, MOST, replace=False))
    return part if len(rows) == len(part.keys) else part.take(rows)


def _side(part: TimelinesPart, place: dict[Code, int]) -> Side:
    people = part.people
    events, n = part.events, len(part.keys)
    numbers = {name: people[name].cast(float).to_numpy().astype(np.float64) for name in ("birth", "start", "stop")}
    start = numbers["start"]
    if part.clock is Clock.RELATIVE:
        # The origin of such a clock is the inclusion; what was known of the patient before may have begun earlier.
        start = np.zeros(n)
    else:
        known = ~np.isnan(events.time)
        first = np.full(n, np.inf)
        np.minimum.at(first, events.patient[known], events.time[known])
        start = np.where(np.isnan(start), np.where(np.isinf(first), np.nan, first), start)
    patient = events.patient.astype(np.int64)
    sex = people["sex"].cast(str).to_list()
    facts = {
        name: people[name].cast(float).to_numpy().astype(np.float64)
        for name in people.columns
        if name not in _KNOWN and people[name].dtype.is_numeric()
    }
    return Side(
        n,
        patient,
        np.array([place.get(code, -1) for code in part.codes], dtype=np.int64)[events.code],
        events.time - start[patient],
        events.end - start[patient],
        events.value,
        np.array([{"M": 1.0, "F": 0.0}.get(each or "", np.nan) for each in sex]),
        (start - numbers["birth"]) / YEAR,
        numbers["stop"] - start,
        people["dead"].cast(float).to_numpy().astype(np.float64),
        numbers["birth"] - start,
        facts,
    )
