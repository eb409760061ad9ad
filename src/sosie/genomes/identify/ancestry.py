"""Who has an ancestry that fewer than k patients share: alone on the axes of ancestry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Mask

AXES = 6
SITES = 4_000
LONELY = 6.0
"""Scaled median deviations above the median distance to the k-th neighbour."""


def axes(doses: NDArray[np.int8]) -> Floats:
    """Return coordinates of ancestry, shape (people, at most `AXES`), from standardised genotypes (Patterson 2006)."""
    people = doses.shape[1]
    gram = np.zeros((people, people))
    used = 0
    for start in range(0, len(doses), SITES):
        block = doses[start : start + SITES].astype(np.float32)
        block[block < 0] = np.nan
        share = np.nanmean(block, axis=1, keepdims=True) / 2
        scaled = (block - 2 * share) / np.sqrt(2 * np.maximum(share * (1 - share), 1e-9))
        scaled = np.nan_to_num(scaled)
        gram += scaled.T @ scaled
        used += len(block)
    if not used or people < 2:
        return np.zeros((people, 0))
    values, vectors = np.linalg.eigh(gram / used)
    kept = min(AXES, people - 1)
    return np.asarray(vectors[:, ::-1][:, :kept] * np.sqrt(np.maximum(values[::-1][:kept], 0)))


def outliers(coordinates: Floats, k: int) -> Mask:
    """Tell who is far from the k - 1 nearest others, as few are; shape (people,)."""
    people = len(coordinates)
    if people < 2 * k or not coordinates.shape[1]:
        return np.zeros(people, dtype=bool)
    squared = (coordinates**2).sum(1)
    distances = np.maximum(squared[:, None] + squared[None] - 2 * coordinates @ coordinates.T, 0)
    reach = np.sqrt(np.partition(distances, k - 1, axis=1)[:, k - 1])
    middle = np.median(reach)
    spread = 1.4826 * np.median(np.abs(reach - middle))
    return np.asarray(reach > middle + LONELY * max(spread, 1e-9))
