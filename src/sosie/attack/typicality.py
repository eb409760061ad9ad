"""Whether the release itself is typical of the method that was judged.

The attacks judge the method on replicates; one unlucky draw could still lie closer to the patients than they do.
The release is compared with other releases of the full cohort.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from sosie.attack.leave_out import Targets
from sosie.attack.proximity import NAMES, Proximity
from sosie.cohort import Vectors
from sosie.engine import Engine, Listener, silent

RELEASES = 20
FALSE_ALARM = 0.001


@dataclass(frozen=True)
class Typicality:
    """How much closer to its patients a release lies than other releases of the same fit.

    Parameters
    ----------
    value : float
        Largest excess over the other releases, in their standard deviations.
    threshold : float
        What a typical release exceeds once in a thousand.
    statistic : str
    releases : int
    """

    value: float
    threshold: float
    statistic: str
    releases: int


def typicality(
    patients: Vectors,
    release: Vectors,
    generate: Callable[[np.random.Generator], Vectors],
    rng: np.random.Generator,
    *,
    releases: int = RELEASES,
    engine: Engine | None = None,
    listener: Listener = silent,
) -> Typicality:
    """Compare a release with ``releases`` others of the same method on the full cohort."""
    targets = Targets.of(patients, rng)
    proximity = Proximity.of(patients.take(targets.rows))
    isolated = targets.isolated

    def closeness(seen: Vectors, stream: np.random.Generator) -> np.ndarray:
        scores = proximity.score(seen, stream)
        return np.concatenate([scores.mean(axis=0), scores[isolated].mean(axis=0)])

    streams = rng.spawn(releases)
    others = np.array(
        (engine or Engine()).map(
            lambda stream: closeness(generate(stream), stream), streams, stage="typicality", listener=listener
        )
    )
    mine = closeness(release, rng)
    scatter = others.std(axis=0, ddof=1) * np.sqrt(1.0 + 1.0 / releases)
    excess = (mine - others.mean(axis=0)) / np.maximum(scatter, 1e-9)
    worst = int(excess.argmax())
    threshold = float(student.ppf(1.0 - FALSE_ALARM / len(excess), releases - 1))
    names = [*NAMES, *(f"{name}, isolated patients" for name in NAMES)]
    return Typicality(float(excess[worst]), threshold, names[worst], releases)
