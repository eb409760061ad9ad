import numpy as np
import pytest
from population import draw

from sosie.attack.suite import suite
from sosie.attack.two_sample import Excess, TwoSample, two_sample
from sosie.cohort import Vectors

ATTACKS = 8


def run(originals: Vectors, control: Vectors, release: Vectors, which: int, seed: int = 1) -> list[TwoSample]:
    rng = np.random.default_rng(seed)
    everyone = Vectors(originals.columns, np.vstack([originals.values, control.values]))
    return two_sample(suite(everyone, rng)[which], len(originals), release, rng, repeats=2)


def excesses(originals: Vectors, control: Vectors, release: Vectors, which: int) -> list[Excess]:
    return [one.excess(np.random.default_rng(0)) for one in run(originals, control, release, which)]


@pytest.mark.parametrize("which", range(ATTACKS))
def test_a_copy_of_the_originals_exceeds_the_control(which: int) -> None:
    rng = np.random.default_rng(1)
    originals, control = draw(200, rng), draw(100, rng)
    for found in excesses(originals, control, originals, which):
        assert found.value > 0.3
        assert found.upper_95 >= found.value
        assert abs(found.rate_with - found.rate_without - found.value) < 1e-12


@pytest.mark.parametrize("which", range(ATTACKS))
def test_an_independent_release_stays_below_its_bound(which: int) -> None:
    rng = np.random.default_rng(2)
    for found in excesses(draw(300, rng), draw(300, rng), draw(300, rng), which):
        assert found.value < 0.15
        assert found.value < found.upper_95 < 0.5


def test_no_hit_among_few_patients_is_no_proof() -> None:
    rng = np.random.default_rng(4)
    (found,) = excesses(draw(30, rng), draw(30, rng), draw(30, rng), 6)
    assert found.value == 0
    assert 0.09 < found.upper_95 < 0.1


def test_the_worst_secret_is_named() -> None:
    rng = np.random.default_rng(3)
    (found,) = excesses(draw(60, rng), draw(60, rng), draw(60, rng), 3)
    assert found.details["worst"] in found.details["scenarios"]


@pytest.mark.parametrize("which", range(ATTACKS))
def test_the_gain_under_the_true_labels_is_the_value(which: int) -> None:
    rng = np.random.default_rng(5)
    originals, control = draw(80, rng), draw(40, rng)
    for one in run(originals, control, originals, which):
        truth = np.arange(120) < 80
        gains = one.gains(np.array([truth, rng.permutation(truth)]))
        assert gains[0] == pytest.approx(one.excess(rng).value)
        assert gains[1] < gains[0]
