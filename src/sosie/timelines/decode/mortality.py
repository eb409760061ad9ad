"""Who dies at the end of follow-up: a logistic regression of all patients on their vectors.

The chance that a follow-up of some length ends in a death is hazard over hazard plus censoring; its logit is the
logarithm of the hazard up to a function of time (Cox 1972, Journal of the Royal Statistical Society B 34, 187-220, for
hazards in proportion). A regression on the vector and on functions of the length keeps hazard ratios, which trees that
draw from some of the patients blur.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask

STEPS = 30
FARTHEST = 8.0
KNOTS = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Mortality:
    """A fitted regression.

    Parameters
    ----------
    weights : ndarray of float64, shape (features,)
    knots : ndarray of float64
        Lengths of follow-up at which its effect bends.
    """

    weights: Floats
    knots: Floats

    def draw(self, features: Floats, followed: Floats, age: Floats, rng: np.random.Generator) -> Floats:
        """Draw who dies, 1 or 0."""
        logit = np.clip(_design(features, followed, age, self.knots) @ self.weights, -FARTHEST, FARTHEST)
        return (rng.random(len(logit)) < 1.0 / (1.0 + np.exp(-logit))) * 1.0


def learn(features: Floats, followed: Floats, age: Floats, dead: Floats, k: int) -> Mortality | None:
    """Fit on the patients of whom it is known."""
    known: Mask = ~np.isnan(dead) & ~np.isnan(followed)
    if not known.any():
        return None
    knots = np.quantile(followed[known], KNOTS)
    design, died = _design(features, followed, age, knots)[known], dead[known]
    ridge = np.full(design.shape[1], float(k))
    ridge[0] = 1e-6
    weights = np.zeros(design.shape[1])
    weights[0] = np.log(max(died.mean(), 1e-3) / max(1 - died.mean(), 1e-3))
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (died - chance) - ridge * weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-5:
            break
    return Mortality(weights, knots)


def _design(features: Floats, followed: Floats, age: Floats, knots: Floats) -> Floats:
    """Return the features, bends of the length of follow-up (in its own units of spread) and the square of age."""
    length = np.nan_to_num(followed)
    scale = max(float(knots[-1] - knots[0]), 1.0)
    bends = [np.maximum(length - knot, 0.0) / scale for knot in knots]
    old = np.nan_to_num((age - 50.0) / 20.0)
    return np.column_stack([features, *bends, np.sqrt(length / scale), old**2])
