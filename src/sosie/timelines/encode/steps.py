"""Counts in few steps: 0, 1, 2, 3, 4-5, 6-7, 8-11, ...; a step holds many patients, and a count is drawn within it.

The vector bears the number of the step. Of a count as such the synthesizer would have one bin for a few patients who
have many, and would let them weigh less in every column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.timelines.quantiles import Quantiles, fewest

SHARE = 0.02
"""Fewest patients of a step, as a share of all."""
_OCTAVES = 24
_BOUNDS = np.unique(np.concatenate([[0, 1], *([2**at, 3 * 2 ** (at - 1)] for at in range(1, _OCTAVES))]))


@dataclass(frozen=True)
class Steps:
    """Steps of a count.

    Parameters
    ----------
    lows : ndarray of int64, shape (steps,)
        Lowest count of each.
    within : tuple of Quantiles or None
        Counts of the population in each.
    """

    lows: Rows
    within: tuple[Quantiles | None, ...]

    @classmethod
    def of(cls, counts: Rows, k: int, rng: np.random.Generator) -> Steps:
        """Learn from the counts of a cohort, one a patient."""
        needed = max(fewest(k, rng), round(SHARE * len(counts)))
        ordered = np.sort(counts)
        lows = [0]
        for low in _BOUNDS[1:]:
            above = len(ordered) - int(np.searchsorted(ordered, low))
            if above < needed:
                break
            if int(np.searchsorted(ordered, low)) - int(np.searchsorted(ordered, lows[-1])) >= needed:
                lows.append(int(low))
        edges = np.array(lows, dtype=np.int64)
        at = np.searchsorted(edges, counts, "right") - 1
        within = tuple(Quantiles.of(counts[at == step] * 1.0, k) for step in range(len(edges)))
        return cls(edges, within)

    def encode(self, counts: Rows) -> Floats:
        """Return the step of each count."""
        return (np.searchsorted(self.lows, counts, "right") - 1).astype(np.float64)

    def decode(self, steps: Floats, rng: np.random.Generator) -> Rows:
        """Draw a count in each step; a missing one is 0."""
        at = np.clip(np.round(np.nan_to_num(steps)), 0, len(self.lows) - 1).astype(np.int64)
        counts = self.lows[at].astype(np.float64)
        for step, within in enumerate(self.within):
            mine = np.flatnonzero(at == step)
            if within is not None and len(mine):
                counts[mine] = within.draw(len(mine), rng)
        return np.maximum(np.round(counts), self.lows[at]).astype(np.int64)
