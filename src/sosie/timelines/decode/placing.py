"""What happens in each slot: groups of codes go where they are most likely beside what is there already.

Learned by ridge regressions on the slots of all patients: the chance of a group in a slot that holds some others, and
that the slot before held it. A double has each group as often as its vector says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.groups import Groups
from sosie.timelines.encode.slots import Slots, incidence

CHUNK = 200_000
LEAST = 1e-3
CANDIDATES = 8


@dataclass(frozen=True)
class Placing:
    """What goes with what.

    Parameters
    ----------
    order : tuple of int
        Groups of the vector, in the order in which they are placed.
    weights : ndarray of float64, shape (groups of the vector, 2 + groups of the vector)
        Chance of each from one, whether before the origin, and the groups placed before it.
    others : ndarray of float64, shape (2 + groups of the vector, other groups)
    alone : ndarray of float64, shape (groups of the vector,)
        Share of the first slots of a group that hold nothing else.
    """

    order: tuple[int, ...]
    weights: Floats
    others: Floats
    alone: Floats

    def chance(self, group: int, held: Mask, start: Floats) -> Floats:
        """Return the chance of a group of the vector in each slot."""
        weight = self.weights[group]
        return np.asarray(np.clip(weight[0] + weight[1] * (start < 0) + held @ weight[2:], LEAST, 1 - LEAST))

    def best(
        self, group: int, owner: Rows, start: Floats, held: Mask, wanted: Rows, free: Mask, rng: np.random.Generator
    ) -> Rows:
        """Choose as many slots of each double as it wants, the likely ones first."""
        wants = free & (wanted[owner] > 0)
        rows = np.flatnonzero(wants)
        chance = self.chance(group, held[rows], start[rows])
        score = np.log(chance / (1 - chance)) - np.log(rng.exponential(size=len(rows)))
        order = np.lexsort((-score, owner[rows]))
        mine = owner[rows][order]
        rank = np.arange(len(mine)) - np.searchsorted(mine, mine)
        return rows[order][rank < wanted[mine]]

    def other(
        self, groups: Rows, doubles: Rows, owner: Rows, start: Floats, held: Mask, rng: np.random.Generator
    ) -> Rows:
        """Choose one slot for each wish for a group outside the vector (its number among the others)."""
        first = np.searchsorted(owner, doubles)
        count = np.searchsorted(owner, doubles, "right") - first
        best, top = np.full(len(groups), -np.inf), first.copy()
        tries = min(CANDIDATES, int(count.max(initial=1)))
        for _ in range(tries):
            slot = np.minimum(first + (rng.random(len(groups)) * count).astype(np.int64), len(owner) - 1)
            feature = np.einsum("ij,ij->i", held[slot], self.others[2:, groups].T)
            chance = np.clip(
                self.others[0, groups] + self.others[1, groups] * (start[slot] < 0) + feature, LEAST / 10, 1 - LEAST
            )
            score = np.log(chance) - np.log(rng.exponential(size=len(groups)))
            better = score > best
            best, top = np.where(better, score, best), np.where(better, slot, top)
        return np.asarray(top)


def learn(found: Slots, groups: Groups, visits: Mask, k: int) -> Placing:
    """Learn what goes with what.

    Parameters
    ----------
    visits : ndarray of bool, shape (groups,)
        Groups that are visits: they are placed first.
    """
    coded, total = groups.coded, groups.count
    held = incidence(found, np.where(groups.of < coded, groups.of, -1), coded)
    gram = np.zeros((coded + 2, coded + 2))
    for low in range(0, len(found), CHUNK):
        some = _features(held[low : low + CHUNK], found.start[low : low + CHUNK])
        gram += some.T @ some
    ridge = float(k) + np.sqrt(len(found)) / 10
    size = np.diag(gram)[2:]
    order = sorted(range(coded), key=lambda at: (not visits[at], bool(groups.single[at]), -size[at]))
    weights = np.zeros((coded, coded + 2))
    for at, target in enumerate(order):
        given = [0, 1, *(other + 2 for other in order[:at])]
        penalty = np.eye(len(given)) * ridge
        weights[target, given] = np.linalg.solve(gram[np.ix_(given, given)] + penalty, gram[given, target + 2])
    others = _others(found, groups, held, gram, ridge) if total > coded else np.zeros((coded + 2, 0))
    return Placing(tuple(order), weights, others, _alone(found, groups))


def _others(found: Slots, groups: Groups, held: Mask, gram: Floats, ridge: float) -> Floats:
    coded, width = groups.coded, groups.count - groups.coded
    which = groups.of[found.code] - coded
    mine = which >= 0
    pairs = np.unique(found.slot[mine] * width + which[mine])
    slot, other = pairs // width, pairs % width
    cross = np.zeros((coded + 2, width))
    cross[0] = np.bincount(other, minlength=width)
    cross[1] = np.bincount(other, weights=(found.start[slot] < 0) * 1.0, minlength=width)
    for at in range(coded):
        cross[at + 2] = np.bincount(other, weights=held[slot, at] * 1.0, minlength=width)
    return np.asarray(np.linalg.solve(gram + np.eye(len(gram)) * ridge, cross))


def _features(held: Mask, start: Floats) -> Floats:
    return np.column_stack([np.ones(len(held)), start < 0, held]).astype(np.float64)


def _alone(found: Slots, groups: Groups) -> Floats:
    total, coded = groups.count, groups.coded
    if not len(found) or not coded:
        return np.zeros(coded)
    group_of = groups.of[found.code]
    pairs = np.unique(found.slot * total + group_of)
    slot, which = pairs // total, pairs % total
    lonely = np.bincount(slot, minlength=len(found))[slot] == 1
    count = np.bincount(which, minlength=total)
    return np.asarray(np.bincount(which, weights=lonely * 1.0, minlength=total) / np.maximum(count, 1))[:coded]
