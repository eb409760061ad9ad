from collections.abc import Callable

import numpy as np
import pytest
from population import draw

from sosie.attack import leave_out
from sosie.attack.leave_out import FOLDS, Generate, Membership, Replicates, Targets, excess, membership, replicate
from sosie.cohort import Rows, Vectors
from sosie.engine import Engine
from sosie.evidence import CriterionId

ROUNDS = 12


def copies(patients: Vectors) -> Generate:
    """A method that publishes its patients, some of them twice."""
    return lambda rows, rng: patients.take(rng.permutation(np.resize(rows, len(patients))))


def noise(patients: Vectors) -> Generate:
    """A method that has never seen a patient."""
    return lambda rows, rng: draw(len(patients), rng)


def judged(make: Callable[[Vectors], Generate], n: int, rounds: int = ROUNDS) -> tuple[Replicates, Membership]:
    patients = draw(n, np.random.default_rng(0))
    made = replicate(patients, make(patients), rounds=rounds, rng=np.random.default_rng(1), engine=Engine(1))
    return made, membership(made, np.random.default_rng(2))


@pytest.fixture(scope="module")
def leak() -> tuple[Replicates, Membership]:
    return judged(copies, 100)


@pytest.fixture(scope="module")
def null() -> tuple[Replicates, Membership]:
    return judged(noise, 100, 40)


def test_copies_give_every_patient_away(leak: tuple[Replicates, Membership]) -> None:
    found = leak[1]
    assert found.auc.value > 0.99
    assert found.tpr.value > 0.95
    assert found.isolated_auc.value > 0.99


def test_noise_gives_nobody_away(null: tuple[Replicates, Membership]) -> None:
    for area, rate, isolated in null[1].by_statistic.values():
        assert abs(area - 0.5) < 0.02
        assert abs(rate - 0.01) < 0.006
        assert abs(isolated - 0.5) < 0.05
    assert null[1].auc.value < null[1].auc.upper_95 < 0.55
    assert null[1].tpr.upper_95 < 0.03


def test_thirty_patients_can_be_judged() -> None:
    assert judged(copies, 30)[1].auc.value > 0.99
    made, found = judged(noise, 30)
    assert abs(found.by_statistic["combined"][0] - 0.5) < 0.05
    assert made.targets.isolated.sum() == 3


def test_one_column_alone_can_be_judged_and_its_copies_fail() -> None:
    patients = draw(60, np.random.default_rng(0))
    alone = Vectors(patients.columns[:1], patients.values[:, :1])
    made = replicate(alone, copies(alone), rounds=3, rng=np.random.default_rng(1), engine=Engine(1))
    found = {one.id: one for one in excess(made)}
    assert found[CriterionId.EXACT_COPIES].figure.value > 0.5
    assert "worst" not in found[CriterionId.RECONSTRUCTION].details


def test_wp29_excesses_catch_copies(leak: tuple[Replicates, Membership]) -> None:
    found = {one.id: one for one in excess(leak[0])}
    for identity, least in (
        (CriterionId.SINGLING_OUT_UNIVARIATE, 0.5),
        (CriterionId.SINGLING_OUT_MULTIVARIATE, 0.4),
        (CriterionId.EXACT_COPIES, 0.95),
        (CriterionId.NEAR_COPIES, 0.95),
        (CriterionId.LINKABILITY, 0.5),
        (CriterionId.INFERENCE, 0.09),
    ):
        assert found[identity].figure.value > least
        assert found[identity].figure.value == pytest.approx(
            found[identity].rate_with - found[identity].rate_without, abs=1e-9
        )


def test_wp29_excesses_pass_on_noise(null: tuple[Replicates, Membership]) -> None:
    assert all(one.figure.value < 0.05 and one.figure.upper_95 < 0.09 for one in excess(null[0]))


def test_each_patient_is_left_out_once_a_round(leak: tuple[Replicates, Membership]) -> None:
    assert (leak[0].out.sum(axis=1) == 1).all()
    assert leak[0].scores.shape[:3] == (ROUNDS, FOLDS, 100)


def test_a_release_is_made_without_those_who_are_out() -> None:
    patients = draw(50, np.random.default_rng(0))
    seen: list[Rows] = []

    def watch(rows: Rows, rng: np.random.Generator) -> Vectors:
        seen.append(rows)
        return draw(50, rng)

    made = replicate(patients, watch, rounds=2, rng=np.random.default_rng(1), engine=Engine(1))
    for rows, out in zip(seen, made.out.reshape(-1, 50), strict=True):
        np.testing.assert_array_equal(rows, np.flatnonzero(~out))


def test_replicates_do_not_depend_on_the_number_of_threads() -> None:
    patients = draw(60, np.random.default_rng(0))
    one, two = (
        replicate(patients, noise(patients), rounds=2, rng=np.random.default_rng(1), engine=Engine(jobs))
        for jobs in (1, 2)
    )
    np.testing.assert_array_equal(one.scores, two.scores)
    for identity, given in one.credits.items():
        np.testing.assert_array_equal(given, two.credits[identity])


def test_an_out_score_never_enters_its_own_mean_or_deviation() -> None:
    rng = np.random.default_rng(0)
    folds = np.array([rng.permutation(40) % FOLDS for _ in range(6)])
    out = folds[:, None] == np.arange(FOLDS)[None, :, None]
    scores = rng.normal(size=(6, FOLDS, 40, 2))
    before = leave_out._calibrate(scores, out)
    at, patient = 3, 7
    fold = folds[at, patient]
    moved = scores.copy()
    moved[at, fold, patient, 0] += 10.0
    once = leave_out._calibrate(moved, out)
    moved[at, fold, patient, 0] += 990.0
    after = leave_out._calibrate(moved, out)
    slope = once[at, fold, patient, 0] - before[at, fold, patient, 0]
    assert after[at, fold, patient, 0] - before[at, fold, patient, 0] == pytest.approx(100 * slope)
    untouched = np.ones(40, dtype=bool)
    untouched[patient] = False
    np.testing.assert_allclose(after[at][:, untouched, :2], before[at][:, untouched, :2])
    others = np.arange(6) != at
    assert not np.allclose(after[others][:, :, patient, 0], before[others][:, :, patient, 0])


def test_guesses_on_a_sample_stand_for_the_whole_cohort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave_out, "MOST_ATTACKED", 60)
    made, _ = judged(copies, 240, 4)
    assert len(made.targets.rows) < 120
    found = {one.id: one.figure.value for one in excess(made)}
    assert found[CriterionId.SINGLING_OUT_UNIVARIATE] > 0.5
    assert found[CriterionId.SINGLING_OUT_MULTIVARIATE] > 0.3


def test_targets_of_a_large_cohort_are_a_sample_and_the_most_isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave_out, "MOST_ATTACKED", 100)
    monkeypatch.setattr(leave_out, "MOST_ISOLATED", 10)
    patients = draw(1000, np.random.default_rng(0))
    patients.values[:5, :5] = 50.0 * np.arange(1, 6)[:, None]
    targets = Targets.of(patients.take(np.arange(300)), np.random.default_rng(1))
    assert set(range(5)) <= set(targets.rows[targets.isolated])
    assert targets.isolated.sum() == 10
    assert targets.random.sum() == 90
    assert len(Targets.of(patients, np.random.default_rng(1)).rows) <= 100
