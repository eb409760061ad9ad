from pathlib import Path

import pytest

from sosie.autopilot import Point
from sosie.synthesis.catalogue import Setting


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an institution of its own: none writes in the home of whoever runs it."""
    folder = tmp_path_factory.mktemp("institution") / "home"
    monkeypatch.setenv("SOSIE_HOME", str(folder))
    monkeypatch.delenv("SOSIE_PASSPHRASE", raising=False)
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first setting untried, and give the attacks little: what they find is tested in their own rooms."""
    monkeypatch.setattr("sosie.autopilot.estimate", taken)
    monkeypatch.setattr("sosie.release.trial.ROUNDS", ())
    monkeypatch.setattr("sosie.release.trial.LEAST_ROUNDS", 10)
    monkeypatch.setattr("sosie.release.shadows.FEWEST_RELEASES", 10)
    monkeypatch.setattr("sosie.release.shadows.RELEASES", 10)
    monkeypatch.setattr("sosie.release.shadows.SMALL_RELEASES", 10)
    monkeypatch.setattr("sosie.release.shadows.FEWEST_PLANTED", 5)
    monkeypatch.setattr("sosie.attack.classifier.FEWEST_TREES", 10)
    monkeypatch.setattr("sosie.attack.classifier.MOST_TREES", 10)


def taken(source: object, setting: Setting, *given: object) -> Point:
    """Say of a setting that it is neither good nor bad, and of trees that they are better."""
    nothing = dict.fromkeys(("utility", "shapes", "pairs", "auc", "tpr", "isolated_auc", "shadow_auc"), 0.5)
    return Point(
        setting.synthesizer,
        setting.strength,
        **nothing,
        excess=1.0 if setting.synthesizer == "trees" else 2.0,
        passes=False,
    )
