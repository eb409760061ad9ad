import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from population import draw

from sosie.attack.reference import auc, calibrated_membership, judge, tpr_at


def test_a_copy_is_recognised() -> None:
    rng = np.random.default_rng(0)
    members, others, reference = draw(300, rng), draw(200, rng), draw(200, rng)
    found = judge(calibrated_membership(members, others, reference, members), rng, resamples=200)
    assert found.auc.value > 0.999
    assert found.tpr.value > 0.99
    assert found.isolated_auc.value > 0.999


def test_an_independent_release_recognises_nobody() -> None:
    rng = np.random.default_rng(1)
    found = judge(calibrated_membership(*(draw(500, rng) for _ in range(4))), rng, resamples=400)
    assert 0.44 < found.auc.value < 0.56
    assert found.auc.upper_95 > 0.5
    assert found.tpr.value < 0.05


def test_the_bound_covers_the_truth_19_times_in_20() -> None:
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(100):
        scores = calibrated_membership(*(draw(60, rng) for _ in range(4)))
        covered.append(judge(scores, rng, resamples=200).auc.upper_95 >= 0.5)
    assert np.mean(covered) >= 0.88


def test_ties_count_half() -> None:
    same = np.zeros(10)
    assert auc(same, same) == 0.5
    assert abs(tpr_at(same, same) - 0.01) < 1e-12


def test_nobody_to_compare_with_is_chance() -> None:
    assert auc(np.ones(3), np.zeros(0)) == 0.5


small = st.lists(st.integers(-5, 5), min_size=1, max_size=12)


@given(small, small)
def test_the_area_is_the_share_of_pairs_in_order(inside: list[int], outside: list[int]) -> None:
    members, others = np.array(inside, dtype=float), np.array(outside, dtype=float)
    pairs = np.sign(members[:, None] - others[None])
    assert abs(auc(members, others) - (pairs.mean() + 1) / 2) < 1e-12
    assert 0 <= tpr_at(members, others) <= 1
