"""Doses of the alternative allele: what of a genotype does not depend on phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Rows
from sosie.genomes.genotypes import MISSING, GenomesPart

Singles = NDArray[np.float32]
_BLOCK = 2_000


def dosages(part: GenomesPart, sites: Rows, absent: Singles | None = None) -> Singles:
    """Return doses at some variants of the patients who have a genome.

    Parameters
    ----------
    part : GenomesPart
    sites : ndarray of int64, shape (sites,)
        Rows of the variants, in growing order.
    absent : ndarray of float32, shape (sites,), optional
        What stands for a dose that was not called; the mean of the others without it.

    Returns
    -------
    ndarray of float32, shape (patients, sites)
    """
    people = part.rows[part.rows >= 0]
    found = np.empty((len(people), len(sites)), dtype=np.float32)
    for start in range(0, len(sites), _BLOCK):
        rows = np.asarray(part.alleles[sites[start : start + _BLOCK]])
        one, other = rows[:, 2 * people], rows[:, 2 * people + 1]
        block = (one + other).astype(np.float32)
        missing = (one == MISSING) | (other == MISSING)
        if missing.any():
            block[missing] = np.nan
            if absent is None:
                known = (~missing).sum(axis=1)
                filled = np.nansum(block, axis=1) / np.maximum(known, 1)
            else:
                filled = absent[start : start + _BLOCK]
            block = np.where(missing, filled[:, None], block)
        found[:, start : start + _BLOCK] = block.T
    return found


def spread(variants: int, count: int) -> Rows:
    """Return rows of variants spread evenly over the genome, at most so many."""
    if not variants:
        return np.zeros(0, dtype=np.int64)
    return np.unique(np.linspace(0, variants - 1, min(count, variants)).astype(np.int64))
