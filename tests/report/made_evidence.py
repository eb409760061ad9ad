"""Generated evidence: what a run of Sosie could write, and hostile names."""

from typing import Any

import numpy as np

from sosie.cohort import Finding, Role
from sosie.evidence import Criterion, CriterionId, Decision, Evidence, Input, Status, Verdict

HOSTILE = "<script>alert('$x$ & \"x\"')</script>"


def criterion(identity: CriterionId, status: Status = Status.PASSED, **given: Any) -> Criterion:
    figures = {"value": 0.01, "upper_95": 0.02, "threshold": 0.09} | given
    return Criterion(id=identity, group=identity.value.partition(".")[0], status=status, **figures)


def evidence(decision: str = "released", *, failing: Status | None = None, **settings: Any) -> Evidence:
    criteria = [criterion(identity) for identity in CriterionId]
    if failing is not None:
        criteria[0] = criterion(CriterionId.MEMBERSHIP_AUC, failing, needed="about 60 rounds of replicates")
    return Evidence(
        sosie_version="0.1.0",
        inputs=[Input(name="patients.csv", hmac_sha256="ab" * 32, patients=1000)],
        settings={"guarantee": "audited", "synthesizer": "trees", "k": 11, "doubles": 1200} | settings,
        verdict=Verdict(decision=Decision(decision), criteria=criteria),
        privacy={
            "uniqueness": {"k": 11, "quasi_identifiers": [{"columns": ["age"], "alone": 0.4, "under_k": 0.9}]},
            "rules": ["arm says treatment"],
            "not_attacked": ["cross_modal"],
            "frontier": frontier(),
            "exposed": [{"number": 417 + i, "auc": 0.71, "group": ("isolated", "random")[i % 2]} for i in range(10)],
            "shadow": {"releases": 400, "targets": 10, "isolated": [0.52, 0.57], "random": [{"auc": 0.5}]},
            "canary": {"planted": 5, "found": 0},
            "history": {"attempts": 3, "releases": 2, "confidence": 0.983, "composed_auc": 0.541},
            "distances": {"dcr": {"original": 0.3, "doubles": 0.31}},
        },
        utility={"tables": utility(("age", "arm", HOSTILE))},
        timing={"read": 0.1, "attack": 12.0},
        peak_memory_mb=512,
    )


def frontier(count: int = 4) -> list[dict[str, Any]]:
    return [
        {
            "synthesizer": ("trees", "mixture")[i % 2],
            "strength": i / 10,
            "utility": 0.98 - i / 100,
            "shapes": 0.97,
            "auc": 0.57 - i / 100,
            "tpr": 0.02,
            "isolated_auc": 0.58,
            "passes": i > 1,
            "chosen": i == 2,
        }
        for i in range(count)
    ]


DECLARED: dict[str, Any] = {
    "controller": "Hospital of Nowhere",
    "purpose": "Teaching of statistics",
    "recipient": "A university",
    "legal_basis": "Article 6(1)(e) and Article 9(2)(j)",
    "threat_model": "A partner under contract",
    "expires": "2027-12-31",
    "reassess_months": 12,
}
"""What a manifest may declare, as the settings of the evidence hold it."""


def findings() -> tuple[Finding, ...]:
    return (
        Finding("patients.csv", "age", "AGE", Role.QUASI, 0.9, "name:en", "Its name says an age."),
        Finding("patients.csv", HOSTILE, "NAME", Role.DIRECT, 0.9, "name:en", HOSTILE),
    )


def utility(names: tuple[str, ...]) -> dict[str, Any]:
    size = len(names)
    matrix = np.eye(size).tolist()
    return {
        "shapes": 0.98,
        "pairs": 0.97,
        "propensity_auc": 0.52,
        "tstr_gap": 0.01,
        "columns": [_numeric(name, i) if i % 2 == 0 else _categorical(name) for i, name in enumerate(names)],
        "correlations": {
            "columns": list(names),
            "original": matrix,
            "doubles": matrix,
            "least_faithful": [{"pair": [names[0], names[-1]], "similarity": 0.9}],
        },
        "tstr": [{"target": names[0], "metric": "auc", "original": 0.9, "doubles": 0.88, "gap": 0.02}],
        "survival": [_survival()],
    }


def _numeric(name: str, rank: int) -> dict[str, Any]:
    histogram = {"edges": [0.0, 1.5, 2.0, 8.0], "original": [20, 30, 50], "doubles": [25, 25, 50]}
    missing = {"original": 0.1, "doubles": None}
    return {"name": name, "kind": "numeric", "shape": 0.9 + rank / 1000, "missing": missing, "histogram": histogram}


def _categorical(name: str) -> dict[str, Any]:
    histogram = {"levels": [HOSTILE, "(other)"], "original": [60, 40], "doubles": [61, 39]}
    return {"name": name, "kind": "categorical", "shape": 0.99, "missing": {}, "histogram": histogram}


def _survival() -> dict[str, Any]:
    steps = {"group": HOSTILE, "time": [0.0, 10.0, 20.0], "survival": [1.0, 0.8, 0.4]}
    interval = [0.7, 0.5, 0.98]
    hazard = {"name": HOSTILE, "original": interval, "doubles": interval, "overlap": 1.0}
    return {
        "duration": "months",
        "event": "death",
        "group": "arm",
        "curves": [{**steps, "who": "original"}, {**steps, "who": "doubles"}],
        "groups": [{"group": HOSTILE, "distance": 0.0, "logrank_p": 0.9}],
        "distance": 0.0,
        "cox": [hazard],
        "overlap": 1.0,
    }
