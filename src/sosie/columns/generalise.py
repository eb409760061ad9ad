"""Dates, ages and places that say less: shifted, grouped, cut or blanked.

One column comes in, the same column leaves, of the same type; missing values stay missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from sosie.cohort import Mask

OLDEST = 89
"""Years; everyone older is 90."""
YEAR = 365.25
FIRST, LAST = date(1901, 1, 1), date(2099, 12, 31)
"""Dates outside are placeholders: shifting one would tell the patient's shift."""


def shift(column: pl.Series, days: pl.Series) -> pl.Series:
    """Move each date by its row's number of days, times of day kept; dates that are not typed as such are blanked."""
    if column.dtype not in (pl.Date, pl.Datetime):
        return blank(column)
    frame = pl.DataFrame({"moment": column, "days": days})
    moment = pl.col("moment")
    zone = getattr(column.dtype, "time_zone", None)
    if zone:
        moment = moment.dt.replace_time_zone(None)
    moved = moment + pl.duration(days=pl.col("days"))
    placeholder = (moment.cast(pl.Date) < FIRST) | (moment.cast(pl.Date) > LAST)
    moved = pl.when(placeholder).then(moment).otherwise(moved.cast(pl.Date) if column.dtype == pl.Date else moved)
    if zone:
        moved = moved.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return frame.select(moved.cast(column.dtype).alias(column.name)).to_series()


def age(column: pl.Series) -> pl.Series:
    """Group the ages above 89 years into 90; the unit (years, months or days) is read from the largest age."""
    if column.dtype.is_numeric():
        limit = OLDEST * unit(column)
        top = pl.lit(round((OLDEST + 1) * unit(column)))
        grouped = pl.when(pl.col(column.name) >= limit + unit(column)).then(top).otherwise(pl.col(column.name))
        return column.to_frame().select(grouped.cast(column.dtype, strict=False).alias(column.name)).to_series()
    if column.dtype == pl.String:
        years = pl.col(column.name).str.extract(r"(\d+)").cast(pl.Int64, strict=False)
        grouped = pl.when(years > OLDEST).then(pl.lit("90+")).otherwise(pl.col(column.name))
        return column.to_frame().select(grouped.alias(column.name)).to_series()
    return column


def postcode(column: pl.Series) -> pl.Series:
    """Keep the first two characters; what follows becomes zeros (digits) or X (letters)."""
    if column.dtype.is_integer():
        return ((column // 1000) * 1000).cast(column.dtype).alias(column.name)
    if column.dtype != pl.String:
        return blank(column)
    value = pl.col(column.name).str.strip_chars()
    rest = value.str.slice(2).str.replace_all(r"\d", "0").str.replace_all(r"\p{L}", "X")
    return column.to_frame().select((value.str.slice(0, 2) + rest).alias(column.name)).to_series()


def blank(column: pl.Series) -> pl.Series:
    """Return a column of missing values; an enumeration becomes text, since its type lists the originals."""
    dtype = pl.String if column.dtype in (pl.Categorical, pl.Enum) else column.dtype
    return pl.Series(column.name, [None] * len(column), dtype=dtype)


def blank_where(column: pl.Series, rows: Mask) -> pl.Series:
    """Return a column with some rows missing."""
    kept = pl.when(pl.Series(rows)).then(None).otherwise(pl.col(column.name))
    return column.to_frame().select(kept.alias(column.name)).to_series()


def old(frame: pl.DataFrame, labels: Mapping[str, str]) -> Mask:
    """Tell which rows show a person above 89 years, by an age or by a birth date and a later date."""
    mask = np.zeros(frame.height, dtype=bool)
    dated = [name for name in labels if frame[name].dtype in (pl.Date, pl.Datetime)]
    births = [name for name in dated if labels[name] == "BIRTH_DATE"]
    for name, label in labels.items():
        column = frame[name]
        if label == "AGE" and column.dtype.is_numeric():
            mask |= (column >= (OLDEST + 1) * unit(column)).fill_null(False).to_numpy()
        if name not in dated or name in births:
            continue
        for birth in births:
            lived = column.cast(pl.Date).clip(None, LAST) - frame[birth].cast(pl.Date)
            real = (column.cast(pl.Date) <= LAST) & (lived.dt.total_days() >= (OLDEST + 1) * YEAR)
            mask |= real.fill_null(False).to_numpy()
    return mask


def unit(column: pl.Series) -> float:
    """Return how many of the column's units make a year."""
    top = column.max()
    if not isinstance(top, int | float) or top <= 130:
        return 1
    return 12 if top <= 130 * 12 else YEAR
