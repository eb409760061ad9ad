"""Distances to the closest record, for readers who expect them. They are no measure of privacy (arXiv 2505.01524)."""

from __future__ import annotations

import numpy as np

from sosie.attack.space import Space, isolation, nearest
from sosie.cohort import Floats, Vectors

MOST = 5_000


def distances(patients: Vectors, release: Vectors, rng: np.random.Generator) -> dict[str, list[float]]:
    """Return medians of the distance to the closest record (DCR) and of its ratio to the second (NNDR).

    Each is a pair: among the patients, then from the doubles to the patients.
    """
    pick = [rng.permutation(len(one))[:MOST] for one in (patients, release)]
    seen, doubles = patients.take(pick[0]), release.take(pick[1])
    space = Space.of(seen)
    points = space.embed(seen)
    found, _ = nearest(space.embed(doubles), points, 2)
    own, _ = nearest(points, points, 3)
    return {
        "dcr": [float(np.median(isolation(points, 1))), float(np.median(found[:, 0]))],
        "nndr": [_ratio(own[:, 1], own[:, 2]), _ratio(found[:, 0], found[:, 1])],
    }


def _ratio(first: Floats, second: Floats) -> float:
    """Return the median ratio of two distances, over those who have both; 1 where nobody has."""
    both = np.isfinite(second)
    return float(np.median(first[both] / np.maximum(second[both], 1e-12))) if both.any() else 1.0
