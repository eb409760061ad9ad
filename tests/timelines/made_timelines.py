"""Fictitious timelines, drawn from a few laws that the tests know."""

from dataclasses import replace

import numpy as np
import polars as pl

from sosie.timelines.events import NONE, Clock, Code, Events, Group, TimelinesPart
from sosie.timelines.form import Form

VISIT, ALT, CREATININE, GLUCOSE, HYPERTENSION, DIABETES, METFORMIN, SMEAR, DEATH = range(9)
CODES = (
    Code(Group.VISIT, "consultation"),
    Code(Group.MEASUREMENT, "1742-6", "LOINC", "U/L"),
    Code(Group.MEASUREMENT, "2160-0", "LOINC", "umol/L"),
    Code(Group.MEASUREMENT, "2345-7", "LOINC", "mmol/L"),
    Code(Group.CONDITION, "I10", "CIM-10"),
    Code(Group.CONDITION, "E11", "CIM-10"),
    Code(Group.DRUG, "A10BA02", "ATC"),
    Code(Group.MEASUREMENT, "smear"),
    Code(Group.DEATH, "death"),
)
TEXTS = ("negative", "positive")
LEVELS = {ALT: (35.0, 0.4, 0.15), CREATININE: (80.0, 0.2, 0.08), GLUCOSE: (5.5, 0.15, 0.1)}
"""Usual value; how patients differ, and how a patient's values differ, on a logarithmic scale."""


def timelines(patients: int = 200, seed: int = 0, clock: Clock = Clock.RELATIVE) -> TimelinesPart:
    """Draw patients who are followed for some years: visits, laboratory values, diagnoses that last, deaths."""
    rng = np.random.default_rng(seed)
    shift = rng.uniform(14_000, 18_000, patients).round() if clock is Clock.CALENDAR else np.zeros(patients)
    age = np.clip(rng.normal(58, 13, patients), 18, 95)
    sex = rng.choice(["F", "M"], patients)
    dies = rng.exponential(9_000 * np.exp(-0.07 * (age - 58)))
    stop = np.minimum(np.floor(dies) + 1, rng.uniform(400, 3_600, patients).round())
    dead = dies < stop
    rows: list[tuple[int, float, float, int, float, int, int]] = []
    for row in range(patients):
        rows += _of_one(row, float(age[row]), float(stop[row]), bool(dead[row]), rng)
    table = np.array(sorted(rows, key=lambda event: (event[0], event[1])))
    patient = table[:, 0].astype(np.int32)
    events = Events(
        patient=patient,
        time=table[:, 1] + shift[patient],
        end=table[:, 2] + shift[patient],
        code=table[:, 3].astype(np.int32),
        value=table[:, 4],
        text=table[:, 5].astype(np.int32),
        visit=table[:, 6].astype(np.int32),
    )
    people = pl.DataFrame(
        {
            "sex": sex,
            "birth": shift - (age * 365.25).round(),
            "start": shift,
            "stop": shift + stop,
            "dead": dead,
            "bmi": rng.normal(26, 4, patients).round(1),
        }
    )
    keys = tuple(f"p{row}" for row in range(patients))
    form = Form("long", "events")
    return TimelinesPart(keys, people, events, CODES, TEXTS, clock, form, np.ones(patients, dtype=bool))


def shifted(part: TimelinesPart, seed: int = 0) -> TimelinesPart:
    """Move all the dates of each patient by as many days of their own."""
    days = np.random.default_rng(seed).integers(30, 365, len(part.keys)).astype(float)
    mine = days[part.events.patient]
    dated = [pl.col(name) + pl.Series(days) for name in ("birth", "start", "stop")]
    return replace(
        part,
        events=replace(part.events, time=part.events.time + mine, end=part.events.end + mine),
        people=part.people.with_columns(dated),
    )


def _of_one(
    row: int, age: float, stop: float, dead: bool, rng: np.random.Generator
) -> list[tuple[int, float, float, int, float, int, int]]:
    events = []
    levels = {code: usual * np.exp(rng.normal(0, between)) for code, (usual, between, _) in LEVELS.items()}
    diabetic, hypertensive = rng.random() < 0.25, rng.random() < 0.02 * (age - 35)
    at, visit = 0.0, 0
    while at < stop:
        events.append((row, at, at, VISIT, np.nan, NONE, visit))
        for code, (_, _, within) in LEVELS.items():
            if rng.random() < 0.7:
                raised = 1.5 if code == GLUCOSE and diabetic else 1.0
                value = round(float(levels[code] * raised * np.exp(rng.normal(0, within))), 1)
                events.append((row, at, np.nan, code, value, NONE, visit))
        if diabetic:
            events.append((row, at, np.nan, DIABETES if visit == 0 else METFORMIN, np.nan, NONE, visit))
        if hypertensive and visit == 0:
            events.append((row, at, np.nan, HYPERTENSION, np.nan, NONE, visit))
        if rng.random() < 0.3:
            events.append((row, at, np.nan, SMEAR, np.nan, int(rng.random() < 0.2), visit))
        at += max(1.0, float(np.round(rng.gamma(2.0, 90.0 if diabetic else 130.0))))
        visit += 1
    if dead:
        events.append((row, stop, np.nan, DEATH, np.nan, NONE, NONE))
    return events
