"""Columns as thresholds on normal latents: what a mixture of normals sees of a patient, and the way back.

Each column becomes one or two facets: the values of a number in their order, whether a number is missing, the levels
of a category in the order of their association with the other columns. A facet cuts a normal latent into one interval
for each code, as wide as the code is frequent; a patient's score is the mean of the latent in its interval, so that
scores are bounded and a rare code weighs no more than the k patients behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sosie.cohort import Floats, Kind
from sosie.synthesis.grid import MISSING, Codes, Grid

LEADING_ROWS = 5_000
WAVES = 3
TILT_POINTS = 201
HALF = 0.5


@dataclass(frozen=True)
class Facet:
    """One latent and the codes that it is cut into.

    Parameters
    ----------
    column : int
        Number of the column in the vectors.
    codes : ndarray of uint16, shape (intervals,)
        Codes of the grid, in the order of the latent; of a gap, 0 (known) and 1 (missing).
    shares : ndarray of float64, shape (intervals,)
        Share of the patients in each interval.
    gap : bool
        Whether it tells who lacks the column, not what they have.
    """

    column: int
    codes: Codes
    shares: Floats
    gap: bool = False

    @property
    def ends(self) -> Floats:
        """Upper ends of the intervals, as probabilities of the latent."""
        ends = np.cumsum(self.shares)
        ends[-1] = 1.0
        return ends

    @property
    def means(self) -> Floats:
        """Mean of the latent in each interval, 0 where it is empty: the score of the patients there."""
        bounds = ndtri(np.concatenate([[0.0], np.minimum(self.ends, 1.0)]))
        density = np.exp(-(bounds**2) / 2) / np.sqrt(2 * np.pi)
        means = np.where(self.shares > 0, -np.diff(density) / np.maximum(self.shares, 1e-12), 0.0)
        return np.asarray(means, dtype=np.float64)

    @property
    def variance(self) -> float:
        """Variance of the scores: the part of the latent's unit variance that the intervals tell."""
        return float(self.shares @ self.means**2)

    def scores(self, codes: Codes, size: int) -> NDArray[np.float32]:
        """Return the score of each code of the column; 0 for a number that is missing."""
        if self.gap:
            return np.asarray(self.means[(codes == MISSING).astype(np.int64)], dtype=np.float32)
        table = np.zeros(size, dtype=np.float32)
        table[self.codes] = self.means
        return np.asarray(table[codes])

    def natural(self, grid: Grid) -> NDArray[np.float32] | None:
        """Return the standardised middle of each code of a number without atoms; None for other columns."""
        if self.gap or grid.quantile is None or grid.apart[self.codes].any():
            return None
        middles = np.zeros(grid.size)
        middles[grid.bin_codes] = grid.quantile((grid.first[:-1] + grid.first[1:]) / 2.0)
        values = middles[self.codes] - self.shares @ middles[self.codes]
        spread = float(np.sqrt(self.shares @ values**2))
        if not 0.0 < spread < np.inf:
            return None
        table = np.zeros(grid.size, dtype=np.float32)
        table[self.codes] = values / spread
        return table

    def read(self, uniform: Floats) -> tuple[Codes, Floats]:
        """Return the code of each probability of the latent, and where in its interval it stands."""
        ends = self.ends
        place = np.minimum(np.searchsorted(ends, uniform, side="right"), len(ends) - 1)
        low = np.concatenate([[0.0], ends[:-1]])[place]
        within = np.clip((uniform - low) / np.maximum(ends[place] - low, 1e-12), 0.0, 1.0)
        return self.codes[place], within


def facets_of(grids: tuple[Grid, ...], codes: Codes, weights: Floats) -> list[Facet]:
    """Cut the latents of all columns.

    Parameters
    ----------
    grids : tuple of Grid
    codes : ndarray of uint16, shape (patients, columns)
    weights : ndarray of float64, shape (patients,)
    """
    ready: list[Facet] = []
    waiting: list[Facet] = []
    for j, grid in enumerate(grids):
        counts = np.bincount(codes[:, j], weights=weights, minlength=grid.size)
        share = counts / max(counts.sum(), 1e-12)
        if grid.column.kind is Kind.CATEGORICAL:
            present = np.flatnonzero(share > 0).astype(np.uint16)
            order = present[np.argsort(-share[present], kind="stable")]
            facet = Facet(j, order, share[order])
            (ready if len(order) <= 2 else waiting).append(facet)
            continue
        known = 1.0 - share[MISSING]
        if known > 0:
            present = np.flatnonzero(share[1:] > 0).astype(np.uint16) + np.uint16(1)
            ready.append(Facet(j, present, share[present] / share[present].sum()))
        if share[MISSING] > 0:
            ready.append(Facet(j, np.array([0, 1], dtype=np.uint16), np.array([known, share[MISSING]]), gap=True))
    ready += _ordered(waiting, ready, grids, codes[:: max(1, -(-len(codes) // LEADING_ROWS))])
    return sorted(ready, key=lambda facet: (facet.column, facet.gap))


def _ordered(waiting: list[Facet], ready: list[Facet], grids: tuple[Grid, ...], codes: Codes) -> list[Facet]:
    """Order the levels of categories along the first principal direction of the other facets."""
    if not waiting or not len(codes):
        return waiting
    if not ready:
        first = max(waiting, key=lambda facet: facet.variance)
        rest = [facet for facet in waiting if facet is not first]
        return [first, *_ordered(rest, [first], grids, codes)]
    scores = np.column_stack([facet.scores(codes[:, facet.column], grids[facet.column].size) for facet in ready])
    leading = scores @ np.linalg.eigh(scores.T @ scores)[1][:, -1]
    done = []
    for facet in waiting:
        size = grids[facet.column].size
        count = np.bincount(codes[:, facet.column], minlength=size)
        mean = np.bincount(codes[:, facet.column], weights=leading, minlength=size) / np.maximum(count, 1)
        order = np.argsort(mean[facet.codes], kind="stable")
        done.append(Facet(facet.column, facet.codes[order], facet.shares[order]))
    return done


def free_figures(facet: Facet, grid: Grid) -> float:
    """Return how many figures of a facet an attacker can read, each counted by the precision that it is told with."""
    apart, waves = _parts(facet, grid)
    told = (np.minimum(facet.shares[apart], HALF) / HALF) ** (1.0 / 3.0)
    levels = told.sum() - (told.max(initial=0.0) if apart.all() else 0.0)
    return float(levels + (_amplitudes(waves) ** -2.0).sum())


def disturbed(facet: Facet, grid: Grid, noise: float, rng: np.random.Generator) -> tuple[Facet, Floats | None]:
    """Add noise to what a facet tells of its column.

    Shares of atoms and levels move each on its own, and are shrunk towards equal ones by what the noise leaves unsure.
    The bins between them move smoothly: their density is tilted by the exponential of a few cosines with random
    amplitudes (an orthogonal series, as in Kronmal and Tarter 1968). For the least distance between distributions at
    a given deflection, a figure's noise grows with the inverse cube root of its weight in that distance: a rare level
    is told with relatively more noise, and the finer of two waves too.

    Returns the facet, and the tilted distribution function at evenly spaced probabilities.
    """
    apart, waves = _parts(facet, grid)
    if noise == 0.0 or len(facet.codes) < 2:
        return facet, None
    spread = noise * np.sqrt(HALF) * (facet.shares / HALF) ** (1.0 / 3.0) * apart
    shares = facet.shares + spread * rng.standard_normal(len(apart))
    even = shares[apart].sum() / max(apart.sum(), 1)
    prior = (1.0 - 1.0 / len(apart)) / (len(apart) * (len(apart) + 1.0))
    shares[apart] = even + (shares[apart] - even) * prior / (prior + spread[apart] ** 2)
    shares = np.maximum(shares, 0.0)
    moved = facet if shares.sum() == 0.0 else replace(facet, shares=shares / shares.sum())
    if not waves:
        return moved, None
    middle = (np.arange(TILT_POINTS - 1) + 0.5) / (TILT_POINTS - 1)
    cosines = np.sqrt(2.0) * np.cos(np.pi * np.outer(np.arange(1, waves + 1), middle))
    density = np.exp(noise * _amplitudes(waves) * rng.standard_normal(waves) @ cosines)
    return moved, np.concatenate([[0.0], np.cumsum(density) / density.sum()])


def _amplitudes(waves: int) -> Floats:
    """Return the relative noise of each wave; the distance that wave j makes falls as 1 / j."""
    return np.asarray(np.arange(1, waves + 1) ** (1.0 / 3.0))


def _parts(facet: Facet, grid: Grid) -> tuple[NDArray[np.bool_], int]:
    """Return which intervals are atoms or levels, and the number of waves over the others."""
    apart = np.ones(len(facet.codes), dtype=bool) if facet.gap else grid.apart[facet.codes]
    return apart, int(np.clip((~apart).sum() - 1, 0, WAVES))
