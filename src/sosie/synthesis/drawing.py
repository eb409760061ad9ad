"""A tree of noisy tables, and draws along it: what a fit of `sosie.synthesis.marginals` leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.budget import Budget
from sosie.cohort import Column, Floats, Vectors
from sosie.synthesis.bins import Bins
from sosie.synthesis.partition import Codes, Partition


@dataclass(frozen=True)
class MarginalsModel:
    """A tree of noisy tables. What it holds was paid for.

    Parameters
    ----------
    columns : tuple of Column
    partitions : tuple of Partition
    bins : mapping of int to Bins
        Of the columns but the target.
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
    bins: Mapping[int, Bins]
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
