import numpy as np
import pytest
from population import draw

from sosie.attack.canary import canaries, planted
from sosie.cohort import Kind, Vectors
from sosie.engine import Engine
from sosie.synthesis.trees import Trees

PATIENTS = draw(80, np.random.default_rng(0))


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small forests: what is tested here does not depend on their size."""
    monkeypatch.setattr("sosie.attack.classifier.FEWEST_TREES", 4)
    monkeypatch.setattr("sosie.attack.classifier.MOST_TREES", 4)


def test_canaries_stand_at_the_ends_and_in_rare_levels_that_may_be_published() -> None:
    made = canaries(PATIENTS, 4, np.random.default_rng(1))
    for column, values, theirs in zip(PATIENTS.columns, made.values.T, PATIENTS.values.T, strict=True):
        if column.kind is Kind.NUMERIC:
            assert set(values) <= {np.nanmin(theirs), np.nanmax(theirs)}
        else:
            assert len(set(values)) == 1
            assert (theirs == values[0]).sum() >= 11


def test_a_level_that_would_be_merged_away_is_not_taken() -> None:
    values = PATIENTS.values.copy()
    values[:, 5] = 0.0
    values[:30, 5] = 1.0
    values[0, 5] = 2.0
    made = canaries(Vectors(PATIENTS.columns, values), 2, np.random.default_rng(2))
    assert set(made.values[:, 5]) == {1.0}


def test_weights_and_empty_columns_are_no_obstacle() -> None:
    values = np.column_stack([PATIENTS.values[:, 0], np.full(80, np.nan)])
    columns = (PATIENTS.columns[0], PATIENTS.columns[1])
    made = canaries(Vectors(columns, values, np.ones(80)), 3, np.random.default_rng(3))
    assert np.isnan(made.values[:, 1]).all()
    assert made.weights is not None
    assert list(made.weights) == [1.0, 1.0, 1.0]


def test_a_method_that_copies_gives_the_canaries_away() -> None:
    def copies(vectors: Vectors, rng: np.random.Generator) -> Vectors:
        return vectors.take(rng.choice(len(vectors), 4 * len(vectors)))

    found = planted(PATIENTS, copies, releases=20, rng=np.random.default_rng(4), engine=Engine(1))
    assert found.isolated.value > 0.9
    assert len(found.by_target) == 4


def test_half_of_the_releases_hold_each_canary_and_none_is_of_another_size() -> None:
    sizes: set[int] = set()

    def trees(vectors: Vectors, rng: np.random.Generator) -> Vectors:
        sizes.add(len(vectors))
        return Trees().fit(vectors, rng).sample(80, rng)

    found = planted(PATIENTS, trees, releases=12, rng=np.random.default_rng(5), engine=Engine(1))
    assert sizes == {82}
    assert (found.design.out.mean(axis=(0, 1)) == 0.5).all()
    assert 0.0 <= found.isolated.value <= 1.0
