"""What a double ever has, and how often: read off its vector, or foretold from it where the vector does not say.

Codes outside the vector, and measurements outside it, follow from ridge regressions of all patients on who they are,
how long they were watched and which frequent groups they have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.decode import donors
from sosie.timelines.encode.block import FOLLOWED, Block, How, View, scored
from sosie.timelines.encode.groups import Groups
from sosie.timelines.encode.measures import summarise
from sosie.timelines.encode.people import AGE

CHUNK = 4_000_000
MOST_LEVELS = 8


@dataclass(frozen=True)
class History:
    """Regressions on the vector.

    Parameters
    ----------
    centre, scale : ndarray of float64, shape (features,)
    ever : ndarray of float64, shape (1 + features, groups outside the vector)
    level : ndarray of float64, shape (1 + features, measurements)
        Of the level of those outside the vector.
    left : ndarray of float64, shape (measurements,)
        Deviation of what it does not explain.
    excess : ndarray of float64, shape (groups,)
        Variance over mean of the number of slots beyond the first, at least 1.
    """

    centre: Floats
    scale: Floats
    ever: Floats
    level: Floats
    left: Floats
    excess: Floats

    def features(self, block: Block, values: Floats) -> Floats:
        """Return one and the features of each row, shape (rows, 1 + features)."""
        raw = _raw(block, values)
        scaled = np.clip(np.nan_to_num((raw - self.centre) / self.scale), -4, 4)
        return np.column_stack([np.ones(len(raw)), scaled])

    def others(self, features: Floats, groups: Groups, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """Draw which groups outside the vector each double has: doubles, and numbers of these groups."""
        width = self.ever.shape[1]
        doubles: list[Rows] = []
        which: list[Rows] = []
        step = max(1, CHUNK // max(width, 1))
        for low in range(0, len(features) if width else 0, step):
            chance = features[low : low + step] @ self.ever
            clipped = np.clip(chance, 0.0, 1.0)
            clipped *= np.maximum(chance.sum(axis=0), 0.0) / np.maximum(clipped.sum(axis=0), 1e-9)
            row, group = np.nonzero(rng.random(chance.shape) < clipped)
            doubles.append(row + low)
            which.append(group)
        if not doubles:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        return np.concatenate(doubles), np.concatenate(which)

    def times(self, groups: Groups, group: Rows, slots: Rows, rng: np.random.Generator) -> Rows:
        """Draw in how many slots those who have a group have it, given how many slots they have."""
        beyond = np.where(
            groups.single[group], groups.each[group] - 1.0, np.maximum(groups.rate[group] * slots - 1.0, 0.0)
        )
        excess = np.minimum(self.excess[group], 20.0) - 1.0
        shape = np.maximum(beyond, 1e-9) / np.maximum(excess, 1e-3)
        mean = np.where(excess > 0.05, rng.gamma(shape) * np.maximum(excess, 1e-3), beyond)
        return 1 + rng.poisson(np.minimum(mean, 1e6))


def learn(block: Block, view: View, values: Floats, k: int, rng: np.random.Generator) -> History:
    """Learn the regressions of a cohort, on some of its patients."""
    present = view.part.present
    raw = _raw(block, values)
    with np.errstate(invalid="ignore"):
        known = ~np.isnan(raw[present])
        count = np.maximum(known.sum(axis=0), 1)
        filled = np.nan_to_num(raw[present])
        centre = filled.sum(axis=0) / count
        scale = np.sqrt((np.where(known, filled - centre, 0.0) ** 2).sum(axis=0) / count)
    blank = History(centre, np.where(scale > 1e-9, scale, 1.0), np.empty(0), np.empty(0), np.empty(0), np.empty(0))
    design = blank.features(block, values)
    width = block.groups.count - block.groups.coded + len(block.measures) - len({at for at, _ in block.shown})
    design[~present | ~donors.choose(len(present), donors.noise(float(width), int(present.sum())), rng)] = 0.0
    ridge = np.eye(design.shape[1]) * (2.0 * k)
    ridge[0, 0] = 0.0
    gram = design.T @ design + ridge
    ever, excess = _ever(block, view, design, gram)
    level, left = _levels(block, view, design, 2.0 * k)
    return History(blank.centre, blank.scale, ever, level, left, excess)


def _ever(block: Block, view: View, design: Floats, gram: Floats) -> tuple[Floats, Floats]:
    groups, found = block.groups, view.slots
    total, coded = groups.count, groups.coded
    if not total or not len(found):
        return np.zeros((design.shape[1], 0)), np.ones(total)
    held = np.unique(found.slot * total + groups.of[found.code])
    owner = found.owner[held // total]
    pairs, often = np.unique(owner * total + held % total, return_counts=True)
    who, which = pairs // total, pairs % total
    holders = np.maximum(np.bincount(which, minlength=total), 1)
    beyond = often - 1.0
    mean = np.bincount(which, weights=beyond, minlength=total) / holders
    variance = np.bincount(which, weights=(beyond - mean[which]) ** 2, minlength=total) / holders
    excess = np.maximum(np.where(mean > 0, variance / np.maximum(mean, 1e-9), 1.0), 1.0)
    rest = which >= coded
    width = total - coded
    cross = np.column_stack(
        [np.bincount(which[rest] - coded, weights=column[who[rest]], minlength=width) for column in design.T]
    ).T
    return np.asarray(np.linalg.solve(gram, cross)) if width else np.zeros((design.shape[1], 0)), excess


def _levels(block: Block, view: View, design: Floats, ridge: float) -> tuple[Floats, Floats]:
    shown = {at for at, _ in block.shown}
    level = np.zeros((design.shape[1], len(block.measures)))
    left = np.ones(len(block.measures))
    for at, measure in enumerate(block.measures):
        if at in shown or measure.equal:
            continue
        summary = summarise(measure, *scored(measure, view), len(design))
        mine = ~np.isnan(summary.level) & (design[:, 0] > 0)
        some = design[mine]
        if not len(some):
            continue
        penalty = np.eye(some.shape[1]) * ridge
        penalty[0, 0] = 1e-6
        level[:, at] = np.linalg.solve(some.T @ some + penalty, some.T @ summary.level[mine])
        left[at] = float(np.std(summary.level[mine] - some @ level[:, at]))
    return level, left


def order(block: Block) -> Rows:
    """Return the features in the order in which causes come: who they are, what they have, how it is measured."""
    names = [name for name, _ in _each(block, np.zeros((1, len(block.columns))))]
    people = {AGE: 0, FOLLOWED: 2} | {fact.name: 1 for fact in block.people.facts}
    ranks = [people.get(name, 3 if name.startswith((f"{How.SIDE}.", f"{How.EVER}.")) else 4) for name in names]
    return np.concatenate([[0], 1 + np.argsort(ranks, kind="stable")])


def _raw(block: Block, values: Floats) -> Floats:
    """Return what regressions look at: numbers, whether those often missing are, and the levels of categories."""
    return np.column_stack([column for _, column in _each(block, values)])


def _each(block: Block, values: Floats) -> list[tuple[str, Floats]]:
    columns: list[tuple[str, Floats]] = []
    for column, numbers in zip(block.columns, values.T, strict=True):
        name = column.name.removeprefix("timelines.")
        if column.levels > 2:
            first = 1 if name.startswith(f"{How.SIDE}.") else 0
            levels = range(first, min(column.levels, MOST_LEVELS))
            columns += [(name, np.where(np.isnan(numbers), np.nan, numbers == level)) for level in levels]
        else:
            columns.append((name, numbers))
            if column.name in block.gaps:
                columns.append((name, np.isnan(numbers) * 1.0))
    return columns


__all__ = ["History", "Mask", "learn"]
