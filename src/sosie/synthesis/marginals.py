"""Differentially private doubles: noisy marginals, a tree that joins them, and draws along the tree.

The method is MST (McKenna, Miklau and Sheldon 2021, arXiv 2108.04978): measure each column with noise, choose a maximum
spanning tree of the pairs that independence describes worst by the exponential mechanism, measure its pairs with
noise, and draw from the distribution that the noisy tables agree on. What is ours:

- a declared target is known without looking: every table is split by it (a tree-augmented naive Bayes network, Friedman
  et al. 1997), which costs nothing in structure and keeps what predicts the target;
- a pair is measured on few bins, merged from the noisy cells of its columns so that a bin outweighs its noise, and of
  its departure from independence only what stands out of the noise is kept (`sosie.synthesis.consistency`);
- a tree needs no general inference, hence no graphical-model library: `opendp.extras.mbi` 0.16 pins a polars four
  versions behind ours and brings jax (a further 400 MB); on 1,497 patients and 26 columns its MST took minutes and its
  AIM had not ended after four. This fit takes less than half a second.

Noise is discrete Gaussian and Gumbel, accounted for in zCDP (`sosie.budget`); neighbours differ by one patient, whose
row moves one cell of each table by one. The number of patients is measured too. Sampling weights are left aside:
a weight would multiply what one patient moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from sosie.budget import Budget, default_delta
from sosie.cohort import Column, Floats, Kind, Vectors
from sosie.noise import Fast, Noise
from sosie.synthesis import spanning
from sosie.synthesis.bins import Bins, merge
from sosie.synthesis.consistency import average, joined, onto_classes, onto_total
from sosie.synthesis.partition import LOOKS, Codes, Partition, find_bounds, lay

COUNT = 0.02
"""Share of epsilon that the number of patients takes, in pure differential privacy."""
BOUNDS, CELLS, STRUCTURE = 0.15, 0.45, 0.1
"""Shares of rho: bounds that nobody declared; then, of what is left, cells and structure; pairs take the rest."""
MOST_CLASSES = 6
CELLS_RANGE, BINS_RANGE = (8, 64), (2, 12)
CELL_NOISE, BIN_NOISE = 3.0, 1.0
"""Standard deviations of noise that the patients of an average cell, of an average cell of a pair, should outweigh."""
CLEAR = 2.0


@dataclass(frozen=True)
class MarginalsModel:
    """A tree of noisy tables. What it holds was paid for.

    Parameters
    ----------
    columns : tuple of Column
    partitions : tuple of Partition
    bins : tuple of Bins
    classes : ndarray of float64, shape (classes,)
        Patients of each class of the target; one class where there is no target.
    target : int
        Column of the target, -1 for none.
    class_cells : ndarray of int64, shape (classes,)
        Its cell for each class.
    margins : mapping of int to ndarray, shape (classes, bins)
    edges : tuple of Edge
        In the order in which they are drawn.
    roots : tuple of int
    tables : tuple of ndarray, shape (classes, parent's bins, child's bins)
    budget : Budget
        What was spent.
    patients : float
        Noisy number of patients.
    """

    columns: tuple[Column, ...]
    partitions: tuple[Partition, ...]
    bins: tuple[Bins, ...]
    classes: Floats
    target: int
    class_cells: Codes
    margins: Mapping[int, Floats]
    edges: tuple[tuple[int, int], ...]
    roots: tuple[int, ...]
    tables: tuple[Floats, ...]
    budget: Budget
    patients: float

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        """Draw ``n`` rows; shares are kept as exactly as ``n`` allows, which costs no privacy and adds no noise."""
        kind = _spread(np.zeros(n, dtype=np.int64), self.classes[None, :], rng)
        drawn: dict[int, Codes] = {}
        for root in self.roots:
            drawn[root] = _spread(kind, self.margins[root], rng)
        for (parent, child), table in zip(self.edges, self.tables, strict=True):
            width = table.shape[1]
            drawn[child] = _spread(kind * width + drawn[parent], table.reshape(-1, table.shape[2]), rng)
        values = np.empty((n, len(self.columns)))
        for j, partition in enumerate(self.partitions):
            cells = self.class_cells[kind] if j == self.target else self.bins[j].draw(drawn[j], _spread, rng)
            values[:, j] = partition.draw(cells, rng)
        return Vectors(self.columns, values)


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
    """

    def __init__(
        self,
        *,
        epsilon: float = 1.0,
        delta: float | None = None,
        targets: Sequence[str] = (),
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self.epsilon, self.delta, self.targets, self.bounds = epsilon, delta, tuple(targets), dict(bounds or {})

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> MarginalsModel:
        """Fit with noise that numpy draws: for tests, replicates, and releases that claim no epsilon."""
        noise = Fast(rng)
        patients = count_patients(len(vectors), self.epsilon, noise)
        delta = self.delta if self.delta is not None else default_delta(patients)
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
        return _Fit(vectors.columns, partitions, codes, budget, noise, patients, self.targets).model()

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


def count_patients(patients: int, epsilon: float, noise: Noise) -> float:
    """Return a noisy number of patients, at least 1, for `COUNT` of epsilon."""
    return float(max(noise.laplace(patients, 1.0 / (COUNT * epsilon)), 1))


@dataclass
class _Fit:
    """One fit: what it has measured so far."""

    columns: tuple[Column, ...]
    partitions: tuple[Partition, ...]
    codes: Codes
    budget: Budget
    noise: Noise
    patients: float
    targets: tuple[str, ...]

    def model(self) -> MarginalsModel:
        """Measure, choose, measure again, and reconcile."""
        width = len(self.columns)
        all_rho = self.budget.left
        one = CELLS * all_rho / width
        sigma = sqrt(1 / (2 * one))
        target, kind, cells, counts = self._classes(one, sigma)
        classes = len(cells)
        others = [j for j in range(width) if j != target]
        fine = {j: self._cells(j, kind, classes, one, sigma) for j in others}
        classes_seen = [counts] * (target >= 0) + [table.sum(axis=1) for table in fine.values()]
        cells_seen = [1] * (target >= 0) + [table.shape[1] for table in fine.values()]
        total = np.maximum(average(classes_seen, [np.full(classes, size * sigma**2) for size in cells_seen]), 1.0)
        pairs = max(len(others) - 1, 0)
        chosen_rho = STRUCTURE * all_rho if pairs > 1 else 0.0
        paired = max(self.budget.left - chosen_rho, 0.0) / max(pairs, 1)
        paired_sigma = sqrt(1 / (2 * max(paired, 1e-300)))
        most = int(np.clip(sqrt(self.patients / (BIN_NOISE * classes * paired_sigma)), *BINS_RANGE))
        bins = {j: merge(self.partitions[j], fine[j].sum(axis=0), most, CLEAR * sigma * sqrt(classes)) for j in others}
        coarse = {j: bins[j].gather(fine[j]) for j in others}
        sizes = {j: bins[j].sizes * sigma**2 for j in others}
        rough = {j: onto_classes(coarse[j], total) for j in others}
        placed = {j: bins[j].of[self.codes[:, j]] for j in others}

        def table(i: int, j: int) -> Codes:
            return spanning.cross(kind, placed[i], placed[j], (classes, bins[i].count, bins[j].count))

        edges: list[tuple[int, int]] = []
        roots = tuple(others[:1])
        if pairs:
            pay = chosen_rho / pairs
            edges = spanning.choose(others, table, rough, total, paired_sigma, pay, self.budget, self.noise)
        noisy = {}
        for i, j in edges:
            self.budget.spend("pairs", paired)
            noisy[i, j] = self.noise.gaussian(table(i, j), paired_sigma).astype(np.float64)
        margins = {}
        for j in others:
            estimates, variances = [coarse[j]], [sizes[j]]
            for (a, b), seen in noisy.items():
                if j in (a, b):
                    other = bins[b if j == a else a].count
                    estimates.append(seen.sum(axis=2 if j == a else 1))
                    variances.append(np.full(bins[j].count, other * paired_sigma**2))
            margins[j] = onto_classes(average(estimates, variances), total)
        tables = tuple(joined(noisy[i, j], margins[i], margins[j], paired_sigma) for i, j in edges)
        within = tuple(
            bins[j].filled(onto_total(fine[j].sum(axis=0), float(total.sum()))) if j in bins else Bins.single()
            for j in range(width)
        )
        return MarginalsModel(
            self.columns,
            self.partitions,
            within,
            total,
            target,
            cells,
            margins,
            tuple(edges),
            roots,
            tables,
            self.budget,
            self.patients,
        )

    def _classes(self, rho: float, sigma: float) -> tuple[int, Codes, Codes, Floats]:
        """Return the target's column, the class of each patient, the cell of each class, and the noisy counts."""
        n = len(self.codes)
        small = [
            j
            for j, column in enumerate(self.columns)
            if column.name in self.targets and self.partitions[j].size <= MOST_CLASSES + 1
        ]
        if not small:
            return -1, np.zeros(n, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(1)
        target = small[0]
        self.budget.spend("target", rho)
        size = self.partitions[target].size
        counts = self.noise.gaussian(np.bincount(self.codes[:, target], minlength=size), sigma)
        kept = np.flatnonzero(counts > CLEAR * sigma)
        kept = kept if len(kept) else np.array([int(counts.argmax())])
        place = np.full(size, int(np.argmax(counts[kept])), dtype=np.int64)
        place[kept] = np.arange(len(kept))
        return target, place[self.codes[:, target]], kept, counts[kept].astype(np.float64)

    def _cells(self, j: int, kind: Codes, classes: int, rho: float, sigma: float) -> Floats:
        """Measure the cells of one column in each class, shape (classes, cells)."""
        self.budget.spend("columns", rho)
        size = self.partitions[j].size
        counts = np.bincount(kind * size + self.codes[:, j], minlength=classes * size).reshape(classes, size)
        return self.noise.gaussian(counts, sigma).astype(np.float64)


def _spread(groups: Codes, weights: Floats, rng: np.random.Generator) -> Codes:
    """Draw a column for each row from the weights of its group, by systematic sampling within the group.

    Parameters
    ----------
    groups : ndarray of int64, shape (rows,)
    weights : ndarray of float64, shape (groups, outcomes)
    """
    sums = weights.sum(axis=1, keepdims=True)
    shares = np.where(sums > 0, weights / np.maximum(sums, 1e-300), 1.0 / weights.shape[1])
    order = np.lexsort((rng.random(len(groups)), groups))
    counts = np.bincount(groups, minlength=len(weights))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.empty(len(groups), dtype=np.float64)
    rank[order] = np.arange(len(groups)) - np.repeat(first, counts)
    place = (rank + rng.random(len(weights))[groups]) / counts[groups]
    cumulative = np.cumsum(shares, axis=1)
    drawn = (place[:, None] > cumulative[groups]).sum(axis=1)
    return np.asarray(np.minimum(drawn, weights.shape[1] - 1), dtype=np.int64)
