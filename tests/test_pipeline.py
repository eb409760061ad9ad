import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie import institution, pipeline
from sosie.cohort import Vectors
from sosie.engine import Event
from sosie.errors import ManifestError, SosieError, UnreadableError
from sosie.evidence import CriterionId, Decision, Evidence, Status
from sosie.inspection import inspect
from sosie.release import certificate, folder, gate, trial
from sosie.settings import Settings
from sosie.tables.modality import Tables

N = 80
QUICK = Settings(seed=0, time_allowance=0.0, jobs=1)
OTHER = Settings(seed=1, time_allowance=0.0, jobs=1)
KEPT = Settings(seed=0, time_allowance=0.0, jobs=1, keep_refused=True)
HEADER = "ipp;nom;entree;poids;sexe;diag;imc"


class Copy:
    """A synthesizer that publishes its patients."""

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> "Copy":
        self.vectors = vectors
        return self

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        return self.vectors.take(rng.permutation(np.resize(np.arange(len(self.vectors)), n)))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A French export: decimal commas, dates written the French way, a name, a rare diagnosis."""
    path = tmp_path / "patients.csv"
    path.write_text(export(N, 0), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.report.pdf.write_pdf", lambda *given: False)


@pytest.fixture
def leak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.synthesis.catalogue.Setting.build", lambda *given: Copy())


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "THRESHOLDS", dict.fromkeys(CriterionId, 10.0))


def export(n: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    lines = [HEADER]
    for patient in rng.permutation(n):
        day, month, weight, height = rng.integers(1, 29), rng.integers(1, 13), rng.normal(75, 12), 1.7
        diagnosis = rng.choice(["I10", "E11", "C50"]) if patient > 2 else "Q99"
        row = [
            f"800{patient:04d}{seed}",
            f"DUPONT{'AEIOUY'[patient % 6]}{patient}",
            f"{day:02d}/{month:02d}/2021",
            f"{weight:.1f}",
            rng.choice(["H", "F"]),
            diagnosis,
            f"{round(weight, 1) / height**2:.1f}",
        ]
        lines.append(";".join(row).replace(".", ","))
    return "\n".join(lines) + "\n"


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def statuses(evidence: Evidence) -> dict[CriterionId, Status]:
    return {one.id: one.status for one in evidence.verdict.criteria}


def test_a_release_is_written_under_the_name_and_in_the_dialect_of_the_source(
    source: Path, tmp_path: Path, lenient: None
) -> None:
    evidence = pipeline.anonymize(source, tmp_path / "out", QUICK)
    assert evidence.verdict.decision is Decision.RELEASED
    assert {"release/data/patients.csv", "release/datasheet.html", "dpo/evidence.json", "dpo/report.html"} <= tree(
        tmp_path / "out"
    )
    lines = (tmp_path / "out/release/data/patients.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == HEADER
    assert len(lines) == N + 1
    cells = [line.split(";") for line in lines[1:]]
    written = [(row[2], row[3]) for row in cells if row[2] and row[3]]
    assert all(re.fullmatch(r"\d\d/\d\d/\d{4}", day) and re.fullmatch(r"-?\d+,\d", weight) for day, weight in written)


def test_no_identifier_and_no_rare_code_of_a_patient_is_in_the_release(
    source: Path, tmp_path: Path, lenient: None
) -> None:
    pipeline.anonymize(source, tmp_path / "out", QUICK)
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out/release").rglob("*.*"))
    keys = [line.split(";")[0] for line in source.read_text(encoding="utf-8").splitlines()[1:]]
    assert not any(key in written for key in keys)
    assert "DUPONT" not in written
    assert "Q99" not in written


def test_no_value_of_a_patient_is_in_what_the_officer_reads(source: Path, tmp_path: Path) -> None:
    pipeline.anonymize(source, tmp_path / "out", QUICK)
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out/dpo").glob("*.[jh]*"))
    assert "DUPONT" not in written
    assert "Q99" not in written


def test_the_evidence_that_is_written_is_the_one_returned(source: Path, tmp_path: Path) -> None:
    evidence = pipeline.anonymize(source, tmp_path / "out", QUICK)
    assert Evidence.model_validate_json((tmp_path / "out/dpo/evidence.json").read_text()) == evidence
    assert evidence.settings["rounds"] == trial.FEWEST_ROUNDS
    assert evidence.settings["seed"] == 0
    assert evidence.inputs[0].patients == N
    assert len(evidence.inputs[0].hmac_sha256) == 64
    assert {"fit", "draw", "search", "attack", "compare", "finish"} == set(evidence.timing)


def test_the_same_seed_makes_the_same_doubles(source: Path, tmp_path: Path, lenient: None) -> None:
    for out, jobs in (("a", 1), ("b", 2)):
        pipeline.anonymize(source, tmp_path / out, Settings(seed=3, time_allowance=0.0, jobs=jobs))
    first, second = ((tmp_path / out / "release/data/patients.csv").read_bytes() for out in ("a", "b"))
    assert first == second


def test_a_leak_is_refused_and_only_the_officer_hears_of_it(source: Path, tmp_path: Path, leak: None) -> None:
    evidence = pipeline.anonymize(source, tmp_path / "out", QUICK)
    assert evidence.verdict.decision is Decision.REFUSED
    assert statuses(evidence)[CriterionId.MEMBERSHIP_AUC] is Status.FAILED
    assert statuses(evidence)[CriterionId.EXACT_COPIES] is Status.FAILED
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"dpo"}


def test_refused_doubles_are_kept_apart_for_those_who_ask(source: Path, tmp_path: Path, leak: None) -> None:
    pipeline.anonymize(source, tmp_path / "out", KEPT)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"dpo", "refused"}
    assert (tmp_path / "out/refused/data/patients.csv").is_file()


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Tables, "write"),
        (folder, "write_evidence"),
        (trial, "run"),
        (Tables, "compare"),
    ],
)
def test_a_failure_half_way_leaves_the_earlier_run_and_nothing_else(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: object, name: str
) -> None:
    out = tmp_path / "out"
    pipeline.anonymize(source, out, QUICK)
    before = {path: (out / path).read_bytes() for path in tree(out)}

    def fail(*given: object, **named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(place, name, fail)
    with pytest.raises(RuntimeError):
        pipeline.anonymize(source, out, KEPT)
    assert {path: (out / path).read_bytes() for path in tree(out)} == before
    assert {path.name for path in tmp_path.iterdir()} == {"patients.csv", "out"}


def test_a_release_replaces_an_earlier_refusal(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as once:
        once.setattr("sosie.synthesis.catalogue.Setting.build", lambda *given: Copy())
        pipeline.anonymize(source, tmp_path / "out", KEPT)
    monkeypatch.setattr(gate, "THRESHOLDS", dict.fromkeys(CriterionId, 10.0))
    pipeline.anonymize(source, tmp_path / "out", QUICK)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"dpo", "release"}


@pytest.mark.parametrize("patients", [1, 200])
def test_any_number_of_doubles_can_be_asked_for(source: Path, tmp_path: Path, lenient: None, patients: int) -> None:
    settings = Settings(seed=0, time_allowance=0.0, jobs=1, patients=patients)
    pipeline.anonymize(source, tmp_path / "out", settings)
    assert len((tmp_path / "out/release/data/patients.csv").read_text().splitlines()) == patients + 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(patients=0), "at least one"),
        (Settings(patients=-3), "at least one"),
        (Settings(guarantee="dp"), "--epsilon with a number above 0"),
        (Settings(guarantee="dp", epsilon=0.0), "--epsilon with a number above 0"),
        (Settings(guarantee="dp", epsilon=1.0, seed=0), "leave out --seed"),
        (Settings(guarantee="dp", epsilon=1.0, synthesizer="trees"), "only 'marginals' gives it"),
        (Settings(epsilon=1.0), "belongs to --guarantee dp"),
        (Settings(synthesizer="magic"), "trees"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(
    source: Path, tmp_path: Path, settings: Settings, message: str
) -> None:
    with pytest.raises(ManifestError, match=message):
        pipeline.anonymize(source, tmp_path / "out", settings)
    assert not (tmp_path / "out").exists()


def test_fewer_than_twice_k_patients_are_refused(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text(export(21, 0), encoding="utf-8")
    with pytest.raises(ManifestError, match=r"few\.csv: 21 patients.*22"):
        pipeline.anonymize(tmp_path / "few.csv", tmp_path / "out", QUICK)
    (tmp_path / "few.csv").write_text(export(22, 0), encoding="utf-8")
    pipeline.anonymize(tmp_path / "few.csv", tmp_path / "out", QUICK)


@pytest.mark.parametrize("control", [lambda n: export(5, 9), lambda n: export(n, 0)])
def test_a_control_that_is_too_small_or_the_cohort_itself_is_refused(
    source: Path, tmp_path: Path, control: Callable[[int], str]
) -> None:
    (tmp_path / "control.csv").write_text(control(N), encoding="utf-8")
    settings = Settings(seed=0, time_allowance=0.0, control=str(tmp_path / "control.csv"))
    with pytest.raises(ManifestError, match="the control"):
        pipeline.anonymize(source, tmp_path / "out", settings)


def test_progress_goes_from_reading_to_writing(source: Path, tmp_path: Path) -> None:
    heard: list[Event] = []
    pipeline.anonymize(source, tmp_path / "out", QUICK, listener=heard.append)
    stages = list(dict.fromkeys(event.stage for event in heard))
    assert stages == [
        "read tables",
        "identify tables",
        "synthesize",
        "search",
        "attack",
        "typicality",
        "shadow",
        "canary",
        "compare",
        "write",
    ]


def test_a_folder_of_tables_comes_back_as_it_was(tmp_path: Path, lenient: None) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "cohort"
    (folder / "labs").mkdir(parents=True)
    keys = [f"P{i}" for i in range(N)]
    pl.DataFrame({"patient": keys, "age": rng.integers(20, 90, N)}).write_csv(folder / "base.csv")
    labs = pl.DataFrame({"patient": keys[: N // 2], "sodium": rng.normal(140, 3, N // 2).round(1)})
    labs.write_parquet(folder / "labs" / "first.parquet")
    pipeline.anonymize(folder, tmp_path / "out", QUICK)
    data = tmp_path / "out/release/data"
    assert tree(data) == {"base.csv", "labs/first.parquet"}
    base, made = pl.read_csv(data / "base.csv"), pl.read_parquet(data / "labs/first.parquet")
    assert made.schema == labs.schema
    assert 0 < made.height < N
    assert set(made["patient"]) < set(base["patient"])


def test_a_list_of_categories_does_not_publish_the_rare_ones(tmp_path: Path, lenient: None) -> None:
    rng = np.random.default_rng(0)
    words = pl.Series("dx", ["RARE", *rng.choice(["a", "b"], N - 1)])
    frame = pl.DataFrame([words.cast(pl.Enum(["RARE", "a", "b"])), pl.Series("age", rng.integers(20, 90, N))])
    frame.write_parquet(tmp_path / "cohort.parquet")
    pipeline.anonymize(tmp_path / "cohort.parquet", tmp_path / "out", QUICK)
    made = pl.read_parquet(tmp_path / "out/release/data/cohort.parquet")
    assert made.schema["dx"] == pl.Enum(["a", "b"])


def test_an_audit_compares_what_both_have_and_writes_for_the_officer(source: Path, tmp_path: Path) -> None:
    release, control = tmp_path / "copy.csv", tmp_path / "control.csv"
    rows = [line.split(";") for line in source.read_text(encoding="utf-8").splitlines()]
    release.write_text("\n".join(";".join(row[2:]) for row in rows) + "\n", encoding="utf-8")
    control.write_text(export(N, 1), encoding="utf-8")
    evidence = pipeline.audit(source, release, control, tmp_path / "out", QUICK)
    assert evidence.verdict.decision is Decision.REFUSED
    assert statuses(evidence)[CriterionId.REFERENCE_AUC] is Status.FAILED
    assert [one.name for one in evidence.inputs] == ["patients.csv", "copy.csv", "control.csv"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"dpo"}


def test_a_pseudonymised_copy_keeps_its_rows_and_loses_its_names(source: Path, tmp_path: Path) -> None:
    findings = pipeline.deidentify(source, tmp_path / "out", tmp_path / "key.json").findings
    written = (tmp_path / "out/data/patients.csv").read_text(encoding="utf-8")
    assert {"ipp", "nom"} <= {finding.place for finding in findings}
    assert len(written.splitlines()) == N + 1
    assert "DUPONT" not in written
    assert "DUPONT" not in (tmp_path / "out/findings.jsonl").read_text(encoding="utf-8")


def test_an_inspection_proposes_a_manifest_that_can_be_used(source: Path) -> None:
    from sosie.manifest import dump

    seen = inspect(source)
    assert seen.patients == N
    path = source.parent / "sosie.yaml"
    path.write_text(dump(seen.manifest), encoding="utf-8")
    again = inspect(source, path)
    assert {(one.place, one.role) for one in again.findings} == {(one.place, one.role) for one in seen.findings}


@pytest.mark.parametrize("broken", ["missing.csv", "empty.csv"])
def test_errors_name_the_file_and_leave_nothing(tmp_path: Path, broken: str) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(UnreadableError, match=broken) as raised:
        pipeline.anonymize(tmp_path / broken, tmp_path / "out", QUICK)
    assert isinstance(raised.value, SosieError)
    assert not (tmp_path / "out").exists()


def interrupted(source: Path, out: Path, settings: Settings = QUICK) -> None:
    """Run until a few replicates are done."""

    def listener(event: Event) -> None:
        if event.stage == "attack" and event.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.anonymize(source, out, settings, listener=listener)


@pytest.mark.parametrize("change", ["nothing", "jobs", "input", "settings", "version"])
def test_an_interrupted_run_goes_on_where_nothing_that_counts_has_changed(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    interrupted(source, tmp_path / "out")
    kept = tmp_path / ".out.sosie-run"
    assert (len(list(kept.rglob("*.npz"))), kept.stat().st_mode & 0o077) == (4, 0)
    settings = {"jobs": Settings(seed=0, time_allowance=0.0, jobs=2), "settings": OTHER}.get(change, QUICK)
    if change == "input":
        source.write_text(source.read_text(encoding="utf-8").replace("8000001", "8999991"), encoding="utf-8")
    if change == "version":
        monkeypatch.setattr("sosie.release.identity.version", lambda: "99.0")
    heard: list[str] = []
    evidence = pipeline.anonymize(source, tmp_path / "out", settings, listener=lambda event: heard.append(event.stage))
    resumed = change in ("nothing", "jobs")
    assert ("resume" in heard, "restart" in heard) == (resumed, not resumed)
    assert any("went on" in notice for notice in evidence.privacy["notices"]) == resumed
    assert {path.name for path in tmp_path.iterdir()} == {"patients.csv", "out"}


def test_an_interrupted_run_ends_with_the_figures_of_one_that_was_not(source: Path, tmp_path: Path) -> None:
    interrupted(source, tmp_path / "out")
    there, here = tmp_path / "there", tmp_path / "here"
    made = [
        pipeline.anonymize(source, tmp_path / out, Settings(seed=0, time_allowance=0.0, jobs=1, home=home))
        for out, home in (("out", there), ("other", here))
    ]
    assert made[0].verdict == made[1].verdict


def test_a_second_release_of_the_same_patients_is_judged_with_the_first(
    source: Path, tmp_path: Path, lenient: None
) -> None:
    first, again = (pipeline.anonymize(source, tmp_path / out, QUICK) for out in ("a", "b"))
    assert first.privacy["history"] == {"attempts": 1, "releases": 0, "confidence": 0.95}
    assert again.privacy["history"] == {"attempts": 2, "releases": 1, "confidence": 0.9875}
    alone, together = ({one.id: one for one in made.verdict.criteria} for made in (first, again))
    for identity in (CriterionId.MEMBERSHIP_AUC, CriterionId.MEMBERSHIP_TPR):
        # The figure is that of the statistic with the largest bound, which may be another at another confidence.
        assert together[identity].details["alone_upper_95"] > (alone[identity].upper_95 or 0)
        assert together[identity].value > together[identity].details["alone"]
        assert (together[identity].upper_95 or 0) > together[identity].details["alone_upper_95"]


def test_a_refusal_is_counted_and_widens_the_next_bounds(source: Path, tmp_path: Path, leak: None) -> None:
    first, again = (pipeline.anonymize(source, tmp_path / out, QUICK) for out in ("a", "b"))
    assert again.privacy["history"] == {"attempts": 2, "releases": 0, "confidence": 0.9875}
    bounds = [{one.id: one.upper_95 for one in made.verdict.criteria} for made in (first, again)]
    assert (bounds[1][CriterionId.MEMBERSHIP_AUC] or 0) > (bounds[0][CriterionId.MEMBERSHIP_AUC] or 0)


def test_a_run_that_fails_is_no_attempt(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as once:
        once.setattr(folder, "write_evidence", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pipeline.anonymize(source, tmp_path / "out", QUICK)
    assert pipeline.anonymize(source, tmp_path / "out", QUICK).privacy["history"]["attempts"] == 1


def test_a_release_is_certified_and_a_damaged_key_stops_before_the_work(
    source: Path, tmp_path: Path, home: Path, lenient: None
) -> None:
    evidence = pipeline.anonymize(source, tmp_path / "out", QUICK)
    known = institution.load()
    found = certificate.verify(tmp_path / "out", known.public_key)
    written = (tmp_path / "out/dpo/evidence.json").read_bytes()
    assert found.certificate["evidence_hmac_sha256"] == known.pseudonyms.hmac(written)
    assert evidence.inputs[0].hmac_sha256 == known.pseudonyms.hmac_file(source)
    (home / institution.KEY).write_text("junk")
    with pytest.raises(ManifestError, match="key"):
        pipeline.anonymize(source, tmp_path / "more", QUICK)
    assert not (tmp_path / "more").exists()


def test_the_exposed_bear_the_pseudonyms_of_a_copy_made_with_the_same_key(source: Path, tmp_path: Path) -> None:
    evidence = pipeline.anonymize(source, tmp_path / "out", QUICK)
    key = Path(os.environ["SOSIE_HOME"]) / "institution.key"
    pipeline.deidentify(source, tmp_path / "copy", key)
    copy = (tmp_path / "copy/data/patients.csv").read_text(encoding="utf-8")
    exposed = [str(one["number"]) for one in evidence.privacy["exposed"]]
    assert 0 < len(exposed) <= 10
    assert all(number in copy and number not in source.read_text(encoding="utf-8") for number in exposed)
