"""Inference: deducing an attribute with significant probability (WP29 Opinion 05/2014, section 2.2).

The attacker knows some columns of a patient, finds the double nearest to them and reads the secret column there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sosie.attack.space import Singles, Space, score_blocks
from sosie.cohort import Floats, Kind, Mask, Rows, Vectors
from sosie.evidence import CriterionId

SECRETS = 15
TOLERANCE = 0.05
"""Share of the inter-decile range within which a number is held to be deduced."""
BINS = 10


@dataclass(frozen=True)
class NearestDouble:
    """Secrets read from the nearest double, for an attacker who knows all other columns or a random half of them.

    Credits have one column for each secret and scenario: ``secrets`` knowing everything else, then as many again
    knowing half. The criterion is the worst of them.

    Parameters
    ----------
    space : Space
    points : ndarray of float32, shape (patients, width)
    secrets : ndarray of int64
        Axes of the space that are attacked, at most 15: those that say most.
    truth : ndarray of float64, shape (patients, secrets)
    tolerance : ndarray of float64, shape (secrets,)
        0 for a category.
    """

    id: ClassVar[CriterionId] = CriterionId.INFERENCE
    unit: ClassVar[Literal["patients"]] = "patients"
    space: Space
    points: Singles
    secrets: Rows
    truth: Floats
    tolerance: Floats

    @classmethod
    def of(cls, patients: Vectors, space: Space | None = None, *, secrets: int = SECRETS) -> NearestDouble:
        """Choose the secrets by their entropy: what is nearly constant is no secret worth deducing."""
        space = space or Space.of(patients)
        positions = np.array([axis.position for axis in space.axes], dtype=np.int64)
        known = np.array([entropy(patients.values[:, i]) for i in positions])
        chosen = np.sort(np.argsort(-known, kind="stable")[:secrets])
        truth = patients.values[:, positions[chosen]]
        tolerance = np.array([_tolerance(space, axis, truth[:, i]) for i, axis in enumerate(chosen)])
        return cls(space, space.embed(patients), chosen, truth, tolerance)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """What each column of the credits stands for."""
        names = [self.space.names[axis] for axis in self.secrets]
        return tuple(f"{name}, {known}" for known in ("all others known", "half known") for name in names)

    @property
    def details(self) -> dict[str, object]:
        """Names of the secrets, of the columns known, and the number of guesses for each release."""
        return {
            "attacked": [self.space.names[axis] for axis in self.secrets],
            "auxiliary": list(self.space.names),
            "scenarios": list(self.scenarios),
            "guesses": len(self.points) * len(self.scenarios),
        }

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return, for each patient and each secret in both scenarios, whether the secret was deduced."""
        axes = len(self.space.axes)
        if axes < 2 or not len(release):
            return np.zeros((len(self.points), max(2 * len(self.secrets), 1)))
        release = release.take(rng.permutation(len(release)))
        doubles = self.space.embed(release)
        positions = [self.space.axes[axis].position for axis in self.secrets]
        released = release.values[:, positions]
        half = np.zeros(axes, dtype=bool)
        half[rng.permutation(axes)[: (axes + 1) // 2]] = True
        # With two columns, half of them may be the secret itself: the known one is then the other.
        known = (np.ones(axes, dtype=bool), half if axes > 2 else np.ones(axes, dtype=bool))
        return np.hstack([self._deduced(released, self._nearest(doubles, mask)) for mask in known])

    def _nearest(self, doubles: Singles, known: Mask) -> Rows:
        """Number of the double nearest to each patient in the known columns but the secret; (patients, secrets)."""
        from sosie.attack import scan

        axes = [self.space.axes[i] for i in np.flatnonzero(known)]
        embedded = np.concatenate([np.arange(axis.first, axis.last) for axis in axes])
        begins = np.cumsum([0, *(axis.last - axis.first for axis in axes)])
        place = np.cumsum(known) - 1
        edges = np.array([[begins[place[s]], begins[place[s] + 1]] if known[s] else [0, 0] for s in self.secrets])
        points = np.ascontiguousarray(self.points[:, embedded])
        # The last double is repeated to fill whole strides; a repetition is read as the last one.
        filled = np.minimum(np.arange(-(-len(doubles) // scan.STRIDE) * scan.STRIDE), len(doubles) - 1)
        doubles = np.ascontiguousarray(doubles[filled][:, embedded])
        best = np.full((len(points), len(self.secrets)), np.inf, dtype=np.float32)
        index = np.zeros((len(points), len(self.secrets)), dtype=np.int64)
        for rows, offset, scores in score_blocks(points, doubles):
            columns = np.ascontiguousarray(doubles[offset : offset + scores.shape[1]].T)
            scan.keep_nearest_without(scores, points[rows], columns, edges, offset, best[rows], index[rows])
        return filled[index]

    def _deduced(self, released: Floats, index: Rows) -> Floats:
        read = np.take_along_axis(released, index, axis=0)
        unknown = np.isnan(self.truth) & np.isnan(read)
        return np.asarray((np.abs(read - self.truth) <= self.tolerance) | unknown, dtype=np.float64)


def entropy(values: Floats) -> float:
    """Entropy in bits of a column, numbers of many values counted in tenths."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(counts) > BINS:
        counts = np.bincount(((np.cumsum(counts) - counts) * BINS // len(values))[codes])
    share = counts[counts > 0] / len(values)
    return float(-(share * np.log2(share)).sum())


def _tolerance(space: Space, axis: int, values: Floats) -> float:
    if space.axes[axis].kind is Kind.CATEGORICAL:
        return 0.0
    low, high = np.nanquantile(values, [0.1, 0.9])
    return float(TOLERANCE * (high - low))
