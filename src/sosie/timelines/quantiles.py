"""A distribution that tells nothing of one patient: few quantiles, joined by lines, ending at the k-th extremes.

Numbers of many patients enter; leaves what a double's number is drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats

MOST = 100


def fewest(k: int, rng: np.random.Generator) -> int:
    """Draw how many patients a thing needs to be published: at k to the patient, its absence would tell of one."""
    return k + int(rng.exponential(k))


@dataclass(frozen=True)
class Quantiles:
    """Quantiles at even steps of probability; a value that many share repeats.

    Parameters
    ----------
    knots : ndarray of float64, shape (steps + 1,)
    """

    knots: Floats

    @classmethod
    def of(cls, values: Floats, k: int, holders: int | None = None, most: int = MOST) -> Quantiles | None:
        """Learn from values of which none is missing; None where fewer than k patients give them.

        Parameters
        ----------
        values : ndarray of float64, shape (values,)
        k : int
        holders : int, optional
            Patients who give them; each gives one by default.
        most : int
            Most steps.
        """
        count = len(values) if holders is None else holders
        if count < k or not len(values):
            return None
        each = max(1, round(len(values) / count))
        steps = int(np.clip(count // k, 1, most))
        tail = min(k * each, len(values) // 2) if count >= 2 * k else (len(values) - 1) // 2
        ordered = np.sort(values)
        clipped = np.clip(ordered, ordered[max(tail - 1, 0)], ordered[-max(tail, 1)])
        return cls(np.quantile(clipped, np.linspace(0.0, 1.0, steps + 1)))

    def at(self, places: Floats) -> Floats:
        """Return the values at some places in (0, 1)."""
        return np.interp(places, np.linspace(0.0, 1.0, len(self.knots)), self.knots)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw values."""
        return self.at(rng.random(n))

    def place(self, values: Floats) -> Floats:
        """Return where values stand, in (0, 1); one that repeats stands in the middle of its places."""
        steps = len(self.knots) - 1
        shown = np.clip(values, self.knots[0], self.knots[-1])
        left = np.searchsorted(self.knots, shown, "left")
        right = np.searchsorted(self.knots, shown, "right")
        low = np.clip(left - 1, 0, max(steps - 1, 0))
        width = self.knots[np.minimum(low + 1, steps)] - self.knots[low]
        inside = (shown - self.knots[low]) / np.where(width > 0, width, 1.0)
        atoms = (left + right - 1) / 2.0
        at = np.where(right - left >= 1, atoms, low + np.where(width > 0, inside, 0.5))
        return np.clip(at / max(steps, 1), 0.25 / max(steps, 1), 1 - 0.25 / max(steps, 1))
