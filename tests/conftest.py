from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an institution of its own: none writes in the home of whoever runs it."""
    folder = tmp_path_factory.mktemp("institution") / "home"
    monkeypatch.setenv("SOSIE_HOME", str(folder))
    monkeypatch.delenv("SOSIE_PASSPHRASE", raising=False)
    return folder
