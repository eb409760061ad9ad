"""Common sites, spread over the genome, by which people are told apart: kin, ancestry and uniqueness need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.genomes.genotypes import MISSING, GenomesPart

MOST = 20_000
CELLS = 100_000_000
"""Genotypes that are held at once."""
COMMON = 0.05
"""Least frequency of the rarer allele."""


@dataclass(frozen=True)
class Thinned:
    """Genotypes of common sites.

    Parameters
    ----------
    rows : ndarray of int64, shape (sites,)
        Variants of the part.
    doses : ndarray of int8, shape (sites, people)
        Alternative alleles of each, -1 where one was not called.
    """

    rows: NDArray[np.int64]
    doses: NDArray[np.int8]


@dataclass(frozen=True)
class Counts:
    """What a walk through the genome counts, a variant each.

    Parameters
    ----------
    called, alternative : ndarray of int64, shape (variants,)
        Alleles.
    carriers : ndarray of int64, shape (variants,)
        People who bear the rarer allele.
    """

    called: NDArray[np.int64]
    alternative: NDArray[np.int64]
    carriers: NDArray[np.int64]

    @property
    def rarer(self) -> NDArray[np.float64]:
        """Frequency of the rarer allele."""
        share = self.alternative / np.maximum(self.called, 1)
        return np.minimum(share, 1 - share)


def counted(part: GenomesPart) -> Counts:
    """Count alleles and carriers."""
    size = len(part.variants)
    called, alternative, carriers = (np.zeros(size, dtype=np.int64) for _ in range(3))
    for start, chunk in part.chunks():
        stop = start + len(chunk)
        known = chunk != MISSING
        called[start:stop] = known.sum(1)
        alternative[start:stop] = (chunk == 1).sum(1)
        minor = (alternative[start:stop] * 2 <= called[start:stop]).astype(np.uint8)
        carriers[start:stop] = ((chunk[:, 0::2] == minor[:, None]) | (chunk[:, 1::2] == minor[:, None])).sum(1)
    return Counts(called, alternative, carriers)


def thinned(part: GenomesPart, counts: Counts) -> Thinned:
    """Take common sites at equal steps through those that there are; fewer where there are many people."""
    people = int(part.present.sum())
    common = np.flatnonzero(counts.rarer >= COMMON)
    most = max(1, min(MOST, CELLS // max(people, 1)))
    rows = common[np.unique(np.linspace(0, len(common) - 1, most).astype(np.int64))] if len(common) else common
    doses = np.empty((len(rows), people), dtype=np.int8)
    for start, chunk in part.chunks():
        first, last = np.searchsorted(rows, [start, start + len(chunk)])
        if last > first:
            some = chunk[rows[first:last] - start]
            one, two = some[:, 0::2], some[:, 1::2]
            doses[first:last] = np.where((one == MISSING) | (two == MISSING), -1, one + two).astype(np.int8)
    return Thinned(rows, doses)
