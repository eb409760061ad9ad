"""How long patients were followed, and whether they were dead then: what other modalities end their stories by."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl

from sosie.cohort import Floats
from sosie.columns.durations import unit_of
from sosie.tables.followup import CENSORED, HAPPENED
from sosie.tables.frame import ColumnFormat, Table
from sosie.tables.targets import DURATION, EVENT

_OTHER = re.compile(r"(?i)relapse|rechute|recidive|progress|arrest|pfs|dfs|rfs|efs")
"""Ends of follow-up that are no deaths."""


def told(tables: Sequence[Table], patients: int) -> tuple[Floats | None, Floats | None]:
    """Return the days for which each patient was followed, and 1 where they died at the end, 0 where not.

    The columns are those that a survival target of the manifest names, else a pair whose names say so. The unit of a
    duration is what its name or its label says (``os_months``, ``suivi_annees``, a label "Follow-up (years)"): weeks,
    months of 30.44 days, years of 365.25; days where they say nothing. An event whose name says that it is something
    else than a death (a relapse, a progression) does not tell who died.

    Parameters
    ----------
    tables : sequence of Table
    patients : int

    Returns
    -------
    followed, dead : ndarray of float64, shape (patients,), or None
        None where no column tells; NaN for a patient of whom it does not.
    """
    for table in tables:
        pair = _pair(table)
        if pair is None:
            continue
        duration, event = pair
        unit = unit_of(duration.name)
        days = _numbers(table.frame[duration.name]) * (unit if unit != 1 else unit_of(duration.label or ""))
        return days, None if _OTHER.search(event.name) else _happened(table.frame[event.name])
    return None, None


def _pair(table: Table) -> tuple[ColumnFormat, ColumnFormat] | None:
    by_use = {column.follow: column for column in table.columns if column.name in table.frame.columns}
    if "duration" in by_use and "event" in by_use:
        return by_use["duration"], by_use["event"]
    durations = [c for c in table.columns if _called(DURATION, c.name) and _numeric(table, c.name)]
    events = [c for c in table.columns if _called(EVENT, c.name) and 2 <= table.frame[c.name].n_unique() <= 4]
    return (durations[0], events[0]) if len(durations) == len(events) == 1 else None


def _called(pattern: re.Pattern[str], name: str) -> bool:
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    return any(pattern.match(word) for word in words)


def _numeric(table: Table, name: str) -> bool:
    return name in table.frame.columns and table.frame.schema[name].is_numeric()


def _numbers(column: pl.Series) -> Floats:
    values = column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    return np.where(values >= 0, values, np.nan)


def _happened(column: pl.Series) -> Floats:
    """Return 1 where the event happened: the largest number, or the word that says so."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        top = np.nanmax(values, initial=1.0)
        return np.where(np.isnan(values), np.nan, (values >= top).astype(np.float64))
    words = column.cast(pl.String).str.strip_chars().str.to_lowercase().to_list()
    said = [None if word is None else _said(word) for word in words]
    return np.array([np.nan if each is None else each for each in said], dtype=np.float64)


def _said(word: str) -> float | None:
    return 1.0 if HAPPENED.fullmatch(word) else 0.0 if CENSORED.fullmatch(word) else None
