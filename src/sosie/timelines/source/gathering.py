"""From the rows of any format to one part: patients, codes and words are numbered, faults found, events put in order.

A reader turns its files into batches; nothing of what follows depends on the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sosie.cohort import Floats
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines import checks
from sosie.timelines.checks import Fault, Problem
from sosie.timelines.events import NONE, Clock, Code, Events, Group, TimelinesPart

if TYPE_CHECKING:
    from sosie.timelines.form import Form

SCHEMA: dict[str, type[pl.DataType]] = {
    "row": pl.Int64,
    "key": pl.String,
    "time": pl.Float64,
    "end": pl.Float64,
    "code": pl.Int32,
    "value": pl.Float64,
    "text": pl.String,
    "visit": pl.String,
}
"""Columns of a batch: the line in the file (0 where it has none), the patient's key, days on the clock of the part, the
number of the code among those of the batch, the value or the word, and what names the visit among the patient's."""
PEOPLE: dict[str, type[pl.DataType]] = {
    "sex": pl.String,
    "birth": pl.Float64,
    "start": pl.Float64,
    "stop": pl.Float64,
    "dead": pl.Boolean,
}


@dataclass(frozen=True)
class Batch:
    """Some rows of one file.

    Parameters
    ----------
    file : str
        Relative to the source, with ``/``.
    codes : sequence of Code
    frame : polars.DataFrame
        Columns of `SCHEMA`; what is missing of them is null.
    columns : mapping of str to str
        Names of the columns that are the ``time``, the ``end``, the ``value`` and the ``unit``, for messages.
    faults : sequence of Fault
        What reading met.
    """

    file: str
    codes: Sequence[Code]
    frame: pl.DataFrame
    columns: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


def gather(
    batches: Iterable[Batch],
    clock: Clock,
    form: Form,
    manifest: Manifest,
    people: pl.DataFrame | None = None,
    notices: Sequence[str] = (),
) -> TimelinesPart:
    """Return the part that batches make together.

    Parameters
    ----------
    batches : iterable of Batch
    clock : Clock
    form : Form
    manifest : Manifest
        Its ``faulty`` says what becomes of events that contradict themselves.
    people : polars.DataFrame, optional
        One row a patient: ``key``, then as many columns of ``TimelinesPart.people`` as are known.
    notices : sequence of str, optional

    Raises
    ------
    UnreadableError
        When there is no event, or at the first fault where the manifest asks to stop.
    """
    rows, codes, files, columns, faults = _put_together(batches)
    nobody = rows["key"].is_null() | (rows["key"] == "")
    if nobody.any():
        lost = rows.filter(nobody)
        for file, some in lost.group_by("file", maintain_order=True):
            number = int(str(file[0]))
            faults.append(
                Fault(Problem.NO_PATIENT, files[number], columns[number].get("patient"), some["row"][0], len(some))
            )
        rows = rows.filter(~nobody)
    if not len(rows):
        raise UnreadableError(form.name, "no event of any patient; expected rows of patient, time and code")
    keys = _keys(rows["key"], people)
    rows = rows.join(pl.DataFrame({"key": keys}).with_row_index("patient"), on="key", how="left", maintain_order="left")
    rows = rows.drop("key")
    known = _people(people, keys)
    texts = rows["text"].unique(maintain_order=True).drop_nulls()
    words = pl.DataFrame({"text": texts}).with_row_index("word")
    rows = rows.join(words, on="text", how="left", maintain_order="left").drop("text").rename({"word": "text"})
    died = _deaths(rows, codes, known)
    wrong, found = checks.contradictions(rows, files, columns, _days(known["birth"]), died)
    faults += found + checks.without_unit(rows, codes, files, columns)
    if wrong.any() and manifest.faulty == "drop":
        rows = rows.filter(pl.Series(~wrong))
    empty = len(keys) - rows["patient"].n_unique()
    if empty:
        faults.append(Fault(Problem.NO_EVENTS, form.name, count=empty))
    told = checks.judge(faults, manifest)
    return TimelinesPart(
        tuple(keys),
        _completed(known, rows, codes, died),
        _events(rows, codes),
        tuple(codes),
        tuple(texts),
        clock,
        form,
        np.ones(len(keys), dtype=bool),
        (*notices, *told),
    )


_Gathered = tuple[pl.DataFrame, list[Code], list[str], list[Mapping[str, str]], list[Fault]]


def _put_together(batches: Iterable[Batch]) -> _Gathered:
    frames: list[pl.DataFrame] = []
    codes: dict[Code, int] = {}
    files: dict[str, int] = {}
    columns: list[Mapping[str, str]] = []
    faults: list[Fault] = []
    for batch in batches:
        if batch.file not in files:
            files[batch.file] = len(files)
            columns.append(batch.columns)
        moved = np.array([codes.setdefault(code, len(codes)) for code in batch.codes], dtype=np.int32)
        given = batch.frame["code"].to_numpy()
        frame = batch.frame.select(
            pl.col(name).cast(kind) if name in batch.frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in SCHEMA.items()
            if name != "code"
        )
        frames.append(
            frame.with_columns(
                pl.Series("code", moved[given] if len(moved) else given.astype(np.int32)),
                pl.lit(files[batch.file], pl.UInt16).alias("file"),
                pl.col("time", "end", "value").fill_null(float("nan")),
            )
        )
        faults += batch.faults
    empty = pl.DataFrame(schema={**SCHEMA, "file": pl.UInt16})
    return pl.concat(frames) if frames else empty, list(codes), list(files), columns, faults


def _keys(seen: pl.Series, people: pl.DataFrame | None) -> pl.Series:
    known = seen.unique(maintain_order=True)
    if people is None:
        return known
    return pl.concat([people["key"].cast(pl.String), known]).unique(maintain_order=True).alias("key")


def _people(people: pl.DataFrame | None, keys: pl.Series) -> pl.DataFrame:
    """Return one row a patient, with every column that a part has."""
    frame = pl.DataFrame({"key": keys})
    if people is not None:
        given = people.with_columns(pl.col("key").cast(pl.String)).unique("key", keep="first", maintain_order=True)
        frame = frame.join(given, on="key", how="left", maintain_order="left")
    rest = [name for name in frame.columns if name != "key" and name not in PEOPLE]
    typed = [
        pl.col(name).cast(kind, strict=False) if name in frame.columns else pl.lit(None, kind).alias(name)
        for name, kind in PEOPLE.items()
    ]
    return frame.with_columns(typed).select(*PEOPLE, *rest)


def _deaths(rows: pl.DataFrame, codes: Sequence[Code], people: pl.DataFrame) -> Floats:
    """Return the day on which each patient died: as the people say, else by the first event that is a death."""
    died = np.where(people["dead"].fill_null(False).to_numpy(), _days(people["stop"]), np.nan)
    told = np.full(len(people), np.nan)
    deadly = np.array([code.group is Group.DEATH for code in codes], dtype=bool)
    if deadly.any():
        at = np.flatnonzero(deadly[rows["code"].to_numpy()])
        np.fmin.at(told, rows["patient"].to_numpy()[at], rows["time"].to_numpy()[at])
    return np.where(np.isnan(died), told, died)


def _completed(people: pl.DataFrame, rows: pl.DataFrame, codes: Sequence[Code], died: Floats) -> pl.DataFrame:
    """Let a death that is told by an event alone end the follow-up; who has none is then known to live."""
    if not any(code.group is Group.DEATH for code in codes):
        return people
    dead = pl.Series(~np.isnan(died))
    stop = pl.Series(died).fill_nan(None)
    return people.with_columns(
        pl.coalesce(pl.when(dead).then(stop), pl.col("stop")).alias("stop"),
        pl.coalesce(pl.col("dead"), dead).alias("dead"),
    )


def _events(rows: pl.DataFrame, codes: Sequence[Code]) -> Events:
    """Put the events in order, undated ones first, and number the visits of each patient."""
    rows = rows.with_columns(_visits(rows)).with_columns(pl.col("time").fill_nan(None))
    rows = rows.sort("patient", "time", nulls_last=False, maintain_order=True)
    return Events(
        rows["patient"].cast(pl.Int32).to_numpy(),
        _days(rows["time"]),
        rows["end"].to_numpy(),
        rows["code"].to_numpy(),
        rows["value"].to_numpy(),
        rows["text"].cast(pl.Int32).fill_null(NONE).to_numpy(),
        rows["visit"].to_numpy(),
    )


def _visits(rows: pl.DataFrame) -> pl.Series:
    """Return the number of each event's visit among those of its patient, in their order of time."""
    if rows["visit"].null_count() == len(rows):
        return pl.Series("visit", np.full(len(rows), NONE, dtype=np.int32))
    began = pl.col("time").fill_nan(None).min().alias("began")
    visits = rows.filter(pl.col("visit").is_not_null()).group_by("patient", "visit", maintain_order=True).agg(began)
    visits = visits.sort("patient", "began", maintain_order=True)
    first = pl.int_range(pl.len()).over("patient").cast(pl.Int32).alias("number")
    numbered = rows.select("patient", "visit").join(
        visits.select("patient", "visit", first), on=["patient", "visit"], how="left", maintain_order="left"
    )
    return numbered["number"].fill_null(NONE).alias("visit")


def _days(column: pl.Series) -> Floats:
    return np.asarray(column.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def people_of(told: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """Return one row a patient from what messages tell of each: ``sex``, ``birth``, ``died`` (days) and ``dead``."""
    types = {"key": pl.String(), "sex": pl.String(), "birth": pl.Float64(), "stop": pl.Float64(), "dead": pl.Boolean()}
    rows = [(key, each["sex"], each["birth"], each["died"], each["dead"]) for key, each in told.items()]
    return pl.DataFrame(rows, schema=types, orient="row")
