"""What survival analyses keep: Kaplan-Meier curves, log-rank tests, Cox hazard ratios.

Each step of a published curve of the original stands for at least k patients who left (events and censored).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sosie.survival import integrated_distance, kaplan_meier, log_rank, thinned
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
        ``curves`` (``group``, ``who``, ``time``, ``survival``); their integrated ``distance`` in [0, 1] and the
        ``logrank_p`` of original against doubles, over all and in each of ``groups``; ``cox`` (hazard ratios) and
        their mean ``overlap``. None where there are fewer than k events or 2k patients on one side.
    """
    original, doubles = (follow(columns, end_point, side, rng) for side in SIDES)
    if any(len(one.duration) < 2 * k or one.event.sum() < k for one in (original, doubles)):
        return None
    group = next((column for column in columns if column.name == end_point.group), None)
    names = [level for level in group.levels if level != OTHER] if group else ["all"]
    compared = [
        (name, original.of_group(code), doubles.of_group(code))
        for code, name in enumerate(names)
        if (original.group == code).sum() >= 2 * k and (doubles.group == code).any()
    ]
    groups = [_gap(*one, k) for one in compared]
    cox, overlap = hazard_ratios(columns, end_point, original, doubles, k)
    return {
        "duration": end_point.duration,
        "event": end_point.event,
        "group": end_point.group,
        "patients": len(original.duration),
        "distance": float(np.mean([group["distance"] for group in groups])) if groups else None,
        "logrank_p": _log_rank(original, doubles),
        "groups": groups,
        "curves": [curve for one in compared for curve in _curves(*one, k)],
        "cox": cox,
        "overlap": overlap,
    }


def _gap(name: str, original: Followed, doubles: Followed, k: int) -> dict[str, object]:
    """Measure the gap of two curves up to the k-th last duration of each."""
    until = min(np.sort(one.duration)[-min(k, len(one.duration))] for one in (original, doubles))
    first, second = (kaplan_meier(one.duration, one.event)[:2] for one in (original, doubles))
    distance = integrated_distance(first, second, float(until))
    return {"group": name, "distance": distance, "logrank_p": _log_rank(original, doubles)}


def _curves(name: str, original: Followed, doubles: Followed, k: int) -> list[dict[str, object]]:
    sides = {"original": original, "doubles": doubles}
    shown = {who: thinned(*kaplan_meier(one.duration, one.event), k) for who, one in sides.items()}
    return [{"group": name, "who": who, "time": time, "survival": left} for who, (time, left) in shown.items()]


def _log_rank(original: Followed, doubles: Followed) -> float | None:
    return log_rank(original.duration, original.event, doubles.duration, doubles.event)
