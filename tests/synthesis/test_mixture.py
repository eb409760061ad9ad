from collections.abc import Callable

import numpy as np
import pytest
from severity import MIXED, K, mixed

from sosie.attack import leave_out
from sosie.cohort import Column, Kind, Vectors
from sosie.synthesis.mixture import Mixture

EXACT = {"deflection": np.inf}


def doubles(patients: Vectors, n: int, seed: int = 0, **settings: object) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return Mixture(**settings).fit(patients, rng).sample(n, rng).values  # type: ignore[arg-type]


def clusters(n: int, seed: int) -> Vectors:
    """Four clusters in eight dimensions, far apart."""
    rng = np.random.default_rng(seed)
    centres = 3 * np.random.default_rng(9).normal(size=(4, 8))
    values = centres[rng.integers(0, 4, n)] + rng.normal(size=(n, 8))
    return Vectors(tuple(Column(f"z{j}", Kind.NUMERIC) for j in range(8)), values)


def codes(n: int, seed: int) -> Vectors:
    """Twelve codes of two levels behind three factors."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 3))
    levels = [(factors[:, j % 3] + rng.normal(size=n) > j / 6 - 1).astype(float) for j in range(12)]
    return Vectors(tuple(Column(f"c{j}", Kind.CATEGORICAL, 2) for j in range(12)), np.column_stack(levels))


def attacked(patients: Vectors, deflection: float) -> float:
    """Return the AUC of the attacker's best combination of statistics."""
    maker, n = Mixture(deflection=deflection), len(patients)
    replicates = leave_out.replicate(
        patients,
        lambda kept, rng: maker.fit(patients.take(kept), rng).sample(n, rng),
        rounds=12,
        rng=np.random.default_rng(1),
    )
    return leave_out.membership(replicates, np.random.default_rng(2)).by_statistic["combined"][0]


def test_large_cohorts_keep_their_columns() -> None:
    real, made = mixed(20_000).values, doubles(mixed(20_000), 20_000)
    for j in range(3):
        shares = np.linspace(0.05, 0.95, 10)
        known, drawn = np.sort(real[~np.isnan(real[:, j]), j]), made[~np.isnan(made[:, j]), j]
        below = np.searchsorted(np.sort(drawn), np.quantile(known, shares)) / len(drawn)
        assert np.abs(below - shares).max() < 0.03
    levels = [np.bincount(table[:, 3].astype(int), minlength=4) / len(table) for table in (real, made)]
    assert np.abs(levels[0] - levels[1]).max() < 0.03


def test_two_coarse_columns_keep_their_correlation() -> None:
    rng = np.random.default_rng(0)
    latent = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 20_000)
    columns = tuple(Column(name, Kind.CATEGORICAL, 2) for name in "ab")
    patients = Vectors(columns, (latent > [0.0, 0.5]).astype(float))
    made = doubles(patients, 20_000, **EXACT)
    assert abs(np.corrcoef(made.T)[0, 1] - np.corrcoef(patients.values.T)[0, 1]) < 0.05


def test_clusters_are_kept_apart() -> None:
    real, made = clusters(2000, 0).values, doubles(clusters(2000, 0), 2000)
    centres = 3 * np.random.default_rng(9).normal(size=(4, 8))
    gaps = [((values[:, None] - centres) ** 2).sum(axis=2) for values in (real, made)]
    assert np.quantile(gaps[1].min(axis=1), 0.75) < 1.5 * np.quantile(gaps[0].min(axis=1), 0.75)
    shares = [np.bincount(gap.argmin(axis=1), minlength=4) / 2000 for gap in gaps]
    assert np.abs(shares[0] - shares[1]).max() < 0.08


def test_missing_patterns_are_kept() -> None:
    made = doubles(mixed(5000), 5000)
    gaps, last = np.isnan(made[:, 2]), made[:, 3] == 3
    assert abs(gaps.mean() - np.isnan(mixed(5000).values[:, 2]).mean()) < 0.04
    assert gaps[last].mean() > gaps[~last].mean() + 0.3
    assert not np.isnan(made[:, [0, 1, 3]]).any()


@pytest.mark.parametrize("deflection", [0.1, np.inf])
def test_no_tail_value_or_level_of_fewer_than_k_patients_comes_out(deflection: float) -> None:
    patients = mixed(300)
    patients.values[:5, 0] = 1e6
    patients.values[patients.values[:, 3] == 3, 3] = 2.0
    patients.values[: K - 1, 3] = 3.0
    made = doubles(patients, 20_000, deflection=deflection)
    for column in range(3):
        known = np.sort(patients.values[~np.isnan(patients.values[:, column]), column])
        drawn = made[~np.isnan(made[:, column]), column]
        assert known[K - 1] <= drawn.min()
        assert drawn.max() <= known[-K]
    assert not np.isin(made[:, 0], patients.values[:, 0]).any()
    assert set(np.unique(made[:, 3])) <= {0.0, 1.0, 2.0}


def test_categories_alone_keep_what_binds_them() -> None:
    rng = np.random.default_rng(0)
    level = rng.integers(0, 3, 3000)
    other = np.where(rng.random(3000) < 0.8, level, rng.integers(0, 3, 3000))
    columns = tuple(Column(name, Kind.CATEGORICAL, 3) for name in "ab")
    made = doubles(Vectors(columns, np.column_stack([level, other]).astype(float)), 3000)
    assert (made[:, 0] == made[:, 1]).mean() > 0.55


def test_weights_say_how_often_a_patient_counts() -> None:
    level = np.repeat([0.0, 1.0], 1000)
    weights = np.where(level == 1, 3.0, 1.0)
    made = doubles(Vectors((Column("c", Kind.CATEGORICAL, 2),), level[:, None], weights), 5000)
    assert abs(made.mean() - 0.75) < 0.05


def test_a_patient_of_weight_zero_leaves_no_trace() -> None:
    level = np.repeat([0.0, 1.0], 100)
    made = doubles(Vectors((Column("c", Kind.CATEGORICAL, 2),), level[:, None], level), 500)
    assert (made == 1).all()


def test_weights_that_are_all_zero_weigh_everybody_alike() -> None:
    assert np.isfinite(doubles(Vectors(MIXED, mixed(200).values, np.zeros(200)), 100)[:, 0]).all()


@pytest.mark.parametrize("population", [clusters, codes])
def test_without_noise_a_small_cohort_leaks(population: Callable[[int, int], Vectors]) -> None:
    assert attacked(population(100, 0), np.inf) > 0.6


def test_with_much_noise_nobody_can_be_told_by_their_codes() -> None:
    assert abs(attacked(codes(100, 0), 0.05) - 0.5) < 0.03


def test_noise_halves_the_leak_of_numbers_at_least() -> None:
    patients = clusters(100, 0)
    assert attacked(patients, 0.05) - 0.5 < (attacked(patients, np.inf) - 0.5) / 2
