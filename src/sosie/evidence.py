"""The evidence of one release: what went in, how it was made, what the attacks found, what it kept.

It belongs to the data protection officer. Its schema is versioned; the ids of its criteria are a closed list.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.0"


class CriterionId(StrEnum):
    """The closed list of criteria."""

    MEMBERSHIP_AUC = "membership.leave_out.auc"
    MEMBERSHIP_TPR = "membership.leave_out.tpr_at_1_fpr"
    MEMBERSHIP_ISOLATED_AUC = "membership.leave_out.isolated_auc"
    SHADOW_ISOLATED_AUC = "membership.shadow.isolated_auc"
    SHADOW_RANDOM_AUC = "membership.shadow.random_auc"
    REFERENCE_AUC = "membership.reference.auc"
    REFERENCE_TPR = "membership.reference.tpr_at_1_fpr"
    REFERENCE_ISOLATED_AUC = "membership.reference.isolated_auc"
    SINGLING_OUT_UNIVARIATE = "singling_out.univariate"
    SINGLING_OUT_MULTIVARIATE = "singling_out.multivariate"
    SINGLING_OUT_SEQUENCES = "singling_out.known_sequences"
    EXACT_COPIES = "singling_out.exact_copies"
    NEAR_COPIES = "singling_out.near_copies"
    LINKABILITY = "linkability.split_columns"
    CROSS_MODAL = "linkability.cross_modal"
    INFERENCE = "inference.nearest_double"
    ATTRIBUTE_PRECISION = "inference.attribute_precision"
    ATTRIBUTE_RECALL = "inference.attribute_recall"
    RECONSTRUCTION = "reconstruction.linear"
    EMPIRICAL_EPSILON = "budget.empirical_epsilon"
    TYPICALITY = "release.typicality"


class Status(StrEnum):
    """What a criterion shows."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DEMONSTRATED = "not_demonstrated"


class Decision(StrEnum):
    """What the gate decided."""

    RELEASED = "released"
    REFUSED = "refused"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Criterion(_Record):
    """One figure of the gate.

    ``value`` is the estimate, ``upper_95`` its one-sided 95 % upper bound (None where no bound applies), ``threshold``
    what the bound must stay below; ``needed`` says what would demonstrate it (rounds, patients); ``details`` lists the
    attacked and auxiliary columns, the number of guesses and the two rates ``rate_with`` and ``rate_without``.
    """

    id: CriterionId
    group: str
    value: float
    upper_95: float | None
    threshold: float
    status: Status
    needed: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Input(_Record):
    """One input file."""

    name: str
    hmac_sha256: str
    patients: int


class Budget(_Record):
    """The differential-privacy budget; all None for an audited release."""

    epsilon: float | None = None
    delta: float | None = None
    unit: str = "patient"
    covers: list[str] = Field(default_factory=list)


class Verdict(_Record):
    """The decision and the criteria behind it."""

    decision: Decision
    criteria: list[Criterion]


class Evidence(_Record):
    """Everything that is known about one release."""

    schema_version: str = SCHEMA_VERSION
    sosie_version: str
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))
    inputs: list[Input]
    settings: dict[str, Any]
    budget: Budget = Field(default_factory=Budget)
    verdict: Verdict
    privacy: dict[str, Any] = Field(default_factory=dict)
    utility: dict[str, Any] = Field(default_factory=dict)
    timing: dict[str, float] = Field(default_factory=dict)
    peak_memory_mb: float = 0.0
