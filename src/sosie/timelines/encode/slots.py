"""When things happen together: a slot is a visit, or a day without one.

Events enter, of published codes, dated, within follow-up; leaves the slots of each patient in their order of time, and
which groups of codes each of them holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.publish import Published
from sosie.timelines.encode.span import Spans, of_group
from sosie.timelines.events import Group, TimelinesPart

HALF_MINUTE = 0.5 / 1440


@dataclass(frozen=True)
class Slots:
    """Events of some patients, and their slots.

    Parameters
    ----------
    patients : int
    which : ndarray of int64, shape (events,)
        Rows in the events of the part; what follows speaks of these.
    patient, code, slot : ndarray of int64, shape (events,)
        ``code`` as published.
    time : ndarray of float64, shape (events,)
        Days from the patient's origin.
    owner : ndarray of int64, shape (slots,)
        Patient.
    start, length : ndarray of float64, shape (slots,)
        Days from the origin; days, 0 but for visits that last.
    visit : ndarray of bool, shape (slots,)
    """

    patients: int
    which: Rows
    patient: Rows
    code: Rows
    slot: Rows
    time: Floats
    owner: Rows
    start: Floats
    length: Floats
    visit: Mask

    def __len__(self) -> int:
        return len(self.owner)


def slots(part: TimelinesPart, spans: Spans, published: Published) -> Slots:
    """Return the slots of a part."""
    events = part.events
    code = published.place[events.code] if len(published.place) else np.zeros(0, dtype=np.int64)
    time = events.time - spans.origin[events.patient]
    inside = (code >= 0) & ~np.isnan(time) & (time <= spans.followed[events.patient] + 1.0)
    which = np.flatnonzero(inside)
    patient, when, visit = events.patient[which].astype(np.int64), time[which], events.visit[which].astype(np.int64)
    days = np.floor(events.time[which])
    first = days.min() if len(days) else 0.0
    many = max(int(visit.max(initial=0)) + 1, 1)
    key = np.where(visit >= 0, visit, many + (days - first).astype(np.int64))
    width = int(key.max(initial=0)) + 1
    names, slot = np.unique(patient * width + key, return_inverse=True)
    owner, is_visit = names // width, (names % width) < many
    is_visit &= bool((visit >= 0).any())
    start = np.full(len(names), np.inf)
    np.minimum.at(start, slot, when)
    bears = of_group(part, Group.VISIT)[which] & (visit >= 0)
    start[slot[bears]] = when[bears]
    length = np.zeros(len(names))
    length[slot[bears]] = np.nan_to_num(events.end[which][bears] - events.time[which][bears])
    order = np.lexsort((start, owner))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return Slots(
        len(part.keys),
        which,
        patient,
        code[which].astype(np.int64),
        rank[slot],
        when,
        owner[order],
        start[order],
        np.maximum(length[order], 0.0),
        is_visit[order],
    )


def incidence(found: Slots, group_of: Rows, groups: int) -> Mask:
    """Tell which groups of codes each slot holds, shape (slots, groups); a code of no group has -1."""
    group = group_of[found.code] if len(group_of) else found.code
    known = group >= 0
    held = np.zeros((len(found), groups), dtype=bool)
    held[found.slot[known], group[known]] = True
    return held
