"""Kinship of doubles with patients.

KING-robust: Manichaikul et al. 2010, doi:10.1093/bioinformatics/btq559, equation 11.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats


def closest(people: NDArray[np.uint8], others: NDArray[np.uint8]) -> Floats:
    """Return the highest kinship of each person with any of the others, shape (people,).

    Parameters
    ----------
    people, others : ndarray of uint8, shape (people, sites), (others, sites)
        Doses.
    """
    mine, theirs = _indicators(people), _indicators(others)
    found = np.empty(len(people))
    for start in range(0, len(people), 512):
        block = [each[start : start + 512] for each in mine]
        found[start : start + 512] = _kinship(block, theirs).max(axis=1)
    return found


def against_unrelated(
    doubles: NDArray[np.uint8], patients: NDArray[np.uint8], outsiders: NDArray[np.uint8]
) -> dict[str, float]:
    """Compare the kinship of doubles to their closest patient with that of people who are none."""
    near, usual = closest(doubles, patients), closest(outsiders, patients)
    low, high = np.quantile(usual, [0.025, 0.975])
    return {
        "highest": float(np.quantile(near, 0.975)),
        "median": float(np.median(near)),
        "low": float(low),
        "high": float(high),
        "beyond": float((near > high).mean()),
    }


def _indicators(doses: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    return [(doses == dose).astype(np.float32) for dose in range(3)]


def _kinship(mine: list[NDArray[np.float32]], theirs: list[NDArray[np.float32]]) -> Floats:
    both = mine[1] @ theirs[1].T
    opposite = mine[0] @ theirs[2].T + mine[2] @ theirs[0].T
    one, other = mine[1].sum(axis=1)[:, None], theirs[1].sum(axis=1)[None, :]
    fewest = np.maximum(np.minimum(one, other), 1.0)
    return np.asarray((both - 2.0 * opposite) / (2.0 * fewest) + 0.5 - (one + other) / (4.0 * fewest))
