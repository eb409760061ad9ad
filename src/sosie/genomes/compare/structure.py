"""Structure of the population: how far doubles lie from patients on the patients' principal components."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sosie.cohort import Floats
from sosie.genomes.dosage import Singles

AXES = 10
SHOWN = 2
CELLS = 24


def structure(mine: Singles, theirs: Singles, k: int, rng: np.random.Generator) -> Mapping[str, object]:
    """Compare the two; the plot shows cells of a grid that at least k people fill.

    Parameters
    ----------
    mine, theirs : ndarray of float32, shape (people, sites)
        Doses.
    """
    if len(mine) < 2 * AXES or not mine.shape[1]:
        return {}
    points = coordinates(mine, [mine, theirs])
    order = rng.permutation(len(mine))
    halves = [points[0][order[: len(mine) // 2]], points[0][order[len(mine) // 2 :]]]
    return {
        "frechet": round(frechet(*points), 5),
        "frechet_halves": round(frechet(*halves), 5),
        "grid": _grid(points, k),
    }


def coordinates(base: Singles, others: list[Singles]) -> list[Floats]:
    """Return where people lie on the principal components of the first."""
    centre, spread = base.mean(axis=0), base.std(axis=0)
    seen = spread > 0
    standard = (base[:, seen] - centre[seen]) / spread[seen]
    small = standard @ standard.T if len(standard) < standard.shape[1] else standard.T @ standard
    values, vectors = np.linalg.eigh(small.astype(np.float64))
    leading = vectors[:, ::-1][:, :AXES]
    if len(standard) < standard.shape[1]:
        leading = standard.T @ leading / np.sqrt(np.maximum(values[::-1][:AXES], 1e-9))
    unit = np.sqrt(max(int(seen.sum()), 1))
    return [np.asarray(((each[:, seen] - centre[seen]) / spread[seen]) @ leading) / unit for each in others]


def frechet(one: Floats, other: Floats) -> float:
    """Return the Frechet distance of two normal laws with these moments (Dowson and Landau 1982)."""
    means = float(((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum())
    first, second = np.cov(one.T), np.cov(other.T)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    inner = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0.0)).sum()
    return means + float(np.trace(first) + np.trace(second) - 2.0 * inner)


def _grid(points: list[Floats], k: int) -> dict[str, object]:
    """Return how many people of each side fill each cell of the first two axes; cells of fewer than k are empty."""
    both = np.vstack(points)[:, :SHOWN]
    low, high = np.quantile(both, [0.01, 0.99], axis=0)
    cells = int(np.clip(np.sqrt(len(points[0]) / (4 * k)), 2, CELLS))
    edges = [np.linspace(low[axis], high[axis], cells + 1) for axis in range(SHOWN)]
    filled = {}
    for name, each in zip(("original", "doubles"), points, strict=True):
        counts = np.histogram2d(each[:, 0], each[:, 1], bins=edges)[0].astype(int)
        filled[name] = [[int(i), int(j), int(counts[i, j])] for i, j in np.argwhere(counts >= k)]
    return {"cells": cells, **filled}
