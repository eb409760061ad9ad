"""The event table: what every native format of timelines is read into, and written from.

Columns of numbers, one entry an event, in the order of the patients and then of time, so that the events of some
patients are slices. What an event says beside its numbers (its code, a word) is kept once and pointed at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Mask, Rows

if TYPE_CHECKING:
    import polars as pl

    from sosie.stream import Described
    from sosie.timelines.form import Form

NONE = -1
"""Points at nothing."""

Pointers = NDArray[np.int32]


class Group(StrEnum):
    """What kind of thing happened."""

    VISIT = "visit"
    CONDITION = "condition"
    DRUG = "drug"
    PROCEDURE = "procedure"
    MEASUREMENT = "measurement"
    OBSERVATION = "observation"
    DEVICE = "device"
    DEATH = "death"
    OTHER = "other"


@dataclass(frozen=True)
class Code:
    """What happened, as the source names it.

    Parameters
    ----------
    group : Group
    code : str
        The code itself (``4548-4``, ``I10``, an OMOP concept, the name of a test).
    vocabulary : str
        ``LOINC``, ``CIM-10`` ...; empty where the source does not tell.
    unit : str
        Of the values; the same test in two units is two codes. Empty where there is none.
    """

    group: Group
    code: str
    vocabulary: str = ""
    unit: str = ""


class Clock(StrEnum):
    """What the times are counted from."""

    CALENDAR = "calendar"
    """Days since 1970-01-01, with their fraction."""
    RELATIVE = "relative"
    """Days since an origin of each patient's own (inclusion, a first visit)."""


@dataclass(frozen=True)
class Events:
    """The events of some patients.

    Parameters
    ----------
    patient : ndarray of int32, shape (events,)
        Row of the patient, never decreasing; within a patient by time, undated events first.
    time, end : ndarray of float64, shape (events,)
        Days on the clock of the part; NaN where there is none.
    code : ndarray of int32, shape (events,)
    value : ndarray of float64, shape (events,)
        NaN where there is none.
    text : ndarray of int32, shape (events,)
        Word that is the value (``positive``), or `NONE`.
    visit : ndarray of int32, shape (events,)
        Number of the visit among those of the patient, in their order of time, or `NONE`; a visit bears its own.
    """

    patient: Pointers
    time: Floats
    end: Floats
    code: Pointers
    value: Floats
    text: Pointers
    visit: Pointers

    def __len__(self) -> int:
        return len(self.patient)

    def first(self, patients: int) -> Rows:
        """Return where each patient's events begin, and the end of the last, shape (patients + 1,)."""
        return np.searchsorted(self.patient, np.arange(patients + 1)).astype(np.int64)

    def at(self, which: Rows | Mask) -> Events:
        """Return some events, in the order given."""
        return Events(
            self.patient[which],
            self.time[which],
            self.end[which],
            self.code[which],
            self.value[which],
            self.text[which],
            self.visit[which],
        )


@dataclass(frozen=True)
class TimelinesPart:
    """The timelines of some patients.

    Parameters
    ----------
    keys : tuple of str
    people : polars.DataFrame
        One row a patient. ``sex`` (``F``, ``M`` or null), ``birth`` (days on the clock; null), ``start`` and ``stop``
        (days between which the patient was followed; null), ``dead`` (boolean or null), then what else does not change
        with time, numbers or strings, by the names of the source.
    events : Events
    codes : tuple of Code
    texts : tuple of str
    clock : Clock
    form : Form
        How the source keeps timelines: whatever writing needs.
    present : ndarray of bool, shape (patients,)
    notices : tuple of str
        What the reading met, without values.
    """

    keys: tuple[str, ...]
    people: pl.DataFrame = field(repr=False)
    events: Events = field(repr=False)
    codes: tuple[Code, ...] = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)
    clock: Clock
    form: Form = field(repr=False)
    present: Mask = field(repr=False)
    notices: tuple[str, ...] = ()

    def take(self, rows: Rows) -> TimelinesPart:
        """Return the timelines of some patients; a row of -1 is a patient without any."""
        rows = np.asarray(rows, dtype=np.int64)
        first = self.events.first(len(self.keys))
        counts = np.where(rows >= 0, first[rows + 1] - first[rows], 0)
        starts = np.where(rows >= 0, first[rows], 0)
        before = np.concatenate([[0], np.cumsum(counts)])
        which = np.repeat(starts - before[:-1], counts) + np.arange(before[-1])
        events = replace(self.events.at(which), patient=np.repeat(np.arange(len(rows), dtype=np.int32), counts))
        given = [int(row) if row >= 0 else None for row in rows]
        return replace(
            self,
            keys=tuple("" if row is None else self.keys[row] for row in given),
            people=self.people[[0 if row is None else row for row in given]]
            if None not in given
            else _some(self, given),
            events=events,
            present=np.where(rows >= 0, self.present[rows], False),
        )

    def described(self) -> Described:
        """Return what the timelines say of each patient to the other parts of the cohort (`telling`)."""
        from sosie.timelines import telling

        return telling.described(self)


def _some(part: TimelinesPart, rows: list[int | None]) -> pl.DataFrame:
    import polars as pl

    numbered = part.people.with_row_index("_row")
    wanted = pl.DataFrame({"_row": rows}, schema={"_row": pl.UInt32})
    return wanted.join(numbered, on="_row", how="left", maintain_order="left").drop("_row")
