import numpy as np
import pytest
from population import draw

from sosie.attack.distances import distances


def test_an_independent_sample_is_as_far_as_patients_are_from_each_other() -> None:
    rng = np.random.default_rng(0)
    found = distances(draw(500, rng), draw(500, rng), rng)
    assert found["dcr"][1] == pytest.approx(found["dcr"][0], rel=0.1)
    assert found["nndr"][1] == pytest.approx(found["nndr"][0], abs=0.05)


def test_copies_are_at_distance_zero() -> None:
    rng = np.random.default_rng(0)
    patients = draw(200, rng)
    found = distances(patients, patients, rng)
    assert found["dcr"][0] > 0
    assert found["dcr"][1] == found["nndr"][1] == 0


@pytest.mark.parametrize(("patients", "release"), [(1, 1), (2, 1), (1, 3), (3, 3)])
def test_few_rows_give_finite_figures(patients: int, release: int) -> None:
    rng = np.random.default_rng(0)
    found = distances(draw(patients, rng), draw(release, rng), rng)
    assert np.isfinite([*found["dcr"], *found["nndr"]]).all()
