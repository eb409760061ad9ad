"""The values of a measurement in doubles: a level and a slope of their own, and deviations that resemble the last one.

Scores are made, and then become values of the population: all doubles together have its distribution, and no value
lies beyond what k patients reach.
"""

from __future__ import annotations

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.timelines.encode.measures import Measure, values_at
from sosie.timelines.encode.span import YEAR


def deviations(measure: Measure, owner: Rows, time: Floats, mate: Floats | None, rng: np.random.Generator) -> Floats:
    """Draw deviations of unit variance that fade over time, and follow those of another measurement where it is there.

    Parameters
    ----------
    owner, time : ndarray, shape (values,)
        In order of time within each double.
    mate : ndarray of float64, shape (values,), optional
        NaN where the other is not there.
    """
    from sosie.timelines.decode.kernel import fade

    drawn = rng.standard_normal(len(owner))
    own: Floats = fade(owner, time, drawn, measure.scale)
    if mate is None:
        return own
    there = ~np.isnan(mate)
    mixed = measure.link * np.nan_to_num(mate) + np.sqrt(1 - measure.link**2) * own
    return np.asarray(np.where(there, mixed, own))


def to_scores(
    measure: Measure, owner: Rows, time: Floats, deviation: Floats, level: Floats, slope: Floats, spread: Floats
) -> Floats:
    """Return scores: of each double, their mean is its level.

    Parameters
    ----------
    level, slope, spread : ndarray of float64, shape (doubles,)
        ``spread`` is the logarithm of a deviation.
    """
    n = len(level)
    count = np.maximum(np.bincount(owner, minlength=n), 1)
    years = time / YEAR
    middle = np.bincount(owner, weights=years, minlength=n) / count
    away = years - middle[owner]
    around = deviation - (np.bincount(owner, weights=deviation, minlength=n) / count)[owner]
    lever = np.bincount(owner, weights=away**2, minlength=n)
    tilt = np.bincount(owner, weights=away * around, minlength=n) / np.maximum(lever + measure.flat, 1e-9)
    around = around - tilt[owner] * away
    return np.asarray(level[owner] + np.exp(spread)[owner] * around + slope[owner] * away)


def to_values(measure: Measure, score: Floats, rng: np.random.Generator) -> Floats:
    """Return the values whose standing in the population is that of the scores among the doubles."""
    order = np.lexsort((rng.random(len(score)), score))
    place = np.empty(len(score))
    place[order] = (np.arange(len(score)) + rng.random(len(score))) / max(len(score), 1)
    return values_at(measure, place)
