"""A spanning tree of the pairs that independence describes worst, chosen by the exponential mechanism.

McKenna, Miklau and Sheldon 2021 (arXiv 2108.04978, algorithm 3 and equation of the score): the score of a pair is the
L1 distance between its table and the product of its noisy margins. A patient moves it by at most one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import pi, sqrt

import numpy as np

from sosie.budget import Budget
from sosie.cohort import Floats
from sosie.noise import Noise
from sosie.synthesis.partition import Codes


def cross(kind: Codes, first: Codes, second: Codes, shape: tuple[int, int, int]) -> Codes:
    """Count patients by class, first and second bin."""
    flat = (kind * shape[1] + first) * shape[2] + second
    return np.bincount(flat, minlength=shape[0] * shape[1] * shape[2]).reshape(shape)


def choose(
    columns: Sequence[int],
    table: Callable[[int, int], Codes],
    margins: Mapping[int, Floats],
    classes: Floats,
    sigma: float,
    rho: float,
    budget: Budget,
    noise: Noise,
) -> list[tuple[int, int]]:
    """Choose the edges of a spanning tree, and direct them away from the first column.

    Parameters
    ----------
    columns : sequence of int
    table : callable
        Counts of a pair, shape (classes, bins, bins).
    margins : mapping of int to ndarray
        Noisy margins, shape (classes, bins).
    classes : ndarray of float64, shape (classes,)
    sigma : float
        Noise that a chosen pair will be measured with: a pair must be worth it.
    rho : float
        Price of one edge.
    budget : Budget
    noise : Noise
    """
    pairs = [(i, j) for place, i in enumerate(columns) for j in columns[place + 1 :]]
    scores = np.array([_score(table(i, j), margins[i], margins[j], classes, sigma) for i, j in pairs])
    part = {j: j for j in columns}
    edges: list[tuple[int, int]] = []
    while len(edges) < len(columns) - 1:
        free = [at for at, (i, j) in enumerate(pairs) if part[i] != part[j]]
        chosen = free[0]
        if len(free) > 1:
            budget.spend("structure", rho)
            chosen = free[noise.choose(scores[free], 1.0 / sqrt(2 * rho))]
        i, j = pairs[chosen]
        edges.append((i, j))
        old, new = part[j], part[i]
        part = {column: new if root == old else root for column, root in part.items()}
    return _directed(edges, columns[0])


def _score(table: Codes, first: Floats, second: Floats, classes: Floats, sigma: float) -> float:
    alone = first[:, :, None] * second[:, None, :] / classes[:, None, None]
    return float(np.abs(table - alone).sum() - sqrt(2 / pi) * sigma * table.size)


def _directed(edges: Sequence[tuple[int, int]], root: int) -> list[tuple[int, int]]:
    left, seen, directed = list(edges), [root], []
    for parent in seen:
        for edge in [edge for edge in left if parent in edge]:
            child = edge[0] if edge[1] == parent else edge[1]
            directed.append((parent, child))
            seen.append(child)
            left.remove(edge)
    return directed
