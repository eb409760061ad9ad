from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

import sosie
from sosie import autopilot
from sosie.autopilot import Point, Search
from sosie.checkpoint import Checkpoint
from sosie.cohort import Vectors
from sosie.doubles import TOO_FEW, TooFewError
from sosie.engine import Engine
from sosie.errors import ManifestError
from sosie.intake import Source
from sosie.release.ledger import NO_HISTORY
from sosie.synthesis.catalogue import STARTS, Setting

ESTIMATE = autopilot.estimate
Estimate = Callable[..., Point]


@pytest.fixture
def source() -> Source:
    rng = np.random.default_rng(0)
    severity = rng.normal(size=60)
    labs = {f"lab{i}": (severity + rng.normal(size=60)).round(3) for i in range(4)}
    return sosie.read(pl.DataFrame({**labs, "sex": rng.choice(["f", "m"], 60)}))


def point(setting: Setting, excess: float, utility: float | None = None) -> Point:
    """A point that is the more useful the weaker its setting is."""
    value = setting.strength if utility is None else utility
    return Point(setting.synthesizer, setting.strength, value, value, value, 0.5, 0.01, 0.5, 0.5, excess, excess <= 1)


def searched(
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    estimate: Estimate,
    names: tuple[str, ...] = ("trees",),
    kept: Checkpoint | None = None,
    seconds: float = 60.0,
) -> Search:
    monkeypatch.setattr(autopilot, "estimate", estimate)
    return autopilot.search(
        source,
        names,
        60,
        np.random.default_rng(0),
        rounds=10,
        releases=10,
        seconds=seconds,
        history=NO_HISTORY,
        kept=kept or Checkpoint(),
        engine=Engine(1),
    )


def limited(limit: float) -> Estimate:
    return lambda source, setting, *given: point(setting, setting.strength / limit)


def test_what_passes_is_tried_weaker_until_it_fails(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    found = searched(source, monkeypatch, limited(0.2))
    tried = [one.strength for one in found.frontier]
    assert tried[0] == STARTS["trees"]
    assert tried == sorted(tried)
    assert not found.frontier[-1].passes
    assert found.setting.strength == max(one.strength for one in found.frontier if one.passes)


def test_what_fails_is_tried_stronger_until_it_passes(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    found = searched(source, monkeypatch, limited(0.05))
    assert [one.passes for one in found.frontier][-1]
    assert found.setting.strength <= 0.05


def test_the_safest_point_is_taken_where_none_passes(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    found = searched(source, monkeypatch, limited(1e-6))
    assert len(found.frontier) == autopilot.STEPS
    assert found.setting.strength == min(one.strength for one in found.frontier)


def test_the_most_useful_of_several_synthesizers_is_taken(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def estimate(source: Source, setting: Setting, *given: object) -> Point:
        return point(setting, 0.9, utility=0.8 if setting.synthesizer == "mixture" else 0.7)

    found = searched(source, monkeypatch, estimate, ("trees", "mixture"))
    assert found.setting.synthesizer == "mixture"
    assert [one.chosen for one in found.frontier].count(True) == 1


def test_no_second_point_is_tried_when_the_time_is_up(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(searched(source, monkeypatch, limited(0.2), seconds=-1.0).frontier) == 1


def test_a_synthesizer_whose_doubles_break_the_rules_is_passed_over(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def estimate(source: Source, setting: Setting, *given: object) -> Point:
        if setting.synthesizer == "marginals":
            raise TooFewError(TOO_FEW)
        return point(setting, 0.9)

    assert searched(source, monkeypatch, estimate, ("marginals", "trees")).setting.synthesizer == "trees"
    with pytest.raises(TooFewError):
        searched(source, monkeypatch, estimate, ("marginals",))


def test_a_run_that_goes_on_estimates_no_point_twice(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Checkpoint()
    first = searched(source, monkeypatch, limited(0.2), kept=kept)

    def estimate(*given: object) -> Point:
        raise AssertionError

    assert searched(source, monkeypatch, estimate, kept=kept) == first


@dataclass(frozen=True)
class Copy:
    """A synthesizer that gives the patients back."""

    vectors: Vectors | None = None

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> "Copy":
        return Copy(vectors)

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        assert self.vectors is not None
        return self.vectors.take(rng.permutation(np.resize(np.arange(len(self.vectors)), n)))


def test_copies_are_estimated_to_fail_and_to_be_faithful(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Setting, "build", lambda *given: Copy())
    rng = np.random.default_rng(0)
    found = ESTIMATE(source, Setting("trees", 0.13), 60, rng, 10, 20, NO_HISTORY, Engine(1))
    assert not found.passes
    assert found.auc > 0.8
    assert found.shapes > 0.95


def test_a_name_that_makes_no_doubles_is_said() -> None:
    with pytest.raises(ManifestError, match="expected auto"):
        autopilot.families("magic", 100)
    assert autopilot.families("marginals", 100) == ("marginals",)
    assert len(autopilot.families("auto", 100)) > len(autopilot.families("auto", 10_000)) == 1
