"""Membership by the nearest double: those whom doubles were made from may be closer to one than others are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats
from sosie.genomes.attacks.ranks import area
from sosie.genomes.dosage import Singles


def distances(people: NDArray[np.uint8], doubles: NDArray[np.uint8], itself: bool = False) -> Floats:
    """Return how many alleles apart each person is from the nearest double.

    Parameters
    ----------
    people, doubles : ndarray of uint8, shape (people, sites), (doubles, sites)
        Alleles (of haplotypes) or doses.
    itself : bool
        Whether they are the same, and nobody is one's own neighbour.
    """
    mine, theirs = _steps(people), _steps(doubles)
    found = np.empty(len(people))
    for start in range(0, len(mine), 1024):
        block = mine[start : start + 1024]
        apart = block.sum(axis=1)[:, None] + theirs.sum(axis=1)[None, :] - 2.0 * (block @ theirs.T)
        if itself:
            apart[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        found[start : start + 1024] = apart.min(axis=1)
    return found


def membership(
    members: NDArray[np.uint8], outsiders: NDArray[np.uint8], doubles: NDArray[np.uint8], phased: bool = True
) -> dict[str, float]:
    """Return the area by doses, and by single haplotypes where they are phased.

    Parameters
    ----------
    members, outsiders, doubles : ndarray of uint8, shape (sites, 2 * people)
    """
    doses = [_doses(each) for each in (members, outsiders, doubles)]
    found = {"doses": area(-distances(doses[0], doses[2]), -distances(doses[1], doses[2]))}
    if phased:
        lines = [np.ascontiguousarray(each.T) for each in (members, outsiders, doubles)]
        near = [distances(each, lines[2]).reshape(-1, 2).min(axis=1) for each in lines[:2]]
        found["haplotypes"] = area(-near[0], -near[1])
    return found


def _doses(alleles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray((alleles[:, ::2] + alleles[:, 1::2]).T)


def _steps(values: NDArray[np.uint8]) -> Singles:
    """Return ones for each step of a dose: their product counts what two share."""
    highest = int(values.max(initial=1))
    return np.hstack([values >= step for step in range(1, highest + 1)]).astype(np.float32)
