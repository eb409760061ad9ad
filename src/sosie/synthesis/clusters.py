"""Clusters of patients: expectation and maximisation for normals that share one covariance.

Points enter, the chance of each component for each point leaves. One shared covariance keeps the number of figures
that are learned from patients small: a component costs its mean and its weight (McLachlan and Peel 2000, Finite
Mixture Models, section 3.8). Their number is the one of the best Bayesian information criterion (Schwarz 1978),
its penalty doubled because a figure costs privacy too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats

TRIED = (1, 2, 3, 4, 5, 6, 8, 10, 12)
MOST_AXES = 8
MOST_ROWS = 5_000
STARTS = 6
ITERATIONS = 30
PRECISION = 1e-3
PATIENCE = 2
RIDGE = 1e-2
PENALTY = 2.0


def cluster(points: NDArray[np.float32], most: int, least: int, rng: np.random.Generator) -> Floats:
    """Return the chance of each component for each point, shape (points, components).

    Parameters
    ----------
    points : ndarray, shape (points, width)
    most : int
        Most components.
    least : int
        Fewest points that a component stands for; smaller ones are not kept.
    rng : numpy.random.Generator
        Chooses where the search starts.
    """
    n, width = points.shape
    alone = np.ones((n, 1))
    if most < 2 or width < 2:
        return alone
    some = points[:: max(1, -(-n // MOST_ROWS))].astype(np.float64)
    axes = np.linalg.eigh(some.T @ some)[1][:, -MOST_AXES:]
    some = some @ axes
    best, found, worse = np.inf, None, 0
    for count in (count for count in TRIED if count <= most):
        likelihood, parts = _maximise(some, _starts(some, count, rng))
        figures = count * (some.shape[1] + 1)
        criterion = -2.0 * likelihood + PENALTY * figures * np.log(len(some))
        small = parts[0].min() * n < least
        if criterion < best and not small:
            best, found, worse = criterion, parts, 0
        else:
            worse += 1
            if worse == PATIENCE:
                break
    if found is None or len(found[0]) == 1:
        return alone
    return _chances(points.astype(np.float64) @ axes, *found)[0]


def _starts(points: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Choose points far from one another (k-means++, Arthur and Vassilvitskii 2007), the best of a few draws."""
    best, found = np.inf, points[:count]
    for _ in range(STARTS if count > 1 else 1):
        chosen = [int(rng.integers(len(points)))]
        gap = ((points - points[chosen[0]]) ** 2).sum(axis=1)
        while len(chosen) < count:
            chosen.append(int(np.searchsorted(np.cumsum(gap), rng.random() * gap.sum()).clip(0, len(points) - 1)))
            gap = np.minimum(gap, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        if gap.sum() < best:
            best, found = float(gap.sum()), points[chosen]
    return found


def _maximise(points: Floats, centres: Floats) -> tuple[float, tuple[Floats, Floats, Floats]]:
    """Return the log-likelihood, and the weights, means and covariance that reach it."""
    n, width = points.shape
    second = points.T @ points / n
    nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    chances = (nearest[:, None] == np.arange(len(centres))).astype(np.float64)
    before = -np.inf
    for _ in range(ITERATIONS):
        size = chances.sum(axis=0) + 1e-9
        weights, means = size / size.sum(), chances.T @ points / size[:, None]
        within = second - (means.T * weights) @ means + RIDGE * np.eye(width) * np.trace(second) / width
        chances, likelihood = _chances(points, weights, means, within)
        if likelihood - before < PRECISION * n / 100.0:
            break
        before = likelihood
    return likelihood, (weights, means, within)


def _chances(points: Floats, weights: Floats, means: Floats, covariance: Floats) -> tuple[Floats, float]:
    """Return the chance of each component for each point, and the log-likelihood of all points."""
    precision = np.linalg.inv(covariance)
    logs = points @ precision @ means.T - 0.5 * np.einsum("gi,ij,gj->g", means, precision, means) + np.log(weights)
    top = logs.max(axis=1, keepdims=True)
    chances = np.exp(logs - top)
    total = chances.sum(axis=1, keepdims=True)
    shared = -0.5 * np.einsum("ni,ni->n", points @ precision, points).sum()
    shared -= 0.5 * len(points) * (np.linalg.slogdet(covariance)[1] + points.shape[1] * np.log(2 * np.pi))
    return chances / total, float((np.log(total) + top).sum() + shared)
