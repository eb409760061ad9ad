import numpy as np
from population import draw

from sosie.attack.typicality import Typicality, typicality
from sosie.cohort import Vectors
from sosie.engine import Engine


def compared(release: Vectors, patients: Vectors, seed: int = 1) -> Typicality:
    rng = np.random.default_rng(seed)
    return typicality(patients, release, lambda stream: draw(len(patients), stream), rng, engine=Engine(1))


def test_a_release_like_the_others_is_typical() -> None:
    rng = np.random.default_rng(0)
    patients = draw(100, rng)
    found = [compared(draw(100, rng), patients, seed) for seed in range(5)]
    assert all(one.value < one.threshold for one in found)
    assert all(one.releases == 20 for one in found)


def test_a_release_that_holds_some_patients_is_not() -> None:
    rng = np.random.default_rng(0)
    patients = draw(100, rng)
    mixed = np.vstack([patients.values[:10], draw(90, rng).values])
    found = compared(Vectors(patients.columns, mixed), patients)
    assert found.value > found.threshold
    assert found.statistic.startswith(("nearest", "narrow_density", "neighbours"))


def test_a_copy_of_the_isolated_alone_is_found_by_the_isolated() -> None:
    rng = np.random.default_rng(0)
    patients = draw(200, rng)
    patients.values[:4, 1:5] += 8.0
    mixed = np.vstack([patients.values[:4], draw(196, rng).values])
    found = compared(Vectors(patients.columns, mixed), patients)
    assert found.value > found.threshold
    assert "isolated" in found.statistic
