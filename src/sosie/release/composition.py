"""What several releases of the same patients tell together.

The criteria of one release and the bounds of the earlier ones come in; the same criteria leave, for an attacker who
holds all the releases. Membership attacks compose as Gaussian differential privacy does: an area A under the ROC curve
is that of two Gaussians at a distance mu = sqrt(2) Phi^-1(A), and the squares of the distances add up (Dong, Roth and
Su, arXiv 1905.02383, corollary 2). Rates of success above a baseline add up (union bound).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from scipy.stats import norm

from sosie.attack.estimate import FALSE_POSITIVES
from sosie.evidence import Criterion, CriterionId, Status
from sosie.release import gate
from sosie.release.ledger import History

ONE_RELEASE = frozenset({CriterionId.TYPICALITY, CriterionId.EMPIRICAL_EPSILON})
"""Criteria of a single draw, or of one mechanism: they say nothing of several releases together."""
STRONGER = {
    CriterionId.REFERENCE_AUC: CriterionId.MEMBERSHIP_AUC,
    CriterionId.REFERENCE_TPR: CriterionId.MEMBERSHIP_TPR,
    CriterionId.REFERENCE_ISOLATED_AUC: CriterionId.MEMBERSHIP_ISOLATED_AUC,
}
"""The attack of which the bound holds where an earlier release was not attacked with a reference sample."""


def composed(criteria: Sequence[Criterion], history: History) -> list[Criterion]:
    """Judge each criterion again, with what the earlier releases of these patients add to it."""
    if not history.releases:
        return list(criteria)
    return [one if one.id in ONE_RELEASE else _beside(one, history.releases) for one in criteria]


def _beside(criterion: Criterion, releases: Sequence[Mapping[str, float]]) -> Criterion:
    earlier = [_earlier(criterion, release) for release in releases]
    upper = None if criterion.upper_95 is None else _together(criterion.id, criterion.upper_95, earlier)
    judged = gate.judge(
        criterion.id,
        _together(criterion.id, criterion.value, earlier),
        upper,
        threshold=criterion.threshold,
        details={
            **criterion.details,
            "earlier_releases": len(releases),
            "alone": criterion.value,
            "alone_upper_95": criterion.upper_95,
        },
    )
    refused = judged.status is not Status.PASSED
    return judged.model_copy(update={"needed": _needed(criterion, earlier) if refused else None})


def _earlier(criterion: Criterion, release: Mapping[str, float]) -> float:
    """Return an earlier bound; where the attack was not made then, all that the gate would have allowed."""
    known = release.get(criterion.id.value)
    if known is None and criterion.id in STRONGER:
        known = release.get(STRONGER[criterion.id].value)
    return criterion.threshold if known is None else known


def _together(identity: CriterionId, own: float, earlier: Sequence[float]) -> float:
    if _is_area(identity):
        distance = sqrt(sum(_distance(area) ** 2 for area in (own, *earlier)))
        return float(norm.cdf(distance / sqrt(2.0)))
    return own + _added(identity, earlier)


def _needed(criterion: Criterion, earlier: Sequence[float]) -> str:
    """Return the bound that this release may have, so that together they stay below the threshold."""
    if _is_area(criterion.id):
        square = _distance(criterion.threshold) ** 2 - sum(_distance(area) ** 2 for area in earlier)
        room, least = float(norm.cdf(sqrt(max(square, 0.0) / 2.0))), 0.5
    else:
        least = FALSE_POSITIVES if _is_found(criterion.id) else 0.0
        room = criterion.threshold - _added(criterion.id, earlier)
    count = f"{len(earlier)} earlier release{'s' if len(earlier) > 1 else ''} of these patients"
    return f"a bound of {room:.3f} alone, beside {count}" if room > least else f"no further release, beside {count}"


def _distance(area: float) -> float:
    return sqrt(2.0) * float(norm.ppf(np.clip(area, 0.5, 1.0)))


def _added(identity: CriterionId, earlier: Sequence[float]) -> float:
    chance = FALSE_POSITIVES if _is_found(identity) else 0.0
    return sum(max(0.0, rate - chance) for rate in earlier)


def _is_area(identity: CriterionId) -> bool:
    return identity.value.endswith("auc")


def _is_found(identity: CriterionId) -> bool:
    return identity.value.endswith("tpr_at_1_fpr")
