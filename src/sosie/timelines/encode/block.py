"""The block of the patient vector: one row of numbers a patient, in one pass over the events.

Who they are; how long they were watched; how often something happened; the frequent groups of
codes (when, or how often); level, slope and spread of the frequent measurements. What does not apply is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from sosie.cohort import Column, Floats, Kind, Mask, Rows
from sosie.manifest import Manifest
from sosie.timelines.encode import people as persons
from sosie.timelines.encode.groups import Groups, allowed, group
from sosie.timelines.encode.measures import Measure, measures, scores, summarise
from sosie.timelines.encode.people import AGE, SEX, People
from sosie.timelines.encode.publish import Published, publish
from sosie.timelines.encode.slots import Slots, slots
from sosie.timelines.encode.span import Spans, spans
from sosie.timelines.encode.steps import Steps
from sosie.timelines.events import Clock, TimelinesPart

PRESENT, FOLLOWED, LEAD, BEFORE, AFTER = "present", "followed", "lead", "before", "after"
COUNTED, SIDED, SPREADS, SLOPES = 500, 1_000, 2_000, 4_000
"""Patients from which on groups are counted, have a side, and measurements a spread and a slope in the vector."""
SHOWN = 0.3
"""Share of the patients who have a measurement (more than once, for its spread), from which on it is in the vector.

Of a rarer one the bins would hold few patients, whom the synthesizer would then let weigh less in every column.
"""
BEFORE_ORIGIN, AFTER_ORIGIN = 1.0, 2.0
EARLY = 0.05
GAPS = 0.05


class How(StrEnum):
    """What a group of codes is in the patient vector."""

    EVER = "ever"
    """Whether it was ever there."""
    SIDE = "side"
    """Never, first before the origin, or first after it."""
    COUNT = "count"
    """In how many slots."""


@dataclass(frozen=True)
class View:
    """A part, as the codec sees it."""

    part: TimelinesPart
    spans: Spans
    slots: Slots

    @classmethod
    def of(cls, part: TimelinesPart, published: Published) -> View:
        """Look at a part."""
        seen = spans(part)
        return cls(part, seen, slots(part, seen, published))

    def take(self, chosen: Mask, published: Published) -> View:
        """Look at some patients alone."""
        return View.of(self.part.take(np.flatnonzero(chosen)), published)


@dataclass(frozen=True)
class Block:
    """The columns of the patient vector.

    Parameters
    ----------
    published : Published
    people : People
    groups : Groups
    how : tuple of How
        Of the groups that are columns.
    measures : tuple of Measure
    shown : tuple of tuple of int and str
        Measurements in the vector, and which of ``level``, ``spread``, ``slope``.
    steps : mapping of str to Steps
        Of the columns that count.
    gaps : frozenset of str
        Columns that many patients lack.
    partial : bool
        Whether some patients have no timeline.
    early : bool
        Whether things happen before the origin.
    followed, mortal : bool
        Whether follow-up and death are known.
    """

    published: Published
    people: People
    groups: Groups
    how: tuple[How, ...]
    measures: tuple[Measure, ...]
    shown: tuple[tuple[int, str], ...]
    steps: Mapping[str, Steps]
    gaps: frozenset[str]
    partial: bool
    early: bool
    followed: bool
    mortal: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns, in the order of `encode`."""
        found = [Column(_name(PRESENT), Kind.CATEGORICAL, 2)] if self.partial else []
        coded = [fact for fact in self.people.facts if fact.coded]
        found += [fact.column for fact in coded if fact.name == SEX]
        found += [Column(_name(AGE), Kind.NUMERIC)] if self.people.aged else []
        found += [fact.column for fact in coded if fact.name != SEX]
        found += [Column(_name(FOLLOWED), Kind.NUMERIC)] if self.followed else []
        found += [Column(_name(LEAD), Kind.NUMERIC), Column(_name(BEFORE), Kind.NUMERIC)] if self.early else []
        found += [self._group(at, how) for at, how in enumerate(self.how) if how is not How.COUNT]
        found.append(Column(_name(AFTER), Kind.NUMERIC))
        found += [self._group(at, how) for at, how in enumerate(self.how) if how is How.COUNT]
        found += [Column(_name(f"{which}.{at}"), Kind.NUMERIC) for at, which in self.shown]
        return tuple(found)

    @staticmethod
    def _group(at: int, how: How) -> Column:
        levels = {How.EVER: 2, How.SIDE: 3}.get(how, 0)
        return Column(_name(f"{how}.{at}"), Kind.CATEGORICAL if levels else Kind.NUMERIC, levels)

    def view(self, part: TimelinesPart) -> View:
        """Look at a part."""
        return View.of(part, self.published)

    def encode(self, view: View) -> Floats:
        """Return one row a patient, shape (patients, columns)."""
        part, seen = view.part, view.spans
        ages = persons.ages(part, seen)
        rows: dict[str, Floats] = {PRESENT: part.present.astype(np.float64), AGE: ages}
        rows |= {FOLLOWED: seen.followed, LEAD: seen.lead}
        rows |= {fact.name: fact.encode(part.people[fact.name]) for fact in self.people.facts if fact.coded}
        rows |= self._sides(view)
        for name, counts in self.counted(view).items():
            rows[name] = self.steps[name].encode(counts)
        rows |= self._measures(view)
        values = np.column_stack([rows[column.name.removeprefix("timelines.")] for column in self.columns])
        values[~part.present, 1 if self.partial else 0 :] = np.nan
        return values

    def counted(self, view: View) -> dict[str, Rows]:
        """Return the counts of each patient, by column."""
        found, n = view.slots, len(view.part.keys)
        before = (found.start < 0) if self.early else np.zeros(len(found), dtype=bool)
        counts = {
            BEFORE: np.bincount(found.owner[before], minlength=n),
            AFTER: np.bincount(found.owner[~before], minlength=n),
        }
        times = self._times(view)
        counts |= {f"{how}.{at}": times[:, at] for at, how in enumerate(self.how) if how is How.COUNT}
        return {name: count for name, count in counts.items() if name != BEFORE or self.early}

    def _times(self, view: View) -> Rows:
        """Return in how many slots each patient has each group of the vector, shape (patients, groups)."""
        found, n, coded = view.slots, len(view.part.keys), max(len(self.how), 1)
        slot, which = self._held(view)
        return np.bincount(found.owner[slot] * coded + which, minlength=n * coded).reshape(n, coded)

    def _held(self, view: View) -> tuple[Rows, Rows]:
        found, coded = view.slots, len(self.how)
        group_of = self.groups.of[found.code] if len(found.code) else found.code
        mine = group_of < coded
        held = np.unique(found.slot[mine] * max(coded, 1) + group_of[mine])
        return held // max(coded, 1), held % max(coded, 1)

    def _sides(self, view: View) -> dict[str, Floats]:
        found, n, coded = view.slots, len(view.part.keys), max(len(self.how), 1)
        slot, which = self._held(view)
        first = np.full(n * coded, np.inf)
        np.minimum.at(first, found.owner[slot] * coded + which, found.start[slot])
        begun = first.reshape(n, coded)
        had = np.isfinite(begun) * 1.0
        sides = had * np.where(begun < 0, BEFORE_ORIGIN, AFTER_ORIGIN)
        return {
            f"{how}.{at}": (sides if how is How.SIDE else had)[:, at]
            for at, how in enumerate(self.how)
            if how is not How.COUNT
        }

    def _measures(self, view: View) -> dict[str, Floats]:
        rows: dict[str, Floats] = {}
        n = len(view.part.keys)
        for at in sorted({at for at, _ in self.shown}):
            patient, time, score = scored(self.measures[at], view)
            summary = summarise(self.measures[at], patient, time, score, n)
            for name in ("level", "spread", "slope"):
                rows[f"{name}.{at}"] = getattr(summary, name)
        return rows


def scored(measure: Measure, view: View) -> tuple[Rows, Floats, Floats]:
    """Return patient, time and score of the values of one measurement."""
    found = view.slots
    mine = np.flatnonzero(found.code == measure.code)
    value = view.part.events.value[found.which[mine]]
    known = ~np.isnan(value)
    return found.patient[mine][known], found.time[mine][known], scores(measure, value[known])


def to_place(time: Floats, lead: Floats, followed: Floats) -> Floats:
    """Return where a time stands: in [-1, 0) between the first event and the origin, in [0, 1] up to the end."""
    with np.errstate(invalid="ignore", divide="ignore"):
        late = np.where(followed > 0, np.minimum(time / followed, 1.0), 0.0)
        return np.where(time < 0, np.where(lead > 0, np.maximum(time / lead, -1.0), -1.0), late)


def from_place(place: Floats, lead: Floats, followed: Floats) -> Floats:
    """Return the time that stands at a place."""
    return np.where(place < 0, np.maximum(place, -1.0) * lead, np.minimum(place, 1.0) * followed)


def fit(part: TimelinesPart, manifest: Manifest, rng: np.random.Generator) -> tuple[Block, View, Floats]:
    """Choose the columns of a cohort, and return how they see it, and its block."""
    k, n = manifest.k, int(part.present.sum())
    published, seen = publish(part, manifest, rng), spans(part)
    found = slots(part, seen, published)
    codes = len(published.codes)
    groups = group(found, codes, n)
    learned = measures(part, found, codes, k, rng)
    early = float((found.start < 0).mean()) > EARLY if len(found) and part.clock is Clock.RELATIVE else False
    how = tuple(
        (How.SIDE if early and n >= SIDED else How.EVER)
        if groups.single[at]
        else (How.COUNT if n >= COUNTED else How.EVER)
        for at in range(groups.coded)
    )
    known = ~np.isnan(seen.followed)
    mortal = int((seen.dead == 1).sum()) >= k and int((seen.dead == 0).sum()) >= k
    block = Block(
        published,
        persons.learn(part, seen, k, rng),
        groups,
        how,
        learned,
        _shown(learned, found, n),
        {},
        frozenset(),
        not bool(part.present.all()),
        early,
        int(known.sum()) >= k,
        mortal,
    )
    view = View(part, seen, found)
    steps = {name: Steps.of(counts[part.present], k, rng) for name, counts in block.counted(view).items()}
    block = replace(block, steps=steps)
    values = block.encode(view)
    lacking = np.isnan(values[part.present]).mean(axis=0) if n else np.zeros(len(block.columns))
    gaps = frozenset(
        column.name for column, share in zip(block.columns, lacking, strict=True) if GAPS < share < 1 - GAPS
    )
    return replace(block, gaps=gaps), view, values


def _shown(learned: tuple[Measure, ...], found: Slots, n: int) -> tuple[tuple[int, str], ...]:
    shown: list[tuple[int, str]] = []
    free = [at for at, measure in enumerate(learned) if not measure.equal]
    for at in free[: allowed(n, 0.1, 1, 20)]:
        count = np.bincount(found.patient[found.code == learned[at].code])
        if (count > 0).sum() < SHOWN * n:
            continue
        shown.append((at, "level"))
        repeated = (count > 1).sum() >= SHOWN * n
        if repeated and n >= SPREADS:
            shown.append((at, "spread"))
        if repeated and n >= SLOPES:
            shown.append((at, "slope"))
    return tuple(shown)


def _name(name: str) -> str:
    return f"timelines.{name}"
