"""Which files of a source are files of events, and what their columns are.

Files that are one table with a row for each patient, tables of notes, and the folders of other formats (OMOP) are left
to who reads them.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from sosie.errors import UnreadableError
from sosie.folders import files_in
from sosie.manifest import Manifest, TimelinesManifest
from sosie.timelines.source import delimited, parquet
from sosie.timelines.source.delimited import Delimited
from sosie.timelines.source.layout import Layout, layout_of
from sosie.timelines.source.parquet import Parquet

Raw = Delimited | Parquet
TEXT = frozenset({".csv", ".tsv", ".tab"})
NOT_EVENTS = (UnreadableError, OSError, PolarsError, csv.Error, ValueError, LookupError)
"""What a file that is nobody's may raise: whether it is a table is for the reader of tables to say."""
_FEW = 20
"""Patients in the head of a file; below, more of it is looked at."""
_OMOP = frozenset(
    {"visit_occurrence", "condition_occurrence", "drug_exposure", "measurement", "observation_period", "death"}
)


@dataclass(frozen=True)
class EventFile:
    """One file of events.

    Parameters
    ----------
    raw : Delimited or Parquet
    layout : Layout
    declared : TimelinesManifest
    """

    raw: Raw
    layout: Layout
    declared: TimelinesManifest

    @property
    def stem(self) -> str:
        """File name without its extension."""
        return self.raw.path.stem


def event_files(place: Path | str, manifest: Manifest, *, glance: bool = False) -> tuple[EventFile, ...]:
    """Return the files of events of a source, in the order of their names.

    Parameters
    ----------
    place : Path or str
        A file or a folder; an address holds none.
    manifest : Manifest
    glance : bool
        Whether to read no more than the head of each.

    Raises
    ------
    ManifestError
        When a file that the manifest declares lacks a column that it names.
    UnreadableError
        When a file that the manifest declares is not what its name says.
    """
    if isinstance(place, str) and "://" in place:
        return ()
    opened = _opened(Path(place), manifest, glance)
    headers = Counter(name for raw in opened for name in raw.names)
    shared = frozenset(name for name, count in headers.items() if count > 1)
    found = []
    for raw in opened:
        declared = manifest.timelines.get(raw.path.stem)
        try:
            layout = _layout(raw, declared, manifest.patient, shared)
        except NOT_EVENTS:
            if declared is not None:
                raise
            continue
        if layout is not None:
            found.append(EventFile(raw, layout, declared or TimelinesManifest()))
    return tuple(found)


def _opened(place: Path, manifest: Manifest, glance: bool) -> list[Raw]:
    paths = [(place, place.name)] if place.is_file() else list(files_in(place))
    lists = {said.hierarchy for said in manifest.timelines.values()}
    stems = {path.stem.lower() for path, _ in paths}
    if "person" in stems and not stems.isdisjoint(_OMOP):
        return []
    opened: list[Raw] = []
    for path, name in paths:
        declared = path.stem in manifest.timelines
        elsewhere = path.stem in manifest.tables or path.stem in manifest.notes
        suffix = path.suffix.lower()
        if suffix not in TEXT | parquet.SUFFIXES or path.name in lists or (elsewhere and not declared):
            continue
        try:
            opened.append(
                Delimited.of(path, name, manifest.table(path.stem), glance=glance)
                if suffix in delimited.SUFFIXES
                else Parquet.of(path, name)
            )
        except NOT_EVENTS:
            if declared:
                raise
    return opened


def _layout(raw: Raw, declared: TimelinesManifest | None, patient: str | None, shared: frozenset[str]) -> Layout | None:
    head = raw.head()
    found = layout_of(head, declared, patient, shared, raw.name)
    if found is None or head[found.patient].n_unique() >= _FEW:
        return found
    more = next(raw.windows(), head)
    return layout_of(more, declared, patient, shared, raw.name) if len(more) > len(head) else found


def typed(frame: pl.DataFrame, raw: Raw) -> dict[str, pl.DataType]:
    """Return the types of columns that a file types; nothing for text."""
    return dict(frame.schema) if isinstance(raw, Parquet) else {}
