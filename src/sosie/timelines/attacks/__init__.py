"""Attacks on trajectories: known events and gaps, linkage of two halves of a story, stretches that are shared.

Two parts enter, JSON-ready figures leave. The yardstick of each attack is strangers: what it finds of a patient among
the other patients, who know nothing of them. Doubles that give nobody away do no better than strangers. What decides
over a release is the gate, whose baseline is releases made without each patient; these figures are shown beside it.
"""

from __future__ import annotations

import numpy as np

from sosie.timelines.attacks import known, linkage, stretches
from sosie.timelines.events import TimelinesPart

MOST = 3_000
"""Patients and doubles, at most."""


def attack(original: TimelinesPart, doubles: TimelinesPart, rng: np.random.Generator) -> dict[str, object] | None:
    """Attack doubles; None where there are too few of either to say anything.

    Returns
    -------
    dict
        ``known_events``, ``known_gaps`` (lists of ``known``, and ``doubles`` and ``strangers`` by resolution),
        ``linkage`` (``doubles``, ``strangers``, ``targets``) and ``stretches`` (longest, mean and 99th percentile of
        the longest stretch of each).
    """
    patients, others = _same_number(original, doubles, rng)
    if len(patients.keys) < 2 or not len(patients.events) or not len(others.events):
        return None
    return {
        "patients": len(patients.keys),
        "known_events": known.events(patients, others, rng),
        "known_gaps": known.gaps(patients, others),
        "linkage": linkage.linked(patients, others),
        "stretches": stretches.longest(patients, others),
    }


def _same_number(
    original: TimelinesPart, doubles: TimelinesPart, rng: np.random.Generator
) -> tuple[TimelinesPart, TimelinesPart]:
    """Return as many doubles as there are strangers to each patient, near enough: one less than patients."""
    held = [np.flatnonzero(part.present) for part in (original, doubles)]
    size = min(len(held[0]), len(held[1]), MOST)
    mine, theirs = (np.sort(rng.permutation(rows)[:size]) for rows in held)
    return original.take(mine), doubles.take(theirs)
