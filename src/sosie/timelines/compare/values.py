"""What measurements keep: their values by age and sex, how a value follows the last, and their course in groups."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.timelines.compare.figures import around, distance, middle
from sosie.timelines.compare.sides import YEAR, Both, Side, named

AGES = (-np.inf, 45.0, 65.0, np.inf)
"""Years that part the groups of age."""
DRAWN, STEPS = 6, 8
"""Measurements whose course is drawn, and the steps of a course, at most."""
QUARTILES = (0.25, 0.5, 0.75)


def measured(both: Both) -> dict[str, Any]:
    """Compare the values of each measurement, by age and sex, and their autocorrelation.

    Returns
    -------
    dict
        ``median_ks``; ``tests``: ``code``, ``ks``, ``by_group`` (median over groups of age and sex of at least 2k
        patients), ``autocorrelation`` of both sides (a value and the next of the same person); ``bands``.
    """
    codes = both.measured()
    groups = [_groups(side) for side in both.pair]
    tests = [_test(both, code, groups) for code in codes]
    return {
        "median_ks": middle([test["ks"] for test in tests]),
        "median_group_ks": middle([test["by_group"] for test in tests]),
        "tests": tests,
        "bands": [band for code in codes[:DRAWN] if (band := _band(both, code)) is not None],
    }


def _groups(side: Side) -> Floats:
    """Return the group of age and sex of each patient, NaN where unknown."""
    with np.errstate(invalid="ignore"):
        age = np.searchsorted(AGES, side.age, side="right") - 1.0
    return np.where(np.isnan(side.age), np.nan, age * 2 + side.male)


def _test(both: Both, code: int, groups: list[Floats]) -> dict[str, Any]:
    here = [_held(side, code) for side in both.pair]
    values = [side.value[which] for side, which in zip(both.pair, here, strict=True)]
    owners = [side.patient[which] for side, which in zip(both.pair, here, strict=True)]
    mine = [group[owner] for group, owner in zip(groups, owners, strict=True)]
    by_group = [
        distance(values[0][mine[0] == group], values[1][mine[1] == group])
        for group in (age * 2 + sex for age, sex in product(range(len(AGES) - 1), (0, 1)))
        if len(np.unique(owners[0][mine[0] == group])) >= 2 * both.k
    ]
    return {
        "code": named(both.codes[code]),
        "ks": distance(*values),
        "by_group": middle(by_group),
        "autocorrelation": {
            "original": _autocorrelation(owners[0], values[0], both.k),
            "doubles": _autocorrelation(owners[1], values[1], both.k),
        },
    }


def _held(side: Side, code: int) -> Mask:
    return np.asarray((side.code == code) & ~np.isnan(side.value))


def _autocorrelation(patient: np.ndarray, value: Floats, k: int) -> float | None:
    """Return the rank correlation of a value with the one before it of the same person; events are in order of time."""
    from scipy.stats import rankdata

    same = patient[1:] == patient[:-1]
    if len(np.unique(patient[1:][same])) < 2 * k:
        return None
    before, after = rankdata(value[:-1][same]), rankdata(value[1:][same])
    if not before.std() or not after.std():
        return None
    return round(float(np.corrcoef(before, after)[0, 1]), 4)


def _band(both: Both, code: int) -> dict[str, Any] | None:
    """Return the quartiles of a measurement over time, in classes of time of which each quarter has k patients."""
    sides = []
    for side in both.pair:
        here = _held(side, code) & ~np.isnan(side.time)
        sides.append((side.patient[here], side.time[here], side.value[here]))
    time = sides[0][1]
    least = 4 * both.k
    steps = min(STEPS, len(np.unique(sides[0][0])) // (2 * least))
    if steps < 2 or not len(sides[1][1]):
        return None
    edges = np.unique(np.quantile(time, np.linspace(0, 1, steps + 1))[1:-1])
    rows: list[dict[str, Any]] = []
    for low, high in zip([-np.inf, *edges], [*edges, np.inf], strict=True):
        classes = [_class(*side, low, high, both.k) for side in sides]
        if classes[0] is None:
            continue
        middle_of = time[(time > low) & (time <= high)]
        rows.append(
            {"years": round(float(np.mean(middle_of)) / YEAR, 3), "original": classes[0], "doubles": classes[1]}
        )
    return {"code": named(both.codes[code]), "steps": rows} if len(rows) > 1 else None


def _class(patient: np.ndarray, time: Floats, value: Floats, low: float, high: float, k: int) -> list[float] | None:
    here = (time > low) & (time <= high)
    # One value a patient: a quarter of the values is then of as many patients.
    people, first = np.unique(patient[here], return_index=True)
    if len(people) < 4 * k:
        return None
    ordered = np.sort(value[here][first])
    return [float(f"{around(ordered, share, k):.4g}") for share in QUARTILES]
