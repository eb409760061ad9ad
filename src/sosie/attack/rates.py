"""From the credits of an attack to the rates that criteria compare: successes over occasions.

Most attacks have one occasion a patient. An attack that speaks only when confident has as many as it makes claims, and
gives two criteria: its precision and its recall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sosie.attack.suite import Attack
from sosie.cohort import Floats, Mask
from sosie.evidence import CriterionId

LEAST_CLAIMED = 0.02
"""Claims count for at least so many of the values that could be claimed: a handful of lucky ones is no precision."""


@dataclass(frozen=True)
class Counts:
    """Successes and occasions of every patient.

    Parameters
    ----------
    id : CriterionId
    right, tried : ndarray of float64, shape (..., patients, scenarios)
    least : ndarray of float64, same shape
        The occasions that a sum counts for at least.
    """

    id: CriterionId
    right: Floats
    tried: Floats
    least: Floats

    def take(self, patients: Mask) -> Counts:
        """Return the counts of some patients."""
        kept = {name: getattr(self, name)[..., patients, :] for name in ("right", "tried", "least")}
        return replace(self, **kept)


def counts(attack: Attack, credit: Floats, cohort: int) -> tuple[Counts, ...]:
    """Return the successes and occasions behind each criterion of an attack.

    Parameters
    ----------
    attack : Attack
    credit : ndarray of float64, shape (..., patients, columns)
    cohort : int
        Number of patients of whom a guess may isolate any one.
    """
    if attack.unit == "claims":
        right, claimed, told, open_to = np.split(credit, 4, axis=-1)
        nothing = np.zeros_like(right)
        return (
            Counts(CriterionId.ATTRIBUTE_PRECISION, right, claimed, LEAST_CLAIMED * open_to),
            Counts(CriterionId.ATTRIBUTE_RECALL, told, open_to, nothing),
        )
    scale = cohort if attack.unit == "guesses" else 1
    once = np.broadcast_to(1.0, credit.shape)
    return (Counts(attack.id, scale * credit, once, np.broadcast_to(0.0, credit.shape)),)


def by_round(right: Floats, tried: Floats, least: Floats) -> Floats:
    """Return a figure for each round whose mean is the rate over all rounds and whose scatter is that of the rate.

    A round may have few occasions, or none: the rate is the ratio of the sums, and a round's figure is its first-order
    share of it (the linearised ratio estimator, Cochran 1977, equation 2.39).

    Parameters
    ----------
    right, tried, least : ndarray of float64, shape (rounds, scenarios)
    """
    tried = tried + np.maximum(least.mean(axis=0) - tried.mean(axis=0), 0.0)
    mean = tried.mean(axis=0)
    safe = np.where(mean > 0, mean, 1.0)
    rate = right.mean(axis=0) / safe
    return np.asarray(rate + (right - rate * tried) / safe)


def with_worst(details: Mapping[str, Any], worst: int) -> dict[str, Any]:
    """Return the details of an attack with the name of its worst scenario, where it has names for them.

    An attack that has nothing to guess (a statistic of several columns, where there is one) has none.
    """
    scenarios = details.get("scenarios")
    if isinstance(scenarios, Sequence) and not isinstance(scenarios, str) and worst < len(scenarios):
        return {**details, "worst": scenarios[worst]}
    return dict(details)
