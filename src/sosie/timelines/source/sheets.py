"""How one file of events tells what it tells, learned from its first window: what writing it again needs.

Nothing here is of one patient: names of columns, types, formats of dates, decimals of most values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from sosie.errors import ManifestError
from sosie.manifest import Manifest
from sosie.timelines.events import Code, Group
from sosie.timelines.source import names
from sosie.timelines.source.files import EventFile, Raw, typed
from sosie.timelines.source.layout import Layout
from sosie.timelines.source.moments import Moment, moment_of
from sosie.timelines.source.people import Fixed, fixed_of
from sosie.timelines.source.spelling import Values, number

_SHARED = 0.5
"""Names of visits that patients share are words for their rank, not identifiers."""


@dataclass(frozen=True)
class Native:
    """One file of events, as it is written.

    Parameters
    ----------
    raw : Delimited or Parquet
    layout : Layout
    kinds : mapping of str to polars type
        Of the columns that are typed in the file.
    time, end : Moment, optional
    group : Group
        Of its events.
    vocabulary : str
    fixed : tuple of Fixed
    values : Values
        By the code of a long file, by the column of a wide one.
    numeric : frozenset of str
        Measures of a wide file that are numbers.
    visits : str
        ``rank`` where patients share the names of visits, ``number`` or ``word`` where they are identifiers.
    codes : frozenset of Code
        What the file holds.
    others : mapping of str to mapping
        For each column beside, its cell by code, where the code tells it.
    """

    raw: Raw
    layout: Layout
    kinds: dict[str, pl.DataType] = field(repr=False)
    time: Moment | None
    end: Moment | None
    group: Group
    vocabulary: str = ""
    fixed: tuple[Fixed, ...] = ()
    values: Values = field(default_factory=Values)
    numeric: frozenset[str] = frozenset()
    visits: str = "rank"
    codes: frozenset[Code] = field(default=frozenset(), repr=False)
    others: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    @property
    def stem(self) -> str:
        """Name of the file without its extension."""
        return Path(self.raw.name).stem

    @property
    def columns(self) -> dict[str, str]:
        """Names of the columns by what they are, for messages."""
        layout = self.layout
        roles = ("patient", "time", "end", "value", "unit")
        return {role: name for role in roles if (name := getattr(layout, role)) is not None}


def native_of(file: EventFile, first: pl.DataFrame, manifest: Manifest) -> Native:
    """Return how a file tells its events, from its first window.

    Raises
    ------
    ManifestError
        When the column that is declared as the time holds neither dates nor numbers.
    """
    layout = file.layout
    time = _moment(first, layout.time, file)
    end = _moment(first, layout.end, file)
    calendar = time is not None and time.calendar
    events = [target.event for target in manifest.targets if target.event is not None]
    people = first.group_by(layout.patient, maintain_order=True).agg(pl.col(layout.fixed).drop_nulls().first())
    numeric = frozenset(name for name in layout.measures if _numeric(first[name]))
    told = Group(file.declared.group) if file.declared.group else _group(file, first)
    return Native(
        file.raw,
        layout,
        typed(first, file.raw),
        time,
        end,
        told,
        names.vocabulary_of(layout.code or "") or names.vocabulary_of(file.stem),
        tuple(fixed_of(people[name], events, calendar) for name in layout.fixed),
        Values(comma=_comma(first, [layout.value] if layout.value else sorted(numeric))),
        numeric,
        _visits(first, layout),
    )


def _moment(first: pl.DataFrame, column: str | None, file: EventFile) -> Moment | None:
    if column is None:
        return None
    found = moment_of(first[column], column)
    if found is None and first[column].null_count() < len(first):
        raise ManifestError(f"{file.raw.name}, column {column!r}: neither dates nor numbers of days; check `timelines`")
    return found


def _group(file: EventFile, first: pl.DataFrame) -> Group:
    """Return what the events of a file are: as its columns or its name say, else by whether they have values."""
    said = names.group_of(file.layout.code or "", file.stem)
    if said is not None and said is not Group.DEATH:
        return said
    value = file.layout.value
    if file.layout.wide or (value is not None and _numeric(first[value])):
        return Group.MEASUREMENT
    return Group.OTHER


def _numeric(column: pl.Series) -> bool:
    values = column.drop_nulls()
    return len(values) == 0 or number(values).null_count() < 0.5 * len(values)


def _comma(first: pl.DataFrame, columns: Sequence[str]) -> bool:
    cells = [first[name].drop_nulls() for name in columns if first[name].dtype == pl.String]
    return any(bool(cell.str.contains(r"^\s*-?\d+,\d+\s*$").any()) for cell in cells)


def _visits(first: pl.DataFrame, layout: Layout) -> str:
    if layout.visit is None:
        return "rank"
    pairs = first.select(layout.patient, layout.visit).drop_nulls().unique()
    shared = pairs[layout.visit].n_unique() < _SHARED * len(pairs)
    digits = number(pairs[layout.visit]).null_count() == 0
    return "rank" if shared else "number" if digits else "word"


def visit_names(native: Native, patient: np.ndarray, visit: np.ndarray, name: str) -> pl.Series:
    """Return what names visits, which are given by their number among those of their patient; null for none."""
    if native.visits == "rank":
        cells = pl.Series(name, visit + 1, dtype=pl.Int64)
    else:
        pairs = patient.astype(np.int64) * (int(visit.max(initial=0)) + 1) + visit
        cells = pl.Series(name, np.unique(pairs, return_inverse=True)[1] + 1, dtype=pl.Int64)
    text = ("V" + cells.cast(pl.String)) if native.visits == "word" else cells.cast(pl.String)
    return text.set(pl.Series(visit < 0), None).alias(name)
