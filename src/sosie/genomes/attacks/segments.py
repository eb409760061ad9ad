"""Identity by state: the longest stretch that a person's haplotype shares with any double's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats
from sosie.genomes.attacks.ranks import area


def longest(people: NDArray[np.uint8], doubles: NDArray[np.uint8], contig: NDArray[np.int16]) -> Floats:
    """Return the variants of the longest stretch that each haplotype shares with a double, shape (haplotypes,).

    Parameters
    ----------
    people, doubles : ndarray of uint8, shape (sites, haplotypes)
    contig : ndarray of int16, shape (sites,)
        No stretch passes from one to the next.
    """
    from sosie.genomes.attacks.matching import match

    both = np.ascontiguousarray(np.hstack([people, doubles]))
    found = np.zeros(people.shape[1], dtype=np.int32)
    match(both, people.shape[1], contig, found)
    return found.astype(np.float64)


def membership(
    members: NDArray[np.uint8],
    outsiders: NDArray[np.uint8],
    doubles: NDArray[np.uint8],
    contig: NDArray[np.int16],
) -> dict[str, float]:
    """Return the area, and the medians of patients and of others."""
    near, far = (longest(each, doubles, contig).reshape(-1, 2).max(axis=1) for each in (members, outsiders))
    return {"auc": area(near, far), "members": float(np.median(near)), "outsiders": float(np.median(far))}
