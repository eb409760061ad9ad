from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an institution of its own: none writes in the home of whoever runs it."""
    folder = tmp_path_factory.mktemp("institution") / "home"
    monkeypatch.setenv("SOSIE_HOME", str(folder))
    monkeypatch.delenv("SOSIE_PASSPHRASE", raising=False)
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the search one point, and the trained attack few releases: what they find is tested in their own rooms."""
    monkeypatch.setattr("sosie.autopilot.STEPS", 1)
    monkeypatch.setattr("sosie.autopilot.SMALL", 0)
    monkeypatch.setattr("sosie.autopilot.RELEASES", 10)
    monkeypatch.setattr("sosie.autopilot.DRAWS", 1)
    monkeypatch.setattr("sosie.release.trial.ROUNDS", ())
    monkeypatch.setattr("sosie.release.trial.LEAST_ROUNDS", 10)
    monkeypatch.setattr("sosie.release.shadows.FEWEST_RELEASES", 10)
    monkeypatch.setattr("sosie.release.shadows.RELEASES", 10)
    monkeypatch.setattr("sosie.release.shadows.FEWEST_PLANTED", 5)
    monkeypatch.setattr("sosie.attack.classifier.FEWEST_TREES", 10)
    monkeypatch.setattr("sosie.attack.classifier.MOST_TREES", 10)
