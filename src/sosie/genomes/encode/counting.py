"""Compiled: carriers of each allele. Importing this module imports numba: import it where it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_compiled: Callable[[Any], Any] = numba.njit(nogil=True, cache=True)


@_compiled
def count(alleles: NDArray[np.uint8], people: NDArray[np.int64], found: NDArray[np.int64]) -> None:
    """Count the patients who carry allele 0 and allele 1 at each site, into ``found``, shape (sites, 2)."""
    for s in range(len(alleles)):
        zeros, ones = 0, 0
        for person in people:
            a, b = alleles[s, 2 * person], alleles[s, 2 * person + 1]
            zeros += (a == 0) | (b == 0)
            ones += (a == 1) | (b == 1)
        found[s, 0], found[s, 1] = zeros, ones
