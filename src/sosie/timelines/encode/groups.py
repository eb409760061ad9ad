"""Codes that come together are one group; the most frequent groups are columns of the patient vector.

How many columns there are grows with the square root of the patients: each of them costs privacy, and a cohort of a
hundred pays for few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.slots import Slots, incidence
from sosie.timelines.events import NONE

TOGETHER = 0.9
"""Share of the slots of each of two codes that hold the other, above which they are one group."""
PAIRED = 64
"""Most frequent codes that are looked at for pairs."""
ONCE = 1.6
"""Mean number of slots up to which a group happens once."""


def allowed(patients: int, rate: float, fewest: int, most: int) -> int:
    """Return how many columns a number of patients pays for."""
    return int(np.clip(round(rate * np.sqrt(patients)), fewest, most))


@dataclass(frozen=True)
class Groups:
    """Groups of published codes, the most frequent first.

    Parameters
    ----------
    of : ndarray of int64, shape (codes,)
        Group of each code.
    count : int
    coded : int
        The first groups are columns of the patient vector.
    single : ndarray of bool, shape (groups,)
        Groups that happen once: their column is when; that of the others is in how many slots.
    share : ndarray of float64, shape (codes,)
        Share of its group's slots that hold a code.
    each : ndarray of float64, shape (groups,)
        Mean number of slots of those who have a group.
    rate : ndarray of float64, shape (groups,)
        Slots that hold it, over all slots of those who have it.
    """

    of: Rows
    count: int
    coded: int
    single: Mask
    share: Floats
    each: Floats
    rate: Floats


def group(found: Slots, codes: int, patients: int) -> Groups:
    """Group the codes of a cohort."""
    pairs = np.unique(found.slot * max(codes, 1) + found.code)
    slot, code = pairs // max(codes, 1), pairs % max(codes, 1)
    in_slots = np.bincount(code, minlength=codes)
    mine = _paired(slot, code, in_slots, len(found))
    names, of = np.unique(mine, return_inverse=True)
    people = np.unique(found.owner[slot] * max(len(names), 1) + of[code])
    holders = np.bincount(people % max(len(names), 1), minlength=len(names))
    order = np.argsort(-holders, kind="stable")
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    of = rank[of]
    held = np.unique(slot * max(len(names), 1) + of[code])
    spread = np.bincount(held % max(len(names), 1), minlength=len(names)).astype(np.float64)
    holders = holders[order]
    each = spread / np.maximum(holders, 1)
    per_patient = np.bincount(found.owner, minlength=patients).astype(np.float64)
    people = np.unique(found.owner[slot] * max(len(names), 1) + of[code])
    exposure = np.bincount(
        people % max(len(names), 1), weights=per_patient[people // max(len(names), 1)], minlength=len(names)
    )
    return Groups(
        of.astype(np.int64),
        len(names),
        min(allowed(patients, 0.35, 3, 40), len(names)),
        each <= ONCE,
        in_slots / np.maximum(spread[of], 1.0),
        each,
        spread / np.maximum(exposure, 1.0),
    )


def _paired(slot: Rows, code: Rows, in_slots: Rows, slots: int) -> Rows:
    """Return a name for each code, the same for codes that come together."""
    mine = np.arange(len(in_slots))
    top = np.argsort(-in_slots, kind="stable")[:PAIRED]
    place = np.full(len(in_slots), NONE)
    place[top] = np.arange(len(top))
    known = place[code] >= 0
    held = np.zeros((slots, len(top)), dtype=np.float32)
    held[slot[known], place[code[known]]] = 1.0
    both = held.T @ held
    size = np.maximum(np.diag(both), 1.0)
    close = (both / size[:, None] >= TOGETHER) & (both / size[None, :] >= TOGETHER)
    for at in range(len(top)):
        lead = int(np.flatnonzero(close[at])[0]) if close[at].any() else at
        mine[top[at]] = mine[top[lead]]
    return mine


__all__ = ["Groups", "allowed", "group", "incidence"]
