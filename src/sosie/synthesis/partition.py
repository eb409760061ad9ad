"""The cells on which noisy counts see a column: laid without the patients, or paid for.

Enters a column of the patient vector, with the bounds that are known of it; leaves its cells, which code its values
and draw values from codes. Cell 0 is missing. A category has a cell for each level; a number has equal cells between
its bounds, one for each value where those are few, and one for zero alone, which so many measures take for "none".
Bounds that nobody declared are found by two noisy histograms: of powers of two with their sign, then of equal cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Column, Floats, Kind
from sosie.noise import Noise

Codes = NDArray[np.int64]
MISSING = 0
LOOKS = 2
"""Noisy histograms that the bounds of one column take."""
_EXPONENTS = np.arange(-20, 41)
_ZOOM = 64
_CLEAR, _SEEN = 4.0, 2.5
"""Standard deviations above which a power of two, then a cell, is held to hold patients."""


@dataclass(frozen=True)
class Partition:
    """Cells of one column.

    Parameters
    ----------
    column : Column
    edges : ndarray of float64, shape (cells of numbers + 1,)
        Empty for a category. A cell is half open to the right.
    zero : bool
        Whether the last cell holds zero alone.
    single : bool
        Whether each cell stands for one value, its middle.
    """

    column: Column
    edges: Floats
    zero: bool = False
    single: bool = False

    @property
    def size(self) -> int:
        """Number of cells, missing included."""
        if self.column.kind is Kind.CATEGORICAL:
            return self.column.levels + 1
        return 1 + max(len(self.edges) - 1, 1) + int(self.zero)

    @property
    def order(self) -> Codes:
        """Cells of numbers in the order of their values; those of a category as they come; missing left out."""
        cells = np.arange(1, self.size)
        if not self.zero:
            return cells
        place = int(np.searchsorted(self.edges, 0.0, side="right")) - 1
        return np.insert(cells[:-1], int(np.clip(place, 0, len(cells) - 1)), cells[-1])

    def encode(self, values: Floats) -> Codes:
        """Return the cell of each value, shape (rows,); what lies beyond the bounds falls into the outer cells."""
        missing = np.isnan(values)
        if self.column.kind is Kind.CATEGORICAL:
            codes = np.nan_to_num(values).astype(np.int64) + 1
        else:
            codes = np.clip(np.searchsorted(self.edges, values, side="right"), 1, len(self.edges) - 1)
            if self.zero:
                codes = np.where(values == 0.0, self.size - 1, codes)
        return np.where(missing, MISSING, codes)

    def draw(self, codes: Codes, rng: np.random.Generator) -> Floats:
        """Return a value for each cell: the level, or a number drawn evenly in the cell; NaN for missing."""
        if self.column.kind is Kind.CATEGORICAL:
            return np.where(codes == MISSING, np.nan, codes - 1.0)
        place = np.clip(codes - 1, 0, len(self.edges) - 2)
        inside = np.full(len(codes), 0.5) if self.single else rng.random(len(codes))
        drawn = self.edges[place] + (self.edges[place + 1] - self.edges[place]) * inside
        if self.column.bounds is not None:
            drawn = np.clip(drawn, *self.column.bounds)
        if self.zero:
            drawn = np.where(codes == self.size - 1, 0.0, drawn)
        return np.where(codes == MISSING, np.nan, drawn)


def lay(column: Column, bounds: tuple[float, float] | None, cells: int) -> Partition:
    """Lay at most ``cells`` cells, and one for zero, without looking at the patients."""
    if column.kind is Kind.CATEGORICAL or bounds is None:
        return Partition(column, np.empty(0))
    low, high = bounds
    step = column.step
    if step > 0.0 and (high - low) / step + 1 <= cells:
        count = round((high - low) / step) + 1
        middles = np.asarray(low + step * (np.arange(count + 1) - 0.5), dtype=np.float64)
        return Partition(column, middles, single=True)
    if not high > low:
        high = low + (step or max(abs(low), 1.0) * 1e-6)
    if step > 0.0:
        width = step * max(np.ceil((high - low + step) / step / cells), 1.0)
        edges = low - step / 2 + width * np.arange(int(np.ceil((high - low + step) / width)) + 1)
    else:
        edges = np.linspace(low, high, cells + 1)
    return Partition(column, edges, zero=low <= 0.0 <= high)


def find_bounds(values: Floats, noise: Noise, sigma: float) -> tuple[float, float]:
    """Find bounds that most patients lie between, by `LOOKS` noisy histograms of which a patient changes one cell by 1.

    Parameters
    ----------
    values : ndarray of float64, shape (patients,)
    noise : Noise
    sigma : float
        Standard deviation of the noise of each histogram.
    """
    known = values[np.isfinite(values)]
    powers = 2.0 ** np.append(_EXPONENTS, _EXPONENTS[-1] + 1.0)
    edges = np.concatenate([-powers[::-1], powers])
    counts = noise.gaussian(np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0], sigma)
    held = np.flatnonzero(counts > _CLEAR * sigma)
    held = held if len(held) else np.array([int(counts.argmax())])
    low, high = float(edges[held[0]]), float(edges[held[-1] + 1])
    cells = np.linspace(low, high, _ZOOM + 1)
    seen = noise.gaussian(np.histogram(np.clip(known, low, high), cells)[0], sigma)
    full = np.flatnonzero(seen > _SEEN * sigma)
    if not len(full):
        return low, high
    return float(cells[max(full[0] - 1, 0)]), float(cells[min(full[-1] + 2, _ZOOM)])
