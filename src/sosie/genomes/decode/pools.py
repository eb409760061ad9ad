"""Which patients lend their alleles to which doubles: those near in ancestry.

Doubles are parted into groups of neighbours; each group draws from the patients nearest to its middle. A pool is the
smallest crowd that a double's alleles come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows

GROUP = 25
"""Doubles of a group, at most."""
AIMS = 3
"""Times that a group aims at its people."""


@dataclass(frozen=True)
class Pool:
    """Doubles that draw from the same people.

    Parameters
    ----------
    doubles : ndarray of int64
        Their rows.
    donors : ndarray of int64
        Rows of the people.
    """

    doubles: Rows
    donors: Rows


def pools(doubles: Floats, people: Floats, size: int, rng: np.random.Generator) -> list[Pool]:
    """Part the doubles, and give each group the people nearest to it.

    Parameters
    ----------
    doubles : ndarray of float64, shape (doubles, axes)
    people : ndarray of float64, shape (people, axes)
    size : int
        People of a pool.
    rng : numpy.random.Generator
        Breaks ties.
    """
    order = rng.permutation(len(people))
    found = []
    for group in _parted(doubles, np.arange(len(doubles))):
        middle = doubles[group].mean(axis=0)
        aim = middle
        for _ in range(AIMS):
            distance = ((people[order] - aim) ** 2).sum(axis=1)
            nearest = order[np.argsort(distance, kind="stable")[:size]]
            # The people nearest to the rim of a crowd lie inwards of it: aim as far outwards.
            aim = aim + middle - people[nearest].mean(axis=0)
        found.append(Pool(group, np.sort(nearest)))
    return found


def _parted(doubles: Floats, rows: Rows) -> list[Rows]:
    """Halve along the widest axis until groups are small."""
    if len(rows) <= GROUP or not doubles.shape[1]:
        return [rows[start : start + GROUP] for start in range(0, len(rows), GROUP)]
    axis = int(np.argmax(doubles[rows].var(axis=0)))
    order = rows[np.argsort(doubles[rows, axis], kind="stable")]
    half = len(order) // 2
    return _parted(doubles, order[:half]) + _parted(doubles, order[half:])
