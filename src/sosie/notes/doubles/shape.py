"""The distribution of a number, without its tails: means of groups of at least k, between the k-th extremes.

Values enter; a `Shape` leaves from which new values are drawn. No value of it is a patient's.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sosie.cohort import Floats

MOST_GROUPS = 24


@dataclass(frozen=True)
class Shape:
    """A smoothed distribution.

    Parameters
    ----------
    places : ndarray of float64, shape (knots,)
        Shares of the values below each knot, from 0 to 1.
    knots : ndarray of float64, shape (knots,)
        Ascending.
    """

    places: Floats
    knots: Floats

    @classmethod
    def of(cls, values: Floats, k: int) -> Shape:
        """Learn from values, NaN left out; fewer than k leave an empty shape."""
        known = np.sort(values[~np.isnan(values)])
        n = len(known)
        if n < k:
            return cls(np.zeros(0), np.zeros(0))
        low, high = sorted((known[min(k, n) - 1], known[-min(k, n)]))
        groups = np.array_split(np.clip(known, low, high), max(1, min(n // k, MOST_GROUPS)))
        sizes = np.array([len(group) for group in groups], dtype=np.float64)
        centres = (np.cumsum(sizes) - sizes / 2) / n
        means = np.array([group.mean() for group in groups])
        return cls(np.concatenate([[0.0], centres, [1.0]]), np.concatenate([[low], means, [high]]))

    @cached_property
    def _steps(self) -> tuple[list[float], list[float]]:
        return self.places.tolist(), self.knots.tolist()

    def at(self, share: float) -> float:
        """Return the value below which a share of the distribution lies."""
        places, knots = self._steps
        right = min(max(bisect_right(places, share), 1), len(places) - 1)
        low, high = places[right - 1], places[right]
        part = (share - low) / (high - low) if high > low else 0.0
        return knots[right - 1] + part * (knots[right] - knots[right - 1])

    def near(self, value: float) -> float:
        """Return the nearest value within the range."""
        knots = self._steps[1]
        return min(max(value, knots[0]), knots[-1])

    @cached_property
    def spread(self) -> float:
        """The standard deviation of the knots."""
        return float(np.std(self.knots))

    def __bool__(self) -> bool:
        return len(self.knots) > 0

    @property
    def highest(self) -> float:
        """The k-th highest value."""
        return float(self.knots[-1]) if len(self.knots) else 1.0

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw values, shape (count,)."""
        return np.interp(rng.random(count), self.places, self.knots)

    def held(self, values: Floats) -> Floats:
        """Return values within the range."""
        return np.clip(values, self.knots[0], self.knots[-1])
