"""What a report should say of several modalities: contradictions, correlations, predictions (JSON-ready)."""

from __future__ import annotations

from typing import Any

import numpy as np

from sosie.cohort import Cohort, Vectors
from sosie.joint.canonical import correlations
from sosie.joint.consistency import check
from sosie.joint.prediction import predictions


def compare(
    original: Cohort, doubles: Cohort, views: tuple[Vectors, Vectors], rng: np.random.Generator
) -> dict[str, Any]:
    """Measure what joins the modalities of doubles.

    Parameters
    ----------
    original, doubles : Cohort
    views : tuple of Vectors
        Both as the attacker sees them.
    rng : numpy.random.Generator
    """
    before = {(rule.name, rule.modalities): rule.violated for rule in check(original)}
    rules = [
        {**rule.told(), "violated_original": before.get((rule.name, rule.modalities), 0)} for rule in check(doubles)
    ]
    return {
        "consistency": rules,
        "correlations": correlations(*views),
        "predictions": predictions(*views, rng),
    }
