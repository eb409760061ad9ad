"""Where patients stand in the structure of the population: principal components of variants that are not linked.

Genotypes enter, a few coordinates leave. The loadings come from a public panel, and are then frozen, or are fitted on
the cohort (Patterson et al. 2006, doi:10.1371/journal.pgen.0020190), and are then judged with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Rows
from sosie.genomes.dosage import Singles, dosages
from sosie.genomes.genotypes import GenomesPart

CANDIDATES = 3_000
"""Variants among which those that are not linked are chosen, spread evenly over the genome."""
COMMON = 0.05
LINKED = 0.4
NEAR = 8
"""Variants kept before it that a candidate is compared with."""
MOST_AXES = 4
PATIENTS_PER_AXIS = 150
_SPARE, _POWERS = 8, 2


@dataclass(frozen=True)
class Ancestry:
    """Frozen loadings.

    Parameters
    ----------
    sites : ndarray of int64, shape (sites,)
        Rows of the variants.
    centre, scale : ndarray of float32, shape (sites,)
    loadings : ndarray of float32, shape (sites, axes)
    """

    sites: Rows
    centre: Singles = field(repr=False)
    scale: Singles = field(repr=False)
    loadings: Singles = field(repr=False)

    @property
    def axes(self) -> int:
        """Number of coordinates."""
        return int(self.loadings.shape[1])

    @classmethod
    def fit(cls, part: GenomesPart, axes: int, rng: np.random.Generator) -> Ancestry:
        """Learn the loadings from the patients who have a genome."""
        candidates = np.unique(np.linspace(0, max(len(part.variants) - 1, 0), CANDIDATES).astype(np.int64))
        seen = dosages(part, candidates)
        frequency = seen.mean(axis=0) / 2.0
        common = np.flatnonzero(np.minimum(frequency, 1.0 - frequency) >= COMMON)
        standard = (seen[:, common] - 2.0 * frequency[common]) / np.sqrt(2.0 * frequency * (1.0 - frequency))[common]
        kept = _unlinked(standard)
        chosen = common[kept]
        loadings = _components(standard[:, kept], min(axes, len(kept), max(len(seen) - 1, 0)), rng)
        scale = np.sqrt(2.0 * frequency * (1.0 - frequency))[chosen]
        return cls(
            candidates[chosen],
            (2.0 * frequency[chosen]).astype(np.float32),
            scale.astype(np.float32),
            loadings,
        )

    def coordinates(self, part: GenomesPart) -> Floats:
        """Return the coordinates of the patients who have a genome, shape (patients, axes)."""
        seen = (dosages(part, self.sites, self.centre) - self.centre) / self.scale
        return np.asarray(seen @ self.loadings / max(np.sqrt(len(self.sites)), 1.0), dtype=np.float64)


def axes_for(patients: int) -> int:
    """Return how many coordinates so many patients bear."""
    return min(MOST_AXES, max(1, patients // PATIENTS_PER_AXIS + 1))


def _unlinked(standard: Singles) -> NDArray[np.int64]:
    """Choose columns none of which is correlated with those just before it."""
    n, sites = standard.shape
    kept: list[int] = []
    for at in range(sites):
        if kept:
            r = standard[:, kept[-NEAR:]].T @ standard[:, at] / max(n, 1)
            if float((r * r).max()) > LINKED:
                continue
        kept.append(at)
    return np.array(kept, dtype=np.int64)


def _components(standard: Singles, axes: int, rng: np.random.Generator) -> Singles:
    """Return leading right singular vectors, by random projection (Halko et al. 2011, doi:10.1137/090771806)."""
    n, sites = standard.shape
    if not axes:
        return np.zeros((sites, 0), dtype=np.float32)
    width = min(axes + _SPARE, n, sites)
    basis = standard @ rng.standard_normal((sites, width)).astype(np.float32)
    for _ in range(_POWERS):
        basis = standard @ (standard.T @ np.linalg.qr(basis)[0])
    basis = np.linalg.qr(basis)[0]
    return np.asarray(np.linalg.svd(basis.T @ standard, full_matrices=False)[2][:axes].T, dtype=np.float32)
