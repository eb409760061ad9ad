"""Genotypes as htslib gives them become alleles, in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit

from sosie.genomes.genotypes import MISSING


@njit(cache=True, nogil=True)
def split(raw, which, alleles, single):  # type: ignore[no-untyped-def]
    """Fill alleles of one alternative allele each, and return how many heterozygous genotypes have no phase.

    Parameters
    ----------
    raw : ndarray of int16, shape (sites, people, 3)
        Two alleles (negative where there is none), and whether their phase is told.
    which : ndarray of int16, shape (sites,)
        The alternative allele that a row is about.
    alleles : ndarray of uint8, shape (sites, 2 * people)
        Filled.
    single : ndarray of bool, shape (sites,)
        Filled: whether somebody has one allele. One who was not called may be written with a single dot.
    """
    unphased = 0
    for site in range(raw.shape[0]):
        number = which[site]
        single[site] = False
        for person in range(raw.shape[1]):
            one, two = raw[site, person, 0], raw[site, person, 1]
            first = MISSING if one < 0 else np.uint8(one == number)
            second = MISSING if two < 0 else np.uint8(two == number)
            alleles[site, 2 * person] = first
            alleles[site, 2 * person + 1] = second
            if two == -2 and one >= 0:
                single[site] = True
            if raw[site, person, 2] == 0 and first != second and one >= 0 and two >= 0:
                unphased += 1
    return unphased
