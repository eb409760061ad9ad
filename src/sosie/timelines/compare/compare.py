"""The whole comparison of two parts, JSON-ready; whatever shows the original stands for at least k patients."""

from __future__ import annotations

import numpy as np

from sosie.engine import single_threaded_libraries
from sosie.manifest import Manifest
from sosie.timelines.attacks import attack
from sosie.timelines.compare.endpoints import survived
from sosie.timelines.compare.prediction import predicted
from sosie.timelines.compare.rules import broken
from sosie.timelines.compare.sequences import happened, paced
from sosie.timelines.compare.sides import both
from sosie.timelines.compare.values import measured
from sosie.timelines.events import TimelinesPart


def compare(
    original: TimelinesPart, doubles: TimelinesPart, manifest: Manifest, rng: np.random.Generator
) -> dict[str, object]:
    """Measure the utility of doubles' timelines, and attack their trajectories.

    Returns
    -------
    dict
        ``patients`` and ``events`` of each side; ``prevalence``, ``cooccurrence``, ``bigrams``; ``gaps``,
        ``events_ks``, ``days_ks``, ``followed_ks``; ``values``; ``survival``; ``prediction``; ``rules``; ``attacks``.
        A figure that could not be measured is None.
    """
    # Many small products of matrices: a second thread gains little, and loses much where another process is at work.
    with single_threaded_libraries():
        return _compared(original, doubles, manifest, rng)


def _compared(
    original: TimelinesPart, doubles: TimelinesPart, manifest: Manifest, rng: np.random.Generator
) -> dict[str, object]:
    pair = both(original, doubles, manifest.k, rng)
    return {
        "k": manifest.k,
        "patients": {"original": int(original.present.sum()), "doubles": int(doubles.present.sum())},
        "events": {"original": len(original.events), "doubles": len(doubles.events)},
        **happened(pair),
        **paced(pair),
        "values": measured(pair),
        "survival": survived(pair),
        "prediction": predicted(pair, rng),
        "rules": broken(pair),
        "attacks": attack(original, doubles, rng),
    }
