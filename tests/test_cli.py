import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sosie import cli, console, pipeline
from sosie.cohort import Finding, Role
from sosie.copying import Copied
from sosie.engine import Event
from sosie.errors import ManifestError, UnreadableError
from sosie.evidence import Criterion, CriterionId, Decision, Evidence, Input, Status, Verdict
from sosie.inspection import Inspection
from sosie.manifest import Manifest, load
from sosie.settings import Settings

SECRET = "DUPONT-1957"
FINDING = Finding("patients.csv", "nom", "NAME", Role.DIRECT, 0.95, "name:fr", "Its name says a person's name.")


def evidence(decision: Decision = Decision.RELEASED, status: Status = Status.PASSED, **settings: Any) -> Evidence:
    criterion = Criterion(
        id=CriterionId.MEMBERSHIP_AUC, group="membership", value=0.51, upper_95=0.53, threshold=0.55, status=status
    )
    return Evidence(
        sosie_version="0.1.0",
        inputs=[Input(name="patients.csv", hmac_sha256="0" * 64, patients=100)],
        settings={"command": "anonymize", "doubles": 90, **settings},
        verdict=Verdict(decision=decision, criteria=[criterion]),
        utility={"tables": {"shapes": 0.98, "pairs": 0.97, "propensity_auc": None}},
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "cohort" / "patients.csv"
    path.parent.mkdir()
    path.write_text("nom;age\n", encoding="utf-8")
    return path


def returns(value: Any) -> Callable[..., Any]:
    return lambda *given, **named: value


def raises(error: BaseException) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        raise error

    return call


def inspection(*findings: Finding) -> Inspection:
    steps = [{"columns": ["age"], "alone": 0.25, "under_k": 0.5}]
    return Inspection(findings, {"quasi_identifiers": steps}, ["a <= b"], Manifest(patient="nom"), 100)


def test_a_release_leaves_with_0_and_says_where_everything_is(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def anonymize(given: Any, out: Path, *rest: Any) -> Evidence:
        (out / "release" / "data").mkdir(parents=True)
        (out / "release" / "data" / "patients.csv").touch()
        return evidence()

    monkeypatch.setattr(pipeline, "anonymize", anonymize)
    assert cli.run(["anonymize", str(source), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "RELEASED: 90 doubles of 100 patients" in said
    assert str(tmp_path / "out" / "release" / "data" / "patients.csv") in said
    assert "0.980" in said


@pytest.mark.parametrize("status", [Status.FAILED, Status.NOT_DEMONSTRATED])
def test_a_refusal_leaves_with_3(
    source: Path, tmp_path: Path, status: Status, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "anonymize", returns(evidence(Decision.REFUSED, status)))
    assert cli.run(["anonymize", str(source), "--out", str(tmp_path / "out")]) == 3
    assert "REFUSED" in capsys.readouterr().out


@pytest.mark.parametrize(("decision", "code"), [(Decision.RELEASED, 0), (Decision.REFUSED, 3)])
def test_an_audit_leaves_with_its_verdict(
    source: Path, decision: Decision, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "audit", returns(evidence(decision, command="audit")))
    assert cli.run(["audit", str(source), str(source), "--control", str(source)]) == code


def test_the_options_reach_the_pipeline(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(pipeline, "anonymize", lambda *given: seen.extend(given) or evidence())
    options = "--patients 50 --seed 7 --synthesizer trees --time-allowance 2.5 --keep-refused --jobs 1 --lang fr"
    extra = ["--out", str(tmp_path / "out"), "--control-source", "control.csv"]
    assert cli.run(["anonymize", str(source), *extra, *options.split()]) == 0
    assert seen[0] == source
    assert seen[2] == Settings(
        patients=50, control="control.csv", seed=7, synthesizer="trees", time_allowance=2.5, keep_refused=True, jobs=1,
        language="fr",
    )  # fmt: skip


def test_a_database_address_stays_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("sosie.inspection.inspect", lambda source, *rest: seen.append(source) or inspection())
    assert cli.run(["inspect", "postgresql+psycopg://user:secret@host/db"]) == 0
    assert seen == ["postgresql+psycopg://user:secret@host/db"]


def test_json_is_one_object_alone_on_the_standard_output(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def anonymize(given: Any, out: Path, settings: Any, manifest: Any, listener: Callable[[Event], None]) -> Evidence:
        listener(Event("attack", 1, 2))
        return evidence(Decision.REFUSED, Status.FAILED)

    monkeypatch.setattr(pipeline, "anonymize", anonymize)
    assert cli.run(["anonymize", str(source), "--out", str(tmp_path / "out"), "--json"]) == 3
    told = capsys.readouterr()
    record = json.loads(told.out)
    assert record["decision"] == "refused"
    assert record["criteria"][0]["upper_95"] == 0.53
    assert record["utility"] == {"shapes": 0.98, "pairs": 0.97, "tstr_gap": None, "propensity_auc": None}
    assert "attacking" in told.err


def test_inspect_lists_columns_reasons_and_uniqueness(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sosie.inspection.inspect", returns(inspection(FINDING)))
    assert cli.run(["inspect", str(source)]) == 0
    said = capsys.readouterr().out
    for expected in ("nom", "direct identifier", "95%", FINDING.reason, "25.0% alone", "age", "a <= b"):
        assert expected in said


def test_inspect_speaks_french(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sosie.inspection.inspect", returns(inspection(FINDING)))
    assert cli.run(["inspect", str(source), "--lang", "fr"]) == 0
    said = capsys.readouterr().out
    assert "identifiant direct" in said
    assert FINDING.reason not in said


def test_inspect_json_holds_findings_and_the_manifest(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sosie.inspection.inspect", returns(inspection(FINDING)))
    assert cli.run(["inspect", str(source), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["findings"][0]["role"] == "direct_identifier"
    assert "patient: nom" in record["manifest"]


def test_write_proposes_a_manifest_beside_the_data_and_never_replaces_one(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sosie.inspection.inspect", returns(inspection(FINDING)))
    assert cli.run(["inspect", str(source), "--write"]) == 0
    assert load(source.parent / "sosie.yaml").patient == "nom"
    assert cli.run(["inspect", str(source), "--write"]) == 2


def test_a_hostile_column_name_does_not_command_the_terminal(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = Finding("p.csv", "\x1b[2J[bold]x", "NAME", Role.DIRECT, 0.9, "name:fr", "\x07beep")
    monkeypatch.setattr("sosie.inspection.inspect", returns(inspection(hostile)))
    assert cli.run(["inspect", str(source)]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[bold]x" in said


def test_deidentify_warns_when_the_key_is_forgotten(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "deidentify", returns(Copied((FINDING,))))
    assert cli.run(["deidentify", str(source), "--out", str(tmp_path / "copy")]) == 0
    assert "--key" in capsys.readouterr().out
    key = ["--key", str(tmp_path / "key.json")]
    assert cli.run(["deidentify", str(source), "--out", str(tmp_path / "copy"), *key]) == 0
    assert "forgotten" not in capsys.readouterr().out


def test_demo_builds_a_cohort_then_anonymizes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(pipeline, "anonymize", lambda *given: seen.extend(given) or evidence())
    assert cli.run(["demo", "--out", str(tmp_path), "--patients", "30"]) == 0
    assert seen[:2] == [tmp_path / "cohort", tmp_path / "doubles"]
    assert not (tmp_path / "cohort" / "omop").exists()
    assert (tmp_path / "cohort" / "patients.csv").read_text(encoding="utf-8").count("\n") == 31


@pytest.mark.parametrize(
    "options",
    [
        ["--guarantee", "dp"],
        ["--guarantee", "dp", "--epsilon", "0"],
        ["--guarantee", "dp", "--epsilon", "1", "--seed", "0"],
        ["--guarantee", "dp", "--epsilon", "1", "--synthesizer", "trees"],
        ["--epsilon", "1"],
        ["--synthesizer", "magic"],
        ["--jobs", "-1"],
        ["--manifest", "absent.yaml"],
        ["--unknown"],
    ],
)
def test_what_is_not_offered_leaves_with_2(
    source: Path, tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["anonymize", str(source), "--out", str(tmp_path / "out"), "--json", *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert json.loads(told.err)["exit_code"] == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ManifestError("sosie.yaml, field 'k': too small"), 2),
        (UnreadableError("patients.csv", "not a date", column="ddn", row=12), 4),
        (PermissionError(13, "Permission denied", "out"), 1),
        (MemoryError(), 1),
        (KeyboardInterrupt(), 130),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_error_has_its_exit_code(
    source: Path,
    error: BaseException,
    code: int,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sosie.inspection.inspect", raises(error))
    assert cli.run(["inspect", str(source), "--lang", language]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: " if language == "en" else "erreur: ")
    assert "Traceback" not in told.err


def test_an_unreadable_file_is_told_with_its_place_in_json(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sosie.inspection.inspect", raises(UnreadableError("p.csv", "not a date", column="ddn", row=12))
    )
    assert cli.run(["inspect", str(source), "--json"]) == 4
    told = json.loads(capsys.readouterr().err)
    assert (told["file"], told["column"], told["row"]) == ("p.csv", "ddn", 12)


def test_an_internal_error_tells_its_place_and_no_value(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sosie.inspection.inspect", raises(ValueError(SECRET)))
    assert cli.run(["inspect", str(source)]) == 1
    told = capsys.readouterr().err
    assert "ValueError in sosie/cli.py" in told
    assert SECRET not in told


def test_the_traceback_is_there_for_who_asks(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOSIE_DEBUG", "1")
    monkeypatch.setattr("sosie.inspection.inspect", raises(ValueError(SECRET)))
    assert cli.run(["inspect", str(source)]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_plain_progress_is_a_few_lines_however_long_the_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with console.Console().progress() as listener:
        for done in range(1001):
            listener(Event("attack", done, 1000))
        listener(Event("something new", 0))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert lines[-1] == "something new"


def test_bars_follow_the_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with console.Console().progress() as listener:
        for event in (Event("read tables", 0), Event("attack", 0, 3), Event("attack", 3, 3), Event("[b]", 1, None)):
            assert listener(event) is None  # type: ignore[func-returns-value]


def test_both_languages_say_the_same_things() -> None:
    english, french = (console.catalogue(language) for language in console.Language)
    fields = {key: {part.split("}")[0] for part in text.split("{")[1:]} for key, text in english.items()}
    assert fields == {key: {part.split("}")[0] for part in text.split("{")[1:]} for key, text in french.items()}


def test_version_and_help_leave_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sosie ")
    assert cli.run(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(command in said for command in ("inspect", "anonymize", "audit", "deidentify", "demo"))


@pytest.mark.parametrize("command", ["inspect", "anonymize", "audit", "deidentify", "demo"])
def test_every_command_takes_the_common_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert all(option in said for option in ("--lang", "--json", "--jobs"))


def test_help_is_immediate() -> None:
    clock = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "sosie", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "anonymize" in done.stdout
    # One second is the promise on an idle machine; a busy one gets three.
    assert time.perf_counter() - clock < 3


def test_a_reader_who_leaves_is_no_error() -> None:
    command = [sys.executable, "-m", "sosie", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert b"Traceback" not in told
