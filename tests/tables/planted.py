"""Tables with known rules, and tables of pure noise, for the tests of rules."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from sosie.tables.frame import ColumnFormat

DECIMALS = {"weight": 1, "height": 2, "bmi": 1, "dose": 1, "fahrenheit": 2, "celsius": 1, "wait": 1}


def formats(frame: pl.DataFrame) -> list[ColumnFormat]:
    return [ColumnFormat(name, decimals=DECIMALS.get(name.split("_")[0])) for name in frame.columns]


def planted(rows: int, seed: int) -> pl.DataFrame:
    """A hospital stay: derived columns, a hierarchy, missing values that follow a reason, dates in order."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 95, rows)
    admission = [date(2019, 1, 1) + timedelta(int(day)) for day in rng.integers(0, 1000, rows)]
    birth = [day - timedelta(int(a * 365.25 + rng.integers(1, 360))) for day, a in zip(admission, age, strict=True)]
    stay = rng.geometric(0.1, rows) - 1
    ward = rng.choice(["cardiology", "surgery", "oncology", "geriatrics"], rows)
    frame = pl.DataFrame(
        {
            "ward": ward,
            "birth": birth,
            "admission": admission,
            "discharge": [day + timedelta(int(n)) for day, n in zip(admission, stay, strict=True)],
            "los": stay,
            "floor": pl.Series(ward).replace_strict({"cardiology": 1, "surgery": 1, "oncology": 2, "geriatrics": 3}),
            "weight": np.round(rng.normal(75, 14, rows).clip(35), 1),
            "height": np.round(rng.normal(1.7, 0.1, rows).clip(1.3), 2),
            "motor": rng.integers(1, 7, rows),
            "verbal": rng.integers(1, 6, rows),
            "eyes": rng.integers(1, 5, rows),
            "sex": rng.choice(["f", "m"], rows),
            "pregnancies": rng.poisson(2, rows),
            "lab": np.where(rng.random(rows) < 0.3, np.nan, np.round(rng.lognormal(3, 1, rows))),
        }
    ).with_columns(pl.col("lab").fill_nan(None), pl.col("weight").shuffle(seed))
    years = pl.Series([_age(b, a) for b, a in zip(birth, admission, strict=True)])
    frame = frame.with_columns(
        pl.when(pl.Series(rng.random(rows) < 0.1)).then(None).otherwise(pl.col("weight")).alias("weight"),
        pl.when(pl.col("sex") == "m").then(None).otherwise(pl.col("pregnancies")).alias("pregnancies"),
    )
    return frame.with_columns(
        bmi=(pl.col("weight") / pl.col("height") ** 2).round(1),
        coma=pl.col("motor") + pl.col("verbal") + pl.col("eyes"),
        age=years,
        group=years.cut([39, 64], labels=["young", "middle", "old"]).cast(pl.String),
        lab_done=pl.col("lab").is_not_null(),
        lab_two=pl.col("lab") + pl.Series(rng.integers(1, 20, rows)),
        seen=pl.Series([datetime(2020, 1, 1) + timedelta(minutes=int(m)) for m in rng.integers(0, 400_000, rows)]),
    )


def noise(rows: int, seed: int) -> pl.DataFrame:
    """Independent columns of every type, some with missing values, heaps of zeros or rare levels."""
    rng = np.random.default_rng(seed)
    shares = (0.5, 0.3, 0.1, 0.9, 0.97)
    columns: dict[str, object] = {f"flag_{i}": (rng.random(rows) < share) * 1 for i, share in enumerate(shares)}
    columns |= {f"level_{n}": rng.choice(list("abcdefg")[:n], rows, p=rng.dirichlet(np.ones(n))) for n in (3, 5, 7)}
    columns |= {f"count_{n}": rng.integers(0, n, rows) for n in (5, 20, 100, 1000)}
    columns |= {f"weight_{i}": np.round(rng.lognormal(3, 0.5, rows), 1) for i in range(3)}
    columns |= {f"zero_{i}": np.where(rng.random(rows) < 0.6, 0, rng.integers(0, 99, rows)) for i in range(2)}
    days = {f"day_{i}": rng.integers(0, 900, rows) for i in range(2)}
    columns |= {name: [date(2020, 1, 1) + timedelta(int(day)) for day in drawn] for name, drawn in days.items()}
    lacking = {"weight_1": 0.3, "count_20": 0.1, "level_5": 0.5, "day_1": 0.2, "flag_1": 0.15}
    return pl.DataFrame(columns).with_columns(
        pl.when(pl.Series(rng.random(rows) < share)).then(None).otherwise(pl.col(name)).alias(name)
        for name, share in lacking.items()
    )


def _age(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
