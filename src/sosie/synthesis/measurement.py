"""The looks at the patients that a tree of noisy tables takes, each paid before it is taken.

Cells of every patient enter, and a budget; a `MarginalsModel` leaves. One step a function: count the columns, merge
their cells, choose pairs, count them, reconcile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from sosie.budget import Budget
from sosie.cohort import Column, Floats
from sosie.noise import Noise
from sosie.synthesis import spanning
from sosie.synthesis.bins import Bins, merge
from sosie.synthesis.consistency import average, joined, onto_classes, onto_total
from sosie.synthesis.drawing import MarginalsModel
from sosie.synthesis.partition import Codes, Partition

CELLS, STRUCTURE = 0.45, 0.1
"""Shares of rho that cells and structure take; pairs take the rest."""
MOST_CLASSES = 6
BINS_RANGE = (2, 12)
BIN_NOISE = 1.0
"""Standard deviations of noise that the patients of an average cell of a pair should outweigh."""
CLEAR = 2.0
"""Standard deviations below which a count may be noise alone."""


@dataclass(frozen=True)
class _Looks:
    """What the first looks gave.

    Parameters
    ----------
    target : int
        Column of the target, -1 for none.
    cells : ndarray of int64, shape (classes,)
        Cell of each class.
    kind : ndarray of int64, shape (patients,)
        Class of each patient: not noisy, never kept.
    total : ndarray of float64, shape (classes,)
    fine : mapping of int to ndarray, shape (classes, cells)
        Noisy cells of every other column.
    sigma : float
        Standard deviation of their noise.
    """

    target: int
    cells: Codes
    kind: Codes
    total: Floats
    fine: Mapping[int, Floats]
    sigma: float


@dataclass(frozen=True)
class Measurement:
    """One fit: the cells of every patient, and what may be spent on them."""

    columns: tuple[Column, ...]
    partitions: tuple[Partition, ...]
    codes: Codes
    budget: Budget
    noise: Noise
    patients: float
    targets: tuple[str, ...]

    def model(self) -> MarginalsModel:
        """Measure columns, choose pairs, measure them, and reconcile all."""
        all_rho = self.budget.left
        looks = self._columns(CELLS * all_rho / len(self.columns))
        others = list(looks.fine)
        count = max(len(others) - 1, 1)
        choice = STRUCTURE * all_rho / count if len(others) > 2 else 0.0
        rho = max(self.budget.left - choice * count, 0.0) / count
        sigma = sqrt(1 / (2 * max(rho, 1e-300)))
        bins = self._bins(looks, sigma)
        edges, noisy = self._pairs(looks, bins, choice, rho, sigma)
        margins = {j: self._margin(j, looks, bins, noisy, sigma) for j in others}
        whole = float(looks.total.sum())
        return MarginalsModel(
            self.columns,
            self.partitions,
            {j: bins[j].filled(onto_total(looks.fine[j].sum(axis=0), whole)) for j in others},
            looks.total,
            looks.target,
            looks.cells,
            margins,
            tuple(edges),
            tuple(others[:1]),
            tuple(joined(noisy[i, j], margins[i], margins[j], sigma) for i, j in edges),
            self.budget,
            self.patients,
        )

    def _columns(self, rho: float) -> _Looks:
        """Count the target, then the cells of every other column in each of its classes."""
        sigma = sqrt(1 / (2 * rho))
        target, kind, cells, counts = self._classes(rho, sigma)
        others = [j for j in range(len(self.columns)) if j != target]
        fine = {j: self._cells(j, kind, len(cells), rho, sigma) for j in others}
        seen = [counts] * (target >= 0) + [table.sum(axis=1) for table in fine.values()]
        sizes = [1] * (target >= 0) + [table.shape[1] for table in fine.values()]
        variances = [np.full(len(cells), size * sigma**2) for size in sizes]
        return _Looks(target, cells, kind, np.maximum(average(seen, variances), 1.0), fine, sigma)

    def _bins(self, looks: _Looks, sigma: float) -> dict[int, Bins]:
        """Merge cells into as many bins as the noise of a pair allows."""
        classes = len(looks.cells)
        most = int(np.clip(sqrt(self.patients / (BIN_NOISE * classes * sigma)), *BINS_RANGE))
        clear = CLEAR * looks.sigma * sqrt(classes)
        return {j: merge(self.partitions[j], table.sum(axis=0), most, clear) for j, table in looks.fine.items()}

    def _pairs(
        self, looks: _Looks, bins: Mapping[int, Bins], choice: float, rho: float, sigma: float
    ) -> tuple[list[tuple[int, int]], dict[tuple[int, int], Floats]]:
        """Choose the edges of the tree and count their pairs."""
        placed = {j: one.of[self.codes[:, j]] for j, one in bins.items()}

        def table(i: int, j: int) -> Codes:
            return spanning.cross(looks.kind, placed[i], placed[j], (len(looks.cells), bins[i].count, bins[j].count))

        rough = {j: onto_classes(one.gather(looks.fine[j]), looks.total) for j, one in bins.items()}
        edges = (
            spanning.choose(list(bins), table, rough, looks.total, sigma, choice, self.budget, self.noise)
            if len(bins) > 1
            else []
        )
        noisy = {}
        for i, j in edges:
            self.budget.spend("pairs", rho)
            noisy[i, j] = self.noise.gaussian(table(i, j), sigma).astype(np.float64)
        return edges, noisy

    def _margin(
        self,
        j: int,
        looks: _Looks,
        bins: Mapping[int, Bins],
        noisy: Mapping[tuple[int, int], Floats],
        sigma: float,
    ) -> Floats:
        """Average what every table says of one column, shape (classes, bins)."""
        estimates, variances = [bins[j].gather(looks.fine[j])], [bins[j].sizes * looks.sigma**2]
        for pair, table in noisy.items():
            if j in pair:
                first = j == pair[0]
                estimates.append(table.sum(axis=2 if first else 1))
                variances.append(np.full(bins[j].count, table.shape[2 if first else 1] * sigma**2))
        return onto_classes(average(estimates, variances), looks.total)

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
