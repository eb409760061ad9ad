"""Whether attacks on somebody else's release gain more than chance: all criteria judged together.

If the release knew nobody, originals and controls would be exchangeable, and any way to part the same patients in two
groups would give figures like those that were found. Permuting who is who shows what chance alone reaches (Fisher 1935;
Westfall and Young 1993 for several criteria at once): the smallest p-value over the criteria is compared with the
smallest p-values of the permutations, so that among all criteria a false alarm comes once in twenty audits at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from sosie.cohort import Floats, Mask
from sosie.evidence import CriterionId

PERMUTATIONS = 2000
BATCH = 100
LEVEL = 0.05
TOLERANCE = 1e-9

Figures = Callable[[Mask], Mapping[CriterionId, Floats]]
"""From labels (ways, patients), True for an original, to the value of each criterion, shape (ways,)."""


@dataclass(frozen=True)
class Chance:
    """How one criterion compares with chance.

    Parameters
    ----------
    p : float
        Share of permutations whose most extreme criterion is as extreme as this one: adjusted for all criteria.
    needed : float
        How many times as many patients would tell a difference of this size from chance, by the normal approximation;
        infinite where there is none.
    """

    p: float
    needed: float

    @property
    def significant(self) -> bool:
        """Whether chance does not explain the value."""
        return self.p <= LEVEL


def against_chance(
    figures: Figures, originals: int, controls: int, rng: np.random.Generator, *, permutations: int = PERMUTATIONS
) -> dict[CriterionId, Chance]:
    """Compare every criterion with what permuted labels give.

    Parameters
    ----------
    figures : callable
    originals, controls : int
        Patients that change places: originals first, then those controls that no attack has used as its reference.
    rng : numpy.random.Generator
    permutations : int
    """
    truth = np.arange(originals + controls) < originals
    observed = figures(truth[None])
    names = list(observed)
    drawn = []
    for start in range(0, permutations, BATCH):
        labels = rng.permuted(np.tile(truth, (min(BATCH, permutations - start), 1)), axis=1)
        found = figures(labels)
        drawn.append(np.column_stack([found[name] for name in names]))
    values = np.vstack([[float(observed[name][0]) for name in names], *drawn])
    p = np.column_stack([_p_values(column) for column in values.T])
    smallest = np.sort(p[1:].min(axis=1))
    # The p-value that one permutation in twenty reaches on some criterion.
    cut = smallest[max(int(LEVEL * len(smallest)) - 1, 0)]
    adjusted = (1 + np.searchsorted(smallest, p[0] + TOLERANCE, side="right")) / (len(smallest) + 1)
    return {name: Chance(float(adjusted[at]), _needed(float(p[0, at]), float(cut))) for at, name in enumerate(names)}


def _p_values(values: Floats) -> Floats:
    """Share of all values, the observed one among them, that are at least as high as each."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values - TOLERANCE, side="left")
    return np.asarray((len(values) - below) / len(values))


def _needed(p: float, cut: float) -> float:
    return float((norm.isf(cut) / norm.isf(p)) ** 2) if p < 0.5 else float("inf")
