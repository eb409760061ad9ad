"""The days on which something happened to each patient, and the gaps between them."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Rows
from sosie.timelines.events import TimelinesPart

Whole = NDArray[np.integer[Any]]
"""Whole numbers of any width: rows, codes, places."""


@dataclass(frozen=True)
class Days:
    """The first days of each patient.

    Parameters
    ----------
    days : ndarray of int64, shape (patients,)
        On how many different days something happened.
    day : ndarray of float64, shape (patients, steps)
        The first of them, on the clock of the part; NaN beyond the last.
    event : ndarray of int64, shape (patients, steps)
        The event of each of these days whose code comes first, or -1.
    """

    days: Rows
    day: Floats
    event: Rows


def distinct(part: TimelinesPart) -> tuple[Rows, Rows, Rows]:
    """Return the patient, the day and an event of every day on which something happened, by patient and day."""
    events = part.events
    dated = np.flatnonzero(~np.isnan(events.time))
    patient = events.patient[dated].astype(np.int64)
    day = np.floor(events.time[dated]).astype(np.int64)
    # Events of one day stand in any order, and codes too: the least by name stands for the day.
    named = sorted(range(len(part.codes)), key=lambda at: astuple(part.codes[at]))
    rank = np.empty(len(named), dtype=np.int64)
    rank[named] = np.arange(len(named))
    order = np.lexsort((rank[events.code[dated]], day, patient))
    patient, day = patient[order], day[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (patient[1:] != patient[:-1]) | (day[1:] != day[:-1])
    return patient[new], day[new], dated[order[new]]


def first_days(part: TimelinesPart, steps: int) -> Days:
    """Return the first days of each patient."""
    n = len(part.keys)
    patient, day, event = distinct(part)
    days = np.bincount(patient, minlength=n)
    starts = np.concatenate([[0], np.cumsum(days)])
    rank = np.arange(len(patient)) - starts[patient]
    kept = rank < steps
    where, which = np.full((n, steps), np.nan), np.full((n, steps), -1, dtype=np.int64)
    where[patient[kept], rank[kept]] = day[kept]
    which[patient[kept], rank[kept]] = event[kept]
    return Days(days, where, which)
