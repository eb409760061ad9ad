"""Membership by likelihood: a person's genotype under the doubles' frequencies and under a reference's.

Homer et al. 2008 (doi:10.1371/journal.pgen.1000167) as a likelihood ratio (Sankararaman et al. 2009,
doi:10.1038/ng.436), against a reference of the same population, or of each person's own ancestry: frequencies are then
regressed on the coordinates of a structure that is learned from the reference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats
from sosie.genomes.attacks.ranks import area

AXES = 6
LEAST = 0.005
"""Frequencies are not trusted below: a regression may leave [0, 1]."""


def membership(members: Floats, outsiders: Floats, doubles: Floats, reference: Floats) -> dict[str, float]:
    """Return the area of the plain attack and of the one whose reference is matched in ancestry.

    Parameters
    ----------
    members, outsiders, doubles, reference : ndarray, shape (people, sites)
        Doses; the reference is of neither group.
    """
    frequency = reference.mean(axis=0) / 2.0
    seen = np.minimum(frequency, 1.0 - frequency) >= LEAST
    given = [np.asarray(each[:, seen], dtype=np.float64) for each in (members, outsiders, doubles, reference)]
    flat = [np.ones((len(each), 1)) for each in given]
    steps = structure(given, AXES)
    return {
        name: area(*(_scores(given[at], base[at], given, base) for at in range(2)))
        for name, base in (("plain", flat), ("matched", steps))
    }


def structure(given: list[Floats], axes: int) -> list[Floats]:
    """Return coordinates of all in the structure of the last, a constant first."""
    reference = given[-1]
    centre = reference.mean(axis=0)
    scale = np.sqrt(np.maximum(centre * (1.0 - centre / 2.0), 1e-3))
    _, _, right = np.linalg.svd((reference - centre) / scale, full_matrices=False)
    loadings = right[: min(axes, max(len(reference) // 40, 1))].T
    return [np.column_stack([np.ones(len(each)), ((each - centre) / scale) @ loadings]) for each in given]


def _scores(people: Floats, base: Floats, given: list[Floats], bases: list[Floats]) -> Floats:
    """Log likelihood ratio of each person, shape (people,)."""
    theirs, known = (_frequencies(given[at], bases[at], base) for at in (2, 3))
    return np.asarray(
        (people * np.log(theirs / known) + (2.0 - people) * np.log((1.0 - theirs) / (1.0 - known))).sum(axis=1)
    )


def _frequencies(doses: Floats, base: Floats, where: Floats) -> NDArray[np.float64]:
    """Regress allele frequencies on coordinates, and read them off at those of each person."""
    penalty = 1e-3 * len(base) * np.diag(np.r_[0.0, base[:, 1:].var(axis=0)])
    slopes = np.linalg.solve(base.T @ base + penalty, base.T @ (doses / 2.0))
    return np.clip(where @ slopes, LEAST, 1.0 - LEAST)
