"""Planted canaries: patients who do not exist, as visible as a patient can be, put into half of the releases.

They show how much a method would tell of somebody more exposed than anybody in this cohort (Carlini et al. 2019,
arXiv 1802.08232). Vectors of a cohort and a method that works on vectors enter, the same figures as those of the
trained attack leave. They do not gate: nobody is harmed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sosie.attack.estimate import CONFIDENCE
from sosie.attack.features import Lens
from sosie.attack.shadow import FEWEST_ROUNDS, Design, Shadow, attack
from sosie.cohort import Floats, Kind, Mask, Vectors
from sosie.engine import Engine, Listener, silent

CANARIES = 4
PUBLISHABLE = 11

Method = Callable[[Vectors, np.random.Generator], Vectors]
"""Makes a release of fixed size from any vectors."""


def canaries(patients: Vectors, count: int, rng: np.random.Generator, publishable: int = PUBLISHABLE) -> Vectors:
    """Make patients who stand at an end of every number and in the rarest publishable level of every category.

    Parameters
    ----------
    patients : Vectors
    count : int
    rng : numpy.random.Generator
        Draws at which end each canary stands: together the ends are a combination that nobody has.
    publishable : int
        Patients that a level must have, so that it is not merged away.
    """
    values = np.column_stack(
        [
            _ends(column, count, rng) if kind is Kind.NUMERIC else np.full(count, _rare(column, publishable))
            for column, kind in zip(patients.values.T, (one.kind for one in patients.columns), strict=True)
        ]
    )
    weights = None if patients.weights is None else np.full(count, float(np.median(patients.weights)))
    return Vectors(patients.columns, values, weights)


def planted(
    patients: Vectors,
    method: Method,
    *,
    releases: int,
    rng: np.random.Generator,
    count: int = CANARIES,
    publishable: int = PUBLISHABLE,
    engine: Engine | None = None,
    confidence: float = CONFIDENCE,
    listener: Listener = silent,
) -> Shadow:
    """Plant canaries in half of the releases each, half of the canaries in each release, and attack them.

    Returns
    -------
    Shadow
        All of its targets are canaries, and count as isolated.
    """
    made = canaries(patients, count, rng, publishable)
    weights = None if made.weights is None or patients.weights is None else np.append(patients.weights, made.weights)
    everyone = Vectors(patients.columns, np.vstack([patients.values, made.values]), weights)
    n = len(patients)
    rounds, half = max(FEWEST_ROUNDS, releases // 2), count // 2
    out = np.zeros((rounds, 2, count), dtype=bool)
    for at in range(rounds):
        chosen = rng.permutation(count)
        out[at, 0, chosen[:half]], out[at, 1, chosen[half:]] = True, True
    design = Design(np.arange(n, n + count), np.ones(count, dtype=bool), out)

    def make(away: Mask, stream: np.random.Generator) -> Vectors:
        return method(everyone.take(np.setdiff1d(np.arange(n + count), design.rows[away])), stream)

    return attack(
        design,
        Lens.of(everyone, design.rows),
        make,
        n + count,
        rng,
        engine=engine,
        confidence=confidence,
        listener=listener,
        stage="canary",
    )


def _ends(column: Floats, count: int, rng: np.random.Generator) -> Floats:
    known = column[np.isfinite(column)]
    if not len(known):
        return np.full(count, np.nan)
    return np.asarray(np.where(rng.random(count) < 0.5, known.min(), known.max()))


def _rare(column: Floats, publishable: int) -> float:
    levels, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    if not len(levels):
        return float("nan")
    allowed = np.flatnonzero(counts >= publishable)
    return float(levels[allowed[counts[allowed].argmin()]] if len(allowed) else levels[counts.argmax()])
