"""What the columns of one file of events are: declared by the manifest, else found by their names and their cells.

The first rows of a file come in; a layout leaves, or nothing where the file is no file of events: a table with one row
for each patient, or a table of notes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from sosie.columns.vocabulary import split
from sosie.errors import ManifestError
from sosie.manifest import TimelinesManifest
from sosie.timelines.source import names
from sosie.timelines.source.moments import moment_of
from sosie.timelines.source.names import COLUMNS

_REPEATED = 1.2
"""Rows a patient, on average: fewer are the slips of a table."""
_SEVERAL = 5
"""Patients with several rows without whom nothing is told to be the same for all rows of a patient."""
_NOTE = 200
"""Median characters of a column of notes."""
_CODES = 0.5
"""A code is not another in each row."""


@dataclass(frozen=True)
class Layout:
    """The columns of one file, by what they are.

    Parameters
    ----------
    patient : str
    time, end, code, value, unit, visit : str, optional
        A file without ``code`` is wide: each of its ``measures`` is one.
    fixed : tuple of str
        Never changes within a patient.
    measures : tuple of str
        Of a wide file.
    others : tuple of str
        Told of each event beside its value, and not modelled.
    """

    patient: str
    time: str | None = None
    end: str | None = None
    code: str | None = None
    value: str | None = None
    unit: str | None = None
    visit: str | None = None
    fixed: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether a row is a visit."""
        return self.code is None


def layout_of(
    head: pl.DataFrame,
    declared: TimelinesManifest | None,
    patient: str | None = None,
    shared: Collection[str] = (),
    file: str = "",
) -> Layout | None:
    """Return what the columns of a file are; None where it is no file of events.

    Parameters
    ----------
    head : polars.DataFrame
        Its first rows.
    declared : TimelinesManifest, optional
        A file that is declared is one of events.
    patient : str, optional
        Column of the patient key, as the manifest names it for all files.
    shared : collection of str
        Columns that other files of the source have too.
    file : str
        For messages.

    Raises
    ------
    ManifestError
        When the manifest names a column that the file lacks, or none can be the patient's.
    """
    said = declared or TimelinesManifest()
    _exist(said, head.columns, file)
    key = said.patient or _patient(head, patient, shared, sure=declared is not None)
    if key is None or not len(head):
        if declared is not None:
            raise ManifestError(f"{file}: no column names the patient; declare `patient` in `timelines` of sosie.yaml")
        return None
    if declared is None and (_one_row_each(head[key]) or _notes(head)):
        return None
    rest = [name for name in head.columns if name != key]
    fixed = _fixed(head, key, rest)
    moving = [name for name in rest if name not in fixed]
    time, end = _times(head, moving, said)
    if time is None and declared is None:
        return None
    taken = {time, end, said.value, said.unit, said.visit}
    free = [name for name in moving if name not in taken]
    # What all rows of a file share (one unit, one test) does not change within a patient either.
    still = [name for name in fixed if name not in taken]
    unit = said.unit or _first(names.called(free, COLUMNS["unit"]) + names.called(still, COLUMNS["unit"], within=False))
    visit = said.visit or _first([name for name in names.called(free, COLUMNS["visit"]) if not _varied(head[name])])
    able = [name for name in free if name not in (unit, visit)]
    value = said.value or _first(
        names.called(able, COLUMNS["value"]) + names.called(still, COLUMNS["value"], within=False)
    )
    free = [name for name in free if name not in (unit, visit, value)]
    code = said.code or _code(head, free, value)
    if code is None and value is not None:
        code = _first(names.called(still, COLUMNS["code"], within=False))
    named = {code, value, unit, said.visit, time, end} if code is not None else {said.visit, time, end}
    fixed = [name for name in fixed if name not in named]
    if code is None:
        measures = [name for name in moving if name not in (time, end, visit)]
        return Layout(key, time, end, visit=visit, fixed=tuple(fixed), measures=tuple(measures))
    others = [name for name in free if name != code]
    return Layout(key, time, end, code, value, unit, visit, tuple(fixed), others=tuple(others))


def _exist(said: TimelinesManifest, columns: Sequence[str], file: str) -> None:
    for role in ("patient", "time", "end", "code", "value", "unit", "visit"):
        name = getattr(said, role)
        if name is not None and name not in columns:
            raise ManifestError(f"{file}: no column {name!r}, which the manifest declares as its `{role}`")


def _patient(head: pl.DataFrame, declared: str | None, shared: Collection[str], sure: bool) -> str | None:
    if declared is not None and declared in head.columns:
        return declared
    named = names.called(head.columns, COLUMNS["patient"], within=False)
    if named:
        return named[0]
    likely = names.called(head.columns, COLUMNS["perhaps"], within=False)
    likely += [name for name in head.columns if name in shared and split(name)[-1:] in (("id",), ("num",), ("no",))]
    return next((name for name in likely if sure or not _one_row_each(head[name])), None)


def _one_row_each(key: pl.Series) -> bool:
    return len(key.drop_nulls()) < _REPEATED * max(key.drop_nulls().n_unique(), 1)


def _notes(head: pl.DataFrame) -> bool:
    texts = [column.drop_nulls() for column in head.iter_columns() if column.dtype == pl.String]
    lengths = [text.str.len_chars().median() for text in texts if len(text)]
    return any(isinstance(length, int | float) and length >= _NOTE for length in lengths)


def _fixed(head: pl.DataFrame, key: str, rest: Sequence[str]) -> list[str]:
    """Return the columns that are the same in all rows of each patient."""
    if not rest:
        return []
    several = head.filter(pl.len().over(key) > 1)
    if several[key].n_unique() < _SEVERAL:
        return []
    most = several.group_by(key).agg(pl.col(rest).drop_nulls().n_unique()).select(pl.col(rest).max()).row(0)
    return [name for name, found in zip(rest, most, strict=True) if found <= 1]


def _times(head: pl.DataFrame, moving: Sequence[str], said: TimelinesManifest) -> tuple[str | None, str | None]:
    given = {said.code, said.value, said.unit, said.visit, said.end, said.time}
    able = [
        name
        for name in moving
        if name not in given
        and not names.says(name, COLUMNS["birth"] + COLUMNS["death"])
        and _is_time(head[name], name)
    ]
    dated = [name for name in able if (moment := moment_of(head[name], name)) is not None and moment.calendar]
    ends = [name for name in names.called(able, COLUMNS["end"]) if name in dated or len(able) > 1]
    starts = [name for name in names.called(able, COLUMNS["time"]) if name not in ends]
    first = [name for name in starts if name in dated] + starts + [name for name in dated if name not in ends]
    time = said.time or _first(first) or _first(ends)
    end = said.end or _first([name for name in ends if name != time])
    return time, end


def _is_time(column: pl.Series, name: str) -> bool:
    moment = moment_of(column, name)
    return moment is not None and (moment.calendar or names.called([name], COLUMNS["time"] + COLUMNS["end"]) != [])


def _code(head: pl.DataFrame, free: Sequence[str], value: str | None) -> str | None:
    """Return the column that says what happened: words that come again, beside a value or alone."""
    able = [name for name in free if not _varied(head[name]) and not _measured(head[name])]
    named = names.called(able, COLUMNS["code"])
    if value is not None:
        return _first(named) or _first([name for name in able if head[name].dtype == pl.String])
    # Without a column of values, a file of many columns that change has one measurement in each.
    numbers = [name for name in free if _measured(head[name])]
    return _first(named) if len(numbers) <= 1 else None


def _varied(column: pl.Series) -> bool:
    values = column.drop_nulls()
    return len(values) > 0 and values.n_unique() > max(_CODES * len(values), 20)


def _measured(column: pl.Series) -> bool:
    """Tell numbers that are quantities: fractions, or text that is nearly all numbers and of many values."""
    values = column.drop_nulls()
    if values.dtype.is_float():
        return True
    if values.dtype != pl.String:
        return False
    numbers = values.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return len(values) > 0 and numbers.null_count() < 0.2 * len(values)


def _first(found: Sequence[str]) -> str | None:
    return found[0] if found else None
