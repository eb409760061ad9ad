"""`sosie verify` and what it says, on a release made for the test; `sosie demo` and its institution; SIGTERM."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sosie import cli, institution, pipeline
from sosie.evidence import Decision, Evidence, Verdict
from sosie.institution import PUBLIC
from sosie.release import certificate


def evidence(**settings: Any) -> Evidence:
    verdict = Verdict(decision=Decision.RELEASED, criteria=[])
    return Evidence(
        sosie_version="0.1.0", inputs=[], settings={"command": "anonymize", "doubles": 90, **settings}, verdict=verdict
    )


def certified(folder: Path, **settings: Any) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "patients.csv").write_text("age\n51\n", encoding="utf-8")
    certificate.write(folder, evidence(**settings), b"{}", "version: 1\n", institution.load())
    return folder


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return certified(tmp_path / "shared" / "release")


def test_without_a_key_the_signer_is_not_known(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(release)]) == 0
    told = capsys.readouterr().out
    assert "INTACT: 1 files" in told
    assert "who signed is not known" in told


def test_with_the_key_the_signer_is_known(release: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(release.parent), "--public-key", str(home / PUBLIC), "--lang", "fr"]) == 0
    assert "Signé par l'institution" in capsys.readouterr().out


def test_the_record_is_one_object(release: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(release), "--public-key", str(home / PUBLIC), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["intact"], record["signer"], record["files"], record["test"]) == (True, "known", 1, False)
    assert record["verdict"]["decision"] == "released"


def test_a_release_made_for_a_test_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(certified(tmp_path / "r", seed=1))]) == 0
    assert "do not rely on it" in capsys.readouterr().out


def flip(release: Path) -> None:
    path = release / "data" / "patients.csv"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def remove(release: Path) -> None:
    (release / "certificate.json").unlink()


def break_off(release: Path) -> None:
    (release / "certificate.json").write_text("{")


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [(flip, 3, "patients.csv"), (remove, 4, "certificate.json"), (break_off, 4, "certificate.json")],
)
def test_what_was_tampered_with_leaves_with_its_code(
    change: Callable[[Path], None], code: int, said: str, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(release)
    assert cli.run(["verify", str(release), "--json"]) == code
    told = json.loads(capsys.readouterr().err)
    assert told["exit_code"] == code
    assert said in told["error"]


def test_a_key_that_is_none_or_missing_is_a_usage_error(release: Path, tmp_path: Path) -> None:
    (tmp_path / "junk.pub").write_text("junk")
    for name in ("junk.pub", "absent.pub"):
        assert cli.run(["verify", str(release), "--public-key", str(tmp_path / name)]) == 2


def test_the_demonstration_leaves_no_trace_with_the_user(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes: list[Path] = []
    monkeypatch.setattr(pipeline, "anonymize", lambda *given: homes.append(given[2].home) or evidence())
    assert cli.run(["demo", "--out", str(tmp_path / "demo"), "--patients", "30"]) == 0
    assert not home.exists()
    assert not homes[0].exists()
    assert len(institution.read_public(tmp_path / "demo" / PUBLIC)) == 32


def test_a_request_to_end_does_as_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "patients.csv").write_text("age\n")
    monkeypatch.setattr("sosie.inspection.inspect", lambda *given: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert cli.run(["inspect", str(tmp_path / "patients.csv")]) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "interrupted" in capsys.readouterr().err
