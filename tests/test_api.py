from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sosie
from sosie import api
from sosie.errors import ManifestError, RefusedError
from sosie.evidence import CriterionId, Decision
from sosie.manifest import Manifest, TableManifest
from sosie.release import gate

N = 60


def patients(n: int = N, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "patient": [f"P{seed}{i:04d}" for i in range(n)],
            "age": rng.integers(20, 90, n),
            "sodium": rng.normal(140, 3, n).round(1),
            "arm": rng.choice(["drug", "placebo"], n),
            "alive": rng.random(n) < 0.7,
        }
    )


def anonymized(source: object, **settings: Any) -> api.Release:
    return sosie.anonymize(source, **{"random_state": 0, "time_allowance": 0.0, "jobs": 1, **settings})


@pytest.fixture
def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "THRESHOLDS", dict.fromkeys(CriterionId, 10.0))


@pytest.fixture
def shut_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "THRESHOLDS", dict.fromkeys(CriterionId, -1.0))


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.report.pdf.write_pdf", lambda *given: False)


def test_polars_in_polars_out(open_gate: None) -> None:
    release = anonymized(patients())
    made = release.tables["table"]
    assert isinstance(made, pl.DataFrame)
    assert made.schema == patients().schema
    assert made.height == N
    assert not set(made["patient"]) & set(patients()["patient"])


def test_pandas_in_pandas_out(open_gate: None) -> None:
    given = patients().to_pandas().set_index(np.arange(100, 100 + N))
    made = anonymized(given).tables["table"]
    assert isinstance(made, pd.DataFrame)
    assert list(made.columns) == list(given.columns)
    assert (made.dtypes == given.dtypes).all()
    assert set(made["arm"]) <= {"drug", "placebo"}


def test_several_tables_go_out_under_their_names(open_gate: None) -> None:
    labs = patients().select("patient", "sodium")[: N // 2]
    made = anonymized({"base": patients().drop("sodium"), "labs": labs}, manifest=Manifest(patient="patient")).tables
    assert set(made) == {"base", "labs"}
    assert made["labs"].columns == labs.columns
    assert made["labs"].height == made["base"].height == N


def test_a_refused_release_gives_its_tables_to_nobody_but_on_request(shut_gate: None) -> None:
    release = anonymized(patients())
    assert not release.released
    with pytest.raises(RefusedError, match=r"membership\.leave_out\.auc"):
        _ = release.tables
    assert release.refused_tables["table"].height == N


def test_a_release_is_written_as_the_command_line_writes_it(tmp_path: Path, open_gate: None) -> None:
    anonymized(patients()).write(tmp_path / "out", language="fr")
    assert (tmp_path / "out/release/data/table.parquet").is_file()
    assert (tmp_path / "out/dpo/evidence.json").is_file()


def test_a_refusal_is_written_for_the_officer_alone(tmp_path: Path, shut_gate: None) -> None:
    anonymized(patients()).write(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["dpo"]


def test_a_file_is_read_once_and_anonymized_many_times(tmp_path: Path, open_gate: None) -> None:
    patients().write_csv(tmp_path / "cohort.csv")
    given = sosie.read(tmp_path / "cohort.csv")
    assert len(given.cohort) == N
    first, second = (anonymized(given, random_state=seed, patients=30).tables["cohort"] for seed in (1, 2))
    assert first.height == second.height == 30
    assert not first.equals(second)


def test_the_same_random_state_gives_the_same_doubles(open_gate: None) -> None:
    assert anonymized(patients()).tables["table"].equals(anonymized(patients(), jobs=2).tables["table"])


def test_a_manifest_may_be_an_object_or_a_path(tmp_path: Path, open_gate: None) -> None:
    declared = Manifest(patient="patient", tables={"table": TableManifest(rules=("age >= 18",))})
    assert "age" in str(anonymized(patients(), manifest=declared).evidence.privacy["rules"])
    (tmp_path / "sosie.yaml").write_text("patient: patient\nk: 12\n")
    assert anonymized(patients(), manifest=tmp_path / "sosie.yaml").evidence.settings["k"] == 12
    patients().write_csv(tmp_path / "cohort.csv")
    with pytest.raises(ManifestError, match="as a path"):
        sosie.read(tmp_path / "cohort.csv", manifest=declared)


def test_an_audit_takes_frames_files_and_sources(tmp_path: Path) -> None:
    patients(seed=1).write_csv(tmp_path / "control.csv")
    for original in (patients(), sosie.read(patients())):
        found = sosie.audit(original, patients().to_pandas(), tmp_path / "control.csv", random_state=0)
        assert found.verdict.decision is Decision.REFUSED
    again = sosie.audit(patients(), sosie.read(patients(seed=2)), sosie.read(patients(seed=1)), random_state=0)
    assert CriterionId.EXACT_COPIES in {one.id for one in again.verdict.criteria if one.status != "failed"}


def test_an_audit_aligns_several_tables_on_their_patients() -> None:
    def tables(seed: int) -> dict[str, pl.DataFrame]:
        frame = patients(seed=seed)
        return {"base": frame.drop("sodium"), "labs": frame.select("patient", "sodium").reverse()[: N // 2]}

    declared = Manifest(patient="patient")
    found = sosie.audit(tables(0), tables(0), tables(1), manifest=declared, random_state=0)
    copies = next(one for one in found.verdict.criteria if one.id is CriterionId.EXACT_COPIES)
    assert copies.value > 0.5


def test_a_manifest_may_speak_of_one_of_several_tables(open_gate: None) -> None:
    frames = {"base": patients().drop("sodium"), "labs": patients().select("patient", "sodium")}
    declared = Manifest(patient="patient", tables={"labs": TableManifest(rules=("sodium > 100",))})
    assert "sodium" in str(anonymized(frames, manifest=declared).evidence.privacy["rules"])


def test_a_release_need_not_bear_the_patient_key(tmp_path: Path) -> None:
    patients().write_csv(tmp_path / "cohort.csv")
    patients(seed=2).drop("patient").write_csv(tmp_path / "release.csv")
    (tmp_path / "sosie.yaml").write_text("patient: patient\n")
    original = sosie.read(tmp_path / "cohort.csv")
    assert original.manifest.patient == "patient"
    for release in (tmp_path / "release.csv", patients(seed=2).drop("patient")):
        assert sosie.audit(original, release, patients(seed=1), random_state=0).settings["doubles"] == N


def test_no_frame_is_no_cohort() -> None:
    with pytest.raises(ManifestError, match="no data frame"):
        sosie.read({})
