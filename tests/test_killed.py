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


def released(out: Path) -> dict[str, bytes]:
    data = out / "release" / "data"
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been(source: Path, tmp_path: Path) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    random = np.random.default_rng().choice(np.arange(3, EVENTS), 2, replace=False)
    kills = [*(f"event:{moment}" for moment in sorted(random)), "evidence", "publish", "end", "swap"]
    command = [sys.executable, str(PROGRAM), str(source), str(out), *kills, "never", "apart"]
    given = {**os.environ, "SOSIE_HOME": str(home)}
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=given)
    assert json.loads(told.stdout) == [KILLED] * len(kills) + [DONE, DONE]
    apart = tmp_path / "out-apart"
    assert released(out) == released(apart) != {}
    assert {path.name for path in tmp_path.iterdir()} == {"in", "home", "home-apart", "out", "out-apart"}
    assert (home / "ledger.jsonl").read_text().count("\n") == 1
    last, straight = (json.loads((place / "dpo" / "evidence.json").read_text()) for place in (out, apart))
    assert last["verdict"] == straight["verdict"]
    assert any("went on" in notice for notice in last["privacy"]["notices"])
    assert last["privacy"]["history"] == {"attempts": 1, "releases": 0, "confidence": 0.95}
