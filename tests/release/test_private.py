from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from sosie import doubles, intake, pipeline
from sosie.errors import SosieError
from sosie.intake import Source
from sosie.manifest import ColumnManifest, Manifest, TableManifest, Target
from sosie.noise import Fast
from sosie.release import private, shadows, trial
from sosie.settings import Settings
from sosie.tables.modality import Tables
from sosie.tables.source import from_frame

N = 120
ASKED = Settings(guarantee="dp", epsilon=2.0, time_allowance=0.0, jobs=1)
DECLARED = Manifest(
    targets=(Target(column="dead"),),
    tables={
        "table": TableManifest(
            columns={"age": ColumnManifest(bounds=(0, 110)), "ward": ColumnManifest(categories=("north", "south"))}
        )
    },
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise of the release from numpy too: what OpenDP draws is tested beside it."""
    monkeypatch.setattr(private, "OpenDP", lambda: Fast(np.random.default_rng(0)))


def frame() -> pl.DataFrame:
    rng = np.random.default_rng(1)
    age = rng.integers(20, 90, N)
    return pl.DataFrame({"age": age, "ward": rng.choice(["north", "south"], N), "dead": rng.random(N) < age / 120})


def source(manifest: Manifest = DECLARED) -> Source:
    return intake.prepare("table", {"tables": from_frame(frame())}, {"tables": Tables()}, manifest)


def test_everything_is_paid_from_one_budget_and_the_sum_is_the_claim() -> None:
    given, made = source(), private.release(source(), ASKED)

    doubles.fit(given.cohort, given.modalities, given.manifest, made, np.random.default_rng(0))

    assert made.spent is not None
    assert made.spent.spent_epsilon == pytest.approx(2.0, rel=1e-6)
    assert made.spent.left == pytest.approx(0.0, abs=1e-9)
    assert made.claim().covers == ["patients", "target", "columns", "pairs"]


def test_bounds_and_categories_that_are_not_declared_are_paid_for() -> None:
    bare, made = source(Manifest()), private.release(source(Manifest()), ASKED)

    doubles.fit(bare.cohort, bare.modalities, bare.manifest, made, np.random.default_rng(0))

    assert set(made.claim().covers) >= {"bounds", "categories"}
    assert made.spent is not None
    assert sum(charge.delta for charge in made.spent.charges) <= made.spent.reserved
    assert made.spent.spent_epsilon <= 2.0 * (1 + 1e-9)


def test_a_second_fit_of_the_release_is_refused() -> None:
    given, made = source(), private.release(source(), ASKED)
    doubles.fit(given.cohort, given.modalities, given.manifest, made, np.random.default_rng(0))

    with pytest.raises(SosieError, match="paid for one fit"):
        doubles.fit(given.cohort, given.modalities, given.manifest, made, np.random.default_rng(0))


def test_the_number_of_doubles_is_noisy_unless_it_is_asked_for() -> None:
    counts = {private.release(source(), ASKED).patients for _ in range(3)} | {N}
    given = source()
    made = private.PrivateRelease(2.0, N)

    assert len(counts) == 2  # every fixture draws the same noise, and it is not nought
    assert len(doubles.fit(given.cohort, given.modalities, given.manifest, made, rng()).draw(7, rng())) == 7


def test_the_evidence_states_the_claim_and_what_it_does_not_cover(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[shadows.Claim] = []
    monkeypatch.setattr(trial, "run", lambda *given, claim, **named: asked.append(claim) or trial.Trial([], {}, 5))

    evidence = pipeline.anonymize_cohort(source(), ASKED).evidence

    assert evidence.budget.epsilon == 2.0
    assert evidence.budget.delta is not None
    assert evidence.budget.delta <= 1e-3
    assert evidence.budget.unit == "patient"
    assert asked == [shadows.Claim(2.0, evidence.budget.delta)]
    assert evidence.settings["synthesizer"] == "marginals"
    assert "seed" not in evidence.settings
    outside, *tables = evidence.privacy["uncovered"]
    assert "data protection officer" in outside["en"]
    assert all("decimals" in one[language] for one in tables for language in ("en", "fr"))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)
