"""How close a release lies to each patient: the statistics of the membership attacks.

Each statistic is higher when the release resembles the patient more. Near neighbours show copied records; densities
and column-wise likelihoods (Homer et al. 2008, doi:10.1371/journal.pgen.1000167) show what a model learned from the
patient without copying anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.attack.space import Singles, Space, isolation, nearest
from sosie.cohort import Floats, Kind, Vectors

NAMES = ("nearest", "neighbours", "narrow_density", "wide_density", "columns")
NEIGHBOURS = 5
MOST_DOUBLES = 20_000
BAND = 0.25
TINY = 1e-6


@dataclass(frozen=True)
class Proximity:
    """The statistics, built once on the attacked patients.

    Parameters
    ----------
    space : Space
    points : ndarray of float32, shape (patients, width)
    coordinates : ndarray of float64, shape (patients, axes)
    width : float
        Median isolation of the patients: the unit of the densities' kernels.
    """

    space: Space
    points: Singles
    coordinates: Floats
    width: float

    @classmethod
    def of(cls, patients: Vectors, space: Space | None = None) -> Proximity:
        """Learn the scales from the patients."""
        space = space or Space.of(patients)
        points = space.embed(patients)
        width = float(np.median(isolation(points))) or 1.0
        return cls(space, points, space.coordinates(patients), width)

    def score(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return the statistics of each patient, shape (patients, len(NAMES))."""
        doubles = self.space.embed(release)
        distances, _ = nearest(self.points, doubles, NEIGHBOURS)
        distances = np.log(np.minimum(distances, 1e6) + TINY)
        if len(release) > MOST_DOUBLES:
            chosen = rng.choice(len(release), MOST_DOUBLES, replace=False)
            release, doubles = release.take(chosen), doubles[chosen]
        narrow, wide = self._densities(doubles)
        return np.column_stack([-distances[:, 0], -distances.mean(axis=1), narrow, wide, self._columns(release)])

    def _densities(self, doubles: Singles) -> tuple[Floats, Floats]:
        """Log kernel densities of the doubles at each patient: exp(-d^2 / w^2), and its square."""
        from sosie.attack import scan
        from sosie.attack.space import score_blocks

        norms = np.einsum("ij,ij->i", self.points, self.points, dtype=np.float64).astype(np.float32)
        sums = np.zeros((len(self.points), 2))
        scale = np.float32(1.0 / self.width**2)
        for rows, _, scores in score_blocks(self.points, doubles):
            scan.add_densities(scores, norms[rows], scale, sums[rows])
        logs = np.log(sums / max(len(doubles), 1) + 1e-12)
        return logs[:, 1], logs[:, 0]

    def _columns(self, release: Vectors) -> Floats:
        """Sum over columns of the log share of doubles that agree with the patient."""
        from sosie.attack import scan

        theirs = np.sort(np.ascontiguousarray(self.space.coordinates(release).T), axis=1)  # NaN sorts last
        bands = np.array([BAND if axis.kind is Kind.NUMERIC else 0.0 for axis in self.space.axes])
        total = np.zeros(len(self.coordinates))
        scan.add_agreement(theirs, np.isfinite(theirs).sum(axis=1), self.coordinates, bands, total)
        return total
