"""The verdict in words: what was decided, what it means, and the risk that remains.

The word "anonymous" is written for one case alone: a release of ours that was decided, whose every criterion passed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sosie.evidence import Criterion, CriterionId, Decision, Evidence, Status
from sosie.report import criteria
from sosie.report.explanations import explain
from sosie.report.reading import number, text
from sosie.report.words import Words


@dataclass(frozen=True)
class Verdict:
    """What stands at the top of the report."""

    tone: str
    """``released``, ``open`` or ``refused``."""
    word: str
    lead: str
    meaning: str
    residual: tuple[str, ...]
    why: tuple[tuple[str, str], ...]
    """The attacks that succeeded, each with what it found."""
    advice: str
    """What to do about somebody else's data; empty for our own, where each criterion has its own advice."""
    seed: str
    """A warning, empty when no seed was given."""
    facts: tuple[tuple[str, str], ...]


def verdict(evidence: Evidence, say: Words) -> Verdict:
    """Put the decision in words."""
    tone = _tone(evidence)
    lead = {
        "released": say("verdict.released_lead"),
        "open": say("verdict.open_lead"),
        "refused": _count(evidence, say),
    }[tone]
    meaning = {
        "released": say("verdict.audit_open_text" if audited(evidence) else "verdict.released_text"),
        "open": say("verdict.open_text"),
        "refused": say("verdict.audit_text" if audited(evidence) else "verdict.refused_text"),
    }[tone]
    seed = evidence.settings.get("seed")
    return Verdict(
        tone=tone,
        word=_word(evidence, say),
        lead=lead,
        meaning=meaning,
        residual=residual(evidence, say) if tone == "released" else (),
        why=condemned(evidence, say),
        advice=advice(evidence, say),
        seed="" if seed is None else say("verdict.seed", seed=text(seed)),
        facts=facts(evidence, say),
    )


def audited(evidence: Evidence) -> bool:
    """Tell whether the release was made by somebody else."""
    return evidence.settings.get("command") == "audit"


def residual(evidence: Evidence, say: Words) -> tuple[str, ...]:
    """State the upper bound of each risk, the largest where several attacks measured it."""
    named = {
        "residual_singling_out": [i for i in CriterionId if criteria.family(i) == "singling_out"],
        "residual_linkability": [CriterionId.LINKABILITY, CriterionId.CROSS_MODAL],
        "residual_inference": [i for i in CriterionId if criteria.family(i) == "inference"],
        "residual_reconstruction": [CriterionId.RECONSTRUCTION],
        "residual_shadow": [CriterionId.SHADOW_ISOLATED_AUC, CriterionId.SHADOW_RANDOM_AUC],
        "residual_membership": [CriterionId.MEMBERSHIP_AUC, CriterionId.REFERENCE_AUC],
        "residual_tpr": [CriterionId.MEMBERSHIP_TPR, CriterionId.REFERENCE_TPR],
    }
    found = []
    for key, ids in named.items():
        members = [criterion for criterion in evidence.verdict.criteria if criterion.id in ids]
        if members:
            largest = max(members, key=_bound)
            key = "residual_reference" if largest.id is CriterionId.REFERENCE_AUC else key
            found.append(say(f"verdict.{key}", bound=criteria.figure(largest, max(_bound(largest), 0.0), say)))
    promised = budget(evidence, say)
    return (*found, *([promised] if promised else []), say("verdict.residual_zero"))


def budget(evidence: Evidence, say: Words) -> str:
    """State the guarantee of differential privacy, its unit and what it covers; empty for an audited release."""
    given = evidence.budget
    if given.epsilon is None:
        return ""
    return say(
        "budget.text",
        epsilon=say.figures(given.epsilon),
        delta=say.figures(given.delta or 0.0),
        unit=say.known("budget", text(given.unit)),
        covers=say("format.list").join(say.known("budget_covers", text(item)) for item in given.covers),
    )


def condemned(evidence: Evidence, say: Words) -> tuple[tuple[str, str], ...]:
    """Say of each attack that succeeded what it did, what it found and what that means; its name first."""
    audit = audited(evidence)
    found = [one for one in evidence.verdict.criteria if one.status is Status.FAILED]
    told = [(criteria.title(one, say), explain(one, say, audit=audit)) for one in found]
    return tuple((title, " ".join(one.told)) for title, one in told)


def advice(evidence: Evidence, say: Words) -> str:
    """Say what to do about data that somebody else made and that an audit did not clear; empty otherwise."""
    worst = criteria.worst(evidence.verdict.criteria)
    if not audited(evidence) or worst is Status.PASSED:
        return ""
    return say("explain_advice.audit_failed" if worst is Status.FAILED else "explain_advice.audit_open")


def facts(evidence: Evidence, say: Words) -> tuple[tuple[str, str], ...]:
    """Return the identity card of the release."""
    settings = evidence.settings
    names = say("format.list").join(text(source.name) for source in evidence.inputs)
    patients = max((source.patients for source in evidence.inputs), default=None)
    guarantee = text(settings.get("guarantee", "audited"))
    return (
        (say("page.cohort"), text(settings.get("cohort")) or names or say("format.unknown")),
        (say("page.patients"), say.number(patients)),
        (say("page.doubles"), say.number(doubles(evidence))),
        (say("page.guarantee"), say.known("guarantee", guarantee)),
        (say("page.date"), say.date(evidence.created)),
        (say("page.version"), f"Sosie {text(evidence.sosie_version)}"),
    )


def doubles(evidence: Evidence) -> float | None:
    """Return the number of doubles that the settings tell."""
    given = (number(evidence.settings.get(name)) for name in ("doubles", "patients"))
    return next((value for value in given if value is not None), None)


def demonstrated(evidence: Evidence) -> bool:
    """Tell whether the gate decided to release, on criteria that all passed."""
    found = evidence.verdict.criteria
    decided = evidence.verdict.decision is Decision.RELEASED
    return decided and bool(found) and criteria.worst(found) is Status.PASSED


def _tone(evidence: Evidence) -> str:
    if demonstrated(evidence):
        return "released"
    failed = any(criterion.status is Status.FAILED for criterion in evidence.verdict.criteria)
    return "open" if evidence.verdict.decision is Decision.RELEASED and not failed else "refused"


def _word(evidence: Evidence, say: Words) -> str:
    released = evidence.verdict.decision is Decision.RELEASED
    if audited(evidence):
        return say("verdict.audit_passed" if released else "verdict.audit_failed")
    return say("verdict.released" if released else "verdict.refused")


def _count(evidence: Evidence, say: Words) -> str:
    def counted(status: Status) -> str:
        count = sum(criterion.status is status for criterion in evidence.verdict.criteria)
        few = {0: "verdict.failed_none", 1: "verdict.failed_one"}
        return say(few[count]) if count in few else say("verdict.failed_many", count=count)

    lead = "verdict.audit_lead" if audited(evidence) else "verdict.refused_lead"
    return say(lead, failed=counted(Status.FAILED), open=counted(Status.NOT_DEMONSTRATED))


def _bound(criterion: Criterion) -> float:
    return criterion.value if criterion.upper_95 is None else criterion.upper_95
