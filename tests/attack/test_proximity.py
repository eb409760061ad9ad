import numpy as np
from population import draw, halves

from sosie.attack.proximity import NAMES, Proximity
from sosie.attack.roc import auc
from sosie.cohort import Vectors


def test_every_statistic_sees_copies() -> None:
    rng = np.random.default_rng(0)
    patients = draw(200, rng)
    release, inside = halves(patients, rng)
    scores = Proximity.of(patients).score(release, rng)
    areas = {name: auc(scores[inside, s], scores[~inside, s]) for s, name in enumerate(NAMES)}
    assert areas["nearest"] == 1.0
    assert areas["narrow_density"] > areas["wide_density"] > 0.5
    assert min(areas.values()) > 0.5


def test_an_independent_release_is_no_nearer_to_one_half_than_to_the_other() -> None:
    rng = np.random.default_rng(1)
    scores = Proximity.of(draw(1000, rng)).score(draw(1000, rng), rng)
    assert all(abs(auc(scores[:500, s], scores[500:, s]) - 0.5) < 0.08 for s in range(len(NAMES)))


def test_the_order_of_the_doubles_carries_nothing() -> None:
    rng = np.random.default_rng(2)
    patients, release = draw(100, rng), draw(80, rng)
    built = Proximity.of(patients)
    shuffled = release.take(rng.permutation(80))
    np.testing.assert_allclose(built.score(release, rng), built.score(shuffled, rng), rtol=1e-5)


def test_column_shares_are_counted_with_their_missing_values() -> None:
    rng = np.random.default_rng(3)
    patients = draw(50, rng)
    gap = np.isnan(patients.values[:, 0])
    emptied = patients.values.copy()
    emptied[:, 0] = np.nan
    built = Proximity.of(patients)
    before = built.score(patients, rng)[:, NAMES.index("columns")]
    after = built.score(Vectors(patients.columns, emptied), rng)[:, NAMES.index("columns")]
    assert (after[gap] > before[gap]).all()
    assert (after[~gap] < before[~gap]).all()


def test_empty_alike_and_few_releases_give_finite_scores() -> None:
    rng = np.random.default_rng(4)
    patients = draw(30, rng)
    alike = Vectors(patients.columns, np.repeat(patients.values[:1], 30, axis=0))
    for those in (patients, alike, patients.take(np.arange(1))):
        for release in (patients.take(np.arange(0)), patients.take(np.arange(1)), alike):
            assert np.isfinite(Proximity.of(those).score(release, rng)).all()
