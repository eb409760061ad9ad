import numpy as np
from severity import MIXED, K, mixed

from sosie.cohort import Column, Kind, Vectors
from sosie.synthesis.trees import Trees, donor_share


def doubles(patients: Vectors, n: int, seed: int = 0, **settings: object) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return Trees(**{"donors": 0.5, **settings}).fit(patients, rng).sample(n, rng).values  # type: ignore[arg-type]


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
