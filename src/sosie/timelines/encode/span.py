"""When each patient was watched: an origin, the first event before it, the end of follow-up, death."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.timelines.events import Clock, Group, TimelinesPart

YEAR = 365.25


@dataclass(frozen=True)
class Spans:
    """Days of each patient, counted from the origin but for the origin itself; NaN where unknown.

    Parameters
    ----------
    origin : ndarray of float64, shape (patients,)
        On the clock of the part: 0 on a relative one, the start of follow-up or the first event on a calendar.
    lead : ndarray of float64, shape (patients,)
        From the first event to the origin, 0 where none is before it.
    followed : ndarray of float64, shape (patients,)
    dead : ndarray of float64, shape (patients,)
        1, 0 or NaN.
    """

    origin: Floats
    lead: Floats
    followed: Floats
    dead: Floats


def number(part: TimelinesPart, name: str) -> Floats:
    """Return a column of people as numbers, NaN where it is missing or not there, shape (patients,)."""
    import polars as pl

    if name not in part.people.columns:
        return np.full(len(part.keys), np.nan)
    return part.people[name].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().astype(np.float64)


def of_group(part: TimelinesPart, group: Group) -> Mask:
    """Tell which events are of a group, shape (events,)."""
    named = np.array([code.group is group for code in part.codes], dtype=bool)
    return named[part.events.code] if len(named) else np.zeros(len(part.events), dtype=bool)


def spans(part: TimelinesPart) -> Spans:
    """Return when each patient was watched."""
    events, n = part.events, len(part.keys)
    time, start, stop = events.time, number(part, "start"), number(part, "stop")
    dated, death = ~np.isnan(time), of_group(part, Group.DEATH)
    earliest = _extreme(np.fmin, events.patient, np.where(death, np.nan, time), n)
    latest = np.fmax(
        _extreme(np.fmax, events.patient, time, n),
        _extreme(np.fmax, events.patient, np.where(death, np.nan, events.end), n),
    )
    died = _extreme(np.fmin, events.patient, np.where(death & dated, time, np.nan), n)
    told = number(part, "dead")
    dead = np.where(np.isnan(told) & part.present, np.where(np.isnan(died), np.nan, 1.0), told)
    if death.any():
        dead = np.where(np.isnan(dead) & part.present, 0.0, np.where(~np.isnan(died), 1.0, dead))
    origin = np.zeros(n) if part.clock is Clock.RELATIVE else np.where(np.isnan(start), earliest, start)
    last = np.where(np.isnan(died), np.where(np.isnan(stop), latest, stop), died)
    lead = np.maximum(np.nan_to_num(origin - earliest), 0.0)
    followed = np.maximum(last - origin, 0.0)
    return Spans(origin, np.where(part.present, lead, np.nan), np.where(part.present, followed, np.nan), dead)


def _extreme(ufunc: np.ufunc, patient: np.ndarray, values: Floats, n: int) -> Floats:
    out = np.full(n, np.nan)
    ufunc.at(out, patient, values)
    return out
