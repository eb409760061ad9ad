import numpy as np
import pytest

from sosie.cohort import Column, Kind, Vectors
from sosie.synthesis.trees import Trees, donor_share

NUMBERS = tuple(Column(f"n{i}", Kind.NUMERIC) for i in range(3))
MIXED = (*NUMBERS, Column("c", Kind.CATEGORICAL, 4))
K = 11


def mixed(n: int, seed: int = 0) -> Vectors:
    """A severity behind two numbers and a category; a number whose gaps follow the category."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    level = np.digitize(severity, [-1, 0, 1]).astype(float)
    numbers = [severity + rng.normal(scale=0.3, size=n), np.exp(severity), rng.normal(size=n)]
    numbers[2][(level == 3) | (rng.random(n) < 0.1)] = np.nan
    return Vectors(MIXED, np.column_stack([*numbers, level]))


def doubles(patients: Vectors, n: int, seed: int = 0, **settings: object) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return Trees(**{"donors": 0.5, **settings}).fit(patients, rng).sample(n, rng).values  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_doubles_on_one_thread_and_on_two() -> None:
    patients = mixed(400)
    first = doubles(patients, 45_000, jobs=1)
    np.testing.assert_array_equal(first, doubles(patients, 45_000, jobs=2))
    assert not np.array_equal(first, doubles(patients, 45_000, seed=1), equal_nan=True)


def test_planted_dependence_is_kept() -> None:
    real, made = mixed(2000).values, doubles(mixed(2000), 2000)
    for a, b in ((0, 1), (0, 3), (1, 3)):
        ranks = [np.corrcoef(np.argsort(np.argsort(v[:, a])), v[:, b].argsort().argsort())[0, 1] for v in (real, made)]
        assert abs(ranks[0] - ranks[1]) < 0.1


def test_independent_columns_stay_independent() -> None:
    rng = np.random.default_rng(0)
    noise = Vectors(NUMBERS, rng.normal(size=(1000, 3)))
    assert np.abs(np.corrcoef(doubles(noise, 5000).T) - np.eye(3)).max() < 0.12


def test_missing_patterns_are_kept() -> None:
    made = doubles(mixed(2000), 4000)
    gaps, last = np.isnan(made[:, 2]), made[:, 3] == 3
    assert abs(gaps[~last].mean() - 0.1) < 0.05
    assert gaps[last].mean() > 0.9
    assert not np.isnan(made[:, [0, 1, 3]]).any()


def test_no_tail_value_or_level_of_fewer_than_k_patients_comes_out() -> None:
    patients = mixed(300)
    patients.values[:5, 0] = 1e6
    patients.values[5:12, 3] = 2.0
    patients.values[patients.values[:, 3] == 3, 3] = 2.0
    patients.values[: K - 1, 3] = 3.0
    made = doubles(patients, 20_000)
    for column in range(3):
        known = np.sort(patients.values[~np.isnan(patients.values[:, column]), column])
        drawn = made[~np.isnan(made[:, column]), column]
        assert known[K - 1] <= drawn.min()
        assert drawn.max() <= known[-K]
    assert not np.isin(made[:, 0], patients.values[:, 0]).any()
    assert set(np.unique(made[:, 3])) == {0.0, 1.0, 2.0}


@pytest.mark.parametrize("n", [0, 1, 7, 500])
def test_any_number_of_doubles(n: int) -> None:
    assert doubles(mixed(100), n).shape == (n, 4)


@pytest.mark.parametrize("patients", [1, 2, 21, 22, 23])
def test_few_patients_are_no_error_and_fewer_than_k_give_nothing(patients: int) -> None:
    made = doubles(mixed(patients), 50)
    assert made.shape == (50, 4)
    if patients < K:
        assert np.isnan(made).all()


@pytest.mark.parametrize(
    ("column", "kind"),
    [(np.full(60, np.nan), Kind.NUMERIC), (np.full(60, 3.0), Kind.NUMERIC), (np.zeros(60), Kind.CATEGORICAL)],
)
def test_one_column_that_is_missing_or_constant_comes_out_as_it_is(column: np.ndarray, kind: Kind) -> None:
    made = doubles(Vectors((Column("only", kind, int(kind is Kind.CATEGORICAL)),), column[:, None]), 30)
    np.testing.assert_array_equal(made[:, 0], column[:30])


def test_missing_and_constant_columns_do_not_disturb_the_others() -> None:
    inner = mixed(1000)
    columns = (Column("gone", Kind.NUMERIC), *inner.columns, Column("same", Kind.NUMERIC))
    made = doubles(Vectors(columns, np.column_stack([np.full(1000, np.nan), inner.values, np.ones(1000)])), 1000)
    assert np.isnan(made[:, 0]).all()
    assert (made[:, 5] == 1).all()
    assert np.corrcoef(made[:, 1], made[:, 4])[0, 1] > 0.8


def test_weights_say_how_often_a_patient_counts() -> None:
    rng = np.random.default_rng(0)
    level = np.repeat([0.0, 1.0], 1000)
    patients = Vectors((Column("c", Kind.CATEGORICAL, 2),), level[:, None], np.where(level == 1, 3.0, 1.0))
    made = Trees(donors=0.5).fit(patients, rng).sample(5000, rng).values
    assert abs(made.mean() - 0.75) < 0.05


def test_a_patient_of_weight_zero_is_never_drawn_from() -> None:
    rng = np.random.default_rng(0)
    level = np.repeat([0.0, 1.0], 100)
    made = Trees(donors=0.5).fit(Vectors((Column("c", Kind.CATEGORICAL, 2),), level[:, None], level), rng)
    assert (made.sample(500, rng).values == 1).all()


def test_weights_that_are_all_zero_weigh_everybody_alike() -> None:
    rng = np.random.default_rng(0)
    patients = Vectors(MIXED, mixed(200).values, np.zeros(200))
    assert np.isfinite(Trees(donors=0.5).fit(patients, rng).sample(100, rng).values[:, 0]).all()


def test_the_default_share_of_donors_falls_with_fewer_patients_and_never_below_k() -> None:
    shares = [donor_share(n, MIXED, K, 40) for n in (50, 500, 5_000, 500_000)]
    assert shares == sorted(shares)
    assert shares[-1] == 0.5
    assert min(share * n for share, n in zip(shares, (50, 500, 5_000, 500_000), strict=True)) >= K - 1e-9


def test_a_column_that_follows_another_is_drawn_right_after_it() -> None:
    from sosie.synthesis.trees import _sequence

    columns = (
        Column("event", Kind.CATEGORICAL, 2, after="duration"),
        Column("age", Kind.NUMERIC),
        Column("duration", Kind.NUMERIC),
        Column("score", Kind.NUMERIC, after="nowhere"),
    )
    assert [columns[j].name for j in _sequence(columns)] == ["age", "duration", "event", "score"]
