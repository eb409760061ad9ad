"""Membership with a reference sample: the attacker holds the release and other patients of the same population.

A patient whom the release resembles more than the population does was probably in the data. Each statistic of
`proximity` gives one score, its value on the release minus its value on the reference: log density ratios (DOMIAS,
arXiv 2302.12580, equation 3) with nearest neighbours and with Gaussian kernels of two widths, and a likelihood ratio
summed over columns (Homer et al. 2008, doi:10.1371/journal.pgen.1000167). The criterion is the worst of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.attack.proximity import NAMES, Proximity
from sosie.attack.roc import Curve
from sosie.attack.space import Space, isolation
from sosie.cohort import Floats, Mask, Vectors
from sosie.evidence import CriterionId

ISOLATED_SHARE = 0.1
RESAMPLES = 2000
CONFIDENCE = 0.95
BATCH = 100


@dataclass(frozen=True)
class Bounded:
    """A figure, its one-sided 95 % upper bound, and which statistic gave it."""

    value: float
    upper_95: float
    statistic: str = ""


@dataclass(frozen=True)
class Scores:
    """Membership scores, higher for those who look like members.

    Parameters
    ----------
    values : ndarray of float64, shape (patients, statistics)
        Members first.
    members : int
    isolated : ndarray of bool, shape (patients,)
        The tenth of all patients that lies farthest from the others.
    """

    values: Floats
    members: int
    isolated: Mask

    def figures(self, labels: Mask) -> Mapping[CriterionId, Floats]:
        """Return the worst figure of each criterion if the patients marked were members; labels (ways, patients)."""
        inside, outside = labels.astype(np.float64), (~labels).astype(np.float64)
        area, found = self._each(inside, outside, np.ones(len(self.isolated), dtype=bool))
        lonely, _ = self._each(inside, outside, self.isolated)
        return {
            CriterionId.REFERENCE_AUC: area.max(axis=1),
            CriterionId.REFERENCE_TPR: found.max(axis=1),
            CriterionId.REFERENCE_ISOLATED_AUC: lonely.max(axis=1),
        }

    def judge(
        self, rng: np.random.Generator, *, resamples: int = RESAMPLES, confidence: float = CONFIDENCE
    ) -> Membership:
        """Return the figures of the attack, with bounds from a bootstrap over patients."""
        area, found = self._bounded(np.ones(len(self.isolated), dtype=bool), rng, resamples, confidence)
        lonely, _ = self._bounded(self.isolated, rng, resamples, confidence)
        return Membership(area, found, lonely)

    def _each(self, members: Floats, non_members: Floats, group: Mask) -> tuple[Floats, Floats]:
        """AUC and TPR in a group, for each statistic; shape (ways, statistics) each."""
        inside, outside = members[:, group], non_members[:, group]
        both = [Curve.of(column[group]).figures(inside, outside) for column in self.values.T]
        return np.column_stack([area for area, _ in both]), np.column_stack([found for _, found in both])

    def _bounded(
        self, group: Mask, rng: np.random.Generator, resamples: int, confidence: float
    ) -> tuple[Bounded, Bounded]:
        member = np.arange(len(group)) < self.members
        observed = self._each(member[None].astype(np.float64), (~member[None]).astype(np.float64), group)
        sides = np.flatnonzero(group & member), np.flatnonzero(group & ~member)
        if not all(len(side) for side in sides):
            return _worst(observed[0], None, confidence), _worst(observed[1], None, confidence)
        drawn: tuple[list[Floats], list[Floats]] = ([], [])
        for done in range(0, resamples, BATCH):
            size = min(BATCH, resamples - done)
            weights = np.zeros((2, size, len(group)))
            for at, side in enumerate(sides):
                weights[at][:, side] = rng.multinomial(len(side), np.full(len(side), 1.0 / len(side)), size=size)
            for kept, found in zip(drawn, self._each(weights[0], weights[1], group), strict=True):
                kept.append(found)
        area, rate = (
            _worst(seen, np.concatenate(kept), confidence) for seen, kept in zip(observed, drawn, strict=True)
        )
        return area, rate


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
    rng: np.random.Generator,
    space: Space | None = None,
) -> Scores:
    """Score members and non-members by how much more the release resembles them than the population does.

    The reference is one half of the control patients and the other half are the non-members. The halves do not change
    places: who was the reference in one half of an average cannot be exchanged with a member in the other, and the
    permutation that says what chance reaches would no longer hold.

    Parameters
    ----------
    members, non_members : Vectors
        Patients who were and were not in the data behind the release.
    reference : Vectors
        Other patients of the population, disjoint from both.
    release : Vectors
    rng : numpy.random.Generator
        Draws a sample of a release that is very large.
    space : Space, optional
        By default every column has unit variance among all these patients, as in the published attacks.
    """
    everyone = np.vstack([members.values, non_members.values, reference.values])
    space = space or Space.of(Vectors(members.columns, everyone), balance="variance")
    targets = Vectors(members.columns, everyone[: len(members) + len(non_members)])
    proximity = Proximity.of(targets, space)
    scores = proximity.score(release, rng) - proximity.score(reference, rng)
    lonely = isolation(proximity.points)
    count = max(1, round(ISOLATED_SHARE * len(targets)))
    isolated = np.zeros(len(targets), dtype=bool)
    isolated[np.argsort(-lonely, kind="stable")[:count]] = True
    return Scores(scores, len(members), isolated)


def _worst(observed: Floats, drawn: Floats | None, confidence: float) -> Bounded:
    """Return the worst statistic, and a bound that holds for all of them at once."""
    value = observed[0]
    if drawn is None:
        return Bounded(float(value.max()), 1.0, NAMES[int(value.argmax())])
    upper = np.quantile(drawn, 1.0 - (1.0 - confidence) / len(value), axis=0)
    return Bounded(float(value.max()), float(max(value.max(), upper.max())), NAMES[int(value.argmax())])
