"""The WP29 attacks on somebody else's release: original patients against control patients.

There are no replicates of somebody else's method; the baseline is then what the same guesses achieve on patients who
were never in the data. The attack is built on both groups together and does not know who is who.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sosie.attack.suite import Attack
from sosie.cohort import Floats, Vectors
from sosie.evidence import CriterionId

RESAMPLES = 2000
REPEATS = 10
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


def excess(
    build: Callable[[Vectors], Attack],
    originals: Vectors,
    control: Vectors,
    release: Vectors,
    rng: np.random.Generator,
    *,
    repeats: int = REPEATS,
) -> Excess:
    """Run one attack on both groups.

    Parameters
    ----------
    build : callable
        Makes the attack from the patients (``Univariate.of``, say).
    originals, control, release : Vectors
    rng : numpy.random.Generator
    repeats : int
        Runs to average, since some attacks guess at random.
    """
    attack = build(Vectors(originals.columns, np.vstack([originals.values, control.values])))
    given = np.mean([attack.credit(release, rng) for _ in range(repeats)], axis=0).reshape(
        len(originals) + len(control), -1
    )
    if attack.unit == "guesses":
        given = given * len(originals)
    inside, outside = given[: len(originals)], given[len(originals) :]
    rates = inside.mean(axis=0), outside.mean(axis=0)
    gaps = rates[0] - rates[1]
    worst = int(gaps.argmax())
    details = dict(attack.details)
    scenarios = details.get("scenarios")
    if isinstance(scenarios, list):
        details["worst"] = scenarios[worst]
    upper = _upper_bound(inside, outside, gaps, rng)
    return Excess(attack.id, float(gaps[worst]), upper, float(rates[0][worst]), float(rates[1][worst]), details)


def _upper_bound(inside: Floats, outside: Floats, gaps: Floats, rng: np.random.Generator) -> float:
    """Largest of the upper bounds that hold together: the bootstrap quantile of the greatest standardised error."""
    errors = np.concatenate(
        [
            _resampled_means(inside, size, rng) - _resampled_means(outside, size, rng) - gaps
            for size in [BATCH] * (RESAMPLES // BATCH)
        ]
    )
    # Where no original patient was hit, resampling sees no doubt; the exact binomial bound does.
    unseen = 1.0 - (1.0 - CONFIDENCE) ** (1.0 / len(inside)) if not inside.any(axis=0).all() else -np.inf
    deviation = errors.std(axis=0)
    varying = deviation > 0
    if not varying.any():
        return max(float(gaps.max()), float(unseen))
    # The error of the estimate has the bootstrap's distribution, mirrored.
    greatest = (-errors[:, varying] / deviation[varying]).max(axis=1)
    return max(float((gaps + np.quantile(greatest, CONFIDENCE) * deviation).max()), float(unseen))


def _resampled_means(given: Floats, size: int, rng: np.random.Generator) -> Floats:
    count = len(given)
    weights = rng.multinomial(count, np.full(count, 1.0 / count), size=size)
    return np.asarray(weights @ given / count)
