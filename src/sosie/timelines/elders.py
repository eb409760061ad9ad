"""Who is above 89 years: told by an age, or by a birth and an event 90 years later, wherever in the source.

Their births are blanked in a copy, in every file alike; so the whole source is looked at before the first file is
copied, where some file tells an age or a birth.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sosie.columns.dates import parse
from sosie.columns.generalise import LAST, OLDEST, YEAR
from sosie.timelines.redact import keys_of
from sosie.timelines.source.reader import NUMBER, Action, Sheet, Treatment
from sosie.timelines.source.spelling import number

_BORN = frozenset({"BIRTH_DATE", "BIRTH_YEAR"})
_GATHERED = 64
"""Windows whose patients are put together at once."""


def elders(sheets: Sequence[Sheet]) -> frozenset[str]:
    """Return the keys of patients above 89 years; nothing is looked at where no file tells a birth."""
    labels = {treated.label for sheet in sheets for treated in sheet.treatments.values()}
    if labels.isdisjoint(_BORN):
        return frozenset()
    found: list[pl.DataFrame] = []
    for sheet in sheets:
        if sheet.patient is None:
            continue
        for window in sheet.windows():
            found.append(_told(sheet, sheet.patient, window))
            if len(found) > _GATHERED:
                found = [_together(found)]
    whole = _together(found)
    lived = pl.col("last") - pl.col("born")
    old = (lived >= (OLDEST + 1) * YEAR) | (pl.col("age") >= OLDEST + 1)
    return frozenset(whole.filter(old.fill_null(False))["key"].to_list())


def _told(sheet: Sheet, patient: str, window: pl.DataFrame) -> pl.DataFrame:
    columns = {"born": pl.lit(None, pl.Float64), "last": pl.lit(None, pl.Float64), "age": pl.lit(None, pl.Float64)}
    frame = pl.DataFrame({"key": keys_of(window[patient])}).with_columns(**columns)
    for name, treated in sheet.treatments.items():
        if treated.action is Action.GROUP:
            frame = _highest(frame, "age", number(window[name]) / treated.unit)
        elif treated.label == "BIRTH_YEAR":
            # The last day of the year: an age is not told before it is sure.
            frame = _highest(frame, "born", (number(window[name]) + 1 - 1970) * YEAR)
        elif treated.action is Action.SHIFT:
            frame = _highest(frame, "born" if treated.label == "BIRTH_DATE" else "last", _days(window[name], treated))
    return _together([frame])


def _highest(frame: pl.DataFrame, column: str, told: pl.Series) -> pl.DataFrame:
    return frame.with_columns(pl.max_horizontal(pl.col(column), told.alias("told")).alias(column))


def _days(column: pl.Series, treated: Treatment) -> pl.Series:
    if treated.date_format == NUMBER:
        return number(column) / treated.unit
    if column.dtype.is_integer():
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        if treated.date_format is not None and not treated.date_format.startswith("%Y-%m-%d"):
            column = parse(text, treated.date_format)
        else:
            column = text.str.slice(0, 10).str.replace_all("-", "").str.slice(0, 8).str.to_date("%Y%m%d", strict=False)
    if column.dtype not in (pl.Date, pl.Datetime):
        return pl.Series([None] * len(column), dtype=pl.Float64)
    days = column.cast(pl.Date)
    # Placeholders (9999-12-31) are no dates on which anyone lived.
    return days.set((days > LAST).fill_null(False), None).cast(pl.Int32).cast(pl.Float64)


def _together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    empty = {"key": pl.String, "born": pl.Float64, "last": pl.Float64, "age": pl.Float64}
    whole = pl.concat(frames) if frames else pl.DataFrame(schema=empty)
    return whole.drop_nulls("key").group_by("key").agg(pl.col("born", "last", "age").max())
