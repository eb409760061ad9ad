import numpy as np

from sosie.attack.fidelity import fidelity
from sosie.cohort import Column, Kind, Vectors

COLUMNS = (Column("a", Kind.NUMERIC), Column("b", Kind.NUMERIC), Column("c", Kind.CATEGORICAL, 2))


def people(n: int, seed: int, link: float = 0.9) -> Vectors:
    rng = np.random.default_rng(seed)
    first = rng.normal(size=n)
    second = link * first + np.sqrt(1 - link**2) * rng.normal(size=n)
    second[rng.random(n) < 0.1] = np.nan
    return Vectors(COLUMNS, np.column_stack([first, second, rng.integers(0, 2, n)]))


def test_the_patients_themselves_are_perfectly_faithful() -> None:
    patients = people(200, 0)
    found = fidelity(patients, patients, np.random.default_rng(0))
    assert (found.shapes, found.pairs, found.utility) == (1.0, 1.0, 1.0)


def test_a_lost_association_costs_pairs_and_not_shapes() -> None:
    rng = np.random.default_rng(0)
    kept, lost = (fidelity(people(2000, 0), people(2000, 1, link), rng) for link in (0.9, 0.0))
    assert lost.pairs < kept.pairs - 0.1
    assert abs(lost.shapes - kept.shapes) < 0.03


def test_a_shifted_column_costs_shapes() -> None:
    patients, shifted = people(500, 0), people(500, 1)
    shifted.values[:, 0] += 5.0
    assert fidelity(patients, shifted, np.random.default_rng(0)).shapes < 0.75


def test_columns_that_never_vary_say_nothing() -> None:
    still = Vectors(COLUMNS[:1], np.ones((20, 1)))
    assert fidelity(still, still, np.random.default_rng(0)).utility == 1.0
