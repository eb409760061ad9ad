import numpy as np
import pytest
from population import draw

from sosie.attack.features import MOST_COLUMNS, Lens
from sosie.cohort import Column, Kind, Vectors

TARGETS = np.array([3, 17])


def test_every_target_gets_the_same_features_and_all_are_numbers() -> None:
    rng = np.random.default_rng(0)
    lens = Lens.of(draw(80, rng), TARGETS)
    found = lens.look(draw(80, rng), rng)
    assert found.shape == lens.look(draw(300, rng), rng).shape
    assert len(found) == 2
    assert np.isfinite(found).all()


def test_a_release_that_holds_the_target_looks_different_to_that_target() -> None:
    rng = np.random.default_rng(1)
    patients, release = draw(80, rng), draw(80, rng)
    lens = Lens.of(patients, TARGETS)
    values = release.values.copy()
    values[0] = patients.values[3]
    without, within = lens.look(release, rng), lens.look(Vectors(release.columns, values), rng)
    assert within[0, 0] > without[0, 0]
    assert np.abs(within[0] - without[0]).sum() > 10 * np.abs(within[1] - without[1]).sum()


@pytest.mark.parametrize("doubles", [1, 2, 5])
def test_a_tiny_release_has_features_too(doubles: int) -> None:
    rng = np.random.default_rng(2)
    found = Lens.of(draw(40, rng), TARGETS).look(draw(doubles, rng), rng)
    assert np.isfinite(found).all()


def test_a_wide_table_is_read_in_the_columns_where_the_target_is_rarest() -> None:
    rng = np.random.default_rng(3)
    columns = tuple(Column(f"x{j}", Kind.NUMERIC) for j in range(MOST_COLUMNS + 20))
    patients = Vectors(columns, rng.normal(size=(50, len(columns))))
    values = patients.values.copy()
    values[3, MOST_COLUMNS + 5] = 40.0
    lens = Lens.of(Vectors(columns, values), TARGETS)
    assert lens.portraits[0].chosen.shape == (MOST_COLUMNS,)
    assert MOST_COLUMNS + 5 in lens.portraits[0].chosen[:3]


def test_one_column_is_enough() -> None:
    rng = np.random.default_rng(4)
    patients = Vectors((Column("x", Kind.NUMERIC),), rng.normal(size=(50, 1)))
    assert np.isfinite(Lens.of(patients, TARGETS).look(patients, rng)).all()
