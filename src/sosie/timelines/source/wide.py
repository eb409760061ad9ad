"""A file with a visit in each row: what was measured then stands side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from sosie.manifest import Manifest
from sosie.timelines.checks import Fault, Problem
from sosie.timelines.events import NONE, Code, Events, Group, TimelinesPart
from sosie.timelines.source.gathering import Batch
from sosie.timelines.source.long import key_of, times
from sosie.timelines.source.sheets import Native, visit_names
from sosie.timelines.source.spelling import number


def visit_code(native: Native) -> Code:
    """Return the code of a visit itself, which is a row of the file."""
    return Code(Group.VISIT, native.stem)


def batch(native: Native, window: pl.DataFrame, row: int, manifest: Manifest) -> tuple[Batch, Native]:
    """Turn some rows into a visit each, and what was measured then.

    Parameters
    ----------
    native : Native
    window : polars.DataFrame
    row : int
        Line in the file of the first of them.
    manifest : Manifest
    """
    layout = native.layout
    lines = pl.Series("row", np.arange(row, row + len(window)))
    faults: list[Fault] = []
    time, lost = times(native.time, window, layout.time, native, lines, faults)
    end, lost_end = times(native.end, window, layout.end, native, lines, faults)
    base = pl.DataFrame([lines, key_of(window[layout.patient]), time, end, lines.cast(pl.String).alias("visit")])
    none = pl.Series("text", [None] * len(window), dtype=pl.String)
    visits = base.with_columns(pl.lit(0, pl.Int32).alias("code"), pl.lit(None, pl.Float64).alias("value"), none)
    frames, values = [visits], native.values
    for at, name in enumerate(layout.measures, start=1):
        numbers, words = _cells(native, window[name], name, lines, faults)
        told = base.with_columns(pl.lit(at, pl.Int32).alias("code"), numbers, words)
        frames.append(told.filter(numbers.is_not_null() | words.is_not_null()))
        if window[name].dtype == pl.String and name in native.numeric:
            values = values.seen(pl.repeat(name, len(window), eager=True), window[name])
    codes = [visit_code(native), *(Code(native.group, name) for name in layout.measures)]
    frame = pl.concat(frames)
    if manifest.faulty == "drop" and (lost | lost_end).any():
        frame = frame.join(pl.DataFrame({"row": lines.filter(pl.Series(lost | lost_end))}), on="row", how="anti")
    native = replace(native, codes=native.codes | frozenset(codes), values=values)
    return Batch(native.raw.name, codes, frame, native.columns, faults), native


def rows(native: Native, part: TimelinesPart, events: Events, people: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return the cells of some events, all of this file: a row for each visit, or each time where there is no visit."""
    layout = native.layout
    index = {code: at for at, code in enumerate(part.codes)}
    stamps = np.where(events.visit == NONE, np.nan_to_num(events.time, nan=-1e9), 0.0)
    groups = pl.DataFrame({"patient": events.patient, "visit": events.visit, "stamp": stamps})
    distinct = groups.unique(maintain_order=True).with_row_index("at")
    at = groups.join(distinct, on=groups.columns, how="left", maintain_order="left")["at"].to_numpy()
    size = len(distinct)
    patient = distinct["patient"].to_numpy()
    cells: dict[str, pl.Series] = {layout.patient: pl.Series(layout.patient, part.keys, dtype=pl.String)[patient]}
    for column, moment, days in ((layout.time, native.time, events.time), (layout.end, native.end, events.end)):
        if column and moment:
            first = np.full(size, np.nan)
            np.fmin.at(first, at, days)
            cells[column] = moment.written(first, column)
    if layout.visit:
        cells[layout.visit] = visit_names(native, patient, distinct["visit"].to_numpy(), layout.visit)
    for name in layout.measures:
        code = index.get(Code(native.group, name))
        mine = np.flatnonzero(events.code == code) if code is not None else np.zeros(0, dtype=np.int64)
        # What is told first in a visit is what the visit says.
        mine = mine[np.unique(at[mine], return_index=True)[1]]
        cells[name] = _written(native, part, events.at(mine), at[mine], size, name)
    cells |= {name: column[patient] for name, column in people.items()}
    frame = pl.DataFrame(
        {name: cells.get(name, pl.Series([None] * size, dtype=pl.String)) for name in native.raw.names}
    )
    began = np.full(size, np.nan)
    np.fmin.at(began, at, events.time)
    return frame[np.lexsort((began, patient))]


def _cells(
    native: Native, column: pl.Series, name: str, lines: pl.Series, faults: list[Fault]
) -> tuple[pl.Series, pl.Series]:
    nothing = pl.Series("text", [None] * len(column), dtype=pl.String)
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if column.dtype.is_numeric():
        return number(column).fill_nan(None).alias("value"), nothing
    words = column.cast(pl.String, strict=False).str.strip_chars().alias("text")
    if name not in native.numeric:
        return pl.Series("value", [None] * len(column), dtype=pl.Float64), words
    numbers = number(words).alias("value")
    words = words.set(numbers.is_not_null(), None)
    mixed = words.is_not_null().to_numpy()
    if mixed.any():
        row = int(lines[int(mixed.argmax())])
        faults.append(Fault(Problem.MIXED, native.raw.name, name, row, int(mixed.sum())))
    return numbers, words


def _written(native: Native, part: TimelinesPart, events: Events, at: np.ndarray, size: int, name: str) -> pl.Series:
    if native.kinds and (native.kinds[name].is_numeric() or native.kinds[name] == pl.Boolean):
        numbers = np.full(size, np.nan)
        numbers[at] = events.value
        return pl.Series(name, numbers).fill_nan(None)
    spelt = native.values.written(events.value, pl.repeat(name, len(events), eager=True), name)
    words = pl.Series([*part.texts, None], dtype=pl.String)[np.where(events.text == NONE, len(part.texts), events.text)]
    cells = pl.Series(name, [None] * size, dtype=pl.String)
    return cells.scatter(at, pl.select(pl.coalesce(spelt, words)).to_series())
