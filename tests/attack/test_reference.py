import numpy as np
from population import draw

from sosie.attack.proximity import NAMES
from sosie.attack.reference import Scores, calibrated_membership
from sosie.cohort import Vectors
from sosie.evidence import CriterionId


def scored(rng: np.random.Generator, n: int, release: Vectors | None = None) -> Scores:
    members, others, reference = draw(n, rng), draw(n, rng), draw(n, rng)
    return calibrated_membership(members, others, reference, members if release is None else release, rng)


def test_a_copy_is_recognised_by_every_density() -> None:
    rng = np.random.default_rng(0)
    scores = scored(rng, 250)
    found = scores.judge(rng, resamples=200)
    assert found.auc.value > 0.999
    assert found.tpr.value > 0.99
    assert found.isolated_auc.value > 0.999
    for at, name in enumerate(NAMES):
        alone = Scores(scores.values[:, [at]], scores.members, scores.isolated).judge(rng, resamples=100)
        assert alone.auc.value > 0.55, name


def test_an_independent_release_recognises_nobody() -> None:
    rng = np.random.default_rng(1)
    found = scored(rng, 500, draw(500, rng)).judge(rng, resamples=400)
    assert 0.44 < found.auc.value < 0.57
    assert found.auc.upper_95 > 0.5
    assert found.tpr.value < 0.06


def test_the_bound_covers_the_truth_19_times_in_20() -> None:
    rng = np.random.default_rng(2)
    covered = [scored(rng, 60, draw(60, rng)).judge(rng, resamples=200).auc.upper_95 >= 0.5 for _ in range(40)]
    assert np.mean(covered) >= 0.88


def test_the_worst_statistic_is_named() -> None:
    rng = np.random.default_rng(3)
    assert scored(rng, 60).judge(rng, resamples=100).auc.statistic in NAMES


def test_other_labels_give_other_figures_and_the_true_ones_the_value() -> None:
    rng = np.random.default_rng(4)
    scores = scored(rng, 80)
    truth = np.arange(160) < 80
    figures = scores.figures(np.array([truth, rng.permutation(truth)]))
    found = scores.judge(rng, resamples=100)
    assert figures[CriterionId.REFERENCE_AUC][0] == found.auc.value
    assert figures[CriterionId.REFERENCE_TPR][0] == found.tpr.value
    assert figures[CriterionId.REFERENCE_ISOLATED_AUC][0] == found.isolated_auc.value
    assert figures[CriterionId.REFERENCE_AUC][1] < 0.7


def test_without_isolated_controls_the_isolated_are_not_judged() -> None:
    rng = np.random.default_rng(5)
    scores = scored(rng, 40)
    found = Scores(scores.values, 40, np.arange(80) < 8).judge(rng, resamples=100)
    assert found.isolated_auc.value == 0.5
    assert found.isolated_auc.upper_95 == 1.0
