"""What one modality says of another: learned on the doubles, tested on the patients, beside learned on other patients.

Views of the original and of its doubles enter; a line for each ordered pair of modalities leaves: how much of the
second's first components a ridge regression on the first's explains among patients whom it did not learn from.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

from sosie.cohort import Floats, Vectors
from sosie.joint.canonical import planes

FOLDS = 5
RIDGE = 1.0


def predictions(original: Vectors, doubles: Vectors, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Compare what is learned on doubles (TSTR) with what is learned on patients, JSON-ready."""
    found = planes(original)
    real = {name: plane.look(original) for name, plane in found.items()}
    made = {name: plane.look(doubles) for name, plane in found.items()}
    fold = rng.permutation(np.arange(len(original)) % FOLDS)
    return [
        {
            "from": source,
            "to": target,
            "original": round(_crossed(real[source], real[target], fold), 3),
            "doubles": round(_explained(_fit(made[source], made[target]), real[source], real[target]), 3),
        }
        for source, target in permutations(found, 2)
    ]


def _crossed(x: Floats, y: Floats, fold: np.ndarray) -> float:
    guesses = np.empty_like(y)
    for one in range(FOLDS):
        out = fold == one
        guesses[out] = _guess(_fit(x[~out], y[~out]), x[out])
    return _score(y, guesses)


def _fit(x: Floats, y: Floats) -> Floats:
    """Return the weights of a ridge regression with an intercept, shape (predictors + 1, outcomes)."""
    design = np.column_stack([x, np.ones(len(x))])
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    return np.asarray(np.linalg.solve(design.T @ design + penalty + 1e-9 * np.eye(len(penalty)), design.T @ y))


def _guess(weights: Floats, x: Floats) -> Floats:
    return np.asarray(np.column_stack([x, np.ones(len(x))]) @ weights)


def _explained(weights: Floats, x: Floats, y: Floats) -> float:
    return _score(y, _guess(weights, x))


def _score(y: Floats, guesses: Floats) -> float:
    """Return the share of variance that is explained, over all components; below 0 is worse than knowing nothing."""
    spread = float(((y - y.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((y - guesses) ** 2).sum()) / spread if spread > 0 else 0.0
