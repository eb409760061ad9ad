"""Noisy moments of the latents: what a mixture learns of how columns hang together.

Scores of the patients enter, weights, means and one covariance of latent normals leave. Correlations and means receive
Gaussian noise, then are shrunk by as much as the noise and the sample leave unsure, strong ones least (the nonnegative
garrotte, Breiman 1995). Scores are coarser than the latents that they stand for; correlations are corrected for it
(the polyserial correlation, Olsson, Drasgow and Dorans 1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats

MOST_NORM = 1.25
UNSURE = 1.5
MOST_CORRELATION = 0.98
LEAST_WITHIN = 0.02
LEAST_EIGENVALUE = 1e-3
COARSEST = 1.0 - 2.0 / np.pi


@dataclass(frozen=True)
class Moments:
    """A mixture of normals that share one covariance.

    Parameters
    ----------
    weights : ndarray of float64, shape (components,)
    means : ndarray of float64, shape (components, latents)
    covariance : ndarray of float64, shape (latents, latents)
    """

    weights: Floats
    means: Floats
    covariance: Floats


def fit_moments(
    scores: NDArray[np.float32],
    known: NDArray[np.float32],
    told: Floats,
    chances: Floats,
    weights: Floats,
    noise: float,
    rng: np.random.Generator,
) -> Moments:
    """Learn the moments.

    Parameters
    ----------
    scores : ndarray of float32, shape (patients, latents)
        0 where not known.
    known : ndarray of float32, shape (patients, latents)
        1 where the score is known.
    told : ndarray of float64, shape (latents,)
        Variance of the scores of each latent, of the 1 that it has.
    chances : ndarray of float64, shape (patients, components)
    weights : ndarray of float64, shape (patients,)
    noise : float
        Standard deviation of the noise of one correlation.
    rng : numpy.random.Generator
    """
    n, width = scores.shape
    if not width or not n:
        return Moments(np.ones(1), np.zeros((1, width)), np.eye(width))
    scores = clipped(scores)
    correlations = _correlations(scores, known, weights)
    disturbed = noise * rng.standard_normal((width, width))
    correlations = correlations + np.triu(disturbed, 1) + np.triu(disturbed, 1).T
    unsure = UNSURE * np.sqrt(noise**2 + 1.0 / n)
    total = _latent(shrunk(correlations, unsure), told)
    np.fill_diagonal(total, 1.0)
    if chances.shape[1] == 1:
        return Moments(np.ones(1), np.zeros((1, width)), _positive(total))
    shares, means = _components(scores, told, chances * weights[:, None], n, noise, rng)
    within = total - (means.T * shares) @ means
    return Moments(shares, means, _positive(within))


def clipped(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draw in the patients who are farther out than `MOST_NORM` times the typical one."""
    norms = np.sqrt(np.einsum("ij,ij->i", scores, scores))
    limit = np.float32(MOST_NORM * np.median(norms))
    factor = np.minimum(1.0, limit / np.maximum(norms, 1e-9)).astype(np.float32)
    return np.asarray(scores * factor[:, None])


def shrunk(figures: Floats, unsure: float) -> Floats:
    """Shrink figures towards 0: by a little where they are large, to 0 below ``unsure``."""
    square = figures**2
    return np.asarray(figures * np.maximum(1.0 - unsure**2 / np.maximum(square, 1e-12), 0.0))


def _correlations(scores: NDArray[np.float32], known: NDArray[np.float32], weights: Floats) -> Floats:
    """Return the correlations of the scores, each pair over the patients who have both."""
    weighed = scores * (weights / weights.sum()).astype(np.float32)[:, None]
    products = (weighed.T @ scores).astype(np.float64)
    if known.min(initial=1.0) == 0.0:
        both = (known.T @ (known * (weights / weights.sum()).astype(np.float32)[:, None])).astype(np.float64)
        products = products / np.maximum(both, 1.0 / len(scores))
    deviations = np.sqrt(np.maximum(np.diag(products), 0.0))
    scale = np.where(deviations > 1e-6, 1.0 / np.maximum(deviations, 1e-6), 0.0)
    return np.asarray(np.clip(products * scale[:, None] * scale, -1.0, 1.0))


def _latent(correlations: Floats, told: Floats) -> Floats:
    """Return the correlations of the latents behind coarse scores.

    A correlation of the latents of both columns is the scores' over the deviations that they tell, to first order;
    between two halves it is ``sin(pi / 2 r)`` exactly, and the sine fades in as both columns grow coarse.
    """
    deviation = np.sqrt(np.maximum(told, 1e-3))
    linear = correlations / (deviation[:, None] * deviation)
    lost = np.clip((1.0 - told) / COARSEST, 0.0, 1.0)
    coarse = np.maximum(np.sqrt(lost[:, None] * lost), 1e-6)
    bent = np.sin(np.clip(linear * coarse, -np.pi / 2, np.pi / 2)) / coarse
    return np.asarray(np.clip(bent, -MOST_CORRELATION, MOST_CORRELATION))


def _components(
    scores: NDArray[np.float32], told: Floats, chances: Floats, n: int, noise: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the noisy weights and means of the components; a small component's mean moves more with one patient."""
    size = chances.sum(axis=0)
    shares = size / size.sum()
    disturbed = noise / shares
    means = chances.T @ scores / size[:, None]
    means = means + disturbed[:, None] * rng.standard_normal(means.shape)
    unsure = disturbed**2 + 1.0 / (shares * n)
    kept = np.maximum(1.0 - unsure * means.shape[1] / (means**2).sum(axis=1), 0.0)
    shares = np.maximum(shares + noise * np.sqrt(shares) * rng.standard_normal(len(shares)), 1e-3)
    shares /= shares.sum()
    means = kept[:, None] * means / np.maximum(told, 0.1)
    means -= shares @ means
    spread = np.maximum(shares @ means**2, 1e-12)
    return shares, means * np.minimum(1.0, np.sqrt((1.0 - LEAST_WITHIN) / spread))


def _positive(matrix: Floats) -> Floats:
    """Return the nearest covariance: no direction may have less than `LEAST_EIGENVALUE`."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    fixed = (vectors * np.maximum(values, LEAST_EIGENVALUE)) @ vectors.T
    return np.asarray((fixed + fixed.T) / 2.0)
