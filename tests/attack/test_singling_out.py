import numpy as np
import pytest
from population import centred, draw, gain, halves, null_gains

from sosie.attack.singling_out import Multivariate, Univariate
from sosie.cohort import Column, Kind, Vectors

ATTACKS = [Univariate, Multivariate]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_copy_of_half_of_the_patients_is_singled_out(attack: type[Univariate | Multivariate]) -> None:
    rng = np.random.default_rng(0)
    patients = draw(300, rng)
    release, inside = halves(patients, rng)
    built = attack.of(patients)
    assert gain(built, built.credit(release, rng), inside) > 0.3


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_independent_release_singles_nobody_out_above_the_baseline(
    attack: type[Univariate | Multivariate],
) -> None:
    rng = np.random.default_rng(1)
    assert centred(null_gains(attack.of(draw(200, rng)), rng))


@pytest.mark.parametrize("attack", ATTACKS)
def test_credits_add_up_to_a_success_rate(attack: type[Univariate | Multivariate]) -> None:
    rng = np.random.default_rng(2)
    patients = draw(100, rng)
    assert 0 < attack.of(patients).credit(patients, rng).sum() <= 1


def column(values: list[float], kind: Kind = Kind.NUMERIC) -> Vectors:
    return Vectors((Column("x", kind, 9),), np.array(values, dtype=float)[:, None])


def test_a_lone_category_and_a_lone_gap_isolate_their_owner() -> None:
    attack = Univariate.of(column([0, 0, 1, 1, 3, np.nan], Kind.CATEGORICAL))
    found = attack.credit(column([0, 0, 3, np.nan], Kind.CATEGORICAL), np.random.default_rng(0))
    np.testing.assert_allclose(found, [0, 0, 0, 0, 0.5, 0.5])


def test_a_tail_isolates_the_only_patient_beyond_it() -> None:
    attack = Univariate.of(column([1, 2, 2, 10]))
    found = attack.credit(column([1.5, 2, 2, 9.5]), np.random.default_rng(0))
    np.testing.assert_allclose(found, [0.25, 0, 0, 0.25])  # x = 1.5 and x = 9.5 are guesses that fail


def test_a_release_without_lone_values_offers_no_guess() -> None:
    attack = Univariate.of(column([1, 2, 3]))
    assert attack.credit(column([1, 1, 2, 2]), np.random.default_rng(0)).sum() == 0


def test_a_double_that_another_equals_is_no_multivariate_guess() -> None:
    patients = draw(50, np.random.default_rng(3))
    twice = patients.take(np.repeat(np.arange(25), 2))
    assert Multivariate.of(patients).credit(twice, np.random.default_rng(0)).sum() == 0


@pytest.mark.parametrize("attack", ATTACKS)
def test_degenerate_columns_are_harmless(attack: type[Univariate | Multivariate]) -> None:
    empty = column([np.nan] * 20)
    assert attack.of(empty).credit(empty, np.random.default_rng(0)).sum() == 0
