from collections.abc import Mapping

import numpy as np

from sosie.attack.permutation import Figures, against_chance
from sosie.cohort import Floats, Mask
from sosie.evidence import CriterionId

FIRST, SECOND, THIRD = list(CriterionId)[:3]


def gaps(scores: Floats) -> Figures:
    """Difference of means between the groups, one criterion a column."""

    def figures(labels: Mask) -> Mapping[CriterionId, Floats]:
        inside = labels @ scores / labels.sum(axis=1, keepdims=True)
        outside = ~labels @ scores / (~labels).sum(axis=1, keepdims=True)
        return dict(zip((FIRST, SECOND, THIRD), (inside - outside).T, strict=False))

    return figures


def test_what_sets_the_originals_apart_is_significant_and_the_rest_is_not() -> None:
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(80, 3))
    scores[:40, 1] += 3.0
    found = against_chance(gaps(scores), 40, 40, rng, permutations=400)
    assert found[SECOND].significant
    assert found[SECOND].p < 0.01
    assert found[SECOND].needed < 1
    assert not found[FIRST].significant
    assert not found[THIRD].significant


def test_among_all_criteria_a_false_alarm_comes_once_in_twenty() -> None:
    rng = np.random.default_rng(1)
    alarms = [
        any(
            one.significant
            for one in against_chance(gaps(rng.normal(size=(40, 3))), 20, 20, rng, permutations=200).values()
        )
        for _ in range(300)
    ]
    assert np.mean(alarms) < 0.09


def test_a_criterion_that_never_varies_is_no_sign_of_anything() -> None:
    rng = np.random.default_rng(2)
    found = against_chance(gaps(np.zeros((20, 3))), 10, 10, rng, permutations=100)
    assert all(one.p == 1 and one.needed == np.inf for one in found.values())


def test_a_difference_that_few_patients_hide_says_how_many_would_show_it() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(200, 3))
    scores[:, 0] = np.r_[np.full(100, 0.3), np.zeros(100)] + np.tile([-1.0, 1.0], 100)
    found = against_chance(gaps(scores), 100, 100, rng, permutations=400)
    assert not found[FIRST].significant
    assert 1 < found[FIRST].needed < 4
