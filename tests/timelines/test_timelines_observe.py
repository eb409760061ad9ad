from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_timelines import timelines

from sosie.attack.sequences import KnownSequences
from sosie.manifest import Manifest
from sosie.timelines.events import Clock, TimelinesPart
from sosie.timelines.observe import view

PART = timelines(120, 1)
LOOK = view(PART, Manifest())


def column(part: TimelinesPart, name: str) -> np.ndarray:
    seen = LOOK(part)
    return seen.values[:, [one.name for one in seen.columns].index(f"timelines.{name}")]


def test_events_are_counted_and_days_told_apart() -> None:
    assert column(PART, "events").sum() == len(PART.events)
    first = PART.events.patient == 0
    assert column(PART, "days")[0] == len(np.unique(np.floor(PART.events.time[first])))


def test_gaps_are_seen_to_the_day() -> None:
    days = np.unique(np.floor(PART.events.time[PART.events.patient == 3]))
    assert column(PART, "gap 1")[3] == days[1] - days[0]


def test_values_are_seen_with_their_extremes() -> None:
    held = PART.events.code == 1
    highest = max(np.nanmax(column(PART, f"highest value {at}")) for at in range(3))
    assert highest >= PART.events.value[held].max()


def test_the_order_of_codes_and_of_events_of_a_day_shows_nothing() -> None:
    size = len(PART.codes)
    events = PART.events
    order = np.lexsort((-events.code, events.time, events.patient))
    turned = events.at(order)
    turned = replace(turned, code=(size - 1 - turned.code).astype(np.int32))
    other = replace(PART, events=turned, codes=tuple(reversed(PART.codes)))
    np.testing.assert_array_equal(LOOK(PART).values, LOOK(other).values)


def test_patients_without_a_timeline_are_seen_as_such() -> None:
    partial = PART.take(np.array([0, -1, 2]))
    seen = view(partial, Manifest())(partial)
    assert seen.columns[0].name == "timelines.present"
    np.testing.assert_array_equal(seen.values[:, 0], [1.0, 0.0, 1.0])


def test_codes_that_were_never_seen_are_seen_in_doubles() -> None:
    other = replace(PART, codes=tuple(replace(code, code=f"x{code.code}") for code in PART.codes))
    seen = LOOK(other)
    others = [at for at, one in enumerate(seen.columns) if one.name.startswith("timelines.other codes")]
    assert seen.values[:, others].sum() == len(PART.events)


@pytest.mark.parametrize("clock", list(Clock))
def test_an_empty_part_is_seen(clock: Clock) -> None:
    part = timelines(5, 0, clock)
    none = part.take(np.array([-1, -1]))
    assert LOOK(none).values.shape == (2, len(LOOK(none).columns))


def test_the_view_stays_narrow_with_many_codes() -> None:
    rng = np.random.default_rng(0)
    many = tuple(replace(PART.codes[1], code=f"c{at}") for at in range(500))
    code = rng.integers(0, 500, len(PART.events)).astype(np.int32)
    people = PART.people.with_columns(*[pl.lit(1.0).alias(f"more {at}") for at in range(60)])
    wide = replace(PART, codes=many, events=replace(PART.events, code=code), people=people)
    assert view(wide, Manifest())(wide).values.shape[1] <= 300


def test_the_first_gaps_are_a_sequence_that_can_be_attacked() -> None:
    seen = LOOK(PART)
    attack = KnownSequences.of(seen)
    assert attack.credit(seen, np.random.default_rng(0)).mean(axis=0).max() > 0.8
