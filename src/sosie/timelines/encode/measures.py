"""Measurements: from values to normal scores, and from a patient's scores to a level, a slope and a spread.

A score is where a value stands among those of the population. The level is the mean of a patient's scores, the slope a
line through them that is drawn towards flat, the spread how far they lie from the level, drawn towards everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.slots import Slots
from sosie.timelines.encode.span import YEAR
from sosie.timelines.events import TimelinesPart
from sosie.timelines.quantiles import Quantiles, fewest

MEASURED = 0.5
"""Share of the events of a code that bear a value, above which it is a measurement."""
FEWEST_REPEATED = 0.25
PRIOR = 3.0
"""Pseudo-values behind everybody's spread."""
DECIMALS = 0.9
_MOST_DECIMALS = 6
_HEAD = 4_000


@dataclass(frozen=True)
class Measure:
    """What the population says of one measurement.

    Parameters
    ----------
    code : int
    values : Quantiles
    decimals : int
    missing : float
        Share of its events without a value.
    level : tuple of float
        Mean and deviation of the level.
    spread : float
        Deviation of a score from its patient's level.
    slope : float
        Deviation of the slopes, a year.
    flat : float
        What draws slopes towards flat, years squared.
    scale : float
        Days in which the correlation of two deviations falls by e.
    mate : int
        Measurement before it in the same slots (a place in the list of measures), or -1.
    link : float
        Correlation of the deviations of both.
    equal : bool
        Whether the mate nearly always has the same value.
    """

    code: int
    values: Quantiles
    decimals: int
    missing: float
    level: tuple[float, float]
    spread: float
    slope: float
    flat: float
    scale: float
    mate: int
    link: float
    equal: bool


@dataclass(frozen=True)
class Summary:
    """A measurement in each patient, NaN where there is none, each of shape (patients,)."""

    count: Floats
    level: Floats
    slope: Floats
    spread: Floats


def scores(measure: Measure, values: Floats) -> Floats:
    """Return normal scores of values."""
    return np.asarray(ndtri(measure.values.place(values)))


def values_at(measure: Measure, uniform: Floats) -> Floats:
    """Return the values at places in (0, 1), with the decimals of the source."""
    return np.round(measure.values.at(uniform), measure.decimals)


def summarise(measure: Measure, patient: Rows, time: Floats, score: Floats, n: int) -> Summary:
    """Summarise the scores of each patient."""
    count = np.bincount(patient, minlength=n).astype(np.float64)
    safe = np.maximum(count, 1.0)
    years = time / YEAR
    level = np.bincount(patient, weights=score, minlength=n) / safe
    middle = np.bincount(patient, weights=years, minlength=n) / safe
    away, from_level = years - middle[patient], score - level[patient]
    lever = np.bincount(patient, weights=away**2, minlength=n)
    slope = np.bincount(patient, weights=away * from_level, minlength=n) / (lever + measure.flat)
    square = np.bincount(patient, weights=(from_level - slope[patient] * away) ** 2, minlength=n)
    free = np.maximum(count - 1.0, 0.0)
    spread = 0.5 * np.log((square + PRIOR * measure.spread**2) / (free + PRIOR))
    none = count == 0
    once = count <= 1
    return Summary(count, np.where(none, np.nan, level), np.where(once, np.nan, slope), np.where(once, np.nan, spread))


def measures(part: TimelinesPart, found: Slots, codes: int, k: int, rng: np.random.Generator) -> tuple[Measure, ...]:
    """Learn the measurements of a cohort, the most frequent first."""
    value = part.events.value[found.which]
    valued = ~np.isnan(value)
    total = np.bincount(found.code, minlength=codes)
    known = np.bincount(found.code[valued], minlength=codes)
    learned: list[Measure] = []
    deviations: list[tuple[Rows, Floats, Floats]] = []
    order = np.argsort(found.code[valued], kind="stable")
    rows = np.flatnonzero(valued)[order]
    ends = np.concatenate([[0], np.cumsum(known)])
    for code in np.argsort(-known, kind="stable"):
        if known[code] == 0 or known[code] < MEASURED * total[code]:
            continue
        mine = rows[ends[code] : ends[code + 1]]
        patient, numbers = found.patient[mine], value[mine]
        holders = len(np.unique(patient))
        quantiles = Quantiles.of(numbers, fewest(k, rng), holders)
        if quantiles is None:
            continue
        measure, deviation = _learn(
            int(code), quantiles, patient, found.time[mine], numbers, 1 - known[code] / total[code], found.patients
        )
        slots = found.slot[mine]
        mate, link, equal = _mate(slots, deviation, numbers, deviations)
        learned.append(Measure(**{**measure.__dict__, "mate": mate, "link": link, "equal": equal}))
        deviations.append((slots, deviation, numbers))
    return tuple(learned)


def _learn(
    code: int, quantiles: Quantiles, patient: Rows, time: Floats, numbers: Floats, missing: float, n: int
) -> tuple[Measure, Floats]:
    blank = Measure(
        code, quantiles, decimals_of(numbers), float(missing), (0.0, 1.0), 1.0, 0.0, 1e9, 1.0, -1, 0.0, False
    )
    score = scores(blank, numbers)
    first = summarise(blank, patient, time, score, n)
    deviation = score - first.level[patient]
    free = max(float((first.count[first.count > 0] - 1).sum()), 1.0)
    spread = max(float(np.sqrt((deviation**2).sum() / free)), 1e-3)
    levels = first.level[first.count > 0]
    level = (float(levels.mean()), max(float(levels.std()), 1e-3))
    slope, flat = _slope(patient, time, deviation, spread, n)
    scale = _scale(patient, time, deviation)
    return Measure(
        code, quantiles, blank.decimals, float(missing), level, spread, slope, flat, scale, -1, 0.0, False
    ), deviation


def _slope(patient: Rows, time: Floats, deviation: Floats, spread: float, n: int) -> tuple[float, float]:
    """Return the deviation of slopes, and what draws each towards flat (the ratio of both variances)."""
    years, count = time / YEAR, np.bincount(patient, minlength=n)
    middle = np.bincount(patient, weights=years, minlength=n) / np.maximum(count, 1)
    away = years - middle[patient]
    lever = np.bincount(patient, weights=away**2, minlength=n)
    cross = np.bincount(patient, weights=away * deviation, minlength=n)
    sure = (count > 2) & (lever > 0)
    if not sure.any():
        return 0.0, 1e9
    # Method of moments: E[cross^2] = lever spread^2 + lever^2 slope^2.
    excess = float((cross[sure] ** 2 - lever[sure] * spread**2).sum() / (lever[sure] ** 2).sum())
    slope = float(np.sqrt(max(excess, 1e-6)))
    return slope, float(spread**2 / slope**2)


def _scale(patient: Rows, time: Floats, deviation: Floats) -> float:
    """Return the days in which the correlation of two deviations in a row falls by e."""
    order = np.lexsort((time, patient))
    near = patient[order][1:] == patient[order][:-1]
    gap = np.diff(time[order])[near]
    product = (deviation[order][1:] * deviation[order][:-1])[near]
    variance = float((deviation**2).mean())
    positive = gap > 0
    if positive.sum() < PAIRED or variance <= 0:
        return 1.0
    typical = float(np.median(gap[positive]))
    close = positive & (gap <= typical)
    correlation = float(np.clip(product[close].mean() / variance, 0.01, 0.95))
    return float(-gap[close].mean() / np.log(correlation))


PAIRED = 50


def _mate(
    slots: Rows, deviation: Floats, numbers: Floats, before: list[tuple[Rows, Floats, Floats]]
) -> tuple[int, float, bool]:
    best: tuple[int, float, bool] = (-1, 0.0, False)
    for at, (other, theirs, values) in enumerate(before[:20]):
        _, mine, its = np.intersect1d(slots, other, return_indices=True)
        if len(mine) < max(PAIRED, 0.3 * len(slots)):
            continue
        one, two = deviation[mine], theirs[its]
        norm = np.sqrt((one**2).sum() * (two**2).sum())
        link = float((one * two).sum() / norm) if norm > 0 else 0.0
        equal = float((numbers[mine] == values[its]).mean()) > DECIMALS
        if abs(link) > max(abs(best[1]), 0.1):
            best = (at, float(np.clip(link, -0.99, 0.99)), equal)
    return best


def decimals_of(numbers: Floats) -> int:
    """Return the fewest decimals that most values need."""
    some = numbers[:: max(1, len(numbers) // _HEAD)]
    for decimals in range(_MOST_DECIMALS):
        if (np.abs(some - np.round(some, decimals)) < 1e-9 * np.maximum(1.0, np.abs(some))).mean() >= DECIMALS:
            return decimals
    return _MOST_DECIMALS


__all__ = ["Mask", "Measure", "Summary", "measures", "ndtr", "scores", "summarise", "values_at"]
