"""The gate: one table of thresholds, the same for every synthesizer and every modality.

``failed``: the value is above its threshold. ``not_demonstrated``: the value is below, its bound above. ``passed``: the
bound is below. A release needs every criterion passed; an audit, which has no replicates of somebody else's method,
fails on ``failed`` only. Against control patients, a value above its threshold that chance explains as well (permuting
who is original and who is control, over all criteria together) is ``not_demonstrated``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, inf, isfinite
from typing import Any

from sosie.attack import leave_out, two_sample
from sosie.attack.epsilon import Bound
from sosie.attack.estimate import Figure, rounds_needed
from sosie.attack.leave_out import STATISTICS
from sosie.attack.permutation import Chance
from sosie.attack.reference import Membership as ReferenceMembership
from sosie.attack.shadow import Shadow
from sosie.attack.typicality import Typicality
from sosie.evidence import Criterion, CriterionId, Decision, Status, Verdict

THRESHOLDS: Mapping[CriterionId, float] = {
    CriterionId.MEMBERSHIP_AUC: 0.55,
    CriterionId.MEMBERSHIP_TPR: 0.03,
    CriterionId.MEMBERSHIP_ISOLATED_AUC: 0.60,
    CriterionId.SHADOW_ISOLATED_AUC: 0.60,
    CriterionId.SHADOW_RANDOM_AUC: 0.60,
    CriterionId.REFERENCE_AUC: 0.55,
    CriterionId.REFERENCE_TPR: 0.03,
    CriterionId.REFERENCE_ISOLATED_AUC: 0.60,
    CriterionId.SINGLING_OUT_UNIVARIATE: 0.09,
    CriterionId.SINGLING_OUT_MULTIVARIATE: 0.09,
    CriterionId.SINGLING_OUT_SEQUENCES: 0.09,
    CriterionId.EXACT_COPIES: 0.09,
    CriterionId.NEAR_COPIES: 0.09,
    CriterionId.LINKABILITY: 0.09,
    CriterionId.CROSS_MODAL: 0.09,
    CriterionId.INFERENCE: 0.09,
    CriterionId.ATTRIBUTE_PRECISION: 0.09,
    CriterionId.ATTRIBUTE_RECALL: 0.09,
    CriterionId.RECONSTRUCTION: 0.09,
}
LEAST_CONTROL = 1_000
"""Control patients from which the attack with a reference sample gates a release."""


def judge(
    identity: CriterionId,
    value: float,
    upper: float | None,
    *,
    threshold: float | None = None,
    needed: str | None = None,
    details: dict[str, Any] | None = None,
    by_chance: bool = False,
) -> Criterion:
    """Return one criterion with its status; a value that chance explains shows nothing, however high."""
    limit = THRESHOLDS[identity] if threshold is None else threshold
    if not (isfinite(value) and value < limit):
        status = Status.NOT_DEMONSTRATED if by_chance and isfinite(value) else Status.FAILED
    elif upper is not None and not (isfinite(upper) and upper <= limit):
        status = Status.NOT_DEMONSTRATED
    else:
        status = Status.PASSED
    return Criterion(
        id=identity,
        group=identity.value.split(".")[0],
        value=value,
        upper_95=upper,
        threshold=limit,
        status=status,
        needed=needed if status is Status.NOT_DEMONSTRATED else None,
        details=details or {},
    )


def from_replicates(
    membership: leave_out.Membership, excesses: Sequence[leave_out.Excess], typical: Typicality, rounds: int
) -> list[Criterion]:
    """Judge a method on its replicates, and the release among its like."""
    criteria = [
        _over_rounds(identity, figure, rounds, {"statistic": STATISTICS[figure.worst], "rounds": rounds})
        for identity, figure in (
            (CriterionId.MEMBERSHIP_AUC, membership.auc),
            (CriterionId.MEMBERSHIP_TPR, membership.tpr),
            (CriterionId.MEMBERSHIP_ISOLATED_AUC, membership.isolated_auc),
        )
    ]
    criteria += [
        _over_rounds(
            one.id,
            one.figure,
            rounds,
            {**one.details, "rate_with": one.rate_with, "rate_without": one.rate_without, "rounds": rounds},
        )
        for one in excesses
    ]
    criteria.append(
        judge(
            CriterionId.TYPICALITY,
            typical.value,
            None,
            threshold=typical.threshold,
            details={"statistic": typical.statistic, "releases": typical.releases},
        )
    )
    return criteria


def from_shadow(found: Shadow) -> list[Criterion]:
    """Judge the trained attack, on the isolated and on the random targets."""
    rounds, parts, _ = found.design.out.shape
    criteria = []
    for identity, figure, count in (
        (CriterionId.SHADOW_ISOLATED_AUC, found.isolated, int(found.design.isolated.sum())),
        (CriterionId.SHADOW_RANDOM_AUC, found.random, int((~found.design.isolated).sum())),
    ):
        wanted = rounds_needed(figure, THRESHOLDS[identity], rounds)
        details = {
            "replicates": rounds * parts,
            "patients": count,
            "releases_without": rounds,
            "statistic": "classifier",
        }
        needed = f"about {wanted * parts} releases" if wanted else None
        criteria.append(judge(identity, figure.value, figure.upper_95, needed=needed, details=details))
    return criteria


def from_epsilon(bound: Bound, claimed: float) -> Criterion:
    """Judge the claimed epsilon by what the attacks prove."""
    details = {"rate_with": bound.accepted, "rate_without": bound.mistaken, "replicates": bound.trials}
    return judge(CriterionId.EMPIRICAL_EPSILON, bound.lower, None, threshold=claimed, details=details)


def from_reference(
    membership: ReferenceMembership, patients: int, control: int, chances: Mapping[CriterionId, Chance]
) -> list[Criterion]:
    """Judge the membership attack that holds a reference sample."""
    return [
        _bounded(
            identity,
            figure.value,
            figure.upper_95,
            {"patients": patients, "control": control, "statistic": figure.statistic},
            control,
            chances.get(identity),
        )
        for identity, figure in (
            (CriterionId.REFERENCE_AUC, membership.auc),
            (CriterionId.REFERENCE_TPR, membership.tpr),
            (CriterionId.REFERENCE_ISOLATED_AUC, membership.isolated_auc),
        )
    ]


def from_control(
    excesses: Sequence[two_sample.Excess], control: int, chances: Mapping[CriterionId, Chance]
) -> list[Criterion]:
    """Judge the other attacks on somebody else's release, against control patients."""
    return [
        _bounded(
            one.id,
            one.value,
            one.upper_95,
            {**one.details, "rate_with": one.rate_with, "rate_without": one.rate_without},
            control,
            chances.get(one.id),
        )
        for one in excesses
    ]


def release(criteria: Sequence[Criterion]) -> Verdict:
    """Release only what passed every criterion."""
    passed = bool(criteria) and all(criterion.status is Status.PASSED for criterion in criteria)
    return Verdict(decision=Decision.RELEASED if passed else Decision.REFUSED, criteria=list(criteria))


def audit(criteria: Sequence[Criterion]) -> Verdict:
    """Refuse somebody else's release on a failed criterion."""
    failed = not criteria or any(criterion.status is Status.FAILED for criterion in criteria)
    return Verdict(decision=Decision.REFUSED if failed else Decision.RELEASED, criteria=list(criteria))


def _over_rounds(identity: CriterionId, figure: Figure, rounds: int, details: dict[str, Any]) -> Criterion:
    wanted = rounds_needed(figure, THRESHOLDS[identity], rounds)
    needed = f"about {wanted} rounds of replicates" if wanted else None
    return judge(identity, figure.value, figure.upper_95, needed=needed, details=details)


def _bounded(
    identity: CriterionId, value: float, upper: float, details: dict[str, Any], control: int, chance: Chance | None
) -> Criterion:
    by_chance = chance is not None and not chance.significant
    margin = THRESHOLDS[identity] - value
    unlikely = inf if chance is None else chance.needed
    times = ((upper - value) / margin) ** 2 if margin > 0 else unlikely
    needed = f"about {ceil(control * times)} control patients" if isfinite(times) else None
    if chance is not None:
        details = {**details, "p_value": chance.p}
    return judge(identity, value, upper, needed=needed, details=details, by_chance=by_chance)
