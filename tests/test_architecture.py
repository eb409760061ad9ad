import ast
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sosie import pipeline
from sosie.fictitious import cohort as fiction
from sosie.inspection import inspect

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "src" / "sosie").rglob("*.py"))
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "xmlrpc", "requests", "httpx", "aiohttp", "urllib3"}
HEAVY = {
    "lifelines",
    "sklearn",
    "scipy",
    "matplotlib",
    "polars",
    "pandas",
    "pyreadstat",
    "duckdb",
    "sqlalchemy",
    "numba",
}
MOST_LINES = 300


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def loaded(statement: str) -> set[str]:
    program = f"{statement}; import json, sys; sys.stdout.write(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_imports_point_down() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_is_short_quiet_and_offline(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]
    assert not {name.split(".")[0] for name in imported(module)} & NETWORK
    assert len(text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("statement", ["import sosie", "import sosie.cli"])
def test_the_front_doors_import_nothing_heavy(statement: str) -> None:
    assert not loaded(statement) & HEAVY


def test_importing_sosie_is_immediate() -> None:
    clock = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import sosie"], check=True)
    # Half a second is the promise on an idle machine, interpreter included; a busy one gets four times that.
    assert time.perf_counter() - clock < 2.0


def test_nothing_opens_a_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    cohort = fiction.build(tmp_path / "cohort", 60, np.random.default_rng(1))
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: tried.append(address))
    inspect(cohort)
    pipeline.deidentify(cohort, tmp_path / "copy")
    assert not tried
