"""How faithful a release is, at a glance: its columns and its pairs of columns, on the vectors that attacks see.

It ranks the settings of a search, in every modality alike and in milliseconds; what a reader learns about a release is
measured by the modality's own ``compare``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from sosie.cohort import Floats, Kind, Rows, Vectors

MOST_ROWS = 5_000
MOST_COLUMNS = 120


@dataclass(frozen=True)
class Fidelity:
    """What a release keeps, each in [0, 1].

    Parameters
    ----------
    shapes : float
        Mean over columns of one minus the Kolmogorov-Smirnov distance of numbers, the total variation distance of
        categories; a missing value counts as one more value.
    pairs : float
        Mean over pairs of columns of one minus half the difference of their rank correlations.
    """

    shapes: float
    pairs: float

    @property
    def utility(self) -> float:
        """The figure that a search maximises: the mean of both."""
        return (self.shapes + self.pairs) / 2.0


def fidelity(patients: Vectors, release: Vectors, rng: np.random.Generator) -> Fidelity:
    """Compare a release with the patients, on at most `MOST_ROWS` of each and `MOST_COLUMNS` columns that vary."""
    rows = [rng.permutation(len(one))[:MOST_ROWS] for one in (patients, release)]
    varying = [j for j, values in enumerate(patients.values.T) if len(np.unique(values)) > 1]
    chosen = np.sort(rng.permutation(varying)[:MOST_COLUMNS]).astype(np.int64)
    if not len(chosen):
        return Fidelity(1.0, 1.0)
    mine, theirs = patients.values[np.ix_(rows[0], chosen)], release.values[np.ix_(rows[1], chosen)]
    shapes = [
        1.0 - _distance(mine[:, at], theirs[:, at], patients.columns[j].kind is Kind.NUMERIC)
        for at, j in enumerate(chosen)
    ]
    return Fidelity(float(np.mean(shapes)), _pairs(mine, theirs))


def _distance(mine: Floats, theirs: Floats, ordered: bool) -> float:
    """Largest distance between distribution functions, or total variation distance; NaN is a value of its own."""
    points, codes = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(points)) / len(part) for part in (codes[: len(mine)], codes[len(mine) :])]
    gap = shares[0] - shares[1]
    return float(np.abs(np.cumsum(gap)).max()) if ordered else float(np.abs(gap).sum() / 2.0)


def _pairs(mine: Floats, theirs: Floats) -> float:
    if mine.shape[1] < 2:
        return 1.0
    upper: tuple[Rows, Rows] = np.triu_indices(mine.shape[1], 1)
    gap = _correlations(mine)[upper] - _correlations(theirs)[upper]
    return float(1.0 - np.abs(gap).mean() / 2.0)


def _correlations(values: Floats) -> Floats:
    """Rank correlations; a missing value ranks last, and a column that does not vary goes with nothing."""
    ranks = rankdata(np.where(np.isnan(values), np.inf, values), axis=0)
    ranks -= ranks.mean(axis=0)
    spread = np.sqrt((ranks**2).sum(axis=0))
    ranks /= np.where(spread > 0, spread, 1.0)
    return np.asarray(ranks.T @ ranks)
