"""Open data sets of timelines, as parts: NAFLD, the sequel of the PBC trial, the MIMIC-IV demo; many times over."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl

from sosie.cohort import Rows
from sosie.timelines.events import NONE, Clock, Code, Events, Group, TimelinesPart
from sosie.timelines.form import Form

MISSING = ["NA", ""]
MEASURED = ("chol", "hdl", "sbp", "dbp", "smoke", "fib4")
LABS = ("bili", "chol", "albumin", "alk.phos", "ast", "platelet", "protime")
SIGNS = ("ascites", "hepato", "spiders", "edema", "stage")
TABLES = (
    ("condition", Group.CONDITION, "condition_concept_id", "condition_start_datetime", "condition_end_datetime"),
    ("drug", Group.DRUG, "drug_concept_id", "drug_exposure_start_datetime", "drug_exposure_end_datetime"),
    ("procedure", Group.PROCEDURE, "procedure_concept_id", "procedure_datetime", None),
)
FILES = {"condition": "condition_occurrence", "drug": "drug_exposure", "procedure": "procedure_occurrence"}


def data_folder() -> Path:
    """Return the folder of open data sets."""
    return Path(os.environ.get("SOSIE_BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def nafld() -> TimelinesPart:
    """People of NAFLD, their tests and events, days from their index date."""
    folder = data_folder() / "timelines"
    people = pl.read_csv(folder / "nafld1.csv", null_values=MISSING)
    tests = pl.read_csv(folder / "nafld2.csv", null_values=MISSING).select("id", "days", "value", code="test")
    events = pl.read_csv(folder / "nafld3.csv", null_values=MISSING).select(
        "id", "days", pl.lit(None, dtype=pl.Float64).alias("value"), code="event"
    )
    deaths = people.filter(pl.col("status") == 1).select(
        "id",
        pl.col("futime").alias("days"),
        pl.lit(None, dtype=pl.Float64).alias("value"),
        pl.lit("death").alias("code"),
    )
    static = people.select(
        "id",
        sex=pl.when(pl.col("male") == 1).then(pl.lit("M")).otherwise(pl.lit("F")),
        birth=-pl.col("age") * 365.25,
        start=pl.lit(None, dtype=pl.Float64),
        stop=pl.col("futime").cast(pl.Float64),
        dead=pl.col("status") == 1,
        weight="weight",
        height="height",
        bmi="bmi",
    )
    return _part("nafld", static, pl.concat([tests, events, deaths]), Clock.RELATIVE, set(MEASURED))


def pbcseq() -> TimelinesPart:
    """The 312 patients of the PBC trial and their visits, days from inclusion."""
    frame = pl.read_csv(data_folder() / "timelines" / "pbcseq.csv", null_values=MISSING)
    people = frame.unique("id", keep="first", maintain_order=True)
    events = [
        frame.select("id", days="day", value=pl.col(name).cast(pl.Float64), code=pl.lit(name)).drop_nulls("value")
        for name in (*LABS, *SIGNS)
    ]
    deaths = people.filter(pl.col("status") == 2).select(
        "id", days="futime", value=pl.lit(None, dtype=pl.Float64), code=pl.lit("death")
    )
    static = people.select(
        "id",
        sex=pl.col("sex").str.to_uppercase(),
        birth=-pl.col("age") * 365.25,
        start=pl.lit(None, dtype=pl.Float64),
        stop=pl.col("futime").cast(pl.Float64),
        dead=pl.col("status") == 2,
        trt=pl.col("trt").cast(pl.String),
    )
    return _part("pbcseq", static, pl.concat([*events, deaths]), Clock.RELATIVE, {*LABS, *SIGNS})


def mimic() -> TimelinesPart:
    """The 100 patients of the MIMIC-IV demo in OMOP: visits, conditions, drugs, procedures, deaths; on a calendar."""
    folder = data_folder() / "omop" / "mimic4_demo"
    person = _omop(folder, "person").with_row_index("row")
    visits = _omop(folder, "visit_occurrence").select(
        id="person_id",
        days=_day("visit_start_datetime"),
        end=_day("visit_end_datetime"),
        code=pl.lit("visit:") + pl.col("visit_concept_id"),
        number="visit_occurrence_id",
    )
    tables = [
        _omop(folder, FILES[name]).select(
            id="person_id",
            days=_day(start),
            end=_day(end) if end else pl.lit(None, dtype=pl.Float64),
            code=pl.lit(f"{name}:") + pl.col(concept),
            number="visit_occurrence_id",
        )
        for name, _, concept, start, end in TABLES
    ]
    deaths = _omop(folder, "death").select(
        id="person_id",
        days=_day("death_datetime"),
        end=pl.lit(None, dtype=pl.Float64),
        code=pl.lit("death"),
        number=pl.lit(None, dtype=pl.String),
    )
    events = pl.concat([visits, *tables, deaths]).with_columns(value=pl.lit(None, dtype=pl.Float64))
    ranks = visits.sort("id", "days").with_columns(visit=pl.int_range(pl.len()).over("id"))
    events = events.join(ranks.select("number", "visit"), on="number", how="left")
    watched = _omop(folder, "observation_period").select(
        id="person_id",
        start=_day("observation_period_start_date"),
        stop=_day("observation_period_end_date"),
    )
    watched = watched.group_by("id").agg(pl.col("start").min(), pl.col("stop").max() + 1.0)
    static = (
        person.select(
            id="person_id",
            sex=pl.when(pl.col("gender_concept_id") == "8507").then(pl.lit("M")).otherwise(pl.lit("F")),
            birth=pl.date(pl.col("year_of_birth").cast(pl.Int32), 1, 1).cast(pl.Int32).cast(pl.Float64),
            race="race_concept_id",
        )
        .join(watched, on="id", how="left", maintain_order="left")
        .join(deaths.select("id", dead=pl.lit(True)), on="id", how="left", maintain_order="left")
        .with_columns(pl.col("dead").fill_null(False))
    )
    return _part("mimic4_demo", static, events, Clock.CALENDAR, set())


def repeated(part: TimelinesPart, times: int) -> TimelinesPart:
    """Return a cohort many times as large."""
    return part.take(np.tile(np.arange(len(part.keys)), times))


def split(part: TimelinesPart, seed: int) -> tuple[TimelinesPart, TimelinesPart]:
    """Return a training half and a holdout half of the patients."""
    order = np.random.default_rng(seed).permutation(len(part.keys))
    half = len(order) // 2
    return part.take(np.sort(order[:half])), part.take(np.sort(order[half:]))


def _omop(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / f"{name}.csv", infer_schema=False, null_values=[""])


def _day(name: str) -> pl.Expr:
    moment = pl.col(name).str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    date = pl.col(name).str.slice(0, 10).str.to_datetime("%Y-%m-%d", strict=False)
    return pl.coalesce(moment, date).dt.epoch("s") / 86_400.0


def _kind(name: str, measured: set[str]) -> Group:
    if name == "death":
        return Group.DEATH
    if name in measured:
        return Group.MEASUREMENT
    if name.startswith("visit:"):
        return Group.VISIT
    return next((group for table, group, *_ in TABLES if name.startswith(f"{table}:")), Group.CONDITION)


def _part(name: str, people: pl.DataFrame, events: pl.DataFrame, clock: Clock, measured: set[str]) -> TimelinesPart:
    rows = people.select("id", row=pl.int_range(pl.len()))
    events = events.join(rows, on="id").sort("row", "days", "code", nulls_last=False, maintain_order=True)
    names = sorted(events["code"].unique().to_list())
    size = len(events)

    def numbers(column: str) -> np.ndarray:
        if column not in events.columns:
            return np.full(size, np.nan)
        return events[column].cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)

    visit = numbers("visit")
    code = events["code"].replace_strict(names, list(range(len(names))), return_dtype=pl.Int32)
    table = Events(
        events["row"].to_numpy().astype(np.int32),
        numbers("days"),
        numbers("end"),
        code.to_numpy().astype(np.int32),
        numbers("value"),
        np.full(size, NONE, dtype=np.int32),
        np.where(np.isnan(visit), NONE, np.nan_to_num(visit)).astype(np.int32),
    )
    keys = tuple(str(key) for key in people["id"])
    codes = tuple(Code(_kind(each, measured), each) for each in names)
    own = ["sex", "birth", "start", "stop", "dead"]
    static = people.select(*own, *(column for column in people.columns if column not in {"id", *own}))
    present: Rows = np.ones(len(keys), dtype=bool)
    return TimelinesPart(keys, static, table, codes, (), clock, Form("long", name), present)
