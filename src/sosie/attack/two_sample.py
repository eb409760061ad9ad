"""The attacks on somebody else's release: original patients against control patients.

There are no replicates of somebody else's method; the baseline is then what the same guesses achieve on patients who
were never in the data. An attack is built on both groups together and does not know who is who, so that its credits
are computed once and hold for any other way to part the patients in two groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sosie.attack.rates import Counts, counts, with_worst
from sosie.attack.suite import Attack
from sosie.cohort import Floats, Mask, Vectors
from sosie.evidence import CriterionId

RESAMPLES = 2000
REPEATS = 4
CONFIDENCE = 0.95
BATCH = 100


@dataclass(frozen=True)
class Excess:
    """What an attack gains on original patients over control patients.

    Parameters
    ----------
    id : CriterionId
    value, upper_95 : float
        Rate on originals minus rate on controls, and its one-sided 95 % upper bound; of the worst secret, with bounds
        that hold for all secrets at once.
    rate_with, rate_without : float
    details : dict
        Names and counts only.
    """

    id: CriterionId
    value: float
    upper_95: float
    rate_with: float
    rate_without: float
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TwoSample:
    """The counts of one criterion on originals, then controls.

    Parameters
    ----------
    counts : Counts
        Of shape (patients, scenarios).
    originals : int
        The first rows.
    details : dict
    """

    counts: Counts
    originals: int
    details: dict[str, Any]

    def gains(self, labels: Mask) -> Floats:
        """Return the gain of the worst scenario if the patients marked were the originals; labels (ways, patients)."""
        inside = labels.astype(np.float64)
        return np.asarray((self._rates(inside) - self._rates(1.0 - inside)).max(axis=1))

    def excess(self, rng: np.random.Generator, *, resamples: int = RESAMPLES) -> Excess:
        """Return the gain on the originals, with its bound."""
        inside = (np.arange(len(self.counts.right)) < self.originals)[None].astype(np.float64)
        rates = self._rates(inside)[0], self._rates(1.0 - inside)[0]
        gaps = rates[0] - rates[1]
        worst = int(gaps.argmax())
        details = with_worst(self.details, worst)
        upper = self._upper_bound(gaps, rng, resamples)
        return Excess(
            self.counts.id, float(gaps[worst]), upper, float(rates[0][worst]), float(rates[1][worst]), details
        )

    def _rates(self, weights: Floats) -> Floats:
        """Success rates under weights (ways, patients); shape (ways, scenarios)."""
        right, tried, least = (weights @ part for part in (self.counts.right, self.counts.tried, self.counts.least))
        tried = np.maximum(tried, least)
        return np.asarray(np.divide(right, tried, out=np.zeros_like(right), where=tried > 0))

    def _upper_bound(self, gaps: Floats, rng: np.random.Generator, resamples: int) -> float:
        """Largest of the bounds that hold together: the bootstrap quantile of the greatest standardised error."""
        n, everyone = self.originals, len(self.counts.right)
        errors = []
        for _ in range(max(resamples // BATCH, 1)):
            drawn = np.zeros((2, BATCH, everyone))
            for at, (start, stop) in enumerate(((0, n), (n, everyone))):
                share = np.full(stop - start, 1.0 / (stop - start))
                drawn[at, :, start:stop] = rng.multinomial(stop - start, share, size=BATCH)
            errors.append(self._rates(drawn[0]) - self._rates(drawn[1]) - gaps)
        # Where no original patient was hit, resampling sees no doubt; the exact binomial bound does.
        hit = self.counts.right[:n].any(axis=0)
        occasions = np.maximum(self.counts.tried[:n].sum(axis=0), self.counts.least[:n].sum(axis=0))[~hit]
        fewest = max(float(occasions.min()), 1.0) if len(occasions) else np.inf
        unseen = 1.0 - (1.0 - CONFIDENCE) ** (1.0 / fewest) if np.isfinite(fewest) else -np.inf
        return max(_greatest(np.concatenate(errors), gaps), float(unseen))


def two_sample(
    attack: Attack,
    originals: int,
    release: Vectors,
    rng: np.random.Generator,
    *,
    repeats: int = REPEATS,
) -> list[TwoSample]:
    """Run one attack that was built on the originals and, after them, the controls.

    Parameters
    ----------
    attack : Attack
    originals : int
    release : Vectors
    rng : numpy.random.Generator
    repeats : int
        Runs to average, since some attacks guess at random.
    """
    given = np.mean([attack.credit(release, rng) for _ in range(repeats)], axis=0)
    given = given.reshape(len(given), -1)
    found = counts(attack, given, originals)
    return [TwoSample(one, originals, attack.details) for one in found]


def _greatest(errors: Floats, gaps: Floats) -> float:
    deviation = errors.std(axis=0)
    varying = deviation > 0
    if not varying.any():
        return float(gaps.max())
    # The error of the estimate has the bootstrap's distribution, mirrored.
    greatest = (-errors[:, varying] / deviation[varying]).max(axis=1)
    return float((gaps + np.quantile(greatest, CONFIDENCE) * deviation).max())
