"""Generated patients for the attacks: mixed types, missing values, a constant column."""

from __future__ import annotations

import numpy as np

from sosie.attack.suite import Attack
from sosie.cohort import Column, Floats, Kind, Vectors


def draw(patients: int, rng: np.random.Generator) -> Vectors:
    severity = rng.normal(size=patients)
    numbers = [np.round(severity * rng.uniform(0.2, 1) + rng.normal(size=patients), 3) for _ in range(5)]
    numbers[0][rng.random(patients) < 0.2] = np.nan
    codes = [rng.integers(0, levels, patients).astype(float) for levels in (2, 3, 5)]
    columns = (
        *(Column(f"number_{i}", Kind.NUMERIC) for i in range(5)),
        *(Column(f"code_{levels}", Kind.CATEGORICAL, levels) for levels in (2, 3, 5)),
        Column("constant", Kind.NUMERIC),
    )
    return Vectors(columns, np.column_stack([*numbers, *codes, np.ones(patients)]))


def halves(patients: Vectors, rng: np.random.Generator) -> tuple[Vectors, np.ndarray]:
    """A release that is a copy of half of the patients, shuffled, and who they are."""
    rows = rng.permutation(len(patients))[: len(patients) // 2]
    inside = np.zeros(len(patients), dtype=bool)
    inside[rows] = True
    return patients.take(rows), inside


def gain(attack: Attack, given: Floats, inside: np.ndarray) -> float:
    """Success with the patients minus success without them, of the worst secret."""
    scale = len(inside) if attack.unit == "guesses" else 1
    return float(np.max(scale * (given[inside].mean(axis=0) - given[~inside].mean(axis=0))))


def null_gains(attack: Attack, rng: np.random.Generator, releases: int = 40) -> np.ndarray:
    """Gains of the first secret where the release knows nobody: halves are drawn at random."""
    patients = len(attack.credit(draw(200, rng), rng))
    found = []
    for _ in range(releases):
        inside = rng.permutation(patients) < patients // 2
        given = attack.credit(draw(patients // 2, rng), rng).reshape(patients, -1)[:, 0]
        found.append(gain(attack, given, inside))
    return np.array(found)


def centred(gains: np.ndarray) -> bool:
    """Whether the mean is within four standard errors of zero."""
    return bool(abs(gains.mean()) <= 4 * gains.std() / np.sqrt(len(gains)) + 1e-12)
