import numpy as np
import polars as pl
import pytest

import sosie
from sosie.errors import ManifestError
from sosie.evidence import CriterionId, Decision, Status
from sosie.intake import Source
from sosie.release import gate, trial
from sosie.synthesis.trees import Trees


def table(n: int, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    columns = {f"lab{i}": (severity + rng.normal(size=n)).round(3) for i in range(5)}
    return pl.DataFrame({**columns, "sex": rng.choice(["f", "m"], n)})


def judged(original: pl.DataFrame, release: pl.DataFrame, control: pl.DataFrame) -> dict[CriterionId, Status]:
    found = sosie.audit(original, release, control, random_state=0)
    return {one.id: one.status for one in found.verdict.criteria}


@pytest.mark.parametrize(
    ("patients", "seconds", "workers", "allowance", "rounds"),
    [
        (100, 0.01, 2, None, 160),
        (500, 0.01, 2, None, 80),
        (1000, 0.01, 2, None, 40),
        (1000, 20.0, 2, None, 6),
        (1000, 600.0, 1, None, trial.FEWEST_ROUNDS),
        (500, 0.0, 1, 0.0, trial.FEWEST_ROUNDS),
        (500, 1.0, 1, 3.0, 12),
    ],
)
def test_rounds_follow_the_patients_and_the_time(
    patients: int,
    seconds: float,
    workers: int,
    allowance: float | None,
    rounds: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert trial.choose_rounds(patients, seconds, workers, allowance) == rounds


def test_an_audit_refuses_copies_and_lets_other_patients_pass() -> None:
    original, control = table(200), table(200, 1)
    copies = judged(original, original, control)
    assert copies[CriterionId.REFERENCE_AUC] is Status.FAILED
    assert copies[CriterionId.EXACT_COPIES] is Status.FAILED
    assert copies[CriterionId.SINGLING_OUT_UNIVARIATE] is Status.FAILED
    others = judged(original, table(200, 2), control)
    assert Status.FAILED not in {others[CriterionId.EXACT_COPIES], others[CriterionId.LINKABILITY]}
    assert set(others) == set(copies)


def test_a_control_that_is_the_original_is_refused() -> None:
    original = table(200)
    with pytest.raises(ManifestError, match="100% of rows"):
        judged(original, table(200, 2), original)
    with pytest.raises(ManifestError, match="100% of rows"):
        sosie.anonymize(original, control=original, time_allowance=0)


@pytest.fixture
def source() -> Source:
    return sosie.read(table(60))


def run(source: Source, control: pl.DataFrame | None = None) -> trial.Trial:
    from sosie.api import _like

    rng = np.random.default_rng(0)
    synthesizer = Trees()
    made, _ = trial.timed_release(source, synthesizer, 60, rng)
    outside = None if control is None else _like(source, control)
    return trial.run(source, made, synthesizer, rng, rounds=5, control=outside)


def test_a_trial_judges_every_criterion_that_needs_no_control(source: Source) -> None:
    found = run(source)
    assert {one.id for one in found.criteria} == {
        one
        for one in CriterionId
        if not one.value.startswith(
            ("membership.reference", "membership.shadow", "budget", "linkability.cross_modal", "singling_out.known")
        )
    }
    assert found.privacy["attacked_patients"] == 60
    assert found.privacy["isolated_patients"] == 6


def test_the_trained_attack_and_the_canaries_are_run_where_they_get_releases(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sosie.attack.classifier.FEWEST_TREES", 4)
    monkeypatch.setattr("sosie.release.shadows.FEWEST_PLANTED", 4)
    rng, synthesizer = np.random.default_rng(0), Trees()
    made, _ = trial.timed_release(source, synthesizer, 60, rng)
    found = trial.run(source, made, synthesizer, rng, rounds=2, releases=20)
    assert {CriterionId.SHADOW_ISOLATED_AUC, CriterionId.SHADOW_RANDOM_AUC} <= {one.id for one in found.criteria}
    assert {"shadow", "exposed", "canary"} <= set(found.privacy)
    assert not set(trial.TRAINED) & set(found.privacy["not_attacked"])
    assert set(trial.TRAINED) <= set(run(source).privacy["not_attacked"])


def test_a_small_control_is_told_and_does_not_gate(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(source, table(60, 1))
    assert len(found.privacy["reference"]) == 3
    assert not any(one.id is CriterionId.REFERENCE_AUC for one in found.criteria)
    monkeypatch.setattr(gate, "LEAST_CONTROL", 60)
    found = run(source, table(60, 1))
    assert "reference" not in found.privacy
    assert any(one.id is CriterionId.REFERENCE_AUC for one in found.criteria)


def test_a_control_that_lacks_a_column_is_compared_on_the_others(source: Source) -> None:
    assert len(run(source, table(60, 1).drop("lab3")).privacy["reference"]) == 3


def test_the_control_never_touches_a_fit(source: Source) -> None:
    first, second = (run(source, table(60, seed).with_columns(pl.col("lab0") * 1000)) for seed in (1, 2))
    assert [one.model_dump_json() for one in first.criteria] != []
    membership = {CriterionId.MEMBERSHIP_AUC, CriterionId.TYPICALITY}
    values = [{one.id: one.value for one in each.criteria if one.id in membership} for each in (first, second)]
    assert values[0] == values[1]
    assert gate.release(first.criteria).decision in Decision
