import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.attack.estimate import Figure, auc_by_round, over_rounds, rounds_needed, tpr_over_rounds


def test_bounds_hold_for_nineteen_of_twenty_sets_of_rounds() -> None:
    rng = np.random.default_rng(0)
    covered = [over_rounds(rng.normal(0.5, 0.1, (20, 1))).upper_95 >= 0.5 for _ in range(1000)]
    assert 0.93 < np.mean(covered) < 0.97


def test_bounds_hold_for_several_figures_at_once() -> None:
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(1000):
        rounds = rng.normal(0.5, 0.1, (20, 6))
        missed += over_rounds(rounds).upper_95 < 0.5
    assert missed <= 50


def test_the_worst_figure_is_the_one_with_the_largest_bound() -> None:
    found = over_rounds(np.array([[0.1, 0.0], [0.1, 0.3], [0.1, 0.1]]))
    assert found.worst == 1
    assert found.value == pytest.approx(0.4 / 3)


@pytest.mark.parametrize(("trials", "upper"), [(0, 0.0), (59, 1 - 0.05 ** (1 / 59)), (1000, 0.003)])
def test_no_success_in_any_round_still_leaves_doubt(trials: int, upper: float) -> None:
    assert over_rounds(np.zeros((5, 1)), trials=trials).upper_95 == pytest.approx(upper, abs=1e-5)


def test_one_round_shows_nothing() -> None:
    assert over_rounds(np.zeros((1, 2))).upper_95 == np.inf
    out = np.arange(5)[None, :, None] == np.zeros((1, 1, 4))
    assert tpr_over_rounds(np.zeros((1, 5, 4)), out, np.random.default_rng(0)).upper_95 == np.inf


@given(st.lists(st.integers(-3, 3), min_size=10, max_size=10), st.integers(0, 4))
def test_the_area_counts_pairs_and_half_of_the_ties(values: list[int], left: int) -> None:
    scores = np.array(values, dtype=float).reshape(1, 5, 2)
    out = np.broadcast_to(np.arange(5)[None, :, None] == left, scores.shape)
    inside, outside = scores[~out], scores[out]
    pairs = (inside[:, None] > outside).mean() + 0.5 * (inside[:, None] == outside).mean()
    assert auc_by_round(scores, out)[0] == pytest.approx(pairs)


def test_true_positives_are_counted_above_the_highest_hundredth_of_non_members() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20, 5, 200))
    out = np.broadcast_to(np.arange(5)[None, :, None] == np.arange(200) % 5, scores.shape)
    assert abs(tpr_over_rounds(scores, out, rng).value - 0.01) < 0.004
    found = tpr_over_rounds(scores + 10.0 * ~out, out, rng)
    assert (found.value, found.upper_95) == (1.0, 1.0)


def test_ties_are_no_true_positives() -> None:
    out = np.broadcast_to(np.arange(5)[None, :, None] == np.zeros((3, 1, 8)), (3, 5, 8))
    assert tpr_over_rounds(np.zeros((3, 5, 8)), out, np.random.default_rng(0)).value == 0.0


def test_four_times_the_rounds_halve_the_margin() -> None:
    assert rounds_needed(Figure(0.5, 0.6, 0, 0.1), 0.55, 10) == 40


@pytest.mark.parametrize("figure", [Figure(0.55, 0.6, 0, 0.1), Figure(0.5, np.inf, 0, np.inf), Figure(np.nan, np.nan)])
def test_no_number_of_rounds_helps_a_value_that_is_too_high_or_unknown(figure: Figure) -> None:
    assert rounds_needed(figure, 0.55, 10) is None


@pytest.mark.parametrize("confidence", [0.9875, 0.9999])
def test_a_higher_confidence_gives_a_wider_bound_of_the_same_figure(confidence: float) -> None:
    rng = np.random.default_rng(0)
    rounds, out = rng.normal(0.5, 0.02, (10, 3)), np.eye(5, dtype=bool)[None].repeat(10, 0).repeat(4, 2)
    plain, strict = over_rounds(rounds), over_rounds(rounds, confidence=confidence)
    assert (strict.value, strict.upper_95 > plain.upper_95) == (plain.value, True)
    scores = rng.normal(size=out.shape)
    found = [tpr_over_rounds(scores, out, np.random.default_rng(1), confidence=level) for level in (0.95, confidence)]
    assert (found[1].value, found[1].upper_95 > found[0].upper_95) == (found[0].value, True)
