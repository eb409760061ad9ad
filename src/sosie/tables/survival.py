"""What survival analyses keep: Kaplan-Meier curves, log-rank tests, Cox hazard ratios.

Each step of a published curve of the original stands for at least k patients who left (events and censored).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from sosie.cohort import Floats
from sosie.tables.aligned import OTHER, SIDES, Aligned
from sosie.tables.followup import Followed, follow
from sosie.tables.hazards import hazard_ratios
from sosie.tables.targets import EndPoint


def survival(
    columns: Sequence[Aligned], end_point: EndPoint, rng: np.random.Generator, k: int
) -> dict[str, object] | None:
    """Compare one survival end point of the original and of the doubles.

    Returns
    -------
    dict, optional
        ``curves`` by group (``original`` and ``doubles``: times and survival; their integrated ``distance`` in
        [0, 1]; ``log_rank_p`` of the original against the doubles), ``hazard_ratios`` and their mean ``overlap``;
        None where there are fewer than k events or 2k patients on one side.
    """
    original, doubles = (follow(columns, end_point, side, rng) for side in SIDES)
    if any(len(one.duration) < 2 * k or one.event.sum() < k for one in (original, doubles)):
        return None
    group = next((column for column in columns if column.name == end_point.group), None)
    names = [level for level in group.levels if level != OTHER] if group else ["all"]
    curves = [
        curve
        for code, name in enumerate(names)
        if (curve := _curve(name, original.of_group(code), doubles.of_group(code), k)) is not None
    ]
    hazards, overlap = hazard_ratios(columns, end_point, original, doubles, k)
    distances = [float(str(curve["distance"])) for curve in curves]
    return {
        "duration": end_point.duration,
        "event": end_point.event,
        "group": end_point.group,
        "patients": len(original.duration),
        "curves": curves,
        "distance": float(np.mean(distances)) if distances else None,
        "hazard_ratios": hazards,
        "overlap": overlap,
    }


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


def _curve(name: str, original: Followed, doubles: Followed, k: int) -> dict[str, object] | None:
    from lifelines.statistics import logrank_test

    if len(original.duration) < 2 * k or len(doubles.duration) == 0:
        return None
    steps = [_kaplan_meier(one) for one in (original, doubles)]
    ends = [np.sort(one.duration)[-min(k, len(one.duration))] for one in (original, doubles)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = logrank_test(original.duration, doubles.duration, original.event, doubles.event)
    shown = [dict(zip(("times", "survival"), thinned(*step, k), strict=True)) for step in steps]
    return {
        "group": name,
        "original": shown[0],
        "doubles": shown[1],
        "distance": integrated_distance(steps[0][:2], steps[1][:2], float(min(ends))),
        "log_rank_p": None if np.isnan(test.p_value) else float(test.p_value),
    }


def _kaplan_meier(followed: Followed) -> tuple[Floats, Floats, Floats]:
    """Return the times, the survival after each, and how many left at each."""
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter().fit(followed.duration, followed.event)
    removed = fitted.event_table["removed"].to_numpy(dtype=np.float64)
    surviving = fitted.survival_function_.iloc[:, 0].to_numpy(dtype=np.float64)
    return fitted.event_table.index.to_numpy(dtype=np.float64), surviving, removed
