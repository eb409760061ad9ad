import numpy as np
import pytest
from population import centred, draw, gain, halves, null_gains

from sosie.attack.copies import ExactCopies, NearCopies
from sosie.cohort import Vectors


@pytest.mark.parametrize("attack", [ExactCopies, NearCopies])
def test_a_copy_of_half_of_the_patients_is_found(attack: type[ExactCopies | NearCopies]) -> None:
    rng = np.random.default_rng(0)
    patients = draw(300, rng)
    release, inside = halves(patients, rng)
    built = attack.of(patients)
    assert gain(built, built.credit(release, rng), inside) > 0.95


@pytest.mark.parametrize("attack", [ExactCopies, NearCopies])
def test_an_independent_release_holds_no_more_copies_than_chance(attack: type[ExactCopies | NearCopies]) -> None:
    rng = np.random.default_rng(1)
    assert centred(null_gains(attack.of(draw(200, rng)), rng))


def test_a_blurred_copy_is_near_but_not_exact() -> None:
    rng = np.random.default_rng(2)
    patients = draw(200, rng)
    blurred = patients.values.copy()
    blurred[:, 1:5] += 1e-3
    release = Vectors(patients.columns, blurred)
    assert ExactCopies.of(patients).credit(release, rng).sum() == 0
    assert NearCopies.of(patients).credit(release, rng).mean() > 0.95


def test_a_copy_that_differs_in_a_constant_column_is_a_copy() -> None:
    patients = draw(50, np.random.default_rng(3))
    other = patients.values.copy()
    other[:, -1] = 2
    found = ExactCopies.of(patients).credit(Vectors(patients.columns, other), np.random.default_rng(0))
    assert (found == 1).all()


def test_swapped_columns_are_no_copy() -> None:
    patients = draw(50, np.random.default_rng(4))
    swapped = patients.values.copy()
    swapped[:, [1, 2]] = swapped[:, [2, 1]]
    assert ExactCopies.of(patients).credit(Vectors(patients.columns, swapped), np.random.default_rng(0)).sum() == 0
