import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sosie.cohort import Column, Kind
from sosie.synthesis.grid import MISSING, fit_grid

NUMBER = Column("x", Kind.NUMERIC)
K = 11


def kth_extremes(values: np.ndarray, k: int) -> tuple[float, float]:
    known = np.sort(values[~np.isnan(values)])
    return known[k - 1], known[-k]


@given(arrays(np.float64, st.integers(1, 200), elements=st.integers(-6, 6).map(float) | st.just(np.nan)))
def test_no_code_stands_for_fewer_than_k_patients(values: np.ndarray) -> None:
    codes = fit_grid(NUMBER, values, k=K, bins=40).encode(values)
    counts = np.bincount(codes)
    assert ((counts == 0) | (counts >= K)).all() or (codes == MISSING).all()


@given(arrays(np.float64, st.integers(K, 200), elements=st.floats(-1e6, 1e6)), st.integers(1, 60))
def test_drawn_numbers_end_at_the_kth_extreme(values: np.ndarray, bins: int) -> None:
    rng = np.random.default_rng(0)
    grid = fit_grid(NUMBER, values, k=K, bins=bins)
    drawn = grid.draw(grid.encode(values), rng)
    low, high = kth_extremes(values, K)
    reach = 1e-9 * max(abs(low), abs(high), 1.0)
    assert ((drawn >= min(low, high) - reach) & (drawn <= max(low, high) + reach)).all()


def test_a_lonely_outlier_does_not_stretch_the_tail() -> None:
    values = np.append(np.random.default_rng(0).normal(size=500), [1e6] * (K - 1))
    grid = fit_grid(NUMBER, values, k=K, bins=40)
    assert np.nanmax(grid.draw(grid.encode(values), np.random.default_rng(1))) < 10


def test_a_value_that_many_share_comes_out_exactly_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([np.zeros(300), rng.normal(size=300)])
    drawn = (grid := fit_grid(NUMBER, values, k=K, bins=40)).draw(grid.encode(values), rng)
    assert (drawn == 0).sum() == 300
    assert not np.isin(drawn[drawn != 0], values).any()


@pytest.mark.parametrize("known", [1, K - 1])
def test_a_column_that_fewer_than_k_patients_have_comes_out_missing(known: int) -> None:
    values = np.full(100, np.nan)
    values[:known] = np.arange(known)
    grid = fit_grid(NUMBER, values, k=K, bins=40)
    assert np.isnan(grid.draw(grid.encode(values), np.random.default_rng(0))).all()


def test_fewer_than_k_missing_values_do_not_come_out() -> None:
    values = np.random.default_rng(0).normal(size=100)
    values[: K - 1] = np.nan
    assert (fit_grid(NUMBER, values, k=K, bins=40).encode(values) != MISSING).all()
    values[:K] = np.nan
    assert (fit_grid(NUMBER, values, k=K, bins=40).encode(values) == MISSING).sum() == K


def test_a_level_of_fewer_than_k_patients_becomes_the_most_frequent() -> None:
    values = np.repeat([0.0, 1.0, 2.0, np.nan], [40, 60, K - 1, 20])
    grid = fit_grid(Column("c", Kind.CATEGORICAL, 3), values, k=K, bins=40)
    drawn = grid.draw(grid.encode(values), np.random.default_rng(0))
    assert (drawn == 1).sum() == 60 + K - 1
    assert not (drawn == 2).any()


def test_two_patients_give_nothing_away() -> None:
    values = np.array([1.0, 2.0])
    assert (fit_grid(NUMBER, values, k=K, bins=40).encode(values) == MISSING).all()
    assert (fit_grid(Column("c", Kind.CATEGORICAL, 3), values, k=K, bins=40).encode(values) == MISSING).all()


def test_codes_keep_the_order_of_the_values() -> None:
    values = np.random.default_rng(0).lognormal(size=400).round(2)
    codes = fit_grid(NUMBER, values, k=K, bins=40).encode(values)
    atoms = fit_grid(NUMBER, values, k=K, bins=40).apart[codes]
    order = np.argsort(values)
    assert (np.diff(codes[order][~atoms[order]].astype(int)) >= 0).all()
