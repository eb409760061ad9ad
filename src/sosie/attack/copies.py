"""Copies: doubles that are a patient, or nearer to one than patients are to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sosie.attack.space import Singles, Space, isolation, nearest
from sosie.cohort import Floats, Rows, Vectors
from sosie.evidence import CriterionId

NEAR_QUANTILE = 0.01
Marks = NDArray[np.uint64]


@dataclass(frozen=True)
class ExactCopies:
    """Patients whom some double equals on every column that varies among the patients."""

    id: ClassVar[CriterionId] = CriterionId.EXACT_COPIES
    unit: ClassVar[Literal["patients"]] = "patients"
    positions: Rows
    names: tuple[str, ...]
    marks: Marks

    @classmethod
    def of(cls, patients: Vectors) -> ExactCopies:
        """Mark each patient by its values."""
        values = patients.values
        varying = [i for i in range(values.shape[1]) if len(np.unique(values[:, i])) > 1]
        names = tuple(patients.columns[i].name for i in varying)
        return cls(np.array(varying, dtype=np.int64), names, _marks(values[:, varying]))

    @property
    def details(self) -> dict[str, object]:
        """Names of the columns that must be equal."""
        return {"attacked": list(self.names), "auxiliary": [], "guesses": len(self.marks)}

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return 1 for each patient who has a copy."""
        if not len(self.positions):
            return np.zeros(len(self.marks))
        return np.isin(self.marks, _marks(release.values[:, self.positions])).astype(np.float64)


@dataclass(frozen=True)
class NearCopies:
    """Patients whose nearest double is as near as the closest hundredth of the patients are to each other."""

    id: ClassVar[CriterionId] = CriterionId.NEAR_COPIES
    unit: ClassVar[Literal["patients"]] = "patients"
    space: Space
    points: Singles
    threshold: float

    @classmethod
    def of(cls, patients: Vectors, space: Space | None = None) -> NearCopies:
        """Measure how near patients are to each other."""
        space = space or Space.of(patients)
        points = space.embed(patients)
        gaps = isolation(points, neighbours=1)
        return cls(space, points, float(np.quantile(gaps, NEAR_QUANTILE)) if len(gaps) else 0.0)

    @property
    def details(self) -> dict[str, object]:
        """Names of the columns compared, and the threshold in units of the space."""
        return {
            "attacked": list(self.space.names),
            "auxiliary": [],
            "guesses": len(self.points),
            "threshold": round(self.threshold, 4),
        }

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return 1 for each patient who has a near copy."""
        if not self.space.axes:
            return np.zeros(len(self.points))
        distances, _ = nearest(self.points, self.space.embed(release))
        return (distances[:, 0] <= self.threshold).astype(np.float64)


def _marks(values: Floats) -> Marks:
    """Mix each row into 64 bits: equal rows have equal marks; others collide once in 10^19 pairs."""
    clean = np.where(np.isnan(values), np.nan, values) + 0.0  # one NaN, one zero
    bits = np.ascontiguousarray(clean).view(np.uint64)
    mark = np.zeros(len(values), dtype=np.uint64)
    for column in bits.T:
        # The finaliser of splitmix64: bijective, so that differing columns cannot cancel by their order alone.
        mark = (mark ^ column) + np.uint64(0x9E3779B97F4A7C15)
        mark = (mark ^ (mark >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mark = (mark ^ (mark >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mark ^= mark >> np.uint64(31)
    return mark
