"""From noisy tables that disagree to margins and joint tables that agree: post-processing, which costs no privacy.

A cell is `class x bin x bin`. Estimates of one margin are averaged by their variances, made non-negative, and imposed
on the joint tables, of which only the part that stands out of the noise is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sosie.cohort import Floats

_FITTINGS = 30
_LEAST = 1e-9


def average(estimates: Sequence[Floats], variances: Sequence[Floats]) -> Floats:
    """Return the mean of several estimates of one table, weighted by the inverse of the variance of their cells."""
    weights = [1.0 / variance for variance in variances]
    mean = sum(weight * estimate for weight, estimate in zip(weights, estimates, strict=True)) / sum(weights)
    return np.asarray(mean, dtype=np.float64)


def onto_total(noisy: Floats, total: float) -> Floats:
    """Return the nearest non-negative table, in Euclidean distance, with a given sum along its last axis."""
    flat = np.atleast_2d(noisy)
    totals = np.broadcast_to(np.asarray(total, dtype=np.float64), flat.shape[:-1])[..., None]
    ordered = -np.sort(-flat, axis=-1)
    excess = np.cumsum(ordered, axis=-1) - totals
    count = np.arange(1, flat.shape[-1] + 1)
    kept = np.maximum((ordered - excess / count > 0).sum(axis=-1, keepdims=True), 1)
    shift = np.take_along_axis(excess, kept - 1, axis=-1) / kept
    return np.asarray(np.maximum(flat - shift, 0.0).reshape(noisy.shape))


def onto_classes(noisy: Floats, classes: Floats) -> Floats:
    """Return the nearest non-negative table, shape (classes, cells), whose rows add up to the classes."""
    return np.vstack([onto_total(row, total) for row, total in zip(noisy, classes, strict=True)])


def joined(noisy: Floats, first: Floats, second: Floats, sigma: float) -> Floats:
    """Return a joint table with given margins that keeps what stands out of the noise.

    The departure from independence within each class is a matrix of low rank plus noise: its singular values shrink as
    those of Gavish and Donoho (2017, arXiv 1405.7511, equation 7), optimal in Frobenius norm.

    Parameters
    ----------
    noisy : ndarray of float64, shape (classes, first, second)
    first : ndarray of float64, shape (classes, first)
    second : ndarray of float64, shape (classes, second)
    sigma : float
        Standard deviation of the noise of a cell.
    """
    mass = np.maximum(first.sum(axis=1), _LEAST)
    alone = first[:, :, None] * second[:, None, :] / mass[:, None, None]
    apart = noisy - alone
    classes, rows, columns = apart.shape
    flat = apart.transpose(1, 0, 2).reshape(rows, classes * columns)
    kept = _shrunk(flat, sigma).reshape(rows, classes, columns).transpose(1, 0, 2)
    return _fitted(np.maximum(alone + kept, 0.0) + _LEAST * alone, first, second)


def _shrunk(noisy: Floats, sigma: float) -> Floats:
    """Shrink the singular values of a matrix with noise of standard deviation sigma in each cell."""
    if min(noisy.shape) < 2:
        return noisy
    scale = sigma * np.sqrt(max(noisy.shape))
    ratio = min(noisy.shape) / max(noisy.shape)
    left, values, right = np.linalg.svd(noisy, full_matrices=False)
    relative = values / max(scale, _LEAST)
    inside = np.maximum((relative**2 - ratio - 1.0) ** 2 - 4.0 * ratio, 0.0)
    above = relative > 1.0 + np.sqrt(ratio)
    shrunk = np.where(above, np.sqrt(inside) / np.maximum(relative, _LEAST), 0.0) * scale
    return np.asarray((left * shrunk) @ right)


def _fitted(table: Floats, first: Floats, second: Floats) -> Floats:
    """Scale a table to its margins in turn (iterative proportional fitting)."""
    for _ in range(_FITTINGS):
        table = table * (first / np.maximum(table.sum(axis=2), _LEAST))[:, :, None]
        table = table * (second / np.maximum(table.sum(axis=1), _LEAST))[:, None, :]
    return table
