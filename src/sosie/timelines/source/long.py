"""A file with an event in each row: patient, time, code, value, unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from sosie.manifest import Manifest
from sosie.timelines.checks import Fault, Problem
from sosie.timelines.events import NONE, Code, Events, Group, TimelinesPart
from sosie.timelines.source import names
from sosie.timelines.source.gathering import Batch
from sosie.timelines.source.moments import Moment
from sosie.timelines.source.sheets import Native, visit_names
from sosie.timelines.source.spelling import number


def batch(native: Native, window: pl.DataFrame, row: int, manifest: Manifest) -> tuple[Batch, Native]:
    """Turn some rows into events; what they show of decimals and of other columns is kept.

    Parameters
    ----------
    native : Native
    window : polars.DataFrame
    row : int
        Line in the file of the first of them.
    manifest : Manifest
    """
    layout = native.layout
    assert layout.code is not None
    lines = pl.Series("row", np.arange(row, row + len(window)))
    faults: list[Fault] = []
    time, lost = times(native.time, window, layout.time, native, lines, faults)
    end, lost_end = times(native.end, window, layout.end, native, lines, faults)
    words = window[layout.code].cast(pl.String).str.strip_chars().fill_null("")
    units = (
        window[layout.unit].cast(pl.String).str.strip_chars() if layout.unit else pl.repeat("", len(words), eager=True)
    )
    coded = pl.DataFrame({"word": words, "unit": units.fill_null("")})
    distinct = coded.unique(maintain_order=True).with_row_index("code")
    codes = [code_of(native, word, unit) for _, word, unit in distinct.iter_rows()]
    frame = coded.join(distinct, on=["word", "unit"], how="left", maintain_order="left").select("code")
    value, text = _values(native, window, words, lines, faults)
    frame = frame.with_columns(
        lines, key_of(window[layout.patient]), time, end, value, text, _visit(window, layout.visit)
    )
    if manifest.faulty == "drop":
        frame = frame.filter(pl.Series(~(lost | lost_end)))
    if layout.value and window[layout.value].dtype == pl.String:
        native = replace(native, values=native.values.seen(words, window[layout.value]))
    native = replace(native, codes=native.codes | frozenset(codes), others=_others(native, window, words))
    return Batch(native.raw.name, codes, frame, native.columns, faults), native


def rows(native: Native, part: TimelinesPart, events: Events, people: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return the cells of some events, all of this file.

    Parameters
    ----------
    native : Native
    part : TimelinesPart
    events : Events
    people : mapping of str to polars.Series
        Cells of the columns that do not change, one a patient.
    """
    layout = native.layout
    codes = pl.Series([code.code for code in part.codes], dtype=pl.String)[events.code]
    cells: dict[str, pl.Series] = {
        layout.patient: pl.Series(layout.patient, part.keys, dtype=pl.String)[events.patient]
    }
    if layout.time and native.time:
        cells[layout.time] = native.time.written(events.time, layout.time)
    if layout.end and native.end:
        cells[layout.end] = native.end.written(events.end, layout.end)
    cells[str(layout.code)] = codes
    if layout.value:
        cells[layout.value] = _written(native, part, events, codes, layout.value)
    if layout.unit:
        units = pl.Series([code.unit or None for code in part.codes], dtype=pl.String)
        cells[layout.unit] = units[events.code]
    if layout.visit:
        cells[layout.visit] = visit_names(native, events.patient, events.visit, layout.visit)
    for name, told in native.others.items():
        cells[name] = codes.replace_strict(told, default=None, return_dtype=pl.String)
    cells |= {name: column[events.patient] for name, column in people.items()}
    return pl.DataFrame(
        {name: cells.get(name, pl.Series([None] * len(events), dtype=pl.String)) for name in native.raw.names}
    )


def code_of(native: Native, word: str, unit: str = "") -> Code:
    """Return a code of a file."""
    return Code(Group.DEATH if names.is_death(word) else native.group, word, native.vocabulary, unit)


def key_of(column: pl.Series) -> pl.Series:
    """Return the keys of patients as text; a whole number has no decimals."""
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    return column.cast(pl.String).str.strip_chars().alias("key")


def times(
    moment: Moment | None,
    window: pl.DataFrame,
    column: str | None,
    native: Native,
    lines: pl.Series,
    faults: list[Fault],
) -> tuple[pl.Series, np.ndarray]:
    """Return a column of days, and which of its cells could not be read."""
    role = "time" if column == native.layout.time else "end"
    if moment is None or column is None:
        return pl.Series(role, np.full(len(window), np.nan)), np.zeros(len(window), dtype=bool)
    days = moment.days(window[column])
    lost = np.isnan(days) & window[column].is_not_null().to_numpy()
    for problem, mask in ((Problem.UNREADABLE_TIME, lost), (Problem.ZONES, moment.other_zones(window[column]))):
        if mask.any():
            faults.append(Fault(problem, native.raw.name, column, int(lines[int(mask.argmax())]), int(mask.sum())))
    return pl.Series(role, days), lost


def _values(
    native: Native, window: pl.DataFrame, codes: pl.Series, lines: pl.Series, faults: list[Fault]
) -> tuple[pl.Series, pl.Series]:
    """Return numbers, and the words that stand where no number does."""
    column = native.layout.value
    if column is None:
        nothing = pl.Series("value", np.full(len(window), np.nan))
        return nothing, pl.Series("text", [None] * len(window), dtype=pl.String)
    cells = window[column]
    numbers = number(cells).alias("value")
    if cells.dtype.is_numeric():
        return numbers, pl.Series("text", [None] * len(window), dtype=pl.String)
    words = cells.cast(pl.String).str.strip_chars().set(numbers.is_not_null(), None).alias("text")
    if words.null_count() < len(words):
        share = numbers.is_not_null().cast(pl.Float64)
        frame = pl.DataFrame({"code": codes, "share": share, "word": words.is_not_null()})
        mixed = frame.select(pl.col("word") & (pl.col("share").mean().over("code") > 0.5)).to_series().to_numpy()
        if mixed.any():
            row = int(lines[int(mixed.argmax())])
            faults.append(Fault(Problem.MIXED, native.raw.name, column, row, int(mixed.sum())))
    return numbers, words


def _visit(window: pl.DataFrame, column: str | None) -> pl.Series:
    if column is None:
        return pl.Series("visit", [None] * len(window), dtype=pl.String)
    return window[column].cast(pl.String).str.strip_chars().alias("visit")


def _others(native: Native, window: pl.DataFrame, codes: pl.Series) -> dict[str, dict[str, str]]:
    """Return, for each column that the code alone tells (its label, its system), the cell of each code."""
    told: dict[str, dict[str, str]] = {}
    for name in native.layout.others:
        before = native.others.get(name, {})
        if native.codes and not before:
            continue
        pairs = pl.DataFrame({"code": codes, "cell": window[name].cast(pl.String, strict=False)}).drop_nulls().unique()
        if len(pairs) and pairs["code"].n_unique() == len(pairs) < 0.5 * len(window):
            told[name] = {**dict(pairs.iter_rows()), **before}
    return told


def _written(native: Native, part: TimelinesPart, events: Events, codes: pl.Series, name: str) -> pl.Series:
    if native.kinds:
        numbers = pl.Series(name, events.value).fill_nan(None)
        if native.kinds[name].is_numeric():
            return numbers
    cells = native.values.written(events.value, codes, name)
    words = pl.Series([*part.texts, None], dtype=pl.String)[np.where(events.text == NONE, len(part.texts), events.text)]
    return pl.select(pl.coalesce(cells, words).alias(name)).to_series()
