"""Patients of whom a severity explains most."""

import numpy as np

from sosie.cohort import Column, Kind, Vectors

NUMBERS = tuple(Column(f"n{i}", Kind.NUMERIC) for i in range(3))
MIXED = (*NUMBERS, Column("c", Kind.CATEGORICAL, 4))
K = 11


def mixed(n: int, seed: int = 0) -> Vectors:
    """A severity behind two numbers and a category; a number whose gaps follow the category."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    level = np.digitize(severity, [-1, 0, 1]).astype(float)
    numbers = [severity + rng.normal(scale=0.3, size=n), np.exp(severity), rng.normal(size=n)]
    numbers[2][(level == 3) | (rng.random(n) < 0.1)] = np.nan
    return Vectors(MIXED, np.column_stack([*numbers, level]))
