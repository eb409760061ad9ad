"""Survival of patients and of doubles: Kaplan-Meier curves, log-rank tests and Cox hazard ratios, from arrays alone.

Each step of a published curve stands for at least k patients who left (events and censored).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie.cohort import Floats, Mask


@dataclass(frozen=True)
class Interval:
    """A hazard ratio and its 95 % interval."""

    ratio: float
    low: float
    high: float

    def json(self) -> list[float]:
        """Return the ratio and the ends of its interval, JSON-ready."""
        return [self.ratio, self.low, self.high]


def overlap(first: Interval, second: Interval) -> float:
    """Return the share of each interval that the other covers, averaged, on the scale of log hazards.

    Karr et al., The American Statistician 60 (2006), doi:10.1198/000313006X124640, with 0 for disjoint intervals.
    """
    low, high = max(first.low, second.low), min(first.high, second.high)
    if not low < high:
        return 0.0
    shared = np.log(high / low)
    return float((shared / np.log(first.high / first.low) + shared / np.log(second.high / second.low)) / 2)


def kaplan_meier(duration: Floats, event: Mask) -> tuple[Floats, Floats, Floats]:
    """Return the times, the survival after each, and how many left at each."""
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter().fit(duration, event)
    removed = fitted.event_table["removed"].to_numpy(dtype=np.float64)
    surviving = fitted.survival_function_.iloc[:, 0].to_numpy(dtype=np.float64)
    return fitted.event_table.index.to_numpy(dtype=np.float64), surviving, removed


def thinned(times: Floats, surviving: Floats, removed: Floats, k: int) -> tuple[list[float], list[float]]:
    """Keep the steps of a curve at which at least k patients have left since the step before."""
    kept_times, kept_surviving, waiting = [0.0], [1.0], 0.0
    for time, value, left in zip(times, surviving, removed, strict=True):
        waiting += left
        if waiting >= k:
            kept_times.append(float(time))
            kept_surviving.append(float(value))
            waiting = 0.0
    return kept_times, kept_surviving


def integrated_distance(first: tuple[Floats, Floats], second: tuple[Floats, Floats], until: float) -> float:
    """Return the mean absolute distance between two step curves (times, survival) from 0 to a time."""
    times = np.unique(np.concatenate(([0.0], first[0], second[0])))
    times = times[times < until]
    widths = np.diff(np.append(times, until))
    values = [np.append(1.0, curve[1])[np.searchsorted(curve[0], times, "right")] for curve in (first, second)]
    return float((np.abs(values[0] - values[1]) * widths).sum() / until) if until > 0 else 0.0


def log_rank(duration: Floats, event: Mask, other_duration: Floats, other_event: Mask) -> float | None:
    """Return the p value of the log-rank test between two groups, None where it cannot be computed."""
    from lifelines.statistics import logrank_test

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        p = float(logrank_test(duration, other_duration, event, other_event).p_value)
    return None if np.isnan(p) else p


def cox(covariates: Floats, duration: Floats, event: Mask) -> list[Interval] | None:
    """Fit a Cox model; None where it does not converge or a covariate does not vary.

    Parameters
    ----------
    covariates : ndarray of float64, shape (patients, covariates)
        A patient with a missing value takes no part.
    duration : ndarray of float64, shape (patients,)
    event : ndarray of bool, shape (patients,)
    """
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    complete = ~np.isnan(covariates).any(axis=1)
    if complete.sum() < 2 or (np.ptp(covariates[complete], axis=0) == 0).any():
        return None
    frame = pd.DataFrame(covariates[complete]).assign(duration=duration[complete], event=event[complete])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            summary: Any = CoxPHFitter().fit(frame, "duration", "event").summary
    except (ConvergenceError, ValueError, np.linalg.LinAlgError):
        return None
    bounds = summary[["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%"]].to_numpy(dtype=np.float64)
    if not np.isfinite(bounds).all() or (bounds <= 0).any():
        return None
    return [Interval(*(float(value) for value in row)) for row in bounds]
