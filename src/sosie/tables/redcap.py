"""REDCap exports: a CSV file, and the project's data dictionary when it lies beside it.

The dictionary gives labels, coded choices, types and identifiers. A longitudinal project has one row for each patient
and event: each event becomes a table of its own, and the release is the one file again. Repeating instruments are
timelines.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from sosie.cohort import Role
from sosie.errors import UnreadableError
from sosie.tables.frame import ColumnFormat, Table

KEY = "record_id"
EVENT = "redcap_event_name"
REPEATS = ("redcap_repeat_instrument", "redcap_repeat_instance")
_FIRST_HEADINGS = ("Variable / Field Name", "field_name")
_COMPLETION: Mapping[float | str, str] = {0: "Incomplete", 1: "Unverified", 2: "Complete"}
_YES_NO: Mapping[float | str, str] = {0: "No", 1: "Yes"}
_CHECKED: Mapping[float | str, str] = {0: "Unchecked", 1: "Checked"}


@dataclass(frozen=True)
class Field:
    """One variable of the data dictionary."""

    name: str
    kind: str
    label: str
    choices: Mapping[float | str, str]
    identifier: bool


def is_dictionary(path: Path) -> bool:
    """Tell whether a CSV file is a data dictionary."""
    with path.open("rb") as stream:
        head = stream.read(80).lstrip(b"\xef\xbb\xbf").lstrip(b'"')
    return head.startswith(tuple(heading.encode() for heading in _FIRST_HEADINGS))


def dictionary_beside(path: Path) -> Path | None:
    """Return the data dictionary in the folder of an export."""
    others = sorted(other for other in path.parent.glob("*.csv") if other != path)
    return next((other for other in others if is_dictionary(other)), None)


def is_export(table: Table) -> bool:
    """Tell whether a table has the columns that only REDCap writes."""
    names = set(table.frame.columns)
    marked = EVENT in names or any(name in names for name in REPEATS) or any(n.endswith("_complete") for n in names)
    return marked and table.frame.columns[0] in {KEY, "study_id", "subject_id", "participant_id"}


def fields(path: Path, file: str) -> dict[str, Field]:
    """Read a data dictionary, by variable.

    Raises
    ------
    UnreadableError
        When it is not one.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableError(file, "not a readable REDCap data dictionary; expected CSV in UTF-8") from None
    return {field.name: field for row in rows if (field := _field(row)).name}


def read(table: Table, dictionary: Mapping[str, Field]) -> list[Table]:
    """Apply the dictionary to an export; split a longitudinal one by event."""
    columns = tuple(_described(column, dictionary) for column in table.columns)
    key = table.frame.columns[0]
    columns = tuple(replace(c, role=Role.KEY) if c.name == key else c for c in columns)
    options = {**table.file.options, "order": table.frame.columns}
    table = replace(table, columns=columns, file=replace(table.file, kind="redcap", options=options))
    for name in REPEATS:
        if name in table.frame.columns and table.frame[name].null_count() < table.frame.height:
            row = int(table.frame[name].is_not_null().arg_max() or 0) + 2
            problem = (
                "a repeating instrument was found: a timeline, which this version does not anonymise; export without"
            )
            raise UnreadableError(table.file.path, problem, column=name, row=row)
    if EVENT not in table.frame.columns or table.frame[EVENT].n_unique() == 1:
        return [table]
    events = table.frame[EVENT].unique(maintain_order=True).to_list()
    return [_of_event(table, event) for event in events]


def merged(tables: Sequence[Table]) -> Table:
    """Return the events of a project as the one table that they came from."""
    first = tables[0]
    if "event" not in first.file.options:
        return first
    order = first.file.options["order"]
    assert isinstance(order, list)
    frames = [t.frame.with_columns(pl.lit(t.file.options["event"]).alias(EVENT)) for t in tables]
    whole = pl.concat(frames, how="diagonal_relaxed")
    key = first.key or first.frame.columns[0]
    # Patients in order of first appearance, each with its events: the order of an export.
    ranks = whole[key].unique(maintain_order=True).to_frame().with_row_index("rank")
    whole = whole.join(ranks, on=key, how="left", maintain_order="left").sort("rank", maintain_order=True)
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in order if name not in whole.columns]
    formats = {column.name: column for table in tables for column in table.columns}
    columns = tuple(formats.get(name, ColumnFormat(name)) for name in order)
    return replace(first, frame=whole.with_columns(absent).select(order), columns=columns)


def _field(row: Mapping[str, str]) -> Field:
    def cell(*names: str) -> str:
        return next((row[name].strip() for name in names if row.get(name)), "")

    kind = cell("Field Type", "field_type")
    choices = cell("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations")
    coded = _choices(choices) if kind in {"radio", "dropdown", "checkbox"} else {}
    return Field(
        name=cell(*_FIRST_HEADINGS),
        kind=kind,
        label=cell("Field Label", "field_label"),
        choices=_YES_NO if kind in {"yesno", "truefalse"} else coded,
        identifier=cell("Identifier?", "identifier").lower() == "y",
    )


def _choices(text: str) -> dict[float | str, str]:
    """Return the coded choices of ``1, Male | 2, Female``."""
    pairs = (choice.split(",", 1) for choice in text.split("|") if "," in choice)
    return {_code(code.strip()): label.strip() for code, label in pairs}


def _code(text: str) -> float | str:
    return int(text) if text.lstrip("-").isdigit() else text


def _described(column: ColumnFormat, dictionary: Mapping[str, Field]) -> ColumnFormat:
    name, _, choice = column.name.partition("___")
    field = dictionary.get(name)
    if field is None:
        done = column.name.endswith("_complete")
        return replace(column, value_labels=_COMPLETION, categorical=True) if done else column
    role = Role.DIRECT if field.identifier else Role.FREE_TEXT if field.kind == "notes" else column.role
    if choice:
        label = f"{field.label}: {field.choices.get(_code(choice), choice)}"
        return replace(column, role=role, label=label, value_labels=_CHECKED, categorical=True)
    labels = field.choices or None
    return replace(column, role=role, label=field.label or None, value_labels=labels, categorical=labels is not None)


def _of_event(table: Table, event: object) -> Table:
    """Return the rows of one event, without the columns that the event does not use."""
    rows = table.frame.filter(pl.col(EVENT).eq_missing(pl.lit(event)))
    key = table.frame.columns[0]
    used = [name for name in rows.columns if name == key or (name != EVENT and rows[name].null_count() < rows.height)]
    options = {**table.file.options, "event": event}
    formats = tuple(table.column(name) for name in used)
    file = replace(table.file, options=options)
    return Table(f"{table.name}.{event}", rows.select(used), formats, file)
