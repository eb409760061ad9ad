"""Cox models of the original and of the doubles, side by side: hazard ratios, 95 % intervals and their overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats
from sosie.survival import cox, overlap
from sosie.tables.aligned import OTHER, SIDES, Aligned, Side
from sosie.tables.associations import spearman
from sosie.tables.followup import Followed
from sosie.tables.targets import EndPoint

COVARIATES = 5
MOSTLY_KNOWN = 0.7


@dataclass(frozen=True)
class _Design:
    """The covariates of both sides, shapes (patients, covariates)."""

    names: tuple[str, ...]
    original: Floats
    doubles: Floats


def hazard_ratios(
    columns: Sequence[Aligned], end_point: EndPoint, original: Followed, doubles: Followed, k: int
) -> tuple[list[dict[str, object]], float | None]:
    """Return the hazard ratios of the groups, or of the main covariates, and the mean overlap of their intervals.

    Groups are compared with the first one. Covariates are those most correlated with the duration; they are
    standardised by the mean and the standard deviation of the original.
    """
    followed: dict[Side, Followed] = {"original": original, "doubles": doubles}
    if end_point.group:
        group = next(column for column in columns if column.name == end_point.group)
        design = _arms(group, followed, k)
    else:
        design = _main_covariates(columns, end_point, followed)
    if design is None:
        return [], None
    fitted = {side: cox(getattr(design, side), followed[side].duration, followed[side].event) for side in SIDES}
    report: list[dict[str, object]] = []
    overlaps: list[float] = []
    for i, name in enumerate(design.names):
        real, double = (ratios[i] if (ratios := fitted[side]) else None for side in SIDES)
        shared = overlap(real, double) if real and double else None
        if shared is not None:
            overlaps.append(shared)
        report.append(
            {
                "name": name,
                "original": real.json() if real else None,
                "doubles": double.json() if double else None,
                "overlap": shared,
            }
        )
    return report, float(np.mean(overlaps)) if overlaps else None


def _arms(group: Aligned, followed: dict[Side, Followed], k: int) -> _Design | None:
    """Return one indicator for each group but the first; groups with fewer than k events are left with the first."""
    original = followed["original"]
    named = [code for code, level in enumerate(group.levels) if level != OTHER]
    enough = [code for code in named if original.event[original.group == code].sum() >= k]
    if len(enough) < 2:
        return None
    reference, arms = enough[0], enough[1:]
    names = tuple(f"{group.name}: {group.levels[arm]} / {group.levels[reference]}" for arm in arms)
    indicators = {side: _indicators(one.group, enough) for side, one in followed.items()}
    return _Design(names, indicators["original"], indicators["doubles"])


def _indicators(codes: Floats, groups: Sequence[int]) -> Floats:
    """Return NaN for patients of other groups, who take no part in the model."""
    inside = np.isin(codes, groups)
    return np.column_stack([np.where(inside, codes == arm, np.nan) for arm in groups[1:]])


def _main_covariates(columns: Sequence[Aligned], end_point: EndPoint, followed: dict[Side, Followed]) -> _Design | None:
    rows = followed["original"].rows
    candidates = [
        column
        for column in columns
        if column.numbers is not None
        and column.name not in (end_point.duration, end_point.event)
        and float(np.mean(~np.isnan(column.values("original")[rows]))) >= MOSTLY_KNOWN
    ]
    if not candidates:
        return None
    values = np.column_stack([column.values("original")[rows] for column in candidates])
    strength = np.abs(spearman(np.column_stack((followed["original"].duration, values)))[0, 1:])
    order = [int(i) for i in np.argsort(-np.nan_to_num(strength, nan=-1.0), kind="stable") if strength[i] > 0]
    chosen = [candidates[i] for i in order[:COVARIATES]]
    if not chosen:
        return None
    tables = {
        side: np.column_stack([column.values(side)[one.rows] for column in chosen]) for side, one in followed.items()
    }
    mean, sd = np.nanmean(tables["original"], axis=0), np.nanstd(tables["original"], axis=0)
    scaled = {side: (np.where(np.isnan(table), mean, table) - mean) / sd for side, table in tables.items()}
    return _Design(tuple(column.name for column in chosen), scaled["original"], scaled["doubles"])
