import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from made_timelines import ALT, DEATH, DIABETES, timelines

from sosie.manifest import Manifest
from sosie.timelines.compare import compare
from sosie.timelines.compare.endpoints import survived
from sosie.timelines.compare.figures import around, determination, distance
from sosie.timelines.compare.prediction import predicted
from sosie.timelines.compare.rules import broken
from sosie.timelines.compare.sequences import happened, paced
from sosie.timelines.compare.sides import Both, both
from sosie.timelines.compare.values import measured
from sosie.timelines.events import Clock, TimelinesPart

RNG = np.random.default_rng
PATIENTS, DOUBLES = timelines(300, 1), timelines(300, 2)
K = Manifest().k


def pair(doubles: TimelinesPart = DOUBLES, original: TimelinesPart = PATIENTS) -> Both:
    return both(original, doubles, K, RNG(0))


def altered(part: TimelinesPart, **columns: np.ndarray) -> TimelinesPart:
    return replace(part, events=replace(part.events, **columns))


def numbers(told: object) -> Iterator[float]:
    if isinstance(told, dict):
        for each in told.values():
            yield from numbers(each)
    elif isinstance(told, list):
        for each in told:
            yield from numbers(each)
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield told


def test_a_quantile_is_of_k_values() -> None:
    ordered = np.arange(100.0)
    assert around(ordered, 0.5, 11) == pytest.approx(49.5, abs=1.0)
    assert around(ordered, 1.0, 11) == np.arange(89.0, 100.0).mean()


def test_figures_agree_for_the_same_and_part_for_others() -> None:
    values = RNG(0).normal(size=500)
    assert distance(values, values) == 0.0
    assert distance(values, values + 10) == 1.0
    assert determination(values, values) == 1.0
    assert determination(values, np.zeros(500)) == pytest.approx(0.0, abs=0.01)


def test_strangers_of_one_population_are_alike() -> None:
    told = happened(pair())
    assert min(told[name]["r2"] for name in ("prevalence", "cooccurrence", "bigrams")) > 0.95
    assert paced(pair())["gaps"]["ks"] < 0.05


def test_a_lost_code_and_moved_days_are_seen() -> None:
    kept = np.flatnonzero(DOUBLES.events.code != DIABETES)
    lost = replace(DOUBLES, events=DOUBLES.events.at(kept))
    assert happened(pair(lost))["prevalence"]["r2"] < happened(pair())["prevalence"]["r2"]
    slow = altered(DOUBLES, time=np.floor(DOUBLES.events.time * 1.5))
    assert paced(pair(slow))["gaps"]["ks"] > 0.15


def test_a_gap_falls_into_the_class_that_it_ends() -> None:
    time = np.arange(len(PATIENTS.events)) * 31.0
    told = paced(pair(original=altered(PATIENTS, time=time)))["gaps"]["histogram"]
    assert told["edges"] == [None]
    assert told["original"] == [1.0]
    assert sum(paced(pair())["gaps"]["histogram"]["original"]) == pytest.approx(1.0, abs=0.001)


def test_values_that_move_are_seen() -> None:
    value = np.where(DOUBLES.events.code == ALT, DOUBLES.events.value * 2, DOUBLES.events.value)
    told = {test["code"]: test["ks"] for test in measured(pair(altered(DOUBLES, value=value)))["tests"]}
    assert told["1742-6 (U/L)"] > 0.4 > 0.15 > told["2160-0 (umol/L)"]


def test_values_that_forget_whose_they_are_lose_their_autocorrelation() -> None:
    value = DOUBLES.events.value.copy()
    for code in np.unique(DOUBLES.events.code):
        here = np.flatnonzero(DOUBLES.events.code == code)
        value[here] = value[RNG(0).permutation(here)]
    told = measured(pair(altered(DOUBLES, value=value)))["tests"][0]["autocorrelation"]
    assert told["original"] > 0.7 > 0.2 > told["doubles"]


def test_survival_is_compared() -> None:
    told = survived(pair())
    assert told is not None
    assert told["distance"] < 0.06
    assert told["logrank_p"] > 0.01
    age = next(one for one in told["cox"] if one["name"] == "age")
    assert age["original"][0] > 1.5


def test_doubles_who_die_sooner_are_seen() -> None:
    people = DOUBLES.people.with_columns((pl.col("stop") / 3).alias("stop"))
    told = survived(pair(replace(DOUBLES, people=people)))
    assert told is not None
    assert told["logrank_p"] < 0.001


def test_every_step_of_a_curve_is_of_k_patients() -> None:
    told = survived(pair())
    assert told is not None
    drawn = next(one for one in told["curves"] if one["group"] == "all" and one["who"] == "original")
    assert len(drawn["time"]) - 1 <= 300 // K


def test_models_of_doubles_predict_what_models_of_patients_do() -> None:
    told = {one["target"]: one for one in predicted(pair(), RNG(0))}
    assert abs(told["next_visit"]["gap"]) < 0.05
    assert told["next_visit"]["original"] > 0.55


def test_rules_that_are_broken_are_counted() -> None:
    assert not any(rule["doubles"] for rule in broken(pair()))
    time = np.where(DOUBLES.events.code == DEATH, DOUBLES.events.time, DOUBLES.events.time + 3_000)
    told = {rule["rule"]: rule["doubles"] for rule in broken(pair(altered(DOUBLES, time=time)))}
    assert told["after_death"]
    end = np.where(np.isnan(DOUBLES.events.end), np.nan, DOUBLES.events.time - 1)
    told = {rule["rule"]: rule["doubles"] for rule in broken(pair(altered(DOUBLES, end=end)))}
    assert told["end_before_start"]


@pytest.mark.parametrize("clock", list(Clock))
def test_the_whole_is_ready_for_json(clock: Clock) -> None:
    part, others = timelines(60, 1, clock), timelines(60, 2, clock)
    told = compare(part, others, Manifest(), RNG(0))
    assert json.loads(json.dumps(told, allow_nan=False))["patients"] == {"original": 60, "doubles": 60}


def test_patients_without_a_timeline_take_no_part() -> None:
    some = PATIENTS.take(np.array([*range(60), -1, -1]))
    told: Any = compare(some, DOUBLES.take(np.array([-1, *range(60)])), Manifest(), RNG(0))
    assert told["patients"] == {"original": 60, "doubles": 60}


@pytest.mark.parametrize("few", [0, 1, 5])
def test_few_patients_tell_nothing_of_themselves(few: int) -> None:
    told: Any = compare(PATIENTS.take(np.arange(few)), DOUBLES.take(np.arange(50)), Manifest(), RNG(0))
    assert told["survival"] is None
    assert told["prevalence"]["codes"] == told["values"]["tests"] == told["prediction"] == []


def test_no_value_of_a_single_patient_is_told() -> None:
    value = PATIENTS.events.value.copy()
    value[np.flatnonzero(PATIENTS.events.code == ALT)[0]] = 98_765.4
    told = compare(altered(PATIENTS, value=value), DOUBLES, Manifest(), RNG(0))
    assert not any(abs(number) > 90_000 for number in numbers(told))
