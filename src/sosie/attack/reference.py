"""Membership with a reference sample: the attacker holds the release and other patients of the same population.

A patient whom the release resembles more than the population does was probably in the data: the score is the distance
to the nearest reference patient over the distance to the nearest double (DOMIAS with nearest-neighbour densities,
arXiv 2302.12580, equation 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.attack.space import Space, isolation, nearest
from sosie.cohort import Floats, Mask, Rows, Vectors

FALSE_POSITIVES = 0.01
ISOLATED_SHARE = 0.1
RESAMPLES = 2000
CONFIDENCE = 0.95
BATCH = 100


@dataclass(frozen=True)
class Bounded:
    """A figure and its one-sided 95 % upper bound."""

    value: float
    upper_95: float


@dataclass(frozen=True)
class Scores:
    """Membership scores, higher for those who look like members.

    Parameters
    ----------
    members, non_members : ndarray of float64
    isolated_members, isolated_non_members : ndarray of bool
        The tenth of all patients that lies farthest from the others.
    """

    members: Floats
    non_members: Floats
    isolated_members: Mask
    isolated_non_members: Mask

    def isolated(self) -> Scores:
        """Return the scores of the isolated tenth."""
        chosen, others = self.isolated_members, self.isolated_non_members
        return Scores(self.members[chosen], self.non_members[others], chosen[chosen], others[others])


@dataclass(frozen=True)
class Membership:
    """What the attack achieves.

    Parameters
    ----------
    auc, tpr, isolated_auc : Bounded
        Area under the ROC curve; share of members found at 1 % false positives; area in the isolated tenth.
    """

    auc: Bounded
    tpr: Bounded
    isolated_auc: Bounded


def calibrated_membership(
    members: Vectors,
    non_members: Vectors,
    reference: Vectors,
    release: Vectors,
    space: Space | None = None,
) -> Scores:
    """Score members and non-members by how much nearer the release is to them than the population is.

    Parameters
    ----------
    members, non_members : Vectors
        Patients who were and were not in the data behind the release.
    reference : Vectors
        Other patients of the population, disjoint from both.
    release : Vectors
    space : Space, optional
        By default every column has unit variance among all these patients, as in the published attacks.
    """
    everyone = np.vstack([members.values, non_members.values, reference.values])
    space = space or Space.of(Vectors(members.columns, everyone), balance="variance")
    inside, outside, known, doubles = (space.embed(part) for part in (members, non_members, reference, release))
    targets = np.vstack([inside, outside])
    to_reference, _ = nearest(targets, known)
    to_double, _ = nearest(targets, doubles)
    tiny = np.finfo(np.float64).tiny
    scores = np.log(np.maximum(to_reference[:, 0], tiny)) - np.log(np.maximum(to_double[:, 0], tiny))
    lonely = isolation(targets)
    count = max(1, round(ISOLATED_SHARE * len(targets)))
    isolated = np.zeros(len(targets), dtype=bool)
    isolated[np.argsort(-lonely, kind="stable")[:count]] = True
    at = len(inside)
    return Scores(scores[:at], scores[at:], isolated[:at], isolated[at:])


def judge(scores: Scores, rng: np.random.Generator, *, resamples: int = RESAMPLES) -> Membership:
    """Return the figures of the attack, with bounds from a bootstrap over patients."""
    auc, tpr = _bounded(scores, rng, resamples)
    isolated, _ = _bounded(scores.isolated(), rng, resamples)
    return Membership(auc, tpr, isolated)


def auc(members: Floats, non_members: Floats) -> float:
    """Return the chance that a member scores above a non-member, ties counting half; 0.5 without either."""
    area, _ = _figures(_order(members, non_members), np.ones((1, len(members))), np.ones((1, len(non_members))))
    return float(area[0])


def tpr_at(members: Floats, non_members: Floats, false_positives: float = FALSE_POSITIVES) -> float:
    """Return the share of members found at a rate of false positives, interpolated on the ROC curve."""
    ones = np.ones((1, len(members))), np.ones((1, len(non_members)))
    _, found = _figures(_order(members, non_members), *ones, false_positives)
    return float(found[0])


@dataclass(frozen=True)
class _Order:
    """Pooled scores in descending order: who they are, and where runs of equal scores end."""

    order: Rows
    ends: Rows


def _order(members: Floats, non_members: Floats) -> _Order:
    pooled = np.concatenate([members, non_members])
    order = np.argsort(-pooled, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(pooled[order]) != 0, True)) if len(pooled) else np.zeros(0, dtype=np.int64)
    return _Order(order, ends)


def _figures(
    order: _Order, members: Floats, non_members: Floats, false_positives: float = FALSE_POSITIVES
) -> tuple[Floats, Floats]:
    """AUC and TPR of weighted patients; weights are (resamples, members) and (resamples, non-members)."""
    if not members.shape[1] or not non_members.shape[1]:
        return np.full(len(members), 0.5), np.full(len(members), false_positives)
    true = _curve(np.hstack([members, np.zeros_like(non_members)]), order)
    false = _curve(np.hstack([np.zeros_like(members), non_members]), order)
    area = (np.diff(false, axis=1) * (true[:, 1:] + true[:, :-1]) / 2.0).sum(axis=1)
    after = (false <= false_positives).sum(axis=1)
    at, rows = np.minimum(after, false.shape[1] - 1), np.arange(len(false))
    left, right = false[rows, after - 1], false[rows, at]
    part = np.divide(false_positives - left, right - left, out=np.zeros_like(left), where=right > left)
    low, high = true[rows, after - 1], true[rows, at]
    return area, low + part * (high - low)


def _curve(weights: Floats, order: _Order) -> Floats:
    """One coordinate of the ROC curve, from 0 to 1, at the ends of the runs of equal scores."""
    cumulated = np.cumsum(weights[:, order.order], axis=1)[:, order.ends]
    return np.asarray(np.pad(cumulated / cumulated[:, -1:], ((0, 0), (1, 0))))


def _bounded(scores: Scores, rng: np.random.Generator, resamples: int) -> tuple[Bounded, Bounded]:
    counts = len(scores.members), len(scores.non_members)
    order = _order(scores.members, scores.non_members)
    area, found = _figures(order, np.ones((1, counts[0])), np.ones((1, counts[1])))
    if not all(counts):
        return Bounded(float(area[0]), 1.0), Bounded(float(found[0]), 1.0)
    areas, rates = [], []
    for done in range(0, resamples, BATCH):
        size = min(BATCH, resamples - done)
        inside, outside = (rng.multinomial(n, np.full(n, 1.0 / n), size=size).astype(np.float64) for n in counts)
        drawn = _figures(order, inside, outside)
        areas.append(drawn[0])
        rates.append(drawn[1])
    return _upper(float(area[0]), np.concatenate(areas)), _upper(float(found[0]), np.concatenate(rates))


def _upper(value: float, resampled: Floats) -> Bounded:
    return Bounded(value, max(value, float(np.quantile(resampled, CONFIDENCE))))
