from dataclasses import replace

import numpy as np
import pytest
from made_timelines import shifted, timelines

from sosie.timelines.attacks import attack, known, linkage, stretches
from sosie.timelines.events import Clock, TimelinesPart

PATIENTS, STRANGERS = timelines(200, 1), timelines(200, 2)


def rate(steps: list, count: int, who: str, resolution: str = "day") -> float:
    return next(step for step in steps if step["known"] == count)[who][resolution]


def test_known_events_find_everybody_in_a_copy() -> None:
    found = known.events(PATIENTS, PATIENTS, np.random.default_rng(0))
    assert rate(found, 4, "doubles") > 0.6 > 0.1 > rate(found, 4, "strangers")


def test_known_events_find_nobody_among_strangers() -> None:
    found = known.events(PATIENTS, STRANGERS, np.random.default_rng(0))
    assert abs(rate(found, 4, "doubles") - rate(found, 4, "strangers")) < 0.05


@pytest.mark.parametrize("clock", list(Clock))
def test_known_gaps_find_everybody_in_a_copy_whose_dates_are_moved(clock: Clock) -> None:
    patients = timelines(150, 1, clock)
    found = known.gaps(patients, shifted(patients))
    assert rate(found, 2, "doubles") > 0.9 > 0.1 > rate(found, 2, "strangers")


def test_known_gaps_find_nobody_among_strangers() -> None:
    found = known.gaps(PATIENTS, STRANGERS)
    assert abs(rate(found, 2, "doubles") - rate(found, 2, "strangers")) < 0.03


@pytest.mark.parametrize("copy", [PATIENTS, shifted(PATIENTS)], ids=["copied", "moved"])
def test_the_halves_of_a_copied_story_are_linked(copy: TimelinesPart) -> None:
    found = linkage.linked(PATIENTS, copy)
    assert found["doubles"] > 0.95
    assert found["strangers"] < 0.1


def test_the_halves_of_a_story_are_not_linked_by_strangers() -> None:
    found = linkage.linked(PATIENTS, STRANGERS)
    assert found["doubles"] - found["strangers"] < 0.05


def test_the_stretches_of_a_copy_are_whole_stories() -> None:
    made, _ = stretches.runs(PATIENTS, shifted(PATIENTS))
    events = np.bincount(PATIENTS.events.patient)
    np.testing.assert_array_equal(made, np.minimum(events - 1, stretches.MOST))


def test_strangers_share_stretches_as_patients_do() -> None:
    made, own = stretches.runs(PATIENTS, STRANGERS)
    assert abs(made.mean() - own.mean()) < 0.5
    assert made.max() <= own.max() + 2


def test_a_stretch_pasted_into_a_stranger_is_found() -> None:
    source = np.flatnonzero(PATIENTS.events.patient == np.argmax(np.bincount(PATIENTS.events.patient)))[:30]
    events = STRANGERS.events
    longest = int(np.argmax(np.bincount(events.patient)))
    place = np.flatnonzero(events.patient == longest)[:30]
    time, code = events.time.copy(), events.code.copy()
    time[place] = PATIENTS.events.time[source] - 10_000.0
    code[place] = PATIENTS.events.code[source]
    made, own = stretches.runs(PATIENTS, replace(STRANGERS, events=replace(events, time=time, code=code)))
    assert made[longest] >= min(len(place), len(source)) - 2 > own.max()


def test_too_few_patients_are_not_attacked() -> None:
    assert attack(PATIENTS.take(np.array([0])), STRANGERS, np.random.default_rng(0)) is None


def test_an_attack_tells_figures_only() -> None:
    told = attack(PATIENTS, STRANGERS, np.random.default_rng(0))
    assert told is not None
    assert set(told) == {"patients", "known_events", "known_gaps", "linkage", "stretches"}
