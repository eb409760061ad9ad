import json

import numpy as np
import polars as pl
import pytest

import sosie
from sosie.attack.shadow import Shadow
from sosie.cohort import Column, Kind, Rows, Vectors
from sosie.engine import Engine
from sosie.evidence import CriterionId, Status
from sosie.release import shadows
from sosie.synthesis.trees import Trees


def people(n: int, rng: np.random.Generator) -> Vectors:
    columns = tuple(Column(f"x{j}", Kind.NUMERIC) for j in range(4))
    return Vectors(columns, rng.normal(size=(n, 4)))


PATIENTS = people(50, np.random.default_rng(0))


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small forests: what is tested here does not depend on their size."""
    monkeypatch.setattr("sosie.attack.classifier.FEWEST_TREES", 4)
    monkeypatch.setattr("sosie.attack.classifier.MOST_TREES", 4)


def tried(claim: shadows.Claim | None = None) -> shadows.Trained:
    def copies(rows: Rows, rng: np.random.Generator) -> Vectors:
        return PATIENTS.take(np.resize(rows, 50))

    rng = np.random.default_rng(1)
    return shadows.trained(PATIENTS, copies, releases=40, rng=rng, claim=claim, engine=Engine(1))


@pytest.mark.parametrize(
    ("patients", "seconds", "workers", "allowance", "releases"),
    [
        (300, 0.1, 2, None, 1000),
        (299, 0.1, 2, None, 2000),
        (300, 2.0, 2, None, 300),
        (300, 1.0, 1, 3.0, 60),
        (300, 60.0, 2, None, 40),
        (300, 0.0, 1, 0.0, 40),
    ],
)
def test_releases_follow_the_time(
    patients: int,
    seconds: float,
    workers: int,
    allowance: float | None,
    releases: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert shadows.choose_releases(patients, seconds, workers, allowance) == releases


def test_copies_fail_and_the_evidence_tells_who_is_exposed_without_naming_them() -> None:
    found = tried(shadows.Claim(1.0, 0.0))
    statuses = {one.id: one.status for one in found.criteria}
    assert statuses[CriterionId.SHADOW_ISOLATED_AUC] is Status.FAILED
    assert statuses[CriterionId.SHADOW_RANDOM_AUC] is Status.FAILED
    assert CriterionId.EMPIRICAL_EPSILON in statuses
    exposed = found.privacy["exposed"]
    assert len(exposed) == len(found.rows) == 10
    assert all(set(one) == {"number", "auc", "group"} for one in exposed)
    assert [one["number"] for one in exposed] != list(found.rows)
    told = json.loads(json.dumps(found.privacy["shadow"]))
    assert (told["releases"], told["targets"]) == (40, 10)
    assert len(told["isolated"]) == len(told["random"]) == 5


def test_epsilon_is_judged_only_where_it_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(*given: object, **named: object) -> Shadow:
        return cached

    from sosie.attack.shadow import shadow

    cached = shadow(
        PATIENTS, lambda rows, rng: people(50, rng), releases=20, rng=np.random.default_rng(2), engine=Engine(1)
    )
    monkeypatch.setattr(shadows, "shadow", once)
    unclaimed, claimed = tried(), tried(shadows.Claim(100.0, 0.0))
    assert CriterionId.EMPIRICAL_EPSILON not in {one.id for one in unclaimed.criteria}
    assert claimed.criteria[-1].status is Status.PASSED


def test_canaries_are_told_and_named_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadows, "FEWEST_PLANTED", 8)
    rng = np.random.default_rng(3)
    source = sosie.read(pl.DataFrame({f"lab{j}": rng.normal(size=50).round(2) for j in range(3)}))
    told = shadows.canaries(source, Trees(), 50, releases=40, rng=rng, engine=Engine(1))
    assert told["replicates"] == 8
    assert told["canaries"] == len(told["by_canary"]) == 4
    assert json.loads(json.dumps(told)) == told
