"""The command line on tables that a new user may well have: a sound result, or one message and its exit code."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sosie import cli

SECRET = "DUPONT-1957"
QUICK = ("--time-allowance", "0.01", "--keep-refused", "--jobs", "1")
N = 60
ODD = "void constant rare mixed nearly infinite formula unicode codes zoned huge tiny negative truth".split()  # noqa: SIM905


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.report.pdf.write_pdf", lambda *given: False)
    monkeypatch.setattr("sosie.release.trial.FEWEST_ROUNDS", 2)


def cohort(n: int = N, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, n)
    sex, crp = rng.choice(["M", "F"], n), rng.lognormal(1, 1, n).round(2)
    return pl.DataFrame({"age": age, "sex": sex, "sbp": 90 + age // 2 + rng.integers(0, 30, n), "crp": crp})


def put(folder: Path, data: pl.DataFrame | str, name: str = "t.csv", manifest: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    if isinstance(data, str):
        (folder / name).write_text(data, encoding="utf-8")
    else:
        data.write_parquet(folder / name) if name.endswith("parquet") else data.write_csv(folder / name)
    if manifest:
        (folder / "sosie.yaml").write_text(manifest, encoding="utf-8")
    return folder / name


def anonymize(source: Path | str, out: Path, *options: str) -> int:
    return cli.run(["anonymize", str(source), "--out", str(out), *QUICK, *options])


def doubles(out: Path, name: str = "t.csv") -> Path:
    return next(path for path in out.rglob(name) if path.parent.name == "data")


def rows(column: str, values: Iterable[Any]) -> str:
    return f"{column},x\n" + "".join(f"{value},{at % 7}\n" for at, value in enumerate(values))


@pytest.mark.parametrize(
    ("data", "manifest", "code", "said"),
    [
        ("", "", 4, "t.csv: the file is empty"),
        ("a,b\n", "", 4, "t.csv: there is a header but no row"),
        ("a,b\n1,2\n3\n", "", 4, "t.csv, row 3: 1 fields"),
        ("a,a\n1,2\n", "", 4, "t.csv, column 'a', row 1"),
        ("age,sex\n34,M\n", "", 2, "1 patients; Sosie needs at least 22"),
        (rows("age", range(21)), "", 2, "21 patients; Sosie needs at least 22"),
        (rows("patient_id", [SECRET] * N), "", 4, "t.csv, column 'patient_id', row 3"),
        (rows("patient_id", ["A", "", *range(N)]), "", 4, "t.csv, column 'patient_id', row 3"),
        ("a,b\n" + "NA,NA\n" * N, "", 2, "no column is left to model"),
        ("a,b\n" + "1,x\n" * N, "", 2, "no column is left to model"),
        ("note\n" + "".join(f"{SECRET} seen on ward {at} for chest pain\n" for at in range(N)), "", 2, "no column"),
        (rows("a", range(N)), "tables: [", 2, "sosie.yaml, line 1"),
        (rows("a", range(N)), "tabels: {}", 2, "field 'tabels'"),
        (rows("a", range(N)), "patient: nope", 2, "names no column of t.csv"),
        (rows("a", range(N)), "tables: {t: {columns: {nope: {role: date}}}}", 2, "no column is named 'nope'"),
        (rows("a", range(N)), "tables: {t: {columns: {a: {kind: date}}}}", 4, "t.csv, column 'a'"),
        (rows("a", range(N)), "tables: {t: {columns: {a: {hierarchy: no.csv}}}}", 4, "no.csv"),
        (rows("a", range(N)), "tables: {t: {weights: nope}}", 2, "weights: nope"),
        (rows("a", range(N)), "targets: [{column: nope}]", 2, "no column is named 'nope'"),
        (rows("a", range(N)), "tables: {t: {rules: ['a <= x']}}", 2, "first by row 9"),
        (rows("a", range(N)), "tables: {t: {rules: ['b = x']}}", 2, "unknown column 'b'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    data: str, manifest: str, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = put(tmp_path / "in", data, manifest=manifest)
    assert anonymize(source, tmp_path / "out") == code
    told = capsys.readouterr()
    last = told.err.splitlines()[-1]
    assert said in last
    assert "internal" not in last
    assert SECRET not in told.out + told.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def odd(name: str) -> pl.DataFrame:
    rng, frame = np.random.default_rng(1), cohort()
    stamps = [datetime(2021, 3, 20) + timedelta(minutes=int(at)) for at in rng.integers(0, 20_000, N)]
    odd_columns = {
        "void": pl.lit(None).alias("void"),
        "constant": pl.lit("ward").alias("unit"),
        "rare": pl.when(pl.arange(0, N) < 5).then(pl.lit(SECRET)).alias("rare"),
        "mixed": pl.Series("mixed", [str(at) if at % 3 else "yes" for at in range(N)]),
        "nearly": pl.Series("nearly", [SECRET if at == 50 else str(at) for at in range(N)]),
        "infinite": pl.Series("ratio", [float("inf") if at % 9 == 0 else at / 7 for at in range(N)]),
        "formula": pl.Series("act", ["=1+1", "@SUM(A1)", "-2+3", "ok"] * (N // 4)),
        "unicode": pl.Series("ville", ["Sète", "北京", "😀"] * (N // 3)),
        "codes": pl.Series("icd10", [f"{letter}{at:02d}.{at % 4}" for at in range(N // 3) for letter in "IJK"]),
        "zoned": pl.Series("at", stamps).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Paris"),
        "huge": pl.Series("big", rng.integers(10**14, 10**15, N)),
        "tiny": pl.Series("p", 10.0 ** rng.uniform(-300, -290, N)),
        "negative": pl.Series("excess", rng.normal(-2, 4, N).round(1)),
        "truth": pl.Series("ok", rng.integers(0, 2, N).astype(bool)),
    }
    return frame.with_columns(odd_columns[name])


@pytest.mark.parametrize("name", ODD)
def test_an_odd_column_comes_out_as_it_came_in(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = "t.parquet" if name in ("zoned", "tiny", "truth") else "t.csv"
    source = put(tmp_path / "in", odd(name), file)
    assert anonymize(source, tmp_path / "out") in (0, 3)
    read = pl.read_parquet if file.endswith("parquet") else pl.read_csv
    given, made = read(source), read(doubles(tmp_path / "out", file))
    assert made.columns == given.columns
    assert made.height == N
    assert file == "t.csv" or made.schema == given.schema
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.*") if path.suffix in (".html", ".json"))
    told = capsys.readouterr()
    assert SECRET not in written + told.out + told.err + str(made.rows())


def test_no_cell_of_the_doubles_is_a_formula(tmp_path: Path) -> None:
    anonymize(put(tmp_path / "in", odd("formula")), tmp_path / "out")
    cells = pl.read_csv(doubles(tmp_path / "out"))["act"].drop_nulls().str.slice(0, 1)
    assert not cells.is_in(["=", "@", "-"]).any()


def test_patients_missing_from_one_table_leave_no_holes_in_the_rows_of_others(tmp_path: Path) -> None:
    keys = [f"P{at:03d}" for at in range(N)]
    put(tmp_path / "in", cohort().with_columns(pl.Series("patient_id", keys)), "clinic.csv")
    rng = np.random.default_rng(3)
    measures = {"hb": rng.normal(13, 1, N // 2).round(1), "plt": rng.integers(100, 400, N // 2)}
    lab = pl.DataFrame({"patient_id": keys[::2], **measures})
    put(tmp_path / "in", lab, "lab.csv")
    assert anonymize(tmp_path / "in", tmp_path / "out") in (0, 3)
    clinic, made = (pl.read_csv(doubles(tmp_path / "out", name)) for name in ("clinic.csv", "lab.csv"))
    assert made.height < clinic.height == N
    assert made.null_count().sum_horizontal().item() == 0
    assert made["patient_id"].is_in(clinic["patient_id"].to_list()).all()


@pytest.mark.parametrize("out", [".", "in", "in/out", "file", "strange", "theirs", "/proc/sosie/out"])
def test_an_output_that_would_harm_something_is_refused_before_the_work(
    out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "in", cohort())
    put(tmp_path / "theirs", cohort().drop("crp"), "data")
    put(tmp_path / "strange", "x", "thesis.docx")
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert anonymize("in", Path(out)) == 2
    assert f"--out {out}: " in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_source_inside_the_output_is_never_replaced(tmp_path: Path) -> None:
    anonymize(put(tmp_path / "in", cohort()), tmp_path / "out")
    earlier = doubles(tmp_path / "out")
    assert anonymize(earlier, tmp_path / "out") == 2
    assert earlier.is_file()


@pytest.mark.parametrize(
    ("release", "control", "code", "said"),
    [
        (cohort().rename(str.upper), cohort(seed=2), 2, "no column in common"),
        (cohort().with_columns(age=pl.lit(SECRET)), cohort(seed=2), 2, "column 'age'"),
        (cohort(9), cohort(seed=2), 2, "the release: 9 patients"),
        (cohort(seed=1), cohort(9), 2, "the control: 9 patients"),
        (cohort(), cohort(seed=2), 3, ""),
        (cohort(seed=1), cohort(), 2, "the control holds 100% of rows"),
        (cohort(seed=1).with_columns(pl.col("age", "sbp", "crp") + 1e4), cohort(seed=2), None, "another population"),
        (cohort(seed=1), cohort(seed=2).with_columns(sbp=pl.lit(SECRET)), 2, "column 'sbp'"),
        (cohort(seed=1).select("crp", "sex", "age"), cohort(seed=2), None, ""),
    ],
)
def test_an_audit_of_another_shape_is_told_and_a_copy_fails(
    release: pl.DataFrame,
    control: pl.DataFrame,
    code: int | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"original": cohort(), "release": release, "control": control}
    paths = {name: str(put(tmp_path / name, frame, f"{name}.csv")) for name, frame in given.items()}
    left = cli.run(["audit", paths["original"], paths["release"], "--control", paths["control"], "--jobs", "1"])
    told = capsys.readouterr()
    assert left == code if code is not None else left in (0, 3)
    assert said in told.out + told.err
    assert SECRET not in told.out + told.err


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_an_interrupted_run_leaves_no_half_output(sent: signal.Signals, code: int, tmp_path: Path) -> None:
    source, out = put(tmp_path / "in", cohort(200)), tmp_path / "out"
    command = [sys.executable, "-m", "sosie", "anonymize", str(source), "--out", str(out), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        next(line for line in run.stderr if "0/" in line)
        run.send_signal(sent)
        told = run.stderr.read()
        assert run.wait(30) == code
    assert not out.exists()
    assert "Traceback" not in told
    assert anonymize(source, out) in (0, 3)
