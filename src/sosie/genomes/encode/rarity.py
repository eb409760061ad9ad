"""How many patients carry each allele: an allele of too few is not published."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Mask
from sosie.genomes.genotypes import Alleles, GenomesPart

_CHUNK = 20_000


def carriers(part: GenomesPart) -> NDArray[np.int64]:
    """Return how many patients carry the reference and the alternative allele, shape (variants, 2)."""
    from sosie.genomes.encode.counting import count

    people = part.rows[part.rows >= 0]
    found = np.empty((len(part.variants), 2), dtype=np.int64)
    for start in range(0, len(part.variants), _CHUNK):
        count(np.asarray(part.alleles[start : start + _CHUNK]), people, found[start : start + _CHUNK])
    return found


def common(counts: NDArray[np.int64], k: int, rng: np.random.Generator) -> tuple[Mask, Alleles]:
    """Tell which variants are published, and the allele that stands at the others.

    How many patients an allele needs is drawn for each variant: one that exactly k carry tells nothing of them.
    """
    needed = k + rng.exponential(k, len(counts)).astype(np.int64)
    return np.asarray(counts.min(axis=1) >= needed), (counts[:, 1] > counts[:, 0]).astype(np.uint8)
