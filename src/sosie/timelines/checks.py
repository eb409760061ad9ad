"""Events that cannot be: before a birth, after a death, ended before they began, told twice; and what was read askew.

A frame of events with their files and rows comes in; which rows contradict themselves, and what to tell of each kind of
fault, leave. A fault names the file, the column and the row of its first case, and counts the others; never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.errors import UnreadableError
from sosie.manifest import Manifest

if TYPE_CHECKING:
    import polars as pl

    from sosie.timelines.events import Code


class Problem(StrEnum):
    """What is wrong with an event, or with the cell that tells it."""

    BEFORE_BIRTH = "an event before the patient's birth"
    AFTER_DEATH = "an event after the patient's death"
    END_BEFORE_START = "an event that ends before it starts"
    TWICE = "an event that is told twice"
    UNREADABLE_TIME = "a time that cannot be read as the others of its column"
    NO_PATIENT = "a row without a patient"
    WITHOUT_UNIT = "a value without a unit, of a test that has one elsewhere"
    MIXED = "a word among numbers"
    ZONES = "a time zone other than most of its column; local times are kept"
    NO_EVENTS = "a patient without events"


CONTRADICTIONS = frozenset(
    {Problem.BEFORE_BIRTH, Problem.AFTER_DEATH, Problem.END_BEFORE_START, Problem.TWICE, Problem.UNREADABLE_TIME}
)
"""What `faulty` drops or keeps; every other problem is told and its event kept, but for rows of nobody."""


@dataclass(frozen=True)
class Fault:
    """One kind of problem in one column of one file.

    Parameters
    ----------
    problem : Problem
    file : str
    column : str, optional
    row : int, optional
        Of the first case: line in the file, header included, from 1.
    count : int
    """

    problem: Problem
    file: str
    column: str | None = None
    row: int | None = None
    count: int = 1

    def told(self, fate: str = "") -> str:
        """Return a sentence: where, what, how often, and what became of it."""
        place = "".join((f", column {self.column!r}" if self.column else "", f", row {self.row}" if self.row else ""))
        often = f" ({self.count} such)" if self.count > 1 else ""
        return f"{self.file}{place}: {self.problem}{often}{fate}"


def judge(faults: Iterable[Fault], manifest: Manifest) -> tuple[str, ...]:
    """Return what to tell of faults.

    Raises
    ------
    UnreadableError
        When the manifest asks to stop at the first.
    """
    told = []
    for fault in _joined(faults):
        if manifest.faulty == "stop" and fault.problem is not Problem.NO_EVENTS:
            often = f" ({fault.count} such)" if fault.count > 1 else ""
            reason = f"{fault.problem}{often}; `faulty: drop` or `keep` in sosie.yaml goes on"
            raise UnreadableError(fault.file, reason, column=fault.column, row=fault.row)
        gone = fault.problem is Problem.NO_PATIENT or (manifest.faulty == "drop" and fault.problem in CONTRADICTIONS)
        told.append(fault.told("; left out" if gone else "; kept" if fault.problem in CONTRADICTIONS else ""))
    return tuple(told)


def contradictions(
    events: pl.DataFrame,
    files: Sequence[str],
    columns: Sequence[Mapping[str, str]],
    born: Floats,
    died: Floats,
) -> tuple[Mask, list[Fault]]:
    """Find the events that cannot be.

    Parameters
    ----------
    events : polars.DataFrame
        ``patient``, ``time``, ``end``, ``code``, ``value``, ``text``, ``visit``, ``file`` (number), ``row``.
    files : sequence of str
    columns : sequence of mapping
        For each file, its columns by what they are (``time``, ``end``).
    born, died : ndarray of float64, shape (patients,)
        Days; NaN where it is not known.

    Returns
    -------
    wrong : ndarray of bool, shape (events,)
    faults : list of Fault
    """
    patient = events["patient"].to_numpy()
    time, end = events["time"].to_numpy(), events["end"].to_numpy()
    # A birth and a death may be known by their day alone.
    early = np.floor(time) < np.floor(born)[patient]
    late = time >= (np.floor(died) + 1)[patient]
    masks = {
        Problem.BEFORE_BIRTH: ("time", early),
        Problem.AFTER_DEATH: ("time", late),
        Problem.END_BEFORE_START: ("end", end < time),
        Problem.TWICE: ("", _twice(events)),
    }
    wrong = np.zeros(len(events), dtype=bool)
    faults: list[Fault] = []
    for problem, (column, mask) in masks.items():
        wrong |= mask
        faults += _by_file(problem, mask, events, files, [names.get(column) for names in columns])
    return wrong, faults


def without_unit(
    events: pl.DataFrame, codes: Sequence[Code], files: Sequence[str], columns: Sequence[Mapping[str, str]]
) -> list[Fault]:
    """Find values without a unit, of tests that have one in other rows."""
    measured = {replace(code, unit="") for code in codes if code.unit}
    bare = np.array([not code.unit and code in measured for code in codes], dtype=bool)
    if not bare.any():
        return []
    mask = bare[events["code"].to_numpy()] & ~np.isnan(events["value"].to_numpy())
    return _by_file(Problem.WITHOUT_UNIT, mask, events, files, [names.get("unit") for names in columns])


def _twice(events: pl.DataFrame) -> Mask:
    """Tell the events that stand before in the same words."""
    import polars as pl

    same = ["patient", "time", "end", "code", "value", "text", "visit"]
    # Most events differ in who, when and what from all others: only the rest is looked at whole.
    doubtful = events.select(pl.struct("patient", "time", "code").is_duplicated()).to_series().to_numpy()
    mask = np.zeros(len(events), dtype=bool)
    rows = np.flatnonzero(doubtful)
    if len(rows):
        first = events[rows].select(pl.struct(same).is_first_distinct()).to_series().to_numpy()
        mask[rows[~first]] = True
    return mask


def _by_file(
    problem: Problem, mask: Mask, events: pl.DataFrame, files: Sequence[str], columns: Sequence[str | None]
) -> list[Fault]:
    rows = np.flatnonzero(mask)
    if not len(rows):
        return []
    where, lines = events["file"].to_numpy()[rows], events["row"].to_numpy()[rows]
    return [
        Fault(problem, files[file], columns[file], int(lines[where == file].min()) or None, int((where == file).sum()))
        for file in np.unique(where)
    ]


def _joined(faults: Iterable[Fault]) -> list[Fault]:
    """Put together the same problem of the same column, which windows told apart."""
    found: dict[tuple[Problem, str, str | None], Fault] = {}
    for fault in faults:
        place = fault.problem, fault.file, fault.column
        before = found.get(place)
        found[place] = fault if before is None else replace(before, count=before.count + fault.count)
    return list(found.values())
