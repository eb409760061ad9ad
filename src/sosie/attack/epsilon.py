"""A lower bound of epsilon that the attacks prove: a release method cannot be more private than its attacks show.

Scores of releases made with and without a patient enter, the largest epsilon that they contradict leaves. Under
(epsilon, delta)-differential privacy any test has ``TPR <= exp(epsilon) FPR + delta``, and so has the test that says
the contrary (Jagielski et al. 2020, arXiv 2006.07709; Nasr et al. 2021, arXiv 2101.04535). Which test is the best is
learned on one half of the releases; its rates are bounded on the other half alone (Clopper and Pearson 1934,
doi:10.1093/biomet/26.4.404), so that looking for it costs no confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from sosie.attack.estimate import CONFIDENCE
from sosie.cohort import Floats, Mask

MOST_THRESHOLDS = 200


@dataclass(frozen=True)
class Bound:
    """What the attacks prove.

    Parameters
    ----------
    lower : float
        Epsilon is at least this, at the confidence asked for; 0 when nothing is proved.
    accepted, mistaken : float
        Share of releases of one kind that the test recognises, and of the other kind that it mistakes for them.
    target : int
        Which target gave it away.
    trials : int
        Releases that the rates were measured on.
    """

    lower: float
    accepted: float
    mistaken: float
    target: int
    trials: int


@dataclass(frozen=True)
class _Test:
    """Says "with" above a threshold, or, mirrored, "without" at or below it."""

    target: int
    threshold: float
    mirrored: bool

    def counts(self, inside: Floats, outside: Floats) -> tuple[int, int, int, int]:
        """Return right ones, how many could be right, wrong ones, how many could be wrong."""
        if self.mirrored:
            right, wrong = outside <= self.threshold, inside <= self.threshold
        else:
            right, wrong = inside > self.threshold, outside > self.threshold
        return int(right.sum()), len(right), int(wrong.sum()), len(wrong)


def empirical_epsilon(scores: Floats, out: Mask, delta: float, confidence: float = CONFIDENCE) -> Bound:
    """Return the largest epsilon that the scores contradict.

    Parameters
    ----------
    scores : ndarray of float64, shape (releases,) or (releases, targets)
        Of a classifier that never saw the release; higher where it believes that the target was there.
    out : ndarray of bool, same shape
        Where the release was made without the target.
    delta : float
    confidence : float
    """
    given, away = scores.reshape(len(scores), -1), out.reshape(len(scores), -1)
    best, found = _Test(0, np.inf, False), -1.0
    halves = [_halves(given[:, target], away[:, target]) for target in range(given.shape[1])]
    for target, ((inside, outside), _) in enumerate(halves):
        for threshold in _thresholds(np.concatenate([inside, outside])):
            for mirrored in (False, True):
                test = _Test(target, float(threshold), mirrored)
                proved = _proved(test.counts(inside, outside), delta, confidence)
                if proved > found:
                    best, found = test, proved
    _, (inside, outside) = halves[best.target]
    counts = best.counts(inside, outside)
    right, rights, wrong, wrongs = counts
    lower = _proved(counts, delta, confidence)
    return Bound(lower, right / max(rights, 1), wrong / max(wrongs, 1), best.target, rights + wrongs)


def _halves(scores: Floats, out: Mask) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Cut the releases of each kind in two: every other one."""
    inside, outside = scores[~out], scores[out]
    return (inside[::2], outside[::2]), (inside[1::2], outside[1::2])


def _thresholds(scores: Floats) -> Floats:
    states = np.unique(scores)
    if len(states) <= MOST_THRESHOLDS:
        return np.asarray(states)
    return np.asarray(np.unique(np.quantile(states, np.linspace(0.0, 1.0, MOST_THRESHOLDS))))


def _proved(counts: tuple[int, int, int, int], delta: float, confidence: float) -> float:
    """Return ``log((lower bound of right - delta) / upper bound of wrong)``, at least 0; each has half the error."""
    right, rights, wrong, wrongs = counts
    error = (1.0 - confidence) / 2.0
    low = float(beta.ppf(error, right, rights - right + 1)) if right else 0.0
    high = float(beta.ppf(1.0 - error, wrong + 1, wrongs - wrong)) if wrong < wrongs else 1.0
    return float(max(0.0, np.log((low - delta) / high))) if low > delta else 0.0
