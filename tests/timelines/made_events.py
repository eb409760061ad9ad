"""Events of invented patients, as files; nobody's data."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

TESTS = {"glucose": (5.5, 1.0, "mmol/L"), "creatinine": (80.0, 12.0, "umol/L"), "sodium": (140.0, 3.0, "mmol/L")}


def long_rows(patients: int = 40, seed: int = 1) -> pl.DataFrame:
    """Return a few results a patient: patient, date, test, result, unit."""
    rng = np.random.default_rng(seed)
    rows = []
    for patient in range(1, patients + 1):
        day = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 300)))
        for _ in range(int(rng.integers(2, 5))):
            for test, (mean, spread, unit) in TESTS.items():
                rows.append((1000 + patient, day, test, round(float(rng.normal(mean, spread)), 1), unit))
            day += timedelta(days=int(rng.integers(5, 90)))
    return pl.DataFrame(rows, schema=["patient", "date", "test", "result", "unit"], orient="row")


def french(path: Path, frame: pl.DataFrame) -> None:
    """Write results as a French spreadsheet does: semicolons, commas, days first, cp1252."""
    lines = ["patient;date;analyse;résultat;unité"]
    for patient, day, test, result, unit in frame.iter_rows():
        lines.append(f"{patient};{day:%d/%m/%Y};{test};{str(result).replace('.', ',')};{unit}")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))


def visits(patients: int = 30, seed: int = 2) -> pl.DataFrame:
    """Return a visit a row: patient, sex, age, follow-up, day, two measurements."""
    rng = np.random.default_rng(seed)
    rows = []
    for patient in range(1, patients + 1):
        sex, age, followed = "mf"[patient % 2], round(float(rng.uniform(30, 88)), 2), int(rng.integers(400, 900))
        for visit in range(int(rng.integers(2, 6))):
            edema = [0.0, 0.5, 1.0][int(rng.integers(3))]
            bilirubin = None if rng.random() < 0.1 else round(float(rng.lognormal(0, 1)), 1)
            rows.append((patient, sex, age, followed, visit * 90 + int(rng.integers(0, 9)), edema, bilirubin))
    return pl.DataFrame(rows, schema=["id", "sex", "age", "futime", "day", "edema", "bili"], orient="row")


def meds(folder: Path, patients: int = 30, seed: int = 3) -> None:
    """Write a folder of MEDS with two shards."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, datetime | None, str, float | None, str | None]] = []
    for patient in range(1, patients + 1):
        rows.append((patient, None, f"GENDER//{'MF'[patient % 2]}", None, None))
        rows.append(
            (patient, datetime(1950, 1, 1) + timedelta(days=int(rng.integers(0, 9000))), "MEDS_BIRTH", None, None)
        )
        at = datetime(2020, 1, 1, 8, 30) + timedelta(days=int(rng.integers(0, 300)))
        for _ in range(3):
            rows.append((patient, at, "LAB//glucose//mmol/L", round(float(rng.normal(5.5, 1)), 1), None))
            rows.append((patient, at, "LAB//culture", None, "positive" if rng.random() < 0.5 else "negative"))
            at += timedelta(days=int(rng.integers(2, 40)), hours=3)
        if patient % 5 == 0:
            rows.append((patient, at, "MEDS_DEATH", None, None))
    schema = {
        "subject_id": pl.Int64,
        "time": pl.Datetime("us"),
        "code": pl.String,
        "numeric_value": pl.Float32,
        "text_value": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    last = patients * 2 // 3
    for name, some in (("train", pl.col("subject_id") <= last), ("held_out", pl.col("subject_id") > last)):
        (folder / "data" / name).mkdir(parents=True)
        frame.filter(some).write_parquet(folder / "data" / name / "0.parquet")
    (folder / "metadata").mkdir()
    splits = ["train" if patient <= last else "held_out" for patient in range(1, patients + 1)]
    told = pl.DataFrame(
        {"subject_id": range(1, patients + 1), "split": splits}, schema_overrides={"subject_id": pl.Int64}
    )
    told.write_parquet(folder / "metadata" / "subject_splits.parquet")
    codes = pl.DataFrame({"code": ["LAB//glucose//mmol/L"], "description": ["Glucose"], "count": [90]})
    codes.write_parquet(folder / "metadata" / "codes.parquet")
    (folder / "metadata" / "dataset.json").write_text('{"dataset_name": "made", "meds_version": "0.3.3"}')
