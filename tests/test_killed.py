"""A run that is killed at any moment leaves no half output, and goes on to the result it would have had."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).parent / "killed.py"
KILLED, DONE = -signal.SIGKILL, 0
EVENTS = 51
"""Words of progress of the run: 25 replicates, 20 releases, and the steps around them."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = [f"P{i:03d},{rng.integers(20, 90)},{rng.normal(75, 9):.1f},{rng.choice(['f', 'm'])}" for i in range(60)]
    path = tmp_path / "in" / "patients.csv"
    path.parent.mkdir()
    path.write_text("\n".join(["ipp,age,weight,sex", *rows]) + "\n", encoding="utf-8")
    return path


def run(source: Path, out: Path, home: Path, *moments: str) -> list[int]:
    command = [sys.executable, str(PROGRAM), str(source), str(out), *moments]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "SOSIE_HOME": str(home)}
    )
    codes: list[int] = json.loads(told.stdout)
    return codes


def released(out: Path) -> dict[str, bytes]:
    data = out / "release" / "data"
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been(source: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert run(source, tmp_path / "straight", tmp_path / "home", "never") == [DONE]
    moments = sorted(np.random.default_rng().choice(np.arange(3, EVENTS), 2, replace=False))
    kills = [f"event:{moment}" for moment in moments] + ["evidence", "publish", "end"]
    assert run(source, work / "out", tmp_path / "other", *kills) == [KILLED] * len(kills)
    assert run(source, work / "out", tmp_path / "other", "swap") == [KILLED]
    assert not (work / "out").exists()
    assert run(source, work / "out", tmp_path / "other", "never") == [DONE]
    assert released(work / "out") == released(tmp_path / "straight")
    assert [path.name for path in work.iterdir()] == ["out"]
    assert (tmp_path / "other" / "ledger.jsonl").read_text().count("\n") == 1
    first, last = (
        json.loads((out / "dpo" / "evidence.json").read_text()) for out in (tmp_path / "straight", work / "out")
    )
    assert last["verdict"] == first["verdict"]
    assert any("went on" in notice for notice in last["privacy"]["notices"])
    assert last["privacy"]["history"] == {"attempts": 1, "releases": 0, "confidence": 0.95}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_other_inputs_after_a_kill_start_clean(source: Path, tmp_path: Path) -> None:
    assert run(source, tmp_path / "out", tmp_path / "home", "event:20") == [KILLED]
    kept = tmp_path / ".out.sosie-run"
    assert len(list(kept.rglob("*.npz"))) > 5
    assert kept.stat().st_mode & 0o077 == 0
    source.write_text(source.read_text().replace("P000,", "P999,"))
    assert run(source, tmp_path / "out", tmp_path / "home", "never") == [DONE]
    notices = json.loads((tmp_path / "out" / "dpo" / "evidence.json").read_text())["privacy"]["notices"]
    assert not any("went on" in notice for notice in notices)
    assert not kept.exists()
