"""Whether survival is kept: curves of patients and doubles, the log-rank test between them, Cox hazard ratios."""

from __future__ import annotations

from typing import Any

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.survival import Interval, cox, integrated_distance, kaplan_meier, log_rank, overlap, thinned
from sosie.timelines.compare.sides import Both, Side
from sosie.timelines.events import Group

EVENTS, FACTS = 5, 3
"""Codes before inclusion, and other facts, in a Cox model, at most."""
COMMON = (0.03, 0.97)
"""Shares between which a code before inclusion may tell something."""
MOSTLY_KNOWN, ALIKE = 0.7, 0.7
_BEFORE = 0.5
"""Days after inclusion until which an event is one of before."""


def survived(both: Both) -> dict[str, Any] | None:
    """Compare deaths; None where there are fewer than k, or fewer than 2k patients followed, on one side.

    Returns
    -------
    dict
        As tables tell a survival end point: ``groups`` (everyone, women, men) with ``distance`` and ``logrank_p``,
        ``curves``, ``cox`` and its mean ``overlap``; ``inside``, how many ratios of the patients lie in the doubles'
        interval.
    """
    usable = [_usable(side) for side in both.pair]
    events = [int(side.dead[which].sum()) for side, which in zip(both.pair, usable, strict=True)]
    if any(which.sum() < 2 * both.k or died < both.k for which, died in zip(usable, events, strict=True)):
        return None
    groups: list[dict[str, Any]] = []
    curves: list[dict[str, Any]] = []
    for name, sex in (("all", None), ("F", 0.0), ("M", 1.0)):
        here = [
            which if sex is None else which & (side.male == sex) for side, which in zip(both.pair, usable, strict=True)
        ]
        if here[0].sum() >= 2 * both.k and here[1].sum() >= 2:
            one, drawn = _group(both, name, here)
            groups.append(one)
            curves += drawn
    ratios = _hazards(both, usable)
    shared = [one["overlap"] for one in ratios if one["overlap"] is not None]
    inside = [one["inside"] for one in ratios if one["inside"] is not None]
    return {
        "duration": "",
        "event": "",
        "group": "sex",
        "patients": int(usable[0].sum()),
        "distance": groups[0]["distance"],
        "logrank_p": groups[0]["logrank_p"],
        "groups": groups,
        "curves": curves,
        "cox": ratios,
        "overlap": round(float(np.mean(shared)), 4) if shared else None,
        "inside": [int(sum(inside)), len(inside)],
    }


def _usable(side: Side) -> Mask:
    with np.errstate(invalid="ignore"):
        return np.asarray((side.followed >= 0) & ~np.isnan(side.dead))


def _group(both: Both, name: str, here: list[Mask]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    samples = [(side.followed[which], side.dead[which] > 0) for side, which in zip(both.pair, here, strict=True)]
    fitted = [kaplan_meier(*sample) for sample in samples]
    # Beyond the k-th last of either side a curve is of fewer than k.
    until = min(np.sort(duration)[-min(both.k, len(duration))] for duration, _ in samples)
    gap = integrated_distance(fitted[0][:2], fitted[1][:2], float(until))
    told = {"group": name, "distance": round(gap, 4), "logrank_p": log_rank(*samples[0], *samples[1])}
    curves = []
    for who, curve in zip(("original", "doubles"), fitted, strict=True):
        time, left = _fewer(*thinned(*curve, both.k))
        curves.append({"group": name, "who": who, "time": time, "survival": left})
    return told, curves


def _fewer(time: list[float], survival: list[float], most: int = 150) -> tuple[list[float], list[float]]:
    """Return at most so many steps of a curve, in years."""
    kept = np.unique(np.linspace(0, len(time) - 1, min(most, len(time))).astype(int))
    return [round(time[at] / 365.25, 3) for at in kept], [round(survival[at], 4) for at in kept]


def _hazards(both: Both, usable: list[Mask]) -> list[dict[str, Any]]:
    names, tables = _covariates(both, usable)
    if not names:
        return []
    mean = np.nanmean(tables[0], axis=0)
    spread = np.where((spread := np.nanstd(tables[0], axis=0)) > 0, spread, 1.0)
    fitted = []
    for side, which, table in zip(both.pair, usable, tables, strict=True):
        standard = (np.where(np.isnan(table), mean, table) - mean) / spread
        fitted.append(cox(standard, side.followed[which], side.dead[which] > 0))
    mine, theirs = fitted
    found = []
    for at, name in enumerate(names):
        one, other = (ratios[at] if ratios else None for ratios in (mine, theirs))
        found.append(
            {
                "name": name,
                "original": _told(one),
                "doubles": _told(other),
                "overlap": round(overlap(one, other), 4) if one and other else None,
                "inside": bool(other.low <= one.ratio <= other.high) if one and other else None,
            }
        )
    return found


def _told(interval: Interval | None) -> list[float] | None:
    return [round(each, 4) for each in interval.json()] if interval else None


def _covariates(both: Both, usable: list[Mask]) -> tuple[list[str], list[Floats]]:
    """Return age, sex, facts of the person and the codes of before inclusion, shapes (patients, covariates)."""
    columns: list[tuple[str, Floats, Floats]] = [
        ("age", both.original.age, both.doubles.age),
        ("sex: M / F", both.original.male, both.doubles.male),
    ]
    mostly = {
        name: values
        for name, values in both.original.facts.items()
        if name in both.doubles.facts and (~np.isnan(values[usable[0]])).mean() >= MOSTLY_KNOWN
    }
    columns += [(name, mostly[name], both.doubles.facts[name]) for name in _apart(mostly)[:FACTS]]
    lasting = both.of(Group.CONDITION, Group.PROCEDURE, Group.DRUG, Group.OBSERVATION)
    before = [side.counts(len(both.codes), side.time <= _BEFORE) > 0 for side in both.pair]
    # The number of those who had it, and of those who did not, is at least k.
    common = [at for at in lasting if _tells(before[0][usable[0], at], both.k)][:EVENTS]
    columns += [(both.codes[at].code, *(held[:, at].astype(np.float64) for held in before)) for at in common]
    kept = [
        column for column in columns if np.nanstd(column[1][usable[0]]) > 0 and (~np.isnan(column[2][usable[1]])).any()
    ]
    tables = [
        np.column_stack([column[side][usable[side - 1]] for column in kept]) if kept else np.zeros((0, 0))
        for side in (1, 2)
    ]
    return [name for name, _, _ in kept], tables


def _apart(facts: dict[str, Floats]) -> list[str]:
    """Return facts that do not tell nearly the same, as weight and body mass index do: no model can part them."""
    kept: list[str] = []
    for name, values in facts.items():
        known = [~np.isnan(values) & ~np.isnan(facts[other]) for other in kept]
        alike = [
            abs(float(np.corrcoef(values[at], facts[other][at])[0, 1])) for other, at in zip(kept, known, strict=True)
        ]
        if np.nanstd(values) > 0 and not any(each > ALIKE for each in alike):
            kept.append(name)
    return kept


def _tells(held: Mask, k: int) -> bool:
    share = float(held.mean())
    return COMMON[0] <= share <= COMMON[1] and k <= held.sum() <= len(held) - k
