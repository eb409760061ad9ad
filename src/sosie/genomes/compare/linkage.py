"""Linkage disequilibrium: squared correlations of doses, pair by pair, and how they fall with distance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Rows
from sosie.genomes.compare.frequencies import correlation
from sosie.genomes.dosage import Singles

PAIRS = 20_000
LAG = 300
COMMON = 0.05
BINS = 20
_BLOCK = 2_000


def linkage(
    mine: Singles, theirs: Singles, contig: NDArray[np.int16], position: NDArray[np.int64], rng: np.random.Generator
) -> Mapping[str, object]:
    """Compare pairs of common variants at most `LAG` of them apart.

    Parameters
    ----------
    mine, theirs : ndarray of float32, shape (people, sites)
        Doses at the same sites, in the order of the genome.
    """
    frequency = mine.mean(axis=0) / 2.0
    common = np.flatnonzero(np.minimum(frequency, 1.0 - frequency) >= COMMON)
    one, other = pairs(contig[common], rng)
    one, other = common[one], common[other]
    if len(one) < 2 * BINS:
        return {}
    both = [squared(each, one, other) for each in (mine, theirs)]
    distance = position[other] - position[one]
    edges = np.quantile(distance, np.linspace(0, 1, BINS + 1)[1:-1])
    group = np.searchsorted(edges, distance)
    filled = [at for at in range(BINS) if (group == at).any()]
    decay = [np.array([float(each[group == at].mean()) for at in filled]) for each in both]
    return {
        "pair_r": correlation(*both),
        "decay_r": correlation(*decay),
        "distance": [round(float(np.median(distance[group == at]))) for at in filled],
        "original": [round(float(value), 4) for value in decay[0]],
        "doubles": [round(float(value), 4) for value in decay[1]],
    }


def pairs(contig: NDArray[np.int16], rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Draw pairs of sites of one contig, near ones as often as far ones on a logarithmic scale."""
    sites = len(contig)
    if sites < 2:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    one = rng.integers(sites, size=2 * PAIRS)
    other = one + (LAG ** rng.random(len(one))).astype(np.int64)
    inside = other < sites
    one, other = one[inside], other[inside]
    same = contig[one] == contig[other]
    return one[same][:PAIRS], other[same][:PAIRS]


def squared(doses: Singles, one: Rows, other: Rows) -> Floats:
    """Return squared correlations of pairs of sites, shape (pairs,)."""
    lines = np.ascontiguousarray(doses.T)
    lines = lines - lines.mean(axis=1, keepdims=True)
    length = np.sqrt((lines**2).sum(axis=1, keepdims=True))
    lines /= np.where(length == 0, 1.0, length)
    found = np.empty(len(one))
    for start in range(0, len(one), _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = (lines[one[part]] * lines[other[part]]).sum(axis=1)
    return found**2
