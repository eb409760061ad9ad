"""Compiled: longest matches in a positional Burrows-Wheeler transform (Durbin 2014, algorithms 2 and 4).

Importing this module imports numba: import it where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_compiled: Callable[[Any], Any] = numba.njit(nogil=True, cache=True)


@_compiled
def match(alleles: NDArray[np.uint8], people: int, contig: NDArray[np.int16], found: NDArray[np.int32]) -> None:
    """Find for each of the first haplotypes its longest match with one of the later ones, into ``found``."""
    sites, n = alleles.shape
    order, since = np.arange(n).astype(np.int32), np.zeros(n, np.int32)
    order_one, since_one = np.empty(n, np.int32), np.empty(n, np.int32)
    for s in range(sites):
        if s > 0 and contig[s] != contig[s - 1]:
            since[:] = s
        zero, one = 0, 0
        last_zero, last_one = np.int32(s + 1), np.int32(s + 1)
        for i in range(n):
            last_zero, last_one = max(last_zero, since[i]), max(last_one, since[i])
            if alleles[s, order[i]] == 0:
                order[zero], since[zero] = order[i], last_zero
                zero += 1
                last_zero = np.int32(0)
            else:
                order_one[one], since_one[one] = order[i], last_one
                one += 1
                last_one = np.int32(0)
        for i in range(one):
            order[zero + i], since[zero + i] = order_one[i], since_one[i]
        _note(order, since, people, s, found)


@_compiled
def _note(order: NDArray[np.int32], since: NDArray[np.int32], people: int, site: int, found: NDArray[np.int32]) -> None:
    """Look from each haplotype to the nearest double before it and after it in the order."""
    n = len(order)
    start = np.int32(site + 1)
    for i in range(n):
        start = max(start, since[i])
        if order[i] >= people:
            start = np.int32(0)
        else:
            found[order[i]] = max(found[order[i]], site + 1 - start)
    start = np.int32(site + 1)
    for i in range(n - 1, -1, -1):
        if order[i] >= people:
            start = np.int32(0)
        else:
            found[order[i]] = max(found[order[i]], site + 1 - start)
        start = max(start, since[i])
