"""ROC curves of weighted patients: the area below, and the share found at a rate of false positives.

Scores and weights enter, one row of weights for each way to count the patients (a bootstrap, a permutation of who is a
member); the curve is drawn once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows

FALSE_POSITIVES = 0.01


@dataclass(frozen=True)
class Curve:
    """Scores in descending order: who they are, and where runs of equal scores end."""

    order: Rows
    ends: Rows

    @classmethod
    def of(cls, scores: Floats) -> Curve:
        """Sort the scores of all patients, shape (patients,)."""
        order = np.argsort(-scores, kind="stable")
        ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True)) if len(scores) else order
        return cls(order, ends)

    def figures(
        self, members: Floats, non_members: Floats, false_positives: float = FALSE_POSITIVES
    ) -> tuple[Floats, Floats]:
        """Return the AUC and the TPR of each way to count; weights are (ways, patients) each.

        Ties count half; the TPR is interpolated. Where one of the groups is empty, both are those of chance.
        """
        chance = np.full(len(members), 0.5), np.full(len(members), false_positives)
        both = (members.sum(axis=1) > 0) & (non_members.sum(axis=1) > 0)
        if not both.any():
            return chance
        true, false = self._cumulated(members[both]), self._cumulated(non_members[both])
        chance[0][both] = (np.diff(false, axis=1) * (true[:, 1:] + true[:, :-1]) / 2.0).sum(axis=1)
        after = (false <= false_positives).sum(axis=1)
        at, rows = np.minimum(after, false.shape[1] - 1), np.arange(len(false))
        left, right = false[rows, after - 1], false[rows, at]
        part = np.divide(false_positives - left, right - left, out=np.zeros_like(left), where=right > left)
        low, high = true[rows, after - 1], true[rows, at]
        chance[1][both] = low + part * (high - low)
        return chance

    def _cumulated(self, weights: Floats) -> Floats:
        """One coordinate of the curve, from 0 to 1, at the ends of the runs of equal scores."""
        sums = np.cumsum(weights[:, self.order], axis=1)[:, self.ends]
        return np.asarray(np.pad(sums / sums[:, -1:], ((0, 0), (1, 0))))


def auc(members: Floats, non_members: Floats) -> float:
    """Return the chance that a member scores above a non-member, ties counting half; 0.5 without either."""
    return _one(members, non_members, FALSE_POSITIVES)[0]


def tpr_at(members: Floats, non_members: Floats, false_positives: float = FALSE_POSITIVES) -> float:
    """Return the share of members found at a rate of false positives, interpolated on the ROC curve."""
    return _one(members, non_members, false_positives)[1]


def _one(members: Floats, non_members: Floats, false_positives: float) -> tuple[float, float]:
    inside = np.repeat([1.0, 0.0], [len(members), len(non_members)])[None]
    curve = Curve.of(np.concatenate([members, non_members]))
    area, found = curve.figures(inside, 1.0 - inside, false_positives)
    return float(area[0]), float(found[0])
