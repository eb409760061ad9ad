"""Singling out by the beginning of a sequence: what happened first to somebody, and after how many days what came next.

Whoever knows the first gaps between the visits of a person, or the first of what happened to them with the days, looks
for that beginning in the release. Where one double alone has it and one patient alone has it, that patient is singled
out. Days are known exactly, to the week or to the month.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Kind, Mask, Rows, Vectors
from sosie.evidence import CriterionId

MOST = 5
"""Steps of a sequence that are known, at most."""
RESOLUTIONS = (("day", 1.0), ("week", 7.0), ("month", 30.4375))
Marks = NDArray[np.uint64]


@dataclass(frozen=True)
class Beginning:
    """The first steps of one sequence.

    Parameters
    ----------
    name : str
    positions : ndarray of int64
        Of its columns; the last one is a number of days.
    days : ndarray of bool
        Which of them are days.
    width : float
        Days that are told apart.
    marks : ndarray of uint64, shape (patients,)
    alone : ndarray of bool, shape (patients,)
        Patients who alone begin so; one whose sequence is shorter is not attacked.
    """

    name: str
    positions: Rows
    days: Mask
    width: float
    marks: Marks
    alone: Mask

    def read(self, values: Floats) -> tuple[Marks, Mask]:
        """Return the mark of each row's beginning, and whether its sequence is long enough."""
        return _read(values, self.positions, self.days, self.width)


@dataclass(frozen=True)
class KnownSequences:
    """Patients whom one double alone begins like, and nobody else does."""

    id: ClassVar[CriterionId] = CriterionId.SINGLING_OUT_SEQUENCES
    unit: ClassVar[Literal["patients"]] = "patients"
    patients: int
    beginnings: tuple[Beginning, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, patients: Vectors) -> KnownSequences:
        """Mark how each patient's sequences begin."""
        beginnings: list[Beginning] = []
        attacked: list[str] = []
        for name in dict.fromkeys(name for column in patients.columns for name in column.sequence):
            mine = [at for at, column in enumerate(patients.columns) if name in column.sequence]
            days = np.array([patients.columns[at].kind is Kind.NUMERIC for at in mine])
            attacked += [patients.columns[at].name for at in mine]
            for steps, stop in enumerate((np.flatnonzero(days) + 1)[:MOST], start=1):
                for resolution, width in RESOLUTIONS:
                    kept, dated = np.array(mine[:stop]), days[:stop]
                    marks, known = _read(patients.values, kept, dated, width)
                    title = f"{name}: {steps}, {resolution}"
                    beginnings.append(Beginning(title, kept, dated, width, marks, _once(marks, known)))
        return cls(len(patients), tuple(beginnings), tuple(dict.fromkeys(attacked)))

    @property
    def details(self) -> dict[str, object]:
        """Names of the columns, and what is known in each scenario."""
        scenarios = [beginning.name for beginning in self.beginnings]
        return {"attacked": list(self.names), "auxiliary": [], "guesses": self.patients, "scenarios": scenarios}

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return 1 for each patient who is singled out, shape (patients, scenarios)."""
        given = np.zeros((self.patients, len(self.beginnings)))
        for at, beginning in enumerate(self.beginnings):
            marks, known = beginning.read(release.values)
            lone = marks[_once(marks, known)]
            given[:, at] = beginning.alone & np.isin(beginning.marks, lone)
        return given


def _read(values: Floats, positions: Rows, days: Mask, width: float) -> tuple[Marks, Mask]:
    told = values[:, positions]
    known = np.asarray(~np.isnan(told).any(axis=1))
    with np.errstate(invalid="ignore"):
        steps = np.where(days, np.floor(told / width), told)
    marks: Marks = np.full(len(values), 14695981039346656037, dtype=np.uint64)
    for step in np.nan_to_num(steps, nan=-1.0).T:
        # 64 bits mixed at every step (FNV's prime, and a shift): two beginnings of a cohort will not meet by chance.
        marks = (marks ^ step.astype(np.int64).astype(np.uint64)) * np.uint64(1099511628211)
        marks ^= marks >> np.uint64(29)
    return marks, known


def _once(marks: Marks, known: Mask) -> Mask:
    """Tell which rows are known, and alone with their mark among those that are."""
    found = np.zeros(len(marks), dtype=bool)
    rows = np.flatnonzero(known)
    _, first, counts = np.unique(marks[rows], return_index=True, return_counts=True)
    found[rows[first[counts == 1]]] = True
    return found
