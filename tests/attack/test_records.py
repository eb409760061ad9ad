import numpy as np

from sosie.attack.metric import Metric
from sosie.attack.records import Records, held_out, same_patient
from sosie.cohort import Floats, Rows

RNG = np.random.default_rng
WIDTH = 6
VIEWS = {"all": lambda values: values}


def population(patients: int, rng: np.random.Generator) -> Records:
    patient = np.repeat(np.arange(patients), rng.integers(1, 4, patients))
    levels = rng.normal(size=(patients, WIDTH))
    return Records(levels[patient] + 0.3 * rng.normal(size=(len(patient), WIDTH)), patient)


def test_a_copy_is_found() -> None:
    cohort = population(40, RNG(0))

    def copy(members: Rows, rng: np.random.Generator) -> Floats:
        return cohort.of(members).values

    found = held_out(cohort, copy, VIEWS, rounds=2, rng=RNG(1))["all"]
    assert found.by_statistic["closest"] > 0.99
    assert found.copies.value > 0.5


def test_a_shared_mean_is_found() -> None:
    cohort = population(24, RNG(0))

    def mean(members: Rows, rng: np.random.Generator) -> Floats:
        return cohort.of(members).values.mean(axis=0) + 0.05 * rng.normal(size=(40, WIDTH))

    assert held_out(cohort, mean, VIEWS, rounds=10, rng=RNG(1))["all"].auc.value > 0.6


def test_an_independent_sample_passes() -> None:
    cohort = population(40, RNG(0))
    found = held_out(cohort, lambda members, rng: rng.normal(size=(60, WIDTH)), VIEWS, rounds=20, rng=RNG(1))["all"]
    assert found.auc.value < 0.55
    assert found.auc.upper_95 < 0.6
    assert found.copies.value < 0.05


def test_records_of_chosen_patients_are_numbered_anew() -> None:
    cohort = population(10, RNG(0))
    some = cohort.of(np.array([7, 2]))
    assert some.patients == 2
    assert np.array_equal(some.values[some.patient == 0], cohort.values[cohort.patient == 7])


def test_a_learned_metric_recognises_patients_better() -> None:
    cohort = population(60, RNG(0))
    noise = 4.0 * RNG(1).normal(size=(len(cohort.values), 3))
    features = np.hstack([cohort.values, noise])
    learned = Metric.of(features[cohort.patient < 30], cohort.patient[cohort.patient < 30])
    others = cohort.patient >= 30
    before, after = (same_patient(one[others], cohort.patient[others]) for one in (features, learned.map(features)))
    assert after > before + 0.1


def test_a_metric_of_patients_with_one_record_each_is_plain() -> None:
    features = RNG(0).normal(size=(5, 3))
    assert np.array_equal(Metric.of(features, np.arange(5)).map(features), features)
