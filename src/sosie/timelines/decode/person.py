"""Who a double is: the columns of its vector, filled where they are missing, agreeing with what another part says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Cohort, Floats, Mask, Rows
from sosie.stream import Describing
from sosie.timelines.encode import people as persons
from sosie.timelines.encode.block import AFTER, BEFORE, FOLLOWED, LEAD, PRESENT, Block, View
from sosie.timelines.encode.people import AGE, SEX
from sosie.timelines.encode.span import YEAR
from sosie.timelines.events import Clock
from sosie.timelines.quantiles import Quantiles, fewest

TRIES = 12
ORIGIN = "origin"
"""Where another part tells on which day a story begins; no column of the block."""


@dataclass(frozen=True)
class Population:
    """What stands in for what a vector lacks.

    Parameters
    ----------
    followed, age, origin, stop : Quantiles, optional
        Days, years, and days on the clock.
    """

    followed: Quantiles | None
    age: Quantiles | None
    origin: Quantiles | None
    stop: Quantiles | None

    @classmethod
    def of(cls, view: View, k: int, rng: np.random.Generator) -> Population:
        """Learn from a cohort."""
        seen = view.spans
        calendar = view.part.clock is Clock.CALENDAR

        def learn(values: Floats) -> Quantiles | None:
            return Quantiles.of(values[~np.isnan(values)], fewest(k, rng))

        ages = persons.ages(view.part, seen)
        stop = seen.origin + seen.followed
        return cls(learn(seen.followed), learn(ages), learn(seen.origin) if calendar else None, learn(stop))


@dataclass(frozen=True)
class Doubles:
    """Who the doubles are; arrays of one entry a double.

    Parameters
    ----------
    present : ndarray of bool
    facts : mapping of str to ndarray
        Codes of the columns of people.
    age : ndarray of float64
        Years, NaN where it is not told.
    origin, lead, followed : ndarray of float64
    dead : ndarray of float64
    before, after : ndarray of int64
        Slots on each side of the origin.
    """

    present: Mask
    facts: Mapping[str, Floats]
    age: Floats
    origin: Floats
    lead: Floats
    followed: Floats
    dead: Floats
    before: Rows
    after: Rows

    def __len__(self) -> int:
        return len(self.present)


def agreed(
    block: Block, population: Population, columns: Mapping[str, Floats], others: Cohort, rng: np.random.Generator
) -> tuple[dict[str, Floats], Floats]:
    """Return the columns such as another part tells them, filled where they must be, and who died (NaN: not told)."""
    n = len(columns[AFTER])
    none = np.full(n, np.nan)
    found = dict(columns)
    found |= {fact.name: fact.draw(n, rng) for fact in block.people.facts if not fact.coded}
    age, followed, dead = found.get(AGE, none), found.get(FOLLOWED, none), none
    told = next((part for part in others.parts.values() if isinstance(part, Describing)), None)
    if told is not None:
        said = told.described()
        age = np.where(np.isnan(said.age), age, said.age)
        if SEX in found:
            found[SEX] = _sex(block, said.sex, found[SEX])
        if said.start is not None and population.origin is not None:
            found[ORIGIN] = said.start
            if said.birth is not None:
                exact = (said.start - said.birth) / YEAR
                age = np.where(np.isnan(exact), age, exact)
        if said.followed is not None:
            followed = np.where(np.isnan(said.followed), followed, said.followed)
        dead = none if said.dead is None else said.dead
    found[AGE] = _filled(age, population.age, n, rng) if block.people.aged else none
    found[FOLLOWED] = np.maximum(_filled(followed, population.followed, n, rng), 0.0)
    return found, dead


def doubles_of(
    block: Block, population: Population, columns: Mapping[str, Floats], dead: Floats, rng: np.random.Generator
) -> Doubles:
    """Read who the doubles are off their columns, by name."""
    n = len(columns[AFTER])
    present = columns[PRESENT] > 0.5 if block.partial else np.ones(n, dtype=bool)
    facts = {fact.name: columns[fact.name] for fact in block.people.facts}
    age, followed = columns[AGE], columns[FOLLOWED]
    origin = _origin(population, followed, n, rng)
    told = columns.get(ORIGIN, origin)
    origin = np.where(np.isnan(told), origin, told)
    lead = np.nan_to_num(np.maximum(columns.get(LEAD, np.zeros(n)), 0.0))
    lead = np.where(np.isnan(age), lead, np.minimum(lead, np.maximum(np.nan_to_num(age), 0.0) * YEAR))
    nothing = np.zeros(n, dtype=np.int64)
    before, after = (
        block.steps[name].decode(columns[name], rng) if name in columns else nothing for name in (BEFORE, AFTER)
    )
    before = np.where((lead >= 1.0) & present, before, 0)
    return Doubles(present, facts, age, origin, lead, followed, dead, before, np.where(present, after, 0))


def _filled(values: Floats, population: Quantiles | None, n: int, rng: np.random.Generator) -> Floats:
    drawn = np.zeros(n) if population is None else population.draw(n, rng)
    return np.where(np.isnan(values), drawn, values)


def _sex(block: Block, said: object, codes: Floats) -> Floats:
    fact = next(fact for fact in block.people.facts if fact.name == SEX)
    places = {str(level): float(at) for at, level in enumerate(fact.levels)}
    told = np.array([places.get(str(sex), np.nan) for sex in said])  # type: ignore[attr-defined]
    return np.where(np.isnan(told), codes, told)


def _origin(population: Population, followed: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Draw the days on which doubles begin: of the population, and such that they end within it."""
    if population.origin is None:
        return np.zeros(n)
    origin = np.floor(population.origin.draw(n, rng))
    if population.stop is None:
        return origin
    for _ in range(TRIES):
        late = np.flatnonzero(origin + followed > population.stop.knots[-1])
        if not len(late):
            break
        origin[late] = np.floor(population.origin.draw(len(late), rng))
    return origin
