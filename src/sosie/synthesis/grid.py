"""The grid on which the trees see a column: atoms, and bins that a smooth quantile function joins.

Enters one column of the patient vector; leaves its codes, and the means to draw a published value from a code. No
code stands for fewer than k patients (a rarer one, missing included, becomes the most frequent), and the outer bins
end at the k-th extreme. Few bins are better than many: an
exact marginal distribution gives its patients away (Homer et al. 2008), and a monotone cubic through few quantiles
(Fritsch and Carlson 1980) is as close to the population.

A grid that is laid on everybody tells who is there by its last edge alone: with a patient, the k-th extreme is one
value further out. `blurred` lays it on a random part of the patients, for a random rank.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri

from sosie.cohort import Column, Floats, Kind, Mask

MISSING = 0
HEAVY = 0.02
LAID_ON = 0.5
FEWEST_BINS = 4
Codes = NDArray[np.uint16]


@dataclass(frozen=True)
class Grid:
    """Codes of one column.

    Code 0 is missing. Of a category, code c is level c - 1. Of a number, codes follow the order of the values.

    Parameters
    ----------
    column : Column
    size : int
        Number of codes, missing included.
    apart : ndarray of bool, shape (size,)
        Codes that a tree should see as classes of their own: missing, levels and atoms.
    atoms, atom_codes : ndarray, shape (atoms,)
        Values that many patients share, and their codes.
    uppers, bin_codes : ndarray, shape (bins,)
        Largest value of each bin, and its code.
    first : ndarray of float64, shape (bins + 1,)
        Normal scores at which the bins begin, and the last one ends.
    quantile : PchipInterpolator, optional
        From normal scores to values, over the bins.
    published : ndarray of uint16, shape (size,), optional
        What each code is published as, where fewer than k patients have some of them.
    """

    column: Column
    size: int
    apart: Mask
    atoms: Floats
    atom_codes: Codes
    uppers: Floats
    bin_codes: Codes
    first: Floats
    quantile: PchipInterpolator | None
    published: Codes | None = None

    def encode(self, values: Floats) -> Codes:
        """Return the code of each value, shape (rows,)."""
        codes = self._place(values)
        return codes if self.published is None else self.published[codes]

    def _place(self, values: Floats) -> Codes:
        missing = np.isnan(values)
        if self.column.kind is Kind.CATEGORICAL:
            return np.where(missing, MISSING, np.nan_to_num(values) + 1).astype(np.uint16)
        codes = np.full(len(values), MISSING, dtype=np.uint16)
        if len(self.bin_codes):
            codes = self.bin_codes[np.minimum(np.searchsorted(self.uppers, values), len(self.bin_codes) - 1)]
        if len(self.atoms):
            at = np.minimum(np.searchsorted(self.atoms, values), len(self.atoms) - 1)
            on_atom = (self.atoms[at] == values) | (len(self.bin_codes) == 0)
            codes = np.where(on_atom, self.atom_codes[at], codes)
        return np.where(missing, MISSING, codes).astype(np.uint16)

    def draw(self, codes: Codes, rng: np.random.Generator, within: Floats | None = None) -> Floats:
        """Return a value for each code: the level, the atom, or a draw in the bin; NaN for missing.

        ``within``, in [0, 1), says where in its bin each value stands, in place of a draw.
        """
        if self.column.kind is Kind.CATEGORICAL:
            return np.where(codes == MISSING, np.nan, codes - 1.0)
        values = np.full(self.size, np.nan)
        values[self.atom_codes] = self.atoms
        drawn = values[codes]
        if self.quantile is not None:
            bins = np.full(self.size, -1)
            bins[self.bin_codes] = np.arange(len(self.bin_codes))
            place = bins[codes]
            inside = place >= 0
            low, high = self.first[place[inside]], self.first[place[inside] + 1]
            place_in_bin = rng.random(int(inside.sum())) if within is None else within[inside]
            drawn[inside] = self.quantile(low + (high - low) * place_in_bin)
        return drawn


def blurred(column: Column, values: Floats, *, k: int, bins: int, rng: np.random.Generator) -> Grid:
    """Lay the grid of one column on a random half of the patients, its rarest codes shared by k to 2k of that half.

    Where an edge lies, whether an atom or a level is published then depends on chance more than on any one patient.
    """
    part = values[rng.random(len(values)) < LAID_ON]
    wanted = int(rng.integers(k, 2 * k + 1))
    return fit_grid(column, part, k=min(wanted, max(k, len(part) // FEWEST_BINS)), bins=bins)


def fit_grid(column: Column, values: Floats, *, k: int, bins: int) -> Grid:
    """Lay the grid of one column.

    Parameters
    ----------
    column : Column
    values : ndarray of float64, shape (patients,)
    k : int
        Fewest patients behind an atom, a bin or a tail.
    bins : int
        Most bins of a number.
    """
    grid = _lay(column, values, k, bins)
    counts = np.bincount(grid.encode(values), minlength=grid.size)
    rare = counts < k
    if not rare.any():
        return grid
    usual = MISSING if rare.all() else int(counts.argmax())
    return replace(grid, published=np.where(rare, usual, np.arange(grid.size)).astype(np.uint16))


def _lay(column: Column, values: Floats, k: int, bins: int) -> Grid:
    """Lay the grid of one column, however few patients have each category or lack a value."""
    none, no_codes = np.empty(0), np.empty(0, dtype=np.uint16)
    if column.kind is Kind.CATEGORICAL:
        size = column.levels + 1
        return Grid(column, size, np.ones(size, dtype=bool), none, no_codes, none, no_codes, none, None)
    known = np.sort(values[~np.isnan(values)])
    if len(known) < k:
        return Grid(column, 1, np.ones(1, dtype=bool), none, no_codes, none, no_codes, none, None)
    distinct, counts = np.unique(known, return_counts=True)
    shared = counts >= max(k, HEAVY * len(known)) if len(distinct) > bins else counts >= k
    atoms = distinct[shared]
    rest = np.repeat(distinct[~shared], counts[~shared])
    uppers, edges, shares = _cut(rest, known, k, bins)
    order = np.argsort(np.concatenate([atoms, (edges[:-1] + edges[1:]) / 2]), kind="stable")
    code = np.empty(len(order), dtype=np.uint16)
    code[order] = np.arange(1, len(order) + 1)
    apart = np.zeros(len(order) + 1, dtype=bool)
    apart[0] = True
    apart[code[: len(atoms)]] = True
    first, quantile = _join(edges, shares)
    return Grid(column, len(apart), apart, atoms, code[: len(atoms)], uppers, code[len(atoms) :], first, quantile)


def _cut(rest: Floats, known: Floats, k: int, bins: int) -> tuple[Floats, Floats, Floats]:
    """Cut the values that are no atoms into bins of at least k: largest values, edges, and shares below the edges."""
    count = min(bins, len(rest) // k)
    if count == 0:
        return np.empty(0), np.empty(0), np.empty(0)
    ends = np.unique(
        np.searchsorted(rest, rest[np.linspace(0, len(rest), count + 1).round().astype(int)[1:] - 1], "right")
    )
    ends = ends[np.diff(np.concatenate([[0], ends])) >= min(k, len(rest))]
    ends[-1:] = len(rest)
    uppers = rest[ends - 1]
    between = (uppers[:-1] + rest[ends[:-1]]) / 2
    low, high = known[min(k, len(known)) - 1], known[-min(k, len(known))]
    start = min(max(rest[0], low), uppers[0])
    stop = max(min(rest[-1], high), rest[ends[-2]] if len(ends) > 1 else rest[0])
    edges = np.concatenate([[start], between, [max(start, stop)]])
    return uppers, edges, np.concatenate([[0], ends]) / len(rest)


def _join(edges: Floats, shares: Floats) -> tuple[Floats, PchipInterpolator | None]:
    """Join the edges of the bins by a monotone cubic of normal scores."""
    if len(edges) < 2:
        return np.empty(0), None
    tail = min(shares[1], 1.0 - shares[-2]) / 20.0
    scores = ndtri(np.clip(shares, tail, 1.0 - tail))
    return scores, PchipInterpolator(scores, np.maximum.accumulate(edges))
