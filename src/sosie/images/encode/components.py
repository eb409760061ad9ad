"""The instant encoder: principal components of the pictures, patients weighing the same.

The basis is learned from the cohort and keeps some of it: it is personal data, refitted in every replicate.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sosie.cohort import Floats
from sosie.images.pictures import Singles

COMPONENTS = 16


@dataclass(frozen=True)
class ComponentBasis:
    """Principal components.

    Parameters
    ----------
    mean : ndarray of float64, shape (side, side)
    axes : ndarray of float64, shape (width, side * side)
        Times the standard deviation of the latents along each.
    inverse : ndarray of float64, shape (side * side, width)
    """

    mean: Floats
    axes: Floats
    inverse: Floats
    frozen: str | None = field(default=None, init=False)

    @property
    def width(self) -> int:
        """Number of latents."""
        return len(self.axes)

    def encode(self, pixels: Singles) -> Floats:
        """Return the latents, of unit variance over the pictures that were learned from."""
        return np.asarray((pixels - self.mean).reshape(len(pixels), -1) @ self.inverse)

    def decode(self, latents: Floats) -> Singles:
        """Return pictures, shape (pictures, side, side)."""
        made = (latents @ self.axes).reshape(len(latents), *self.mean.shape) + self.mean
        return np.asarray(made, dtype=np.float32)


@dataclass(frozen=True)
class Components:
    """Learns the components, as many as asked for or as there are pictures beyond the mean."""

    components: int = COMPONENTS

    def fit(self, pixels: Singles, weights: Floats, rng: np.random.Generator) -> ComponentBasis:
        """Learn from pictures and their weights."""
        shares = weights / weights.sum()
        mean = np.tensordot(shares, pixels.astype(np.float64), 1)
        centred = (pixels - mean).reshape(len(pixels), -1) * np.sqrt(shares)[:, None]
        _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
        kept = int(min(self.components, (sizes > 1e-9 * sizes.max(initial=0.0)).sum()))
        return ComponentBasis(mean, axes[:kept] * sizes[:kept, None], axes[:kept].T / sizes[:kept])
