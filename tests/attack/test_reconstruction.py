import numpy as np
from population import centred, draw, gain, halves, null_gains

from sosie.attack.leave_out import excess, replicate
from sosie.attack.reconstruction import Linear
from sosie.cohort import Column, Kind, Vectors
from sosie.engine import Engine
from sosie.evidence import CriterionId


def built(patients: Vectors, seed: int = 0) -> Linear:
    return Linear.of(patients, np.random.default_rng(seed))


def test_a_copy_of_half_of_the_patients_gives_their_secrets_back() -> None:
    rng = np.random.default_rng(0)
    patients = draw(300, rng)
    release, inside = halves(patients, rng)
    attack = built(patients)
    found = attack.credit(release, rng)
    assert found[inside].mean() > 0.9
    assert gain(attack, found, inside) > 0.3


def test_an_independent_release_gives_nothing_back() -> None:
    rng = np.random.default_rng(1)
    assert centred(null_gains(built(draw(200, rng)), rng))


def test_exact_averages_alone_give_secrets_away_without_a_copied_row() -> None:
    rng = np.random.default_rng(2)
    patients = draw(200, rng)
    copied = patients.take(np.repeat(rng.permutation(200)[:100], 2))
    shifted = Vectors(patients.columns, copied.values + np.where(np.arange(9) < 5, 1e-6, 0.0))
    attack = built(patients)
    assert attack.credit(shifted, rng).mean() > attack.credit(draw(200, rng), rng).mean() + 0.1


def test_a_method_that_publishes_its_patients_fails_and_noise_passes() -> None:
    patients = draw(100, np.random.default_rng(0))
    gains = []
    for make in (lambda rows, rng: patients.take(np.resize(rows, 100)), lambda rows, rng: draw(100, rng)):
        made = replicate(patients, make, rounds=10, rng=np.random.default_rng(1), engine=Engine(1))
        gains.append(next(one for one in excess(made) if one.id is CriterionId.RECONSTRUCTION).figure)
    assert gains[0].value > 0.2
    assert gains[1].value < 0.08


def test_the_attacker_knows_everything_but_the_secrets() -> None:
    attack = built(draw(100, np.random.default_rng(3)))
    secrets, known = attack.details["attacked"], attack.details["auxiliary"]
    assert not set(secrets) & set(known)  # type: ignore[call-overload]
    assert len(secrets) == attack.truth.shape[1] == 3  # type: ignore[arg-type]
    asked = attack.conditions.positions[np.unique(attack.queries)]
    assert not {draw(2, np.random.default_rng(0)).columns[i].name for i in asked} & set(secrets)  # type: ignore[call-overload]


def test_a_single_column_has_nothing_to_be_solved_from() -> None:
    patients = Vectors((Column("a", Kind.NUMERIC),), np.arange(20.0)[:, None])
    assert built(patients).credit(patients, np.random.default_rng(0)).sum() == 0


def test_an_empty_release_answers_nothing() -> None:
    patients = draw(40, np.random.default_rng(4))
    assert built(patients).credit(patients.take(np.arange(0)), np.random.default_rng(0)).sum() == 0


def test_counts_of_packed_rows_are_those_of_the_rows() -> None:
    patients = draw(130, np.random.default_rng(5))
    attack, holds = built(patients), built(patients).conditions.hold(patients.values)
    satisfied, secret = attack._answers(patients)
    both = holds[attack.queries].all(axis=1)
    np.testing.assert_array_equal(satisfied[:-1], both.sum(axis=1))
    np.testing.assert_array_equal(secret[:-1], both @ attack.truth.astype(int))
    np.testing.assert_array_equal(secret[-1], attack.truth.sum(axis=0))
