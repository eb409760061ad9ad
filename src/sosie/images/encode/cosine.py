"""The frozen encoder: low frequencies of a cosine transform, scaled by what is true of any photograph.

Nothing is learned. The spectrum of pictures falls as a power of the frequency (Field 1987,
doi:10.1364/JOSAA.4.002379; slower on films than in nature), so latents divided by that power are of about one size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.images.pictures import Singles

FREQUENCIES = 10
COARSER = ((200, 6), (1_000, 8))
"""Frequencies for cohorts of fewer patients than so many."""
LOUDNESS = 0.1
FALL = 0.8


@dataclass(frozen=True)
class CosineBasis:
    """Cosines of low frequency.

    Parameters
    ----------
    side : int
        Pixels of a side.
    frequencies : int
        Of the horizontal and the vertical frequency, the sum stays below.
    """

    side: int
    frequencies: int = FREQUENCIES

    @property
    def frozen(self) -> str | None:
        """Name of the basis: it has no weights."""
        return f"cosine-{self.frequencies}-{self.side}"

    @property
    def width(self) -> int:
        """Number of latents."""
        return len(self._places[0])

    def encode(self, pixels: Singles) -> Floats:
        """Return the latents, shape (pictures, width)."""
        from scipy.fft import dctn

        rows, columns = self._places
        found = dctn(pixels.astype(np.float64), axes=(1, 2), norm="ortho")[:, rows, columns] / self.side
        found[:, 0] -= 0.5
        return np.asarray(found / self._scales)

    def decode(self, latents: Floats) -> Singles:
        """Return smooth pictures, shape (pictures, side, side)."""
        from scipy.fft import idctn

        rows, columns = self._places
        spectrum = np.zeros((len(latents), self.side, self.side))
        spectrum[:, rows, columns] = latents * self._scales
        spectrum[:, 0, 0] += 0.5
        return np.asarray(idctn(spectrum * self.side, axes=(1, 2), norm="ortho"), dtype=np.float32)

    @property
    def _places(self) -> tuple[Rows, Rows]:
        rows, columns = np.nonzero(np.add.outer(*[np.arange(self.frequencies)] * 2) < self.frequencies)
        return rows, columns

    @property
    def radii(self) -> Floats:
        """Frequency of each latent, in half periods a side."""
        return np.asarray(np.hypot(*self._places))

    @property
    def _scales(self) -> Floats:
        return np.asarray(LOUDNESS / (1.0 + self.radii) ** FALL)


def coordinates(patients: int) -> int:
    """Return the number of frequencies that a cohort bears: the fewer patients, the coarser what is told of each."""
    return next((count for fewer, count in COARSER if patients < fewer), FREQUENCIES)


@dataclass(frozen=True)
class Cosine:
    """Chooses the basis by the size of the pictures alone."""

    frequencies: int = FREQUENCIES

    def fit(self, pixels: Singles, weights: Floats, rng: np.random.Generator) -> CosineBasis:
        """Return the basis; the pictures are not looked at."""
        return CosineBasis(pixels.shape[1], self.frequencies)
