"""What one column keeps: its shape, its missing share, its histogram and its quantiles.

Counts of the original stand for at least k patients each; they are scaled up to all the patients, so that their sum
does not tell how few lack a value. Tails end at the k-th extreme.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from sosie.cohort import Floats
from sosie.tables.aligned import SIDES, Aligned

BINS = 24
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def marginal(column: Aligned, k: int) -> dict[str, object]:
    """Compare one column of the original and of the doubles; JSON-ready, groups of at least k patients only."""
    original, doubles = (_known(column.values(side)) for side in SIDES)
    report: dict[str, object] = {
        "name": column.name,
        "kind": column.scale,
        "shape": shape(column),
        "missing": {side: _share_missing(column.values(side), k) for side in ("original", "doubles")},
        "histogram": None,
    }
    if len(original) < k:
        return report
    if column.codes is not None:
        report["histogram"] = _levels(column)
    else:
        report["histogram"] = _bins(column, k)
    if column.numbers is not None:
        report["quantiles"] = _quantiles(original, doubles, k, dates=column.scale == "date")
        if column.scale != "date":
            report["moments"] = {"original": _moments(original, original, k), "doubles": _moments(doubles, original, k)}
    return report


def shape(column: Aligned) -> float | None:
    """Return 1 - KS of numbers and dates, 1 - TVD of levels; None where either side has no value to compare."""
    if not column.informative:
        return None
    if column.codes is not None:
        original, doubles = (_shares(column.codes.of(side), len(column.levels)) for side in SIDES)
        return None if original is None or doubles is None else float(1 - np.abs(original - doubles).sum() / 2)
    first, second = (np.sort(_known(column.values(side))) for side in SIDES)
    return 1 - kolmogorov_smirnov(first, second) if len(first) and len(second) else None


def kolmogorov_smirnov(first: Floats, second: Floats) -> float:
    """Return the largest distance between the distribution functions of two sorted samples."""
    points = np.concatenate((first, second))
    gaps = np.searchsorted(first, points, "right") / len(first) - np.searchsorted(second, points, "right") / len(second)
    return float(np.abs(gaps).max())


def bin_edges(values: Floats, k: int) -> Floats:
    """Return edges between which at least k of the values fall, the outer bins being open.

    Parameters
    ----------
    values : ndarray of float64, sorted, at least k of them
    k : int

    Returns
    -------
    ndarray of float64
        Inner edges and the k-th extremes outside them; two edges when everything falls in one bin.
    """
    low, high = values[min(k, len(values)) - 1], values[max(len(values) - k, 0)]
    if not low < high:
        return np.array([values[len(values) // 2]] * 2)
    candidates = np.linspace(low, high, BINS + 1)
    below = np.searchsorted(values, candidates[1:-1], "left")
    edges, used = [], 0
    for edge, count in zip(candidates[1:-1], below, strict=True):
        if count - used >= k and len(values) - count >= k:
            edges.append(edge)
            used = int(count)
    return np.array([low, *edges, high])


def _bins(column: Aligned, k: int) -> dict[str, object]:
    original = np.sort(_known(column.values("original")))
    edges = bin_edges(original, k)
    counts: dict[str, object] = {}
    for side in SIDES:
        values = column.values(side)
        inside = np.searchsorted(edges[1:-1], _known(values), "right")
        counts[side] = _scaled(np.bincount(inside, minlength=len(edges) - 1), len(values))
    return {"edges": [_shown(edge, column.scale == "date") for edge in edges], **counts}


def _levels(column: Aligned) -> dict[str, object]:
    assert column.codes is not None, "a histogram of levels needs codes"
    counts: dict[str, object] = {}
    for side in SIDES:
        codes = column.codes.of(side)
        counts[side] = _scaled(np.bincount(_known(codes).astype(np.int64), minlength=len(column.levels)), len(codes))
    return {"levels": list(column.levels), **counts}


def _scaled(counts: np.ndarray, rows: int) -> list[int]:
    total = int(counts.sum())
    return [round(int(count) * rows / total) for count in counts] if total else [0 for _ in counts]


def _quantiles(original: Floats, doubles: Floats, k: int, *, dates: bool) -> dict[str, object]:
    backed = [q for q in QUANTILES if len(original) * min(q, 1 - q) >= k]
    return {
        "at": backed,
        "original": _at(original, backed, dates),
        "doubles": _at(doubles, backed, dates),
    }


def _at(values: Floats, levels: Sequence[float], dates: bool) -> list[float | str | None]:
    if len(values) == 0:
        return [None for _ in levels]
    return [_shown(value, dates) for value in np.quantile(values, levels)]


def _moments(values: Floats, original: Floats, k: int) -> dict[str, float] | None:
    """Return the mean and the standard deviation within the k-th extremes of the original."""
    if len(values) == 0 or len(original) < 2 * k:
        return None
    ranked = np.partition(original, (k - 1, len(original) - k))
    inside = np.clip(values, ranked[k - 1], ranked[len(original) - k])
    return {"mean": float(inside.mean()), "sd": float(inside.std())}


def _share_missing(values: Floats, k: int) -> float | None:
    """Return the share of missing values, None where fewer than k rows lack (or have) one."""
    missing = int(np.isnan(values).sum())
    if 0 < missing < k or 0 < len(values) - missing < k:
        return None
    return missing / len(values) if len(values) else None


def _shares(codes: Floats, levels: int) -> Floats | None:
    known = _known(codes).astype(np.int64)
    return np.bincount(known, minlength=levels) / len(known) if len(known) else None


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _shown(value: float, date: bool) -> float | str:
    if not date:
        return float(value)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=float(value))).date().isoformat()
