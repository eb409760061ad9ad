"""Each criterion in words that a data protection officer understands: what was tried, what came of it, what to do.

A criterion comes in, three or four sentences leave: what the attacker did, the figures as so many out of a hundred,
what they mean for the patients, and what would help where the criterion did not pass. The words are those of the status
and of what the criterion is about; every figure is the criterion's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sosie.evidence import Criterion, CriterionId, Status
from sosie.report import gauge
from sosie.report.reading import number
from sosie.report.words import Words

TOPICS = {
    CriterionId.MEMBERSHIP_AUC: "membership",
    CriterionId.MEMBERSHIP_TPR: "accusation",
    CriterionId.MEMBERSHIP_ISOLATED_AUC: "isolated",
    CriterionId.SHADOW_ISOLATED_AUC: "isolated",
    CriterionId.SHADOW_RANDOM_AUC: "membership",
    CriterionId.REFERENCE_AUC: "membership",
    CriterionId.REFERENCE_TPR: "accusation",
    CriterionId.REFERENCE_ISOLATED_AUC: "isolated",
    CriterionId.SINGLING_OUT_UNIVARIATE: "singling_out",
    CriterionId.SINGLING_OUT_MULTIVARIATE: "singling_out",
    CriterionId.SINGLING_OUT_SEQUENCES: "singling_out",
    CriterionId.EXACT_COPIES: "copies",
    CriterionId.NEAR_COPIES: "copies",
    CriterionId.LINKABILITY: "linkability",
    CriterionId.CROSS_MODAL: "linkability",
    CriterionId.INFERENCE: "inference",
    CriterionId.ATTRIBUTE_PRECISION: "inference",
    CriterionId.ATTRIBUTE_RECALL: "inference",
    CriterionId.RECONSTRUCTION: "reconstruction",
    CriterionId.EMPIRICAL_EPSILON: "budget",
    CriterionId.TYPICALITY: "release",
}
"""What a criterion tells of the patients: several attacks share one consequence."""

_COUNTED = {
    CriterionId.SINGLING_OUT_SEQUENCES: "patients",
    CriterionId.EXACT_COPIES: "patients",
    CriterionId.NEAR_COPIES: "patients",
    CriterionId.LINKABILITY: "patients",
    CriterionId.CROSS_MODAL: "patients",
    CriterionId.ATTRIBUTE_PRECISION: "deductions",
    CriterionId.ATTRIBUTE_RECALL: "values",
    CriterionId.RECONSTRUCTION: "secrets",
}
"""Of what a hundred are counted, where they are not guesses."""


@dataclass(frozen=True)
class Explanation:
    """One criterion, explained.

    Parameters
    ----------
    attack : str
        What the attacker did.
    found : str
        The figures.
    meaning : str
        What they mean for the patients.
    advice : str
        What to do; empty for a criterion that passed.
    """

    attack: str
    found: str
    meaning: str
    advice: str

    @property
    def told(self) -> tuple[str, ...]:
        """What there is to say without the advice, which an audit gives once for all its attacks."""
        return self.attack, self.found, self.meaning

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that there is to say, in order."""
        return (*self.told, self.advice) if self.advice else self.told


def explain(criterion: Criterion, say: Words, *, audit: bool = False) -> Explanation:
    """Explain one criterion; in an audit the data are somebody else's, and the baseline is other patients."""
    topic = TOPICS[criterion.id]
    return Explanation(
        attack=say(f"explain_attack.{criterion.id.value}"),
        found=_found(criterion, say, audit),
        meaning=say(f"explain_meaning.{topic}.{criterion.status.value}"),
        advice=_advice(criterion.status, topic, say, audit),
    )


def _found(criterion: Criterion, say: Words, audit: bool) -> str:
    unit = gauge.unit(criterion.id)
    write = _plain if unit in ("other", "epsilon") else _hundred
    fields = {"value": write(criterion.value, unit, say), "threshold": write(criterion.threshold, "limit", say)}
    shares = tuple(number(criterion.details.get(name)) for name in ("rate_with", "rate_without"))
    if unit != "excess":
        found = say(f"explain_found.{unit}", **fields)
    elif None in shares:
        found = say("explain_found.excess", **fields)
    else:
        base = "control" if audit else "counted"
        present, absent = (_hundred(share, unit, say) for share in shares)
        key = f"explain_found.{base}_{_COUNTED.get(criterion.id, 'guesses')}"
        found = say(key, present=present, absent=absent, **fields)
    if criterion.upper_95 is None or criterion.upper_95 == criterion.value:
        return found
    bound = write(criterion.upper_95, unit, say)
    return f"{found} {say('explain_found.bound', bound=bound)}"


def _hundred(value: float | None, unit: str, say: Words) -> str:
    """Write a share as so many out of a hundred; what the data add is never less than nothing."""
    if value is None or not math.isfinite(value):
        return _endless(value, say)
    count = 100 * (max(value, 0.0) if unit == "excess" else value)
    whole = unit == "limit" and math.isclose(count, round(count), abs_tol=1e-9)
    return say.number(count, 0 if whole else 1)


def _plain(value: float | None, unit: str, say: Words) -> str:
    return say.number(value, 2) if value is not None and math.isfinite(value) else _endless(value, say)


def _endless(value: float | None, say: Words) -> str:
    return "∞" if value is not None and value == math.inf else say("format.unknown")


def _advice(status: Status, topic: str, say: Words, audit: bool) -> str:
    if status is Status.PASSED:
        return ""
    if status is Status.NOT_DEMONSTRATED:
        return say("explain_advice.audit_open" if audit else "explain_advice.open")
    return say("explain_advice.audit_failed" if audit else f"explain_advice.{topic}")
