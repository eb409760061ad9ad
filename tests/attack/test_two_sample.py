from functools import partial

import numpy as np
import pytest
from population import draw

from sosie.attack.suite import suite
from sosie.attack.two_sample import excess
from sosie.cohort import Vectors


def pick(patients: Vectors, which: int):  # type: ignore[no-untyped-def]
    return suite(patients, np.random.default_rng(0))[which]


@pytest.mark.parametrize("which", range(6))
def test_a_copy_of_the_originals_exceeds_the_control(which: int) -> None:
    rng = np.random.default_rng(1)
    originals, control = draw(200, rng), draw(100, rng)
    found = excess(partial(pick, which=which), originals, control, originals, rng, repeats=2)
    assert found.value > 0.3
    assert found.upper_95 >= found.value
    assert abs(found.rate_with - found.rate_without - found.value) < 1e-12


@pytest.mark.parametrize("which", range(6))
def test_an_independent_release_stays_below_its_bound(which: int) -> None:
    rng = np.random.default_rng(2)
    found = excess(partial(pick, which=which), draw(300, rng), draw(300, rng), draw(300, rng), rng, repeats=2)
    assert found.value < 0.12
    assert found.value < found.upper_95 < 0.2


def test_no_hit_among_few_patients_is_no_proof() -> None:
    rng = np.random.default_rng(4)
    found = excess(partial(pick, which=4), draw(30, rng), draw(30, rng), draw(30, rng), rng, repeats=1)
    assert found.value == 0
    assert 0.09 < found.upper_95 < 0.1


def test_the_worst_secret_is_named() -> None:
    rng = np.random.default_rng(3)
    found = excess(partial(pick, which=3), draw(60, rng), draw(60, rng), draw(60, rng), rng, repeats=1)
    assert found.details["worst"] in found.details["scenarios"]
