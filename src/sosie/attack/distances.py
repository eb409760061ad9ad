"""Distances to the closest record, for readers who expect them. They are no measure of privacy (arXiv 2505.01524)."""

from __future__ import annotations

import numpy as np

from sosie.attack.space import Space, isolation, nearest
from sosie.cohort import Floats, Vectors

MOST = 5_000


def distances(patients: Vectors, release: Vectors, rng: np.random.Generator) -> dict[str, list[float]]:
    """Return medians of the distance to the closest record (DCR) and its ratio to the second (NNDR): patients, doubles."""
    pick = [rng.permutation(len(one))[:MOST] for one in (patients, release)]
    seen, doubles = patients.take(pick[0]), release.take(pick[1])
    space = Space.of(seen)
    points = space.embed(seen)
    found, _ = nearest(space.embed(doubles), points, 2)
    ratio = found[:, 0] / np.maximum(found[:, 1], 1e-12)
    own, _ = nearest(points, points, 3)
    among = own[:, 1] / np.maximum(own[:, 2], 1e-12)
    return {
        "dcr": [float(np.median(isolation(points, 1))), float(np.median(found[:, 0]))],
        "nndr": [_median(among), _median(ratio)],
    }


def _median(ratios: Floats) -> float:
    finite = ratios[np.isfinite(ratios)]
    return float(np.median(finite)) if len(finite) else 1.0
