"""The walk along the genome that writes doubles' haplotypes, compiled: donors' alleles enter, doubles' leave.

Donors are kept sorted by their alleles read backwards from where the walk stands (positional Burrows-Wheeler
transform: Durbin 2014, doi:10.1093/bioinformatics/btu014, algorithms 1 and 2), so that those who share the recent
alleles of a double are neighbours: an interval of the order. A double draws its next allele from its interval, which
is widened, by forgetting the oldest alleles, until it holds as many donors as this double needs.

A donor is a haplotype, or, where nobody knows the phase, a person, whose symbols are doses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

MISSING = 255
SYMBOLS = 3
_TRIES = 24
_compiled: Callable[[Any], Any] = numba.njit(nogil=True, cache=True)


@_compiled
def _next(state: NDArray[np.uint64]) -> Any:
    """Return a uniform number in [0, 1): splitmix64 (Steele et al. 2014, doi:10.1145/2714064.2660195)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    return _mix(state[0])


@_compiled
def _mix(word: np.uint64) -> float:
    z = word
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@_compiled
def widen(low: int, high: int, since: NDArray[np.int32]) -> tuple[int, int]:
    """Forget as few of the oldest alleles as let one more donor in, on either side."""
    n = len(since)
    above = since[low] if low > 0 else np.int32(2147483647)
    below = since[high] if high < n else np.int32(2147483647)
    start = min(above, below)
    while low > 0 and since[low] <= start:
        low -= 1
    while high < n and since[high] <= start:
        high += 1
    return low, high


@_compiled
def walk(
    alleles: NDArray[np.uint8],
    whole: bool,
    donors: NDArray[np.int64],
    order: NDArray[np.int32],
    since: NDArray[np.int32],
    low: NDArray[np.int32],
    high: NDArray[np.int32],
    least: NDArray[np.int32],
    site: int,
    leap: NDArray[np.float64],
    heard: float,
    stretch: int,
    salt: np.uint64,
    mutation: float,
    active: NDArray[np.int32],
    carried: NDArray[np.uint8],
    wanted: NDArray[np.int8],
    here: NDArray[np.int32],
    state: NDArray[np.uint64],
    out: NDArray[np.uint8],
) -> None:
    """Write the alleles of some doubles at the sites of a chunk; the state of the walk is changed in place.

    Parameters
    ----------
    alleles : ndarray of uint8, shape (sites, haplotypes of the source)
    whole : bool
        Whether donors are people and symbols doses.
    donors : ndarray of int64, shape (donors,)
        Columns of ``alleles``, or people.
    order, since : ndarray of int32, shape (donors,)
        Donors by their reversed recent alleles; the site since which each has those of the one before it.
    low, high, least : ndarray of int32, shape (doubles,)
        Interval of each double's haplotype, and how many donors' haplotypes it must hold.
    site : int
        Number of the first site of the chunk in its contig.
    leap : ndarray of float64, shape (sites,)
        Chance that a double forgets all before the site (recombination).
    heard, stretch, salt : float, int, int
        Share of donors who are heard in a stretch of so many sites; the salt of the draw.
    mutation : float
        Chance that an allele is written as the other one.
    active : ndarray of int32, shape (sites,)
        Trait (row of ``carried`` and ``wanted``) whose donors are sought from here on, -1 for none.
    carried : ndarray of uint8, shape (traits, haplotypes or people of the source)
    wanted : ndarray of int8, shape (traits, doubles)
        Symbol that a double must bear, -1 for any.
    here : ndarray of int32, shape (sites,)
        Trait that stands at the site itself, -1 for none.
    state : ndarray of uint64, shape (1,)
        Of the random numbers.
    out : ndarray of uint8, shape (sites, doubles)
    """
    n, doubles = len(donors), len(low)
    column = np.empty(n, np.uint8)
    before = np.zeros((SYMBOLS, n + 1), np.int32)
    first = np.zeros(SYMBOLS, np.int32)
    other_order, other_since = np.empty((SYMBOLS, n), np.int32), np.empty((SYMBOLS, n), np.int32)
    for s in range(len(alleles)):
        _read(alleles[s], whole, donors, order, column, before)
        first[1] = before[0, n]
        first[2] = first[1] + before[1, n]
        trait = active[s]
        stands = here[s]
        for d in range(doubles):
            if leap[s] > 0.0 and _next(state) < leap[s]:
                low[d], high[d] = 0, n
            want = np.int8(-1)
            if trait >= 0:
                want = wanted[trait, d]
            place = -1
            if want >= 0:
                place = _carrier(order, since, donors, carried[trait], want, low, high, d, least[d], state)
            if place < 0:
                place = _heard(order, donors, low[d], high[d], heard, stretch, site + s, salt, state)
            drawn = column[place]
            if stands >= 0 and wanted[stands, d] >= 0:
                drawn = np.uint8(wanted[stands, d])
            shown = drawn
            if mutation > 0.0 and stands < 0 and _next(state) < mutation:
                shown = np.uint8(1) if drawn != 1 else np.uint8(2 * (whole and _next(state) < 0.5))
            out[s, d] = shown
            low[d] = first[drawn] + before[drawn, low[d]]
            high[d] = first[drawn] + before[drawn, high[d]]
        _sort(column, order, since, other_order, other_since, site + s)
        for d in range(doubles):
            while high[d] - low[d] < least[d] and (low[d] > 0 or high[d] < n):
                low[d], high[d] = widen(low[d], high[d], since)


@_compiled
def _symbol(row: NDArray[np.uint8], whole: bool, donor: int) -> int:
    """Return the symbol of a donor at a site, -1 where it is missing."""
    if not whole:
        return -1 if row[donor] == MISSING else int(row[donor])
    one, other = row[2 * donor], row[2 * donor + 1]
    return -1 if one == MISSING or other == MISSING else int(one) + int(other)


@_compiled
def _read(
    row: NDArray[np.uint8],
    whole: bool,
    donors: NDArray[np.int64],
    order: NDArray[np.int32],
    column: NDArray[np.uint8],
    before: NDArray[np.int32],
) -> None:
    """Read a site in the order of the donors; what is missing is taken from the one before in the order."""
    n = len(donors)
    last = 0
    for i in range(n):
        symbol = _symbol(row, whole, donors[order[i]])
        if symbol >= 0:
            last = symbol
            break
    for i in range(n):
        symbol = _symbol(row, whole, donors[order[i]])
        if symbol < 0:
            symbol = last
        last = symbol
        column[i] = symbol
        for each in range(SYMBOLS):
            before[each, i + 1] = before[each, i] + (symbol == each)


@_compiled
def _sort(
    column: NDArray[np.uint8],
    order: NDArray[np.int32],
    since: NDArray[np.int32],
    other_order: NDArray[np.int32],
    other_since: NDArray[np.int32],
    site: int,
) -> None:
    """Sort the donors by one more symbol: a stable partition."""
    n = len(order)
    count = np.zeros(SYMBOLS, np.int32)
    last = np.full(SYMBOLS, site + 1, np.int32)
    for i in range(n):
        for each in range(SYMBOLS):
            last[each] = max(last[each], since[i])
        symbol = column[i]
        at = count[symbol]
        other_order[symbol, at], other_since[symbol, at] = order[i], last[symbol]
        count[symbol] += 1
        last[symbol] = 0
    place = 0
    for symbol in range(SYMBOLS):
        for at in range(count[symbol]):
            order[place], since[place] = other_order[symbol, at], other_since[symbol, at]
            place += 1


@_compiled
def _heard(
    order: NDArray[np.int32],
    donors: NDArray[np.int64],
    low: int,
    high: int,
    heard: float,
    stretch: int,
    site: int,
    salt: np.uint64,
    state: NDArray[np.uint64],
) -> int:
    """Draw a place of an interval among donors who are heard here; stretches of different donors begin apart."""
    place = low
    for _ in range(_TRIES):
        place = low + int(_next(state) * (high - low))
        if heard >= 1.0:
            return place
        donor = np.uint64(donors[order[place]])
        word = (donor + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03) + salt
        begin = int(_mix(word) * stretch)
        number = np.uint64((site + begin) // stretch)
        if _mix(word ^ (number * np.uint64(0x8CB92BA72F3D8DD7))) < heard:
            return place
    return place


@_compiled
def _carrier(
    order: NDArray[np.int32],
    since: NDArray[np.int32],
    donors: NDArray[np.int64],
    carried: NDArray[np.uint8],
    want: int,
    low: NDArray[np.int32],
    high: NDArray[np.int32],
    d: int,
    least: int,
    state: NDArray[np.uint64],
) -> int:
    """Draw a place among the donors with a wanted allele, widening the interval until it holds enough of them.

    Returns -1 where all donors together hold too few.
    """
    n = len(order)
    first, last = low[d], high[d]
    found = 0
    for i in range(first, last):
        found += carried[donors[order[i]]] == want
    while found < least and (first > 0 or last < n):
        before, behind = first, last
        first, last = widen(first, last, since)
        for i in range(first, before):
            found += carried[donors[order[i]]] == want
        for i in range(behind, last):
            found += carried[donors[order[i]]] == want
    if found < least:
        return -1
    low[d], high[d] = first, last
    rank = int(_next(state) * found)
    for i in range(first, last):
        if carried[donors[order[i]]] == want:
            if rank == 0:
                return i
            rank -= 1
    return -1
