import numpy as np
from population import centred, draw, gain, halves, null_gains

from sosie.attack.inference import NearestDouble
from sosie.attack.space import Space
from sosie.cohort import Column, Kind, Vectors


def test_a_copy_of_half_of_the_patients_gives_their_secrets_away() -> None:
    rng = np.random.default_rng(0)
    patients = draw(300, rng)
    release, inside = halves(patients, rng)
    attack = NearestDouble.of(patients)
    assert gain(attack, attack.credit(release, rng), inside) > 0.8


def test_an_independent_release_tells_nothing_above_the_baseline() -> None:
    rng = np.random.default_rng(1)
    assert centred(null_gains(NearestDouble.of(draw(200, rng)), rng))


def test_each_secret_is_hidden_from_its_own_search() -> None:
    rng = np.random.default_rng(2)
    patients, release = draw(60, rng), draw(70, rng)
    attack = NearestDouble.of(patients)
    space = Space.of(patients)
    points, doubles = space.embed(patients).astype(float), space.embed(release).astype(float)
    found = attack._nearest(space.embed(release), np.ones(len(space.axes), dtype=bool))
    for at, secret in enumerate(attack.secrets):
        axis = space.axes[secret]
        kept = [i for i in range(space.width) if not axis.first <= i < axis.last]
        gaps = np.linalg.norm(points[:, None, kept] - doubles[None][:, :, kept], axis=2)
        chosen = np.take_along_axis(gaps, found[:, [at]], axis=1)[:, 0]
        np.testing.assert_allclose(chosen, gaps.min(axis=1), atol=1e-4)


def test_constant_columns_are_no_secrets_and_the_number_of_secrets_is_bounded() -> None:
    patients = draw(100, np.random.default_rng(3))
    attack = NearestDouble.of(patients, secrets=4)
    assert len(attack.secrets) == 4
    assert "constant" not in attack.details["auxiliary"]  # type: ignore[operator]
    assert attack.credit(patients, np.random.default_rng(0)).shape == (100, 8)


def test_two_columns_tell_each_other() -> None:
    values = np.repeat(np.arange(10.0), 3)
    patients = Vectors(
        (Column("a", Kind.NUMERIC), Column("b", Kind.CATEGORICAL, 10)), np.column_stack([values, values])
    )
    assert NearestDouble.of(patients).credit(patients, np.random.default_rng(0)).mean() == 1


def test_a_single_column_has_nothing_to_be_inferred_from() -> None:
    patients = Vectors((Column("a", Kind.NUMERIC),), np.arange(20.0)[:, None])
    assert NearestDouble.of(patients).credit(patients, np.random.default_rng(0)).sum() == 0
