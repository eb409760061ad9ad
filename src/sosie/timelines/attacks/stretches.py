"""Stretches of a story: the longest run of (code, days since the event before) that somebody shares with one patient.

Doubles whose runs are no longer than those that patients share with each other copy nobody's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Mask, Rows
from sosie.timelines.events import Code, TimelinesPart

MOST = 200
"""Events of a run, at most."""
Marks = NDArray[np.uint64]
_PRIME = np.uint64(1099511628211)


def longest(patients: TimelinesPart, doubles: TimelinesPart) -> dict[str, dict[str, float]]:
    """Measure the longest run of each double that a patient has, and of each patient that another patient has.

    Returns
    -------
    dict
        ``doubles`` and ``strangers``: ``longest``, ``mean`` and ``high`` (99th percentile), in events.
    """
    made, own = runs(patients, doubles)
    return {
        name: {
            "longest": int(each.max(initial=0)),
            "mean": round(float(each.mean()), 3),
            "high": round(float(np.quantile(each, 0.99)), 3),
        }
        for name, each in (("doubles", made), ("strangers", own))
    }


def runs(patients: TimelinesPart, doubles: TimelinesPart) -> tuple[Rows, Rows]:
    """Return the longest shared run of each double with a patient, and of each patient with another."""
    codes = {code: at for at, code in enumerate(dict.fromkeys((*patients.codes, *doubles.codes)))}
    mine, theirs = (_Story(part, codes) for part in (patients, doubles))
    made, own = np.zeros(len(doubles.keys), dtype=np.int64), np.zeros(len(patients.keys), dtype=np.int64)
    # A run of one more event than the last begins where one began: what is shared no longer is not looked at again.
    here, there = mine.starts(), theirs.starts()
    marks, others = mine.tokens[here], theirs.tokens[there]
    for length in range(1, MOST + 1):
        known, shared = _by_several(marks, mine.patient[here])
        found = np.isin(others, known)
        own[mine.patient[here[shared]]] = length
        made[theirs.patient[there[found]]] = length
        if not found.any() and not shared.any():
            break
        # A run that a double shares may be of one patient alone: it is kept while a double may go on with it.
        wanted = np.isin(marks, others[found]) | shared
        here, marks = mine.longer(here[wanted], marks[wanted], length)
        there, others = theirs.longer(there[found], others[found], length)
    return made, own


class _Story:
    """The events of all patients as tokens, by patient and time, those of one day by code."""

    def __init__(self, part: TimelinesPart, codes: dict[Code, int]) -> None:
        dated = np.flatnonzero(~np.isnan(part.events.time))
        day = np.floor(part.events.time[dated]).astype(np.int64)
        code = np.array([codes[code] for code in part.codes], dtype=np.int64)[part.events.code[dated]]
        patient = part.events.patient[dated].astype(np.int64)
        order = np.lexsort((code, day, patient))
        self.patient: Rows = patient[order]
        day = day[order]
        gap = np.diff(day, prepend=day[:1])
        first = np.ones(len(order), dtype=bool)
        first[1:] = self.patient[1:] != self.patient[:-1]
        gap[first] = -1
        self.first: Mask = first
        self.tokens: Marks = _mixed(_mixed(np.full(len(order), 7, dtype=np.uint64), code[order]), gap)

    def starts(self) -> Rows:
        """Return where a run may begin: at any event, whose gap is known but for the first of a patient."""
        return np.flatnonzero(~self.first)

    def longer(self, at: Rows, marks: Marks, length: int) -> tuple[Rows, Marks]:
        """Return the runs that have one more event of the same patient, and their marks."""
        end = at + length
        inside = end < len(self.patient)
        at, marks, end = at[inside], marks[inside], end[inside]
        same = self.patient[end] == self.patient[at]
        at, marks, end = at[same], marks[same], end[same]
        return at, _mixed(marks, self.tokens[end].view(np.int64))


def _mixed(marks: Marks, words: Rows) -> Marks:
    mixed = (marks ^ words.astype(np.int64).view(np.uint64)) * _PRIME
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))


def _by_several(marks: Marks, patient: Rows) -> tuple[Marks, Mask]:
    """Return all marks once, and which rows bear one that another patient bears too."""
    known, place = np.unique(marks, return_inverse=True)
    size = int(patient.max(initial=0)) + 1
    pairs = np.unique(place.astype(np.int64) * size + patient)
    holders = np.bincount(pairs // size, minlength=len(known))
    return known, np.asarray(holders[place] > 1)
