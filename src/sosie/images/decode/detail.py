"""Detail that latents do not hold, from pictures that belong to nobody.

A smooth picture of a double enters, with a bank of public pictures (phantoms, say). A picture leaves that is coarse as
the double's, and fine as that picture of the bank which it resembles most in what is coarse.
Nothing of the cohort is looked at, so nothing that the smooth picture does not tell is told.
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
CANDIDATES = 4
GRAIN = 0.01
GAINS = (0.3, 1.2)
CROSSOVER = 4.5
STEEPNESS = 4.0


@dataclass(frozen=True)
class Bank:
    """Public pictures, cut in what is coarse and what is fine.

    Parameters
    ----------
    latents : ndarray of float64, shape (pictures, latents)
        What is coarse.
    fine : ndarray of float32, shape (pictures, side, side)
    basis : CosineBasis
    share : ndarray of float64, shape (latents,)
        How much of each coarse latent is the double's own: all of the lowest frequencies, little of the highest, where
        latents that are drawn one by one would make clouds, not shapes.
    """

    latents: Floats
    fine: Singles
    basis: CosineBasis
    share: Floats

    @classmethod
    def of(cls, pictures: Singles) -> Bank:
        """Cut the pictures of a bank."""
        basis = CosineBasis(pictures.shape[1])
        latents = basis.encode(pictures)
        share = 1.0 / (1.0 + (basis.radii / CROSSOVER) ** STEEPNESS)
        return cls(latents, pictures - basis.decode(latents), basis, share)

    def add(self, smooth: Singles, rng: np.random.Generator) -> Singles:
        """Return pictures with detail, and with the grain of a film, of the size of the bank's.

        Parameters
        ----------
        smooth : ndarray of float32, shape (pictures, pixels, pixels)
            Of any size: what is coarse is the same in all.
        rng : numpy.random.Generator
            Chooses among the pictures of the bank that are most alike.
        """
        own = CosineBasis(smooth.shape[1]).encode(smooth)
        mine, theirs = own * self.share, self.latents * self.share
        (coarse, loudness), (known, usual) = _directions(mine), _directions(theirs)
        alike = np.argsort(-(coarse @ known.T), axis=1)[:, :CANDIDATES]
        chosen = alike[np.arange(len(alike)), rng.integers(0, alike.shape[1], len(alike))]
        gain = np.clip(loudness / np.maximum(usual[chosen], 1e-6), *GAINS)[:, None]
        latents = mine + gain * self.latents[chosen] * (1.0 - self.share)
        coarse_picture = self.basis.decode(latents)
        grain = GRAIN * rng.standard_normal(coarse_picture.shape)
        made = coarse_picture + gain[:, :, None] * self.fine[chosen] + grain
        return np.asarray(np.clip(made, 0.0, 1.0), dtype=np.float32)


@cache
def chest(side: int) -> Bank:
    """Return the bank of phantoms of the chest, the same everywhere."""
    return Bank.of(phantoms(PHANTOMS, side, np.random.default_rng(SEED)))


def _directions(latents: Floats) -> tuple[Floats, Floats]:
    """Return the directions of latents without the overall tone, and their lengths."""
    shapes = latents[:, 1:]
    lengths = np.linalg.norm(shapes, axis=1)
    return shapes / np.maximum(lengths, 1e-9)[:, None], lengths
