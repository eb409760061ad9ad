import numpy as np
import pytest

from sosie.cohort import Column, Floats, Kind
from sosie.synthesis.composite import BINS, MOST_PREDICTORS, Composite, Design, Scores, fit_composite, fit_scores
from sosie.synthesis.grid import Codes, fit_grid
from sosie.synthesis.kernel import read_composite
from sosie.synthesis.trees import Trees

N = 600


def laid(values: Floats) -> tuple[Codes, list[Scores], Design]:
    grids = [fit_grid(Column(f"n{j}", Kind.NUMERIC), column, k=11, bins=20) for j, column in enumerate(values.T)]
    codes = np.column_stack([grid.encode(column) for grid, column in zip(grids, values.T, strict=True)])
    scores = [fit_scores(codes[:, j], grid) for j, grid in enumerate(grids)]
    return codes, scores, Design.of(codes, scores)


def fitted(values: Floats, shaping: np.ndarray | None = None) -> tuple[Composite | None, Codes]:
    codes, scores, design = laid(values)
    everyone = np.ones(len(values), dtype=bool) if shaping is None else shaping
    before = list(range(values.shape[1] - 1))
    return fit_composite(values.shape[1] - 1, before, scores, design, everyone, codes), codes


def weak_effects(seed: int = 0) -> Floats:
    """Ten predictors of which the first eight each explain a little of the last column."""
    rng = np.random.default_rng(seed)
    predictors = rng.normal(size=(N, 10))
    return np.column_stack([predictors, predictors[:, :8].sum(axis=1) + 2.0 * rng.normal(size=N)])


def test_scores_have_mean_zero_and_variance_one() -> None:
    values = weak_effects()
    values[:200, 0], values[200:250, 0] = 0.0, np.nan
    codes, scores, _ = laid(values)
    for j, column in enumerate(scores):
        seen = column.table[codes[:, j]]
        np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(seen.std(axis=0), 1, atol=1e-9)


def test_a_composite_sums_up_what_many_weak_predictors_tell() -> None:
    values = weak_effects()
    composite, codes = fitted(values)
    assert composite is not None
    assert set(composite.columns) <= set(range(10))
    assert len(composite.columns) >= 7
    wide = np.hstack([codes, np.zeros((N, 1), dtype=np.uint16)])
    read_composite(wide, composite.columns, composite.lookup, composite.edges, 11)
    assert wide[:, 11].max() < BINS
    assert np.corrcoef(wide[:, 11], values[:, -1])[0, 1] > 0.7


def test_noise_makes_no_composite() -> None:
    rng = np.random.default_rng(0)
    found = [fitted(rng.normal(size=(N, 4)))[0] for _ in range(50)]
    assert sum(one is not None for one in found) <= 6


def test_donors_do_not_shape_a_composite() -> None:
    values = weak_effects()
    shaping = np.arange(N) % 2 == 0
    first, _ = fitted(values, shaping)
    codes, scores, design = laid(values)
    codes = codes.copy()
    other = design.values.copy()
    other[~shaping] = 0.0
    codes[~shaping] = 1
    second = fit_composite(10, list(range(10)), scores, Design(design.rows, other, design.first), shaping, codes)
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.lookup, second.lookup)
    np.testing.assert_array_equal(first.edges, second.edges)


def test_wide_tables_keep_the_predictors_that_matter() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(N, MOST_PREDICTORS + 20))
    target = values.shape[1] - 1
    values[:, target] += 3 * values[:, 50]
    values[:, 3] = np.nan
    _, _, design = laid(values)
    kept = design.strongest(target, list(range(target)), np.ones(N, dtype=bool))
    assert len(kept) == MOST_PREDICTORS
    assert 50 in kept
    assert 3 not in kept


@pytest.mark.parametrize("patients", [2, 5, 30])
def test_wide_tables_of_few_patients_or_of_nothing(patients: int) -> None:
    from sosie.cohort import Vectors

    columns = tuple(Column(f"n{j}", Kind.NUMERIC) for j in range(MOST_PREDICTORS + 10))
    rng = np.random.default_rng(0)
    for values in (rng.normal(size=(patients, len(columns))), np.full((patients, len(columns)), np.nan)):
        assert Trees().fit(Vectors(columns, values), rng).sample(5, rng).values.shape == (5, len(columns))
