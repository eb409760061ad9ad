"""Detail that latents do not hold, from pictures that belong to nobody.

A smooth picture of a double enters with a bank of public pictures (phantoms, or a folder that the user names); the same
picture leaves with the fine structure of that picture of the bank which it resembles most in what is coarse. Nothing
of the cohort is looked at, so nothing that the smooth picture does not tell is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from sosie.cohort import Floats
from sosie.images.decode.phantom import phantoms
from sosie.images.encode.cosine import CosineBasis
from sosie.images.pictures import Singles

PHANTOMS = 240
SEED = 5
CANDIDATES = 6
GRAIN = 0.012
GAINS = (0.3, 1.4)


@dataclass(frozen=True)
class Bank:
    """Public pictures, cut in what is coarse and what is fine.

    Parameters
    ----------
    coarse : ndarray of float64, shape (pictures, latents)
        Directions of the coarse latents, without the overall tone, of length 1.
    loudness : ndarray of float64, shape (pictures,)
        Their length before.
    fine : ndarray of float32, shape (pictures, side, side)
    basis : CosineBasis
    """

    coarse: Floats
    loudness: Floats
    fine: Singles
    basis: CosineBasis

    @classmethod
    def of(cls, pictures: Singles) -> Bank:
        """Cut the pictures of a bank."""
        basis = CosineBasis(pictures.shape[1])
        latents = basis.encode(pictures)
        coarse, loudness = _directions(latents)
        return cls(coarse, loudness, pictures - basis.decode(latents), basis)

    def add(self, smooth: Singles, rng: np.random.Generator) -> Singles:
        """Return pictures with detail, and with the grain of a film.

        Parameters
        ----------
        smooth : ndarray of float32, shape (pictures, side, side)
        rng : numpy.random.Generator
            Chooses among the pictures of the bank that are most alike.
        """
        coarse, loudness = _directions(self.basis.encode(smooth))
        alike = np.argsort(-(coarse @ self.coarse.T), axis=1)[:, :CANDIDATES]
        chosen = alike[np.arange(len(alike)), rng.integers(0, alike.shape[1], len(alike))]
        gain = np.clip(loudness / np.maximum(self.loudness[chosen], 1e-6), *GAINS)
        grain = GRAIN * rng.standard_normal(smooth.shape)
        made = smooth + gain[:, None, None] * self.fine[chosen] + grain
        return np.asarray(np.clip(made, 0.0, 1.0), dtype=np.float32)


@cache
def chest(side: int) -> Bank:
    """Return the bank of phantoms of the chest, the same everywhere."""
    return Bank.of(phantoms(PHANTOMS, side, np.random.default_rng(SEED)))


def _directions(latents: Floats) -> tuple[Floats, Floats]:
    shapes = latents[:, 1:]
    lengths = np.linalg.norm(shapes, axis=1)
    return shapes / np.maximum(lengths, 1e-9)[:, None], lengths
