"""Figures of an attack and their one-sided 95 % upper bounds, over rounds of replicates.

The patients of the cohort are the population that is judged, not a sample of it; what is random is the releases.
Bounds therefore come from the scatter between rounds, by Student's t over rounds, and a small cohort can be judged
with more rounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata
from scipy.stats import t as student

from sosie.cohort import Floats, Mask, Rows

CONFIDENCE = 0.95
FALSE_POSITIVES = 0.01
RESAMPLES = 400
TWICE = float(np.sqrt(2.0))


@dataclass(frozen=True)
class Figure:
    """A figure, its bound, and where it was worst.

    Parameters
    ----------
    value, upper_95 : float
    worst : int
        Which of several statistics or scenarios gave the largest bound.
    spread : float
        Standard deviation between rounds, from which the number of rounds that would be needed follows.
    """

    value: float
    upper_95: float
    worst: int = 0
    spread: float = 0.0


def over_rounds(rounds: Floats, *, trials: int = 0, confidence: float = CONFIDENCE) -> Figure:
    """Mean over rounds of the worst of several figures, with bounds that hold for all of them at once.

    Parameters
    ----------
    rounds : ndarray of float64, shape (rounds, figures)
    trials : int
        Number of guesses behind the figures, when they are rates: where every round gave the same rate, the exact
        binomial bound of no success in so many trials replaces a spread of zero.
    confidence : float
        Of the one-sided bound; higher where earlier attempts on the same patients are corrected for.
    """
    count, figures = rounds.shape
    mean = rounds.mean(axis=0)
    if count < 2:
        return Figure(float(mean.max()), float("inf"), int(mean.argmax()), float("inf"))
    spread = rounds.std(axis=0, ddof=1)
    quantile = float(student.ppf(1.0 - (1.0 - confidence) / figures, count - 1))
    upper = mean + quantile * spread / np.sqrt(count)
    if trials:
        floor = 1.0 - ((1.0 - confidence) / figures) ** (1.0 / trials)
        upper = np.where(spread == 0.0, mean + floor, upper)
    worst = int(upper.argmax())
    return Figure(float(mean[worst]), float(upper[worst]), worst, float(spread[worst]))


def over_trained(areas: Floats, confidence: float = CONFIDENCE, least: float = 0.0) -> Figure:
    """Mean over rounds of an area that was measured out of fold, with its bound; ``areas`` is of shape (rounds,).

    Two rounds meet twice, each on the other's side of the training. Where nothing is learned, what they have in
    common by chance is then counted twice, and the mean scatters sqrt(2) times as much as independent rounds would
    (Nadeau and Bengio 2003, doi:10.1023/A:1024068626366, correct by 1.5). ``least`` is the scatter between rounds of
    scores that know nothing: a few rounds that agree by chance show no more than that.
    """
    plain = over_rounds(areas[:, None], confidence=confidence)
    if not np.isfinite(plain.spread):
        return plain
    spread = TWICE * max(plain.spread, least)
    width = float(student.ppf(confidence, len(areas) - 1)) * spread / np.sqrt(len(areas))
    return Figure(plain.value, float(plain.value + width), plain.worst, spread)


def ignorance(out: Mask) -> float:
    """Scatter between rounds of the mean area of targets when scores know nothing (Hanley and McNeil 1982)."""
    without = float(out.sum(axis=1).mean())
    return float(np.sqrt((1.0 / without + 1.0 / (out.shape[1] - without)) / 12.0 / out.shape[2]))


def auc_by_round(scores: Floats, out: Mask) -> Floats:
    """Area under the ROC curve in each round, members against non-members.

    Parameters
    ----------
    scores : ndarray of float64, shape (rounds, replicates of a round, patients)
    out : ndarray of bool, same shape
        True where the replicate was made without the patient.
    """
    areas = np.empty(len(scores))
    for at, (given, away) in enumerate(zip(scores, out, strict=True)):
        inside, outside = given[~away], given[away]
        ranks = rankdata(np.concatenate([inside, outside]))
        pairs = len(inside) * len(outside)
        areas[at] = (ranks[: len(inside)].sum() - len(inside) * (len(inside) + 1) / 2) / pairs
    return areas


def tpr_over_rounds(scores: Floats, out: Mask, rng: np.random.Generator, *, confidence: float = CONFIDENCE) -> Figure:
    """Share of members above the 1 % of highest non-members, pooled over rounds; the bound resamples rounds."""
    outside = [np.sort(given[away]) for given, away in zip(scores, out, strict=True)]
    inside = [np.sort(given[~away]) for given, away in zip(scores, out, strict=True)]
    count = len(scores)

    def rate(chosen: Rows) -> float:
        cut = np.quantile(np.concatenate([outside[at] for at in chosen]), 1.0 - FALSE_POSITIVES)
        above = sum(len(inside[at]) - int(np.searchsorted(inside[at], cut, side="right")) for at in chosen)
        return above / sum(len(inside[at]) for at in chosen)

    value = rate(np.arange(count))
    if count < 2:
        return Figure(value, float("inf"), 0, float("inf"))
    drawn = np.array([rate(rng.integers(0, count, count)) for _ in range(RESAMPLES)])
    spread = float(drawn.std()) * np.sqrt(count)
    upper = value + float(student.ppf(confidence, count - 1)) * spread / np.sqrt(count)
    return Figure(value, max(upper, float(np.quantile(drawn, confidence))), 0, spread)


def rounds_needed(figure: Figure, threshold: float, done: int) -> int | None:
    """Rounds after which the bound would meet the threshold, all else equal; None when none would be enough."""
    margin = threshold - figure.value
    if not margin > 0 or not np.isfinite([figure.spread, figure.upper_95]).all():
        return None
    width = (figure.upper_95 - figure.value) * np.sqrt(done)
    return int(np.ceil((width / margin) ** 2))
