"""The trained attack on a method, and the canaries: how many releases they get, what the evidence says of them.

A cohort's vectors and a method enter; criteria leave, and what the officer reads beside them. Patients appear under
numbers that mean nothing outside this attack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie.attack.canary import planted
from sosie.attack.epsilon import empirical_epsilon
from sosie.attack.estimate import CONFIDENCE
from sosie.attack.leave_out import Generate
from sosie.attack.shadow import Shadow, shadow
from sosie.cohort import Floats, Mask, Synthesizer, Vectors
from sosie.engine import Engine, Listener, silent
from sosie.evidence import Criterion
from sosie.intake import Source
from sosie.release import gate

FEWEST_RELEASES, RELEASES = 40, 1_000
SMALL, SMALL_RELEASES = 300, 2_000
"""Fewer patients than so many give noisier areas, and faster releases: they take more."""
SHARE_OF_TIME = 1.0 / 3.0
DEFAULT_ALLOWANCE = 15.0
FEWEST_PLANTED, MOST_PLANTED = 20, 100


@dataclass(frozen=True)
class Claim:
    """The guarantee that the attacks may contradict."""

    epsilon: float
    delta: float


@dataclass(frozen=True)
class Trained:
    """What the trained attack adds to a trial.

    Parameters
    ----------
    criteria : list of Criterion
    privacy : dict
        ``shadow`` and ``exposed`` of the evidence.
    rows : tuple of int
        Row numbers of the exposed patients, in the order of ``exposed``: for the institution's own numbers, never
        for the evidence.
    """

    criteria: list[Criterion]
    privacy: dict[str, Any]
    rows: tuple[int, ...]


def choose_releases(patients: int, seconds: float, workers: int, allowance: float | None) -> int:
    """Return the number of releases of the trained attack: what a third of the allowance (minutes) holds.

    ``seconds`` is what one release takes, with its features. The number is fixed before any attack is seen.
    """
    minutes = DEFAULT_ALLOWANCE if allowance is None else allowance
    within = SHARE_OF_TIME * minutes * 60.0 * workers / max(seconds, 1e-3)
    return int(max(FEWEST_RELEASES, min(SMALL_RELEASES if patients < SMALL else RELEASES, within)))


def trained(
    patients: Vectors,
    generate: Generate,
    *,
    releases: int,
    rng: np.random.Generator,
    claim: Claim | None = None,
    engine: Engine | None = None,
    confidence: float = CONFIDENCE,
    listener: Listener = silent,
) -> Trained:
    """Attack a method by classifiers trained on releases with and without a few patients."""
    found = shadow(
        patients, generate, releases=releases, rng=rng, engine=engine, confidence=confidence, listener=listener
    )
    delta = claim.delta if claim is not None else 0.0
    proved = empirical_epsilon(*_trials(found), delta, confidence)
    criteria = gate.from_shadow(found)
    if claim is not None:
        criteria.append(gate.from_epsilon(proved, claim.epsilon))
    told = {**_told(found), "empirical_epsilon": proved.lower}
    exposed = [{"number": one.number, "auc": one.auc, "group": one.group} for one in found.exposed]
    return Trained(criteria, {"shadow": told, "exposed": exposed}, tuple(one.row for one in found.exposed))


def canaries(
    source: Source,
    synthesizer: Synthesizer,
    size: int,
    *,
    releases: int,
    rng: np.random.Generator,
    engine: Engine | None = None,
    listener: Listener = silent,
) -> dict[str, Any]:
    """Plant canaries among the encoded patients and say how well they are recognised; nothing is gated.

    The codecs are fitted once, on the patients alone: it is the synthesizer that is tried.
    """
    codecs = {
        name: source.modalities[name].fit_codec(part, source.manifest, rng)
        for name, part in source.cohort.parts.items()
    }
    patients = Vectors.beside([codec.encode(source.cohort.parts[name]) for name, codec in codecs.items()])

    def method(vectors: Vectors, stream: np.random.Generator) -> Vectors:
        return synthesizer.fit(vectors, stream).sample(size, stream)

    wanted = int(np.clip(releases // 10, FEWEST_PLANTED, MOST_PLANTED))
    found = planted(
        patients,
        method,
        releases=wanted,
        rng=rng,
        publishable=source.manifest.k,
        engine=engine,
        listener=listener,
    )
    return {
        "canaries": len(found.by_target),
        "replicates": found.design.releases,
        "auc": found.isolated.value,
        "upper_95": found.isolated.upper_95,
        "by_canary": [round(figure.value, 4) for figure in found.by_target],
    }


def _told(found: Shadow) -> dict[str, Any]:
    isolated = found.design.isolated
    lists = {
        name: [
            {"auc": figure.value, "upper_95": figure.upper_95}
            for figure, member in zip(found.by_target, members, strict=True)
            if member
        ]
        for name, members in (("isolated", isolated), ("random", ~isolated))
    }
    return {
        "releases": found.design.releases,
        "releases_without": found.design.rounds,
        "targets": len(found.by_target),
        "features": found.features,
        **lists,
        "tpr": {name: {f"{rate:g}": value for rate, value in rates.items()} for name, rates in found.tpr.items()},
    }


def _trials(found: Shadow) -> tuple[Floats, Mask]:
    """Return one line a release, in the order in which they were made."""
    targets = found.scores.shape[-1]
    return found.scores.reshape(-1, targets), found.design.out.reshape(-1, targets)
