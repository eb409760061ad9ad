import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.survival import Interval, integrated_distance, overlap, thinned
from sosie.tables.aligned import Aligned, Pair
from sosie.tables.followup import happened
from sosie.tables.survival import survival
from sosie.tables.targets import EndPoint

K = 11


def columns(original: np.ndarray, doubles: np.ndarray) -> list[Aligned]:
    events = Pair(np.ones(len(original)), np.ones(len(doubles)))
    groups = Pair(np.arange(len(original)) % 2.0, np.arange(len(doubles)) % 2.0)
    return [
        Aligned("days", "numeric", Pair(original, doubles)),
        Aligned("death", "ordinal", events, events, ("1",)),
        Aligned("arm", "categorical", None, groups, ("a", "b")),
    ]


def test_a_halved_survival_is_seen(rng: np.random.Generator) -> None:
    original = rng.exponential(100, 600)
    end_point = EndPoint("days", "death", "arm")
    same = survival(columns(original, rng.exponential(100, 600)), end_point, rng, K)
    half = survival(columns(original, rng.exponential(50, 600)), end_point, rng, K)
    assert same is not None
    assert half is not None
    assert same["distance"] < 0.05 < half["distance"]
    assert same["logrank_p"] > 1e-3 > half["groups"][0]["logrank_p"]


def test_the_hazard_ratio_of_an_arm_is_found(rng: np.random.Generator) -> None:
    scale = np.where(np.arange(2000) % 2 == 1, 50.0, 100.0)
    report = survival(
        columns(rng.exponential(scale), rng.exponential(100, 2000)), EndPoint("days", "death", "arm"), rng, K
    )
    assert report is not None
    (hazard,) = report["cox"]
    assert hazard["original"][0] == pytest.approx(2, rel=0.15)
    assert hazard["doubles"][0] == pytest.approx(1, rel=0.15)
    assert hazard["overlap"] == 0


def test_covariates_stand_in_for_groups(rng: np.random.Generator) -> None:
    age = rng.normal(60, 10, 800)
    days = rng.exponential(np.exp(-(age - 60) / 10) * 100)
    table = [*columns(days, days), Aligned("age", "numeric", Pair(age, age))]
    report = survival(table, EndPoint("days", "death"), rng, K)
    assert report is not None
    assert [hazard["name"] for hazard in report["cox"]] == ["age"]
    assert report["cox"][0]["original"][0] == pytest.approx(np.e, rel=0.15)
    assert report["overlap"] == pytest.approx(1)


def test_too_few_events_are_not_analysed(rng: np.random.Generator) -> None:
    days = rng.exponential(100, 2 * K - 1)
    assert survival(columns(days, days), EndPoint("days", "death"), rng, K) is None


@given(st.lists(st.integers(0, 30), max_size=60))
def test_each_step_of_a_published_curve_stands_for_k_patients(left: list[int]) -> None:
    removed = np.array(left, dtype=float)
    times = np.arange(1, len(left) + 1, dtype=float)
    shown, _ = thinned(times, np.linspace(1, 0, len(left)), removed, K)
    for start, end in itertools.pairwise(shown):
        assert removed[(times > start) & (times <= end)].sum() >= K


def test_the_distance_of_two_step_curves_is_their_mean_gap() -> None:
    first = (np.array([5.0]), np.array([0.0]))
    second = (np.array([10.0]), np.array([0.0]))
    assert integrated_distance(first, second, 10.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("levels", "codes", "expected"),
    [(("alive", "dead"), [0, 1], [0, 1]), (("oui", "non"), [0, 1], [1, 0]), (("censored", "shock"), [0, 1], [0, 1])],
)
def test_events_are_read_from_their_level(levels: tuple[str, ...], codes: list[int], expected: list[int]) -> None:
    pair = Pair(np.array(codes, dtype=float), np.array(codes, dtype=float))
    assert happened(Aligned("status", "categorical", None, pair, levels), "original").tolist() == expected


def test_events_coded_one_and_two_are_the_twos() -> None:
    pair = Pair(np.array([1.0, 2.0, np.nan]), np.array([1.0]))
    assert happened(Aligned("status", "ordinal", pair, pair, ("1", "2")), "original")[:2].tolist() == [0, 1]


def test_overlap_is_one_for_the_same_interval_and_zero_for_disjoint_ones() -> None:
    one = Interval(1.0, 0.5, 2.0)
    assert overlap(one, one) == pytest.approx(1)
    assert overlap(one, Interval(4.0, 3.0, 5.0)) == 0
    assert overlap(one, Interval(1.0, 0.25, 4.0)) == pytest.approx(0.75)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
