import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sosie.attack.roc import Curve, auc, tpr_at


def test_ties_count_half() -> None:
    same = np.zeros(10)
    assert auc(same, same) == 0.5
    assert abs(tpr_at(same, same) - 0.01) < 1e-12


def test_nobody_to_compare_with_is_chance() -> None:
    assert auc(np.ones(3), np.zeros(0)) == 0.5


def test_each_way_to_count_has_its_own_curve() -> None:
    curve = Curve.of(np.array([3.0, 2.0, 1.0]))
    members = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    area, found = curve.figures(members, 1.0 - members)
    np.testing.assert_allclose(area, [1.0, 0.0, 0.5])
    np.testing.assert_allclose(found, [1.0, 0.0, 0.01])


small = st.lists(st.integers(-5, 5), min_size=1, max_size=12)


@given(small, small)
def test_the_area_is_the_share_of_pairs_in_order(inside: list[int], outside: list[int]) -> None:
    members, others = np.array(inside, dtype=float), np.array(outside, dtype=float)
    pairs = np.sign(members[:, None] - others[None])
    assert abs(auc(members, others) - (pairs.mean() + 1) / 2) < 1e-12
    assert 0 <= tpr_at(members, others) <= 1
