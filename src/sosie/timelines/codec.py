"""From timelines to patient vectors, and from sampled vectors to the timelines of doubles.

Learned from the cohort: which codes enough patients have, the population's gaps, what goes with what, how measurements
behave. It is refitted in every replicate of the attacks, so that whatever it gives away is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Cohort, Floats, Mask, Vectors
from sosie.engine import single_threaded_libraries
from sosie.manifest import Manifest
from sosie.timelines.decode import arrival, details, donors, firsts, history, mortality, placing
from sosie.timelines.decode.arrival import Arrivals
from sosie.timelines.decode.course import Wishes, run
from sosie.timelines.decode.details import Details
from sosie.timelines.decode.firsts import Firsts
from sosie.timelines.decode.happening import events_of, levels_of
from sosie.timelines.decode.history import History
from sosie.timelines.decode.mortality import Mortality
from sosie.timelines.decode.person import Doubles, Population, agreed, doubles_of
from sosie.timelines.decode.placing import Placing
from sosie.timelines.encode import block as blocks
from sosie.timelines.encode import people as persons
from sosie.timelines.encode.block import FOLLOWED, Block, How, from_place
from sosie.timelines.encode.people import AGE
from sosie.timelines.encode.span import YEAR, of_group, spans
from sosie.timelines.events import NONE, Code, Group, TimelinesPart

if TYPE_CHECKING:
    import polars as pl

RAISED = "{count} codes of few patients are published as their ancestors"
DROPPED = "{count} codes of few patients, without an ancestor that enough have, are left out"
UNDATED = "events without a date are left out of the doubles"
LOWEST = 1e-9
LEAST = 0.1


@dataclass(frozen=True)
class TimelinesCodec:
    """What is learned from the timelines of a cohort; it is personal data.

    Parameters
    ----------
    like : TimelinesPart
        A part without patients: its form, its clock, the notices.
    block : Block
    population : Population
    arrivals : Arrivals
    placing : Placing
    history : History
    mortality : Mortality, optional
        Where deaths are known.
    details : Details
    firsts : Firsts
        When groups of the vector that happen once do.
    death : Code, optional
        What a death is in the source.
    words : tuple of str
        Words of the doubles, by their places in ``details``.
    """

    like: TimelinesPart
    block: Block
    population: Population
    arrivals: Arrivals
    placing: Placing
    history: History
    mortality: Mortality | None
    details: Details
    firsts: Firsts
    death: Code | None
    words: tuple[str, ...]
    frozen: str | None = field(default=None, init=False)

    @classmethod
    def fit(cls, part: TimelinesPart, manifest: Manifest, rng: np.random.Generator) -> TimelinesCodec:
        """Learn from a part; ``rng`` draws how many patients each thing needs, at k or above."""
        with single_threaded_libraries():
            block, view, values = blocks.fit(part, manifest, rng)
            k, codes = manifest.k, block.published.codes
            past = history.learn(block, view, values, k, rng)
            features = past.features(block, values)
            seen, ages = view.spans, persons.ages(part, view.spans)
            fate = None
            if block.mortal:
                fate = mortality.learn(features, history.order(block), seen.followed, ages, seen.dead, k, rng)
            half = view.take(rng.random(len(part.keys)) < donors.LAID_ON, block.published)
            learned = details.learn(half, codes, k, rng)
            words = sorted({int(word) for each in learned.words.values() for word in each[0]})
            place = {word: at for at, word in enumerate(words)}
            learned = replace(
                learned,
                words={
                    code: (np.array([place[int(word)] for word in its]), shares, borne)
                    for code, (its, shares, borne) in learned.words.items()
                },
            )
            return cls(
                _empty(part, block),
                block,
                Population.of(half, k, rng),
                arrival.learn(half.slots, half.spans, block.early, k, rng),
                placing.learn(half.slots, block.groups, _visits(block), k),
                past,
                fate,
                learned,
                firsts.learn(block, half, k, rng),
                next((code for code in part.codes if code.group is Group.DEATH), None) if block.mortal else None,
                tuple(part.texts[word] for word in words),
            )

    def encode(self, part: TimelinesPart) -> Vectors:
        """Return one row for each patient."""
        return Vectors(self.block.columns, self.block.encode(self.block.view(part)))

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> TimelinesPart:
        """Return the timelines of doubles; sex, age, follow-up and death are those of another part that tells them."""
        keys = tuple(doubles.keys) or tuple(str(number) for number in range(1, len(block) + 1))
        columns = {
            column.name.removeprefix("timelines."): block.values[:, at] for at, column in enumerate(block.columns)
        }
        with single_threaded_libraries():
            columns, dead = agreed(self.block, self.population, columns, doubles, rng)
            if self.arrivals.whole:
                columns[FOLLOWED] = np.round(columns[FOLLOWED])
            seen = [columns[column.name.removeprefix("timelines.")] for column in self.block.columns]
            features = self.history.features(self.block, np.column_stack(seen))
            if self.mortality is not None:
                drawn = self.mortality.draw(features, columns[FOLLOWED], columns[AGE], rng)
                dead = np.where(np.isnan(dead), drawn, dead)
            who = doubles_of(self.block, self.population, columns, dead, rng)
            wishes = self._wishes(columns, who, rng)
            course = run(
                self.block, (self.arrivals, self.placing, self.history), who, wishes, features, _visits(self.block), rng
            )
            levels = levels_of(self.block, self.history, columns, features, rng)
            codes = self.block.published.codes
            death = NONE if self.death is None else len(codes)
            events = events_of(self.block, self.details, self.arrivals.whole, course, who, levels, death, rng)
        return replace(
            self.like,
            keys=keys,
            people=self._people(who, keys),
            events=events,
            codes=codes if self.death is None else (*codes, self.death),
            texts=self.words,
            present=who.present,
        )

    def valid(self, part: TimelinesPart) -> Mask:
        """Tell which doubles obey the rules: nothing before birth, after death or the end, no end before its start."""
        seen, events = spans(part), part.events
        stop = seen.origin + seen.followed
        birth = seen.origin - persons.ages(part, seen) * YEAR
        patient = events.patient
        with np.errstate(invalid="ignore"):
            wrong = events.end < events.time
            wrong |= events.time > stop[patient] + LOWEST
            wrong |= events.time < birth[patient] - 1.0
        deaths = np.bincount(patient[of_group(part, Group.DEATH)], minlength=len(part.keys))
        broken = np.bincount(patient[wrong], minlength=len(part.keys)) > 0
        return ~broken & (deaths <= 1)

    def _wishes(self, columns: dict[str, Floats], who: Doubles, rng: np.random.Generator) -> Wishes:
        groups, n = self.block.groups, len(who)
        times = np.zeros((n, groups.coded), dtype=np.int64)
        first = np.full((n, groups.coded), np.nan)
        slots = who.before + who.after
        for at, how in enumerate(self.block.how):
            given = columns[f"{how}.{at}"]
            ever = np.nan_to_num(given) > LEAST
            if how is How.COUNT:
                often = self.block.steps[f"{how}.{at}"].decode(given, rng)
            else:
                often = self.history.times(groups, np.full(n, at), slots, rng)
            times[:, at] = np.where(ever & who.present, np.maximum(often, ever), 0)
            if groups.single[at]:
                side = np.nan_to_num(given) if how is How.SIDE else np.zeros(n)
                place = self.firsts.draw(at, side.astype(np.int64), who.dead > LEAST, rng)
                since = from_place(place, who.lead, who.followed)
                first[:, at] = np.where(times[:, at] > 0, since, np.nan)
        return Wishes(times, first)

    def _people(self, who: Doubles, keys: tuple[str, ...]) -> pl.DataFrame:
        stop = who.origin + who.followed
        columns = {
            "birth": persons.to_births(self.block.people, who.origin, who.age),
            "start": who.origin,
            "stop": np.round(stop) if self.arrivals.whole else stop,
            "dead": who.dead,
        }
        return persons.to_people(self.block.people, who.facts, columns, who.present, keys)


def _visits(block: Block) -> Mask:
    """Tell which groups are visits."""
    visits = np.zeros(block.groups.count, dtype=bool)
    for code, group in zip(block.published.codes, block.groups.of, strict=True):
        visits[group] |= code.group is Group.VISIT
    return visits


def _empty(part: TimelinesPart, block: Block) -> TimelinesPart:
    """Return the part without its patients, with what doubles lack in its notices."""
    notices = list(part.notices)
    if block.published.raised:
        notices.append(RAISED.format(count=block.published.raised))
    if block.published.dropped:
        notices.append(DROPPED.format(count=block.published.dropped))
    if bool(np.isnan(part.events.time).any()):
        notices.append(UNDATED)
    none = np.empty(0, dtype=np.int64)
    return replace(part.take(none), notices=tuple(notices), codes=(), texts=())
