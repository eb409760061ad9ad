from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sosie.cohort import Cohort, Rows
from sosie.manifest import Manifest
from sosie.stream import Described
from sosie.synthesis.trees import Trees
from sosie.timelines.codec import TimelinesCodec
from sosie.timelines.events import Clock, Code, Group, TimelinesPart
from timelines import cohorts


def doubles(part: TimelinesPart, seed: int = 0, others: Cohort | None = None) -> TimelinesPart:
    rng = np.random.default_rng(seed)
    codec = TimelinesCodec.fit(part, Manifest(), rng)
    vectors = Trees(k=11).fit(codec.encode(part), rng).sample(len(part.keys), rng)
    return codec.decode(vectors, others or Cohort(tuple(str(at) for at in range(len(part.keys)))), rng)


def had(part: TimelinesPart, code: Code) -> np.ndarray:
    found = np.zeros(len(part.keys), dtype=bool)
    if code in part.codes:
        found[part.events.patient[part.events.code == part.codes.index(code)]] = True
    return found


@pytest.fixture(scope="module")
def real() -> TimelinesPart:
    return cohorts.cohort()


@pytest.fixture(scope="module")
def made(real: TimelinesPart) -> TimelinesPart:
    return doubles(real)


def test_a_code_that_kills_still_kills(real: TimelinesPart, made: TimelinesPart) -> None:
    mortal, dead = had(made, cohorts.CODES[cohorts.MORTAL]), made.people["dead"].to_numpy().astype(bool)

    assert dead[mortal].mean() - dead[~mortal].mean() > 0.25


def test_codes_that_come_together_do(made: TimelinesPart) -> None:
    friend, companion = (had(made, cohorts.CODES[at]) for at in (cohorts.FRIEND, cohorts.COMPANION))

    assert (friend == companion).mean() > 0.95
    assert abs(friend.mean() - 0.4) < 0.1


def test_a_measurement_keeps_its_distribution_and_tells_of_death(real: TimelinesPart, made: TimelinesPart) -> None:
    lab = made.codes.index(cohorts.CODES[cohorts.LAB])
    mine = made.events.code == lab
    value, theirs = made.events.value[mine], real.events.value[real.events.code == cohorts.LAB]
    dead = made.people["dead"].to_numpy().astype(bool)[made.events.patient[mine]]

    assert np.allclose(np.quantile(value, [0.1, 0.5, 0.9]), np.quantile(theirs, [0.1, 0.5, 0.9]), atol=0.3)
    assert np.allclose(value, np.round(value, 1))
    assert value[dead].mean() > value[~dead].mean() + 0.5


def test_rare_codes_are_published_as_their_ancestor_or_not_at_all(made: TimelinesPart) -> None:
    names = {code.code for code in made.codes}

    assert names.isdisjoint({"rare", "I10.91", "I10.92"})
    assert any("left out" in notice for notice in made.notices)


def test_codes_of_one_parent_are_published_as_it() -> None:
    part = cohorts.cohort(600)
    few = np.flatnonzero(np.isin(part.events.code, (cohorts.CHILD, cohorts.OTHER_CHILD)))
    code = part.events.code.copy()
    friends = np.flatnonzero(code == cohorts.FRIEND)[:120]
    code[friends] = np.where(np.arange(len(friends)) % 12 < 6, cohorts.CHILD, cohorts.OTHER_CHILD)
    parents = {"I10.91": "I10", "I10.92": "I10"}
    part = replace(part, events=replace(part.events, code=code), form=replace(part.form, details={"parents": parents}))
    codec = TimelinesCodec.fit(part, Manifest(k=60), np.random.default_rng(3))

    assert len(few)
    assert {code.code for code in codec.block.published.codes} & {"I10.91", "I10.92"} == set()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1000), clock=st.sampled_from(list(Clock)), n=st.sampled_from([60, 120, 240]))
def test_doubles_obey_time(seed: int, clock: Clock, n: int) -> None:
    part = cohorts.cohort(n, seed, clock)
    made = doubles(part, seed)
    events, stop = made.events, made.people["stop"].to_numpy()

    assert (np.diff(events.patient) >= 0).all()
    assert (events.time <= stop[events.patient] + 1e-9).all()
    assert (events.time >= made.people["birth"].to_numpy()[events.patient]).all()
    same = np.diff(events.patient) == 0
    assert (np.diff(events.time)[same] >= 0).all()
    assert (events.code < len(made.codes)).all()
    dying = [code.group is Group.DEATH for code in made.codes]
    last = np.concatenate([~same, [True]])
    assert last[np.array(dying)[events.code]].all()


def test_visits_hold_their_events() -> None:
    made = doubles(cohorts.visits())
    events = made.events
    stay = np.flatnonzero(events.code == made.codes.index(Code(Group.VISIT, "stay")))
    begins = {(events.patient[at], events.visit[at]): (events.time[at], events.end[at]) for at in stay}

    assert len(begins) == len(stay) > 0
    assert not (events.end < events.time).any()
    for at in np.flatnonzero(events.visit >= 0):
        start, end = begins[events.patient[at], events.visit[at]]
        assert start - 1e-9 <= events.time[at] <= max(end, start) + 1 / 1440


def test_patients_without_a_timeline_are_borne(real: TimelinesPart) -> None:
    rows: Rows = np.where(np.arange(500) % 4 == 0, -1, np.arange(500))
    made = doubles(real.take(rows))
    shown = np.bincount(made.events.patient, minlength=500) > 0

    assert 0.1 < 1 - made.present.mean() < 0.4
    assert not shown[~made.present].any()
    assert made.people["sex"].is_null().to_numpy()[~made.present].all()


@dataclass(frozen=True)
class Told:
    keys: tuple[str, ...]

    def take(self, rows: Rows) -> Told:
        return Told(tuple(self.keys[row] for row in rows))

    def described(self) -> Described:
        n = len(self.keys)
        return Described(["F"] * n, np.full(n, 50.0), np.full(n, 700.0), np.arange(n) % 2 * 1.0)


def test_timelines_agree_with_another_part(real: TimelinesPart) -> None:
    keys = tuple(str(at) for at in range(len(real.keys)))
    made = doubles(real, 0, Cohort(keys, {"tables": Told(keys)}))
    start, stop, birth = (made.people[name].to_numpy() for name in ("start", "stop", "birth"))

    assert set(made.people["sex"]) == {"F"}
    assert np.allclose(stop - start, 700)
    assert np.allclose((start - birth) / 365.25, 50, atol=0.01)
    assert (made.people["dead"].to_numpy() == np.arange(len(keys)) % 2).all()


def test_every_double_is_valid_and_a_broken_one_is_not(made: TimelinesPart, real: TimelinesPart) -> None:
    codec = TimelinesCodec.fit(real, Manifest(), np.random.default_rng(0))
    time = made.events.time.copy()
    time[0] = 90_000.0

    assert codec.valid(made).all()
    assert not codec.valid(replace(made, events=replace(made.events, time=time)))[made.events.patient[0]]


def test_no_value_lies_beyond_what_enough_patients_reach(real: TimelinesPart) -> None:
    value = real.events.value.copy()
    value[np.flatnonzero(real.events.code == cohorts.LAB)[0]] = 999.0
    made = doubles(replace(real, events=replace(real.events, value=value)))

    assert np.nanmax(made.events.value) < 30
