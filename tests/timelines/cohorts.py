"""Generated cohorts with planted truths: a code that kills, a measurement that rises before death, a pair of codes."""

from __future__ import annotations

import numpy as np
import polars as pl

from sosie.timelines.events import NONE, Clock, Code, Events, Group, TimelinesPart
from sosie.timelines.form import Form

CODES = (
    Code(Group.CONDITION, "mortal"),
    Code(Group.CONDITION, "friend"),
    Code(Group.CONDITION, "companion"),
    Code(Group.MEASUREMENT, "lab", unit="g/L"),
    Code(Group.CONDITION, "I10.91", "ICD10"),
    Code(Group.CONDITION, "I10.92", "ICD10"),
    Code(Group.CONDITION, "rare"),
    Code(Group.DEATH, "death"),
)
MORTAL, FRIEND, COMPANION, LAB, CHILD, OTHER_CHILD, RARE, DEATH = range(len(CODES))


def cohort(n: int = 1_000, seed: int = 0, clock: Clock = Clock.CALENDAR) -> TimelinesPart:
    """Make patients; one in five has the mortal code, which raises the chance of death from 0.1 to 0.6."""
    rng = np.random.default_rng(seed)
    age, sex = rng.uniform(20, 80, n), rng.random(n) < 0.5
    followed = np.floor(rng.uniform(400, 3_000, n))
    mortal = rng.random(n) < 0.2
    friend = rng.random(n) < 0.4
    dead = rng.random(n) < np.where(mortal, 0.6, 0.1)
    origin = np.zeros(n) if clock is Clock.RELATIVE else np.floor(rng.uniform(14_000, 16_000, n))
    rows: list[tuple[int, float, int, float]] = []
    for patient in range(n):
        days = np.unique(np.floor(rng.uniform(0, followed[patient], rng.integers(2, 12))))
        level = rng.normal(10 + 2 * dead[patient], 1)
        rows += [
            (patient, day, LAB, level + rng.normal(0, 0.5) + dead[patient] * day / followed[patient]) for day in days
        ]
        if mortal[patient]:
            rows.append((patient, days[0], MORTAL, np.nan))
        if friend[patient]:
            rows += [(patient, days[-1], code, np.nan) for code in (FRIEND, COMPANION)]
        if patient % 100 < 2:
            rows.append((patient, days[0], CHILD if patient % 2 else OTHER_CHILD, np.nan))
        if patient < 3:
            rows.append((patient, days[0], RARE, np.nan))
        if dead[patient]:
            rows.append((patient, followed[patient], DEATH, np.nan))
    rows.sort(key=lambda row: row[:3])
    patient, day, code, value = (np.array(column) for column in zip(*rows, strict=True))
    none = np.full(len(rows), NONE, dtype=np.int32)
    events = Events(
        patient.astype(np.int32),
        day + origin[patient],
        np.full(len(rows), np.nan),
        code.astype(np.int32),
        np.round(value, 1),
        none,
        none,
    )
    people = pl.DataFrame(
        {
            "sex": np.where(sex, "F", "M"),
            "birth": np.floor(origin - age * 365.25),
            "start": origin,
            "stop": origin + followed,
            "dead": dead,
            "centre": [f"c{patient % 3}" for patient in range(n)],
        }
    )
    keys = tuple(f"p{patient}" for patient in range(n))
    form = Form("long", "generated")
    return TimelinesPart(keys, people, events, CODES, (), clock, form, np.ones(n, dtype=bool))


def visits(n: int = 300, seed: int = 0) -> TimelinesPart:
    """Make patients with hospital visits that last, during which things are measured and diagnosed."""
    rng = np.random.default_rng(seed)
    codes = (Code(Group.VISIT, "stay"), Code(Group.CONDITION, "flu"), Code(Group.MEASUREMENT, "crp"))
    rows: list[tuple[int, float, float, int, float, int]] = []
    for patient in range(n):
        starts = np.sort(rng.uniform(10_000, 12_000, rng.integers(1, 5)))
        for number, start in enumerate(starts):
            end = start + rng.uniform(0.5, 6)
            rows.append((patient, start, end, 0, np.nan, number))
            rows.append((patient, start, end, 1, np.nan, number))
            rows += [(patient, rng.uniform(start, end), np.nan, 2, rng.gamma(2, 20), number) for _ in range(3)]
    rows.sort(key=lambda row: (row[0], row[1], row[3]))
    patient, time, end, code, value, visit = (np.array(column) for column in zip(*rows, strict=True))
    events = Events(
        patient.astype(np.int32),
        time,
        end,
        code.astype(np.int32),
        value,
        np.full(len(rows), NONE, dtype=np.int32),
        visit.astype(np.int32),
    )
    none = [None] * n
    people = pl.DataFrame(
        {"sex": ["F", "M"] * (n // 2), "birth": none, "start": none, "stop": none, "dead": none},
        schema={"sex": pl.String, "birth": pl.Float64, "start": pl.Float64, "stop": pl.Float64, "dead": pl.Boolean},
    )
    keys = tuple(str(patient) for patient in range(n))
    return TimelinesPart(keys, people, events, codes, (), Clock.CALENDAR, Form("long", "v"), np.ones(n, dtype=bool))
