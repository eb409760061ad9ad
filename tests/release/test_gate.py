import math

import numpy as np
import pytest

from sosie.attack.epsilon import Bound
from sosie.attack.estimate import Figure
from sosie.attack.leave_out import STATISTICS, Excess, Membership
from sosie.attack.reference import Bounded
from sosie.attack.reference import Membership as ReferenceMembership
from sosie.attack.shadow import Design, Shadow
from sosie.attack.typicality import Typicality
from sosie.evidence import Criterion, CriterionId, Decision, Status, Verdict
from sosie.release import gate

AUC = CriterionId.MEMBERSHIP_AUC
SAFE = Figure(0.5, 0.51, 0, 0.02)
TYPICAL = Typicality(1.0, 4.0, "nearest", 20)


def criteria(auc: Figure = SAFE, *excesses: Excess, typical: Typicality = TYPICAL) -> list[Criterion]:
    member = Membership(auc, Figure(0.01, 0.02, 1, 0.01), SAFE, {})
    return gate.from_replicates(member, excesses, typical, 40)


@pytest.mark.parametrize(
    ("value", "upper", "status"),
    [
        (0.54, 0.549, Status.PASSED),
        (0.54, 0.55, Status.PASSED),
        (0.54, 0.5501, Status.NOT_DEMONSTRATED),
        (0.54, None, Status.PASSED),
        (0.55, 0.55, Status.FAILED),
        (0.56, 0.57, Status.FAILED),
        (0.56, None, Status.FAILED),
        (0.54, math.inf, Status.NOT_DEMONSTRATED),
        (0.54, math.nan, Status.NOT_DEMONSTRATED),
        (0.54, -math.inf, Status.NOT_DEMONSTRATED),
        (math.nan, 0.5, Status.FAILED),
        (math.nan, None, Status.FAILED),
        (math.inf, math.inf, Status.FAILED),
        (-math.inf, 0.5, Status.FAILED),
    ],
)
def test_a_status_says_on_which_side_of_the_threshold_value_and_bound_lie(
    value: float, upper: float | None, status: Status
) -> None:
    assert gate.judge(AUC, value, upper).status is status


def test_every_criterion_has_a_threshold_or_brings_its_own() -> None:
    assert set(gate.THRESHOLDS) | {CriterionId.TYPICALITY, CriterionId.EMPIRICAL_EPSILON} == set(CriterionId)


@pytest.mark.parametrize(
    ("statuses", "released", "audited"),
    [
        ([Status.PASSED, Status.PASSED], Decision.RELEASED, Decision.RELEASED),
        ([Status.PASSED, Status.NOT_DEMONSTRATED], Decision.REFUSED, Decision.RELEASED),
        ([Status.NOT_DEMONSTRATED, Status.FAILED], Decision.REFUSED, Decision.REFUSED),
        ([Status.PASSED, Status.FAILED], Decision.REFUSED, Decision.REFUSED),
    ],
)
def test_a_release_needs_every_criterion_passed_and_an_audit_none_failed(
    statuses: list[Status], released: Decision, audited: Decision
) -> None:
    judged = [gate.judge(AUC, 0.5, 0.5).model_copy(update={"status": status}) for status in statuses]
    assert gate.release(judged).decision is released
    assert gate.audit(judged).decision is audited


def test_a_gate_without_criteria_opens_for_nobody() -> None:
    assert gate.release([]).decision is Decision.REFUSED
    assert gate.audit([]).decision is Decision.REFUSED


def test_what_is_not_demonstrated_says_how_many_rounds_would_be_needed() -> None:
    first, *others = criteria(Figure(0.53, 0.57, 2, 0.1))
    assert first.status is Status.NOT_DEMONSTRATED
    assert first.needed == "about 160 rounds of replicates"
    assert first.details == {"statistic": STATISTICS[2], "rounds": 40}
    assert all(one.needed is None for one in others)


@pytest.mark.parametrize("figure", [Figure(0.53, math.inf, 0, math.inf), Figure(0.6, 0.7, 0, 0.1)])
def test_what_no_number_of_rounds_would_show_names_none(figure: Figure) -> None:
    assert criteria(figure)[0].needed is None


def test_an_attack_is_judged_with_its_two_rates() -> None:
    risky = Excess(CriterionId.LINKABILITY, Figure(0.1, 0.12), 0.3, 0.2, {"guesses": 7})
    linked = criteria(SAFE, risky)[3]
    assert linked.status is Status.FAILED
    assert linked.group == "linkability"
    assert linked.details == {"guesses": 7, "rate_with": 0.3, "rate_without": 0.2, "rounds": 40}


@pytest.mark.parametrize(("value", "status"), [(3.9, Status.PASSED), (4.0, Status.FAILED), (math.nan, Status.FAILED)])
def test_a_release_unlike_the_others_of_its_method_fails(value: float, status: Status) -> None:
    assert criteria(typical=Typicality(value, 4.0, "nearest", 20))[-1].status is status


def test_a_reference_attack_says_how_many_control_patients_would_be_needed() -> None:
    member = ReferenceMembership(Bounded(0.5, 0.6), Bounded(0.01, 0.02), Bounded(0.5, math.inf))
    auc, tpr, isolated = gate.from_reference(member, 500, 1000, {})
    assert (auc.status, auc.needed) == (Status.NOT_DEMONSTRATED, "about 4000 control patients")
    assert (tpr.status, tpr.needed) == (Status.PASSED, None)
    assert (isolated.status, isolated.needed) == (Status.NOT_DEMONSTRATED, None)


def test_a_verdict_with_figures_that_are_no_numbers_can_be_written_and_read() -> None:
    judged = gate.release([gate.judge(AUC, 0.5, math.inf), gate.judge(AUC, 0.6, math.nan)])
    kept = Verdict.model_validate_json(judged.model_dump_json())
    assert kept.decision is Decision.REFUSED


def trained(isolated: Figure, random: Figure = SAFE) -> Shadow:
    out = np.zeros((30, 10, 10), dtype=bool)
    design = Design(np.arange(10), np.arange(10) < 5, out)
    return Shadow(design, np.zeros(out.shape), (SAFE,) * 10, isolated, random, {}, (), 300)


def test_the_trained_attack_gates_isolated_and_random_patients() -> None:
    isolated, random = gate.from_shadow(trained(Figure(0.61, 0.65)))
    assert (isolated.id, isolated.status) == (CriterionId.SHADOW_ISOLATED_AUC, Status.FAILED)
    assert (random.id, random.status) == (CriterionId.SHADOW_RANDOM_AUC, Status.PASSED)
    assert isolated.details == {"replicates": 300, "patients": 5, "releases_without": 30, "statistic": "classifier"}


def test_too_few_releases_of_the_trained_attack_say_how_many_are_needed() -> None:
    isolated, _ = gate.from_shadow(trained(Figure(0.5, 0.7, 0, 0.3)))
    assert isolated.status is Status.NOT_DEMONSTRATED
    assert isolated.needed == "about 1200 releases"


@pytest.mark.parametrize(("claimed", "status"), [(1.0, Status.PASSED), (0.5, Status.FAILED)])
def test_an_epsilon_that_the_attacks_contradict_fails(claimed: float, status: Status) -> None:
    judged = gate.from_epsilon(Bound(0.7, 0.9, 0.2, 0, 500), claimed)
    assert judged.status is status
    assert (judged.value, judged.threshold) == (0.7, claimed)
