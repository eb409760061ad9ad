"""Who dies at the end of follow-up: a logistic regression of all patients on their vectors.

The chance that a follow-up of some length ends in a death is hazard over hazard plus censoring; its logit is the
logarithm of the hazard up to a function of time (Cox 1972, Journal of the Royal Statistical Society B 34, 187-220, for
hazards in proportion). A regression on the vector and on functions of the length keeps hazard ratios, which trees that
draw from some of the patients blur.

Features are taken in the order in which causes come, each by what those before it leave unexplained: among the
patients for the fit, among the doubles for the draw. Where the doubles' diabetes goes less with their infarctions than
that of the patients, the hazard ratio of diabetes stays what it was.

A fit tells of a patient by as much as it has free figures: in a small cohort it is drawn towards the mean until they
are few, and it is made on a share of the patients, chosen afresh in each fit (see `sosie.timelines.decode.donors`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.decode import donors

STEPS = 30
TILTS = 12
RIDGE = 1e-3
OWN = 10
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
    balanced : bool
        Whether the deaths of doubles are as far from chance in no direction: their number makes the noise of the fit
        enough by itself.
    order : ndarray of int64, shape (features of the vector,)
        In which they are taken.
    apart : ndarray of float64, shape (features, features)
        What takes each apart from those before it, among the patients.
    """

    weights: Floats
    knots: Floats
    balanced: bool
    order: Rows
    apart: Floats

    def draw(self, features: Floats, followed: Floats, age: Floats, rng: np.random.Generator) -> Floats:
        """Draw who dies, 1 or 0."""
        design = _design(features, followed, age, self.knots)
        own = len(design) > OWN * design.shape[1]
        design = design @ (_apart(design, self.order) if own else self.apart)
        logit = np.clip(design @ self.weights, -FARTHEST, FARTHEST)
        chance, at = _logistic(logit), rng.random(len(logit))
        died = (at < chance) * 1.0
        if not self.balanced:
            return np.asarray(died, dtype=np.float64)
        # Tilt the chances, not the draws, until what happened adds up to what was expected for every feature.
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.eye(design.shape[1]) * RIDGE
        tilt = np.zeros(design.shape[1])
        for _ in range(TILTS):
            tilt -= 0.7 * np.linalg.solve(bend, design.T @ (died - chance))
            died = (at < _logistic(logit + design @ tilt)) * 1.0
        return np.asarray(died, dtype=np.float64)


def learn(
    features: Floats, order: Rows, followed: Floats, age: Floats, dead: Floats, k: int, rng: np.random.Generator
) -> Mortality | None:
    """Fit on some of the patients of whom it is known."""
    known: Mask = ~np.isnan(dead) & ~np.isnan(followed)
    if not known.any():
        return None
    knots = np.quantile(followed[known], KNOTS)
    design, died = _design(features, followed, age, knots)[known], dead[known]
    order = np.concatenate([order[:2], np.arange(features.shape[1], design.shape[1]), order[2:]])
    apart = _apart(design, order)
    design = design @ apart
    strength, figures = _strength(design, float(died.mean()), k)
    noise = donors.noise(figures, len(design))
    chosen = donors.choose(len(design), noise, rng)
    weights = _fit(design[chosen], died[chosen], strength * chosen.mean())
    return Mortality(weights, knots, noise < 1.0, order, apart)


def _strength(design: Floats, died: float, k: int) -> tuple[float, float]:
    """Return how strongly a fit is drawn to the mean, and the free figures that it then has."""
    spread = np.linalg.eigvalsh(design[:, 1:].T @ design[:, 1:]) * died * (1 - died)
    strength = float(k)
    while (figures := float((spread / (spread + strength)).sum())) > max(donors.paid(len(design)), 1.0):
        strength *= 1.5
        if strength > len(design) * len(spread) * FARTHEST:
            break
    return strength, figures + 1.0


def _fit(design: Floats, died: Floats, strength: float) -> Floats:
    ridge = np.full(design.shape[1], strength)
    ridge[0] = RIDGE
    weights = np.zeros(design.shape[1])
    weights[0] = np.log(max(died.mean(), 1e-3) / max(1 - died.mean(), 1e-3))
    for _ in range(STEPS):
        chance = _logistic(np.clip(design @ weights, -30, 30))
        slope = design.T @ (died - chance) - ridge * weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-5:
            break
    return weights


def _apart(design: Floats, order: Rows) -> Floats:
    """Return what takes each feature apart from those before it in some order, shape (features, features)."""
    gram = design.T @ design / len(design)
    apart = np.eye(len(gram))
    for place, at in enumerate(order):
        before = order[:place]
        if len(before):
            penalty = np.eye(len(before)) * RIDGE
            apart[before, at] = -np.linalg.solve(gram[np.ix_(before, before)] + penalty, gram[before, at])
    return apart


def _logistic(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _design(features: Floats, followed: Floats, age: Floats, knots: Floats) -> Floats:
    """Return the features, bends of the length of follow-up (in its own units of spread) and the square of age."""
    length = np.nan_to_num(followed)
    scale = max(float(knots[-1] - knots[0]), 1.0)
    bends = [np.maximum(length - knot, 0.0) / scale for knot in knots]
    old = np.nan_to_num((age - 50.0) / 20.0)
    return np.column_stack([features, *bends, np.sqrt(length / scale), old**2])
