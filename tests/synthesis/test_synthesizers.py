"""What every synthesizer of whole cohorts keeps to, whatever its method."""

from collections.abc import Callable

import numpy as np
import pytest
from severity import NUMBERS, K, mixed

from sosie.cohort import Column, Kind, Synthesizer, Vectors
from sosie.synthesis.mixture import Mixture
from sosie.synthesis.trees import Trees

Maker = Callable[[int], Synthesizer]


@pytest.fixture(
    params=[lambda jobs: Trees(donors=0.5, jobs=jobs), lambda jobs: Mixture(jobs=jobs)], ids=["trees", "mixture"]
)
def maker(request: pytest.FixtureRequest) -> Maker:
    return request.param


def doubles(maker: Maker, patients: Vectors, n: int, seed: int = 0, jobs: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return maker(jobs).fit(patients, rng).sample(n, rng).values


def test_the_same_seed_gives_the_same_doubles_on_one_thread_and_on_two(maker: Maker) -> None:
    patients = mixed(400)
    first = doubles(maker, patients, 45_000, jobs=1)
    np.testing.assert_array_equal(first, doubles(maker, patients, 45_000, jobs=2))
    assert not np.array_equal(first, doubles(maker, patients, 45_000, seed=1), equal_nan=True)


def test_independent_columns_stay_independent(maker: Maker) -> None:
    noise = Vectors(NUMBERS, np.random.default_rng(0).normal(size=(1000, 3)))
    assert np.abs(np.corrcoef(doubles(maker, noise, 5000).T) - np.eye(3)).max() < 0.12


@pytest.mark.parametrize("n", [0, 1, 7, 500])
def test_any_number_of_doubles(maker: Maker, n: int) -> None:
    assert doubles(maker, mixed(100), n).shape == (n, 4)


@pytest.mark.parametrize("patients", [1, 2, 21, 22, 23])
def test_few_patients_are_no_error_and_fewer_than_k_give_nothing(maker: Maker, patients: int) -> None:
    made = doubles(maker, mixed(patients), 50)
    assert made.shape == (50, 4)
    if patients < K:
        assert np.isnan(made).all()


@pytest.mark.parametrize(
    ("column", "kind"),
    [(np.full(60, np.nan), Kind.NUMERIC), (np.full(60, 3.0), Kind.NUMERIC), (np.zeros(60), Kind.CATEGORICAL)],
)
def test_a_missing_or_constant_column_comes_out_as_it_is(maker: Maker, column: np.ndarray, kind: Kind) -> None:
    made = doubles(maker, Vectors((Column("only", kind, int(kind is Kind.CATEGORICAL)),), column[:, None]), 30)
    np.testing.assert_array_equal(made[:, 0], column[:30])


def test_missing_and_constant_columns_do_not_disturb_the_others(maker: Maker) -> None:
    inner = mixed(1000)
    columns = (Column("gone", Kind.NUMERIC), *inner.columns, Column("same", Kind.NUMERIC))
    made = doubles(maker, Vectors(columns, np.column_stack([np.full(1000, np.nan), inner.values, np.ones(1000)])), 1000)
    assert np.isnan(made[:, 0]).all()
    assert (made[:, 5] == 1).all()
    assert np.corrcoef(made[:, 1], made[:, 4])[0, 1] > 0.8


def test_planted_dependence_is_kept(maker: Maker) -> None:
    real, made = mixed(3000).values, doubles(maker, mixed(3000), 3000)
    for a, b in ((0, 1), (0, 3), (1, 3)):
        ranks = [np.corrcoef(np.argsort(np.argsort(v[:, a])), v[:, b].argsort().argsort())[0, 1] for v in (real, made)]
        assert abs(ranks[0] - ranks[1]) < 0.1
