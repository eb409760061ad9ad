"""Files of events in CSV and Parquet, an event or a visit in each row, alone or together in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.events import Clock, TimelinesPart
from sosie.timelines.form import Form
from sosie.timelines.source import long, wide
from sosie.timelines.source.files import EventFile, event_files
from sosie.timelines.source.gathering import Batch, gather
from sosie.timelines.source.long import key_of
from sosie.timelines.source.people import together
from sosie.timelines.source.reader import Sheet, Take, Treatment
from sosie.timelines.source.sheets import Native, native_of
from sosie.timelines.source.treatments import treatments_of

EMPTIED = "{file}: columns other than patient, time, code, value, unit and visit are left empty in the doubles: {names}"
ALONE = "the file holds the events of one patient alone; put those of all patients in one file"
CLOCKS = "dates in some files and numbers of days in others; keep one kind, or declare the columns in `timelines`"


class Flat:
    """Long and wide files."""

    kinds = frozenset({"long", "wide"})

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether some file is one of events."""
        return bool(event_files(place, manifest, glance=True))

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the files of events."""
        return frozenset(file.raw.path for file in event_files(place, manifest, glance=True))

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read every file of events, window by window, into one part."""
        name = Path(place).name
        reading = _Reading(manifest)
        natives: list[Native] = []
        batches: list[Batch] = []
        for file in event_files(place, manifest):
            native: Native | None = None
            row = 2
            for window in file.raw.windows():
                native = native or native_of(file, window, manifest)
                turned, native = (wide if native.layout.wide else long).batch(native, window, row, manifest)
                batches.append(turned)
                reading.people_of(native, window)
                row += len(window)
            if native is not None:
                natives.append(native)
        clocks = {native.time.calendar for native in natives if native.time is not None}
        if len(clocks) > 1:
            raise UnreadableError(name, CLOCKS)
        if not natives:
            raise UnreadableError(name, "no event; expected rows of patient, time and code, or a visit a row")
        kind = "wide" if all(native.layout.wide for native in natives) else "long"
        clock = Clock.CALENDAR if True in clocks else Clock.RELATIVE
        form = Form(kind, name, {"files": tuple(natives)})
        _of_several(batches)
        return gather(batches, clock, form, manifest, together(reading.people), list(_emptied(natives)))

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write each file as it was; a code that several files had is in the first of them."""
        natives = cast("Sequence[Native]", part.form.details["files"])
        taken = np.zeros(len(part.codes), dtype=bool)
        for native in natives:
            mine = np.array([code in native.codes for code in part.codes], dtype=bool) & ~taken
            taken |= mine
            events = part.events.at(np.flatnonzero(mine[part.events.code]))
            people = {fixed.name: fixed.written(part.people) for fixed in native.fixed}
            frame = (wide if native.layout.wide else long).rows(native, part, events, people)
            with native.raw.writing(directory / native.raw.name) as take:
                take(_typed(frame, native))

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return the files of events, for a copy."""
        return tuple(FlatSheet.of(file, manifest.k) for file in event_files(place, manifest))


@dataclass(frozen=True)
class FlatSheet:
    """One file of events, for a copy."""

    file: EventFile
    treatments: Mapping[str, Treatment]

    @classmethod
    def of(cls, file: EventFile, k: int) -> FlatSheet:
        """Look at the first window of a file."""
        first = next(file.raw.windows(), None)
        return cls(file, {} if first is None else treatments_of(file, first, k))

    @property
    def name(self) -> str:
        """Path relative to the source."""
        return self.file.raw.name

    @property
    def patient(self) -> str | None:
        """Column of the patient's key."""
        return self.file.layout.patient

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield the rows."""
        return self.file.raw.windows()

    def writing(self, target: Path) -> AbstractContextManager[Take]:
        """Open the copy of the file."""
        return self.file.raw.writing(target)


@dataclass
class _Reading:
    """What does not change within a patient, gathered as windows pass."""

    manifest: Manifest
    people: list[pl.DataFrame] = field(default_factory=list)

    def people_of(self, native: Native, window: pl.DataFrame) -> None:
        columns = [native.layout.patient, *(fixed.name for fixed in native.fixed)]
        if len(columns) == 1:
            return
        once = window.select(columns).group_by(native.layout.patient, maintain_order=True)
        first = once.agg(pl.col(columns[1:]).drop_nulls().first())
        told = [key_of(first[native.layout.patient])]
        for fixed in native.fixed:
            told += [column.alias(name) for name, column in fixed.read(first[fixed.name]).items()]
        frame = pl.DataFrame({column.name: column for column in reversed(told)})
        self.people.append(frame.select(column for column in reversed(frame.columns)))


def _of_several(batches: Sequence[Batch]) -> None:
    """Refuse a file of one patient alone: its name would stand beside doubles' events."""
    keys: dict[str, set[str]] = {}
    for batch in batches:
        seen = keys.setdefault(batch.file, set())
        if len(seen) < 2:
            seen.update(batch.frame["key"].drop_nulls().head(100_000).unique().to_list())
    alone = next((file for file, seen in keys.items() if len(seen) == 1), None)
    if alone is not None:
        raise UnreadableError(alone, ALONE)


def _emptied(natives: Sequence[Native]) -> Iterator[str]:
    for native in natives:
        lost = [name for name in native.layout.others if name not in native.others]
        if lost:
            yield EMPTIED.format(file=native.raw.name, names=", ".join(lost))


def _typed(frame: pl.DataFrame, native: Native) -> pl.DataFrame:
    """Give columns the types of the file, where all their cells fit."""
    cast_ = []
    for name, kind in native.kinds.items():
        column = frame[name]
        if kind.is_integer() and column.dtype.is_float():
            column = column.round()
        fitting = column.cast(kind, strict=False) if column.dtype != kind else column
        cast_.append(fitting if fitting.null_count() == column.null_count() else column)
    return frame.with_columns(cast_)
