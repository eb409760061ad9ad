"""Few bins out of many noisy cells, so that each outweighs its noise; cells come back when doubles are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sosie.cohort import Floats, Kind
from sosie.synthesis.partition import MISSING, Codes, Partition

Spread = Callable[[Codes, Floats, np.random.Generator], Codes]


@dataclass(frozen=True)
class Bins:
    """Bins of the cells of one column.

    Parameters
    ----------
    of : ndarray of int64, shape (cells,)
        Bin of each cell.
    count : int
    shares : ndarray of float64, shape (bins, cells)
        What each cell weighs in its bin.
    """

    of: Codes
    count: int
    shares: Floats

    @property
    def sizes(self) -> Floats:
        """Cells of each bin, shape (bins,)."""
        return np.bincount(self.of, minlength=self.count).astype(np.float64)

    def gather(self, cells: Floats) -> Floats:
        """Add up cells, shape (classes, cells), into bins."""
        return cells @ np.eye(self.count)[self.of]

    def filled(self, cells: Floats) -> Bins:
        """Weigh the cells of each bin, shape (cells,), non-negative; a bin without weight shares evenly.

        Missing weighs nothing beside other cells: it stands alone wherever it is more than noise.
        """
        shares = np.eye(self.count)[self.of].T
        shares[self.sizes > 1, MISSING] = 0.0
        weighed = shares * cells
        empty = weighed.sum(axis=1) <= 0.0
        weighed[empty] = shares[empty]
        return replace(self, shares=weighed)

    def draw(self, bins: Codes, spread: Spread, rng: np.random.Generator) -> Codes:
        """Return a cell for each bin drawn."""
        return spread(bins, self.shares, rng)


def merge(partition: Partition, noisy: Floats, most: int, clear: float) -> Bins:
    """Merge cells into at most about ``most`` bins.

    Neighbouring numbers merge until they weigh their part, categories when they are rare. Missing stands alone where it
    is clearly above the noise.

    Parameters
    ----------
    partition : Partition
    noisy : ndarray of float64, shape (cells,)
    most : int
    clear : float
        Count below which a cell may be noise alone.
    """
    size = partition.size
    of = np.zeros(size, dtype=np.int64)
    known = np.maximum(noisy[1:], 0.0)
    part = max(known.sum() / max(most, 1), clear)
    count = 0
    if partition.column.kind is Kind.CATEGORICAL or (partition.single and size - 1 <= most):
        heavy = np.flatnonzero(noisy[1:] >= clear) + 1
        heavy = heavy[np.argsort(-noisy[heavy], kind="stable")][: max(most, 2) * 2]
        of[:] = len(heavy)
        of[heavy] = np.arange(len(heavy))
        count = len(heavy) + int(len(heavy) < size - 1)
    else:
        weight = 0.0
        for cell in partition.order:
            heavy_cell = noisy[cell] >= part
            if heavy_cell and weight > 0.0:
                count, weight = count + 1, 0.0
            of[cell] = count
            weight += max(noisy[cell], 0.0)
            if weight >= part:
                count, weight = count + 1, 0.0
        count += int(weight > 0.0 or of[1:].max(initial=0) == count)
    if noisy[MISSING] >= clear:
        of[MISSING] = count
        count += 1
    else:
        of[MISSING] = of[1 + int(np.argmax(noisy[1:]))]
    return Bins(of, count, np.zeros((count, size)))
