"""Differentially private doubles: noisy marginals, a tree that joins them, and draws along the tree.

The method is MST (McKenna, Miklau and Sheldon 2021, arXiv 2108.04978): measure each column with noise, choose a maximum
spanning tree of the pairs that independence describes worst by the exponential mechanism, measure its pairs with
noise, and draw from the distribution that the noisy tables agree on. What is ours:

- a declared target is known without looking: every table is split by it (a tree-augmented naive Bayes network, Friedman
  et al. 1997), which costs nothing in structure and keeps what predicts the target;
- a pair is measured on few bins, merged from the noisy cells of its columns so that a bin outweighs its noise, and of
  its departure from independence only what stands out of the noise is kept (`sosie.synthesis.consistency`);
- a tree needs no general inference, hence no graphical-model library: `opendp.extras.mbi` 0.16 pins polars 1.36.1,
  which is not ours, and brings jax (400 MB); on 1,497 patients and 26 columns its MST stopped after two minutes on a
  rounding error of its own budget, and its AIM had not ended after four. This fit takes less than half a second.

Noise is discrete Gaussian and Gumbel, accounted for in zCDP (`sosie.budget`); neighbours differ by one patient, whose
row moves one cell of each table by one. The number of patients is measured too. Sampling weights are left aside:
a weight would multiply what one patient moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt

import numpy as np

from sosie.budget import Budget, default_delta
from sosie.cohort import Kind, Vectors
from sosie.noise import Fast, Noise
from sosie.synthesis.drawing import MarginalsModel
from sosie.synthesis.measurement import CELLS, Measurement
from sosie.synthesis.partition import LOOKS, Partition, find_bounds, lay

COUNT = 0.02
"""Share of epsilon that the number of patients takes, in pure differential privacy."""
BOUNDS = 0.15
"""Share of rho that bounds take, where nobody declared some."""
CELLS_RANGE = (8, 64)
CELL_NOISE = 3.0
"""Standard deviations of noise that the patients of an average cell should outweigh."""


class Marginals:
    """Differentially private marginals on a tree.

    Parameters
    ----------
    epsilon : float
    delta : float, optional
        1 / n^1.5 by default, of the noisy number of patients, rounded down.
    targets : sequence of str
        Columns declared as targets, by name; the first that has few values splits every table.
    bounds : mapping of str to (float, float), optional
        Of numbers, by column name, beside those that the columns carry.
    tails : int, optional
        For releases that claim no epsilon: other bounds are the extremes that at least so many patients reach (how
        many is drawn), which the attacks judge; noisy bounds of a hundred patients lie far outside of all of them.
    """

    def __init__(
        self,
        *,
        epsilon: float = 1.0,
        delta: float | None = None,
        targets: Sequence[str] = (),
        bounds: Mapping[str, tuple[float, float]] | None = None,
        tails: int | None = None,
    ) -> None:
        self.tails = tails
        self.epsilon, self.delta, self.targets, self.bounds = epsilon, delta, tuple(targets), dict(bounds or {})

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> MarginalsModel:
        """Fit with noise that numpy draws: for tests, replicates, and releases that claim no epsilon."""
        noise = Fast(rng)
        patients = count_patients(len(vectors), self.epsilon, noise)
        delta = self.delta if self.delta is not None else default_delta(patients)
        if self.tails is not None:
            vectors = _bounded(vectors, self.tails, rng)
        return self.measure(vectors, Budget(self.epsilon, delta, counted=COUNT * self.epsilon), noise, patients)

    def measure(self, vectors: Vectors, budget: Budget, noise: Noise, patients: float) -> MarginalsModel:
        """Spend what is left of a budget on the vectors.

        Parameters
        ----------
        vectors : Vectors
        budget : Budget
        noise : Noise
        patients : float
            Noisy number of patients, paid for.
        """
        partitions = self._partitions(vectors, budget, noise, patients)
        codes = np.column_stack([p.encode(vectors.values[:, j]) for j, p in enumerate(partitions)])
        return Measurement(vectors.columns, partitions, codes, budget, noise, patients, self.targets).model()

    def _partitions(self, vectors: Vectors, budget: Budget, noise: Noise, patients: float) -> tuple[Partition, ...]:
        """Lay the cells of each column, between bounds that are declared or paid for."""
        columns = vectors.columns
        bounds = {c.name: self.bounds.get(c.name, c.bounds) for c in columns if c.kind is Kind.NUMERIC}
        unknown = [j for j, column in enumerate(columns) if bounds.get(column.name, (0, 0)) is None]
        if unknown:
            rho = BOUNDS * budget.left / (LOOKS * len(unknown))
            for j in unknown:
                budget.spend("bounds", LOOKS * rho)
                bounds[columns[j].name] = find_bounds(vectors.values[:, j], noise, sqrt(1 / (2 * rho)))
        sigma = sqrt(len(columns) / (2 * CELLS * budget.left))
        cells = int(np.clip(2 ** round(np.log2(max(patients / (CELL_NOISE * sigma), 1.0))), *CELLS_RANGE))
        return tuple(lay(column, bounds.get(column.name), cells) for column in columns)


def _bounded(vectors: Vectors, tails: int, rng: np.random.Generator) -> Vectors:
    """Give the columns of numbers the extremes that enough patients reach for bounds, where they have none."""
    columns = []
    for column, values in zip(vectors.columns, vectors.values.T, strict=True):
        known = np.sort(values[np.isfinite(values)])
        if column.kind is Kind.NUMERIC and column.bounds is None and len(known):
            at = min(tails + int(rng.exponential(tails)), (len(known) - 1) // 4)
            column = replace(column, bounds=(float(known[at]), float(known[-1 - at])))
        columns.append(column)
    return replace(vectors, columns=tuple(columns))


def count_patients(patients: int, epsilon: float, noise: Noise) -> float:
    """Return a noisy number of patients, at least 1, for `COUNT` of epsilon."""
    return float(max(noise.laplace(patients, 1.0 / (COUNT * epsilon)), 1))
