"""The tables of an OMOP source as sheets, for a pseudonymised copy: what identifies in each of their columns.

Keys of persons and of everything else become other numbers, the same in every table; dates move; names, places, notes
and free words go. A zip is copied as the folder it holds, the tables of a database as Parquet files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from sosie.cohort import Role
from sosie.timelines.source import delimited, parquet
from sosie.timelines.source.omop import specification
from sosie.timelines.source.omop.base import Base, Stored
from sosie.timelines.source.reader import Action, Take, Treatment

WINDOW = 500_000
LONG = 40
"""Characters of a cell, beyond which a column holds sentences."""
BIRTH = ("year_of_birth", "month_of_birth", "day_of_birth")

_KEY = Treatment(Action.PSEUDONYM, "PATIENT_KEY", Role.KEY, digits=True)
_OTHER_KEY = Treatment(Action.PSEUDONYM, "IDENTIFIER", Role.DIRECT, kind="omop", digits=True)
_DATE = Treatment(Action.SHIFT, "DATE", Role.DATE)
_BORN = Treatment(Action.SHIFT, "BIRTH_DATE", Role.QUASI)
_WORDS = Treatment(Action.BLANK, "FREE_TEXT", Role.FREE_TEXT, words=True)
_NOTE = Treatment(Action.BLANK, "FREE_TEXT", Role.FREE_TEXT)
_PLACE = Treatment(Action.BLANK, "ADDRESS", Role.QUASI)
_NAMED: Mapping[str, Treatment] = {
    "person_id": _KEY,
    "subject_id": _KEY,
    "fact_id_1": _OTHER_KEY,
    "fact_id_2": _OTHER_KEY,
    "event_id": _OTHER_KEY,
    "year_of_birth": _BORN,
    "month_of_birth": _BORN,
    "day_of_birth": _BORN,
    "birth_datetime": _BORN,
    "zip": Treatment(Action.TRUNCATE, "POSTCODE", Role.QUASI),
    **dict.fromkeys(("address_1", "address_2", "city", "county", "latitude", "longitude"), _PLACE),
    "provider_name": Treatment(Action.BLANK, "PRACTITIONER", Role.DIRECT),
    "npi": Treatment(Action.BLANK, "PRACTITIONER", Role.DIRECT),
    "dea": Treatment(Action.BLANK, "PRACTITIONER", Role.DIRECT),
    "care_site_name": Treatment(Action.BLANK, "ORGANISATION", Role.QUASI),
    **dict.fromkeys(("note_title", "note_text", "snippet", "lexical_variant", "sig"), _NOTE),
    **dict.fromkeys(
        ("unique_device_id", "production_id", "lot_number"), Treatment(Action.BLANK, "DEVICE", Role.DIRECT)
    ),
    "measurement_time": Treatment(Action.BLANK, "DATE", Role.DATE),
}
_VERBATIM = Treatment(
    Action.BLANK, "IDENTIFIER", Role.DIRECT, reason="The source's own name of a person, a stay or a place."
)
_OF_ONE = frozenset(
    {"person", "visit", "visit_detail", "provider", "care_site", "location", "note", "specimen", "family"}
)
"""Whose source value, or identifier in the source, names one thing; other source values are codes."""


@dataclass(frozen=True)
class TableSheet:
    """One table.

    Parameters
    ----------
    table : str
        Its name in the model.
    name : str
        Path of its copy.
    stored : Stored
    raw : delimited.Delimited or parquet.Parquet, optional
        Its file, where it is one: read and written window by window in its own spelling.
    """

    table: str
    name: str
    stored: Stored
    raw: delimited.Delimited | parquet.Parquet | None

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return self.stored.columns if self.raw is None else self.raw.names

    @property
    def patient(self) -> str | None:
        """The column of persons."""
        wanted = ("subject_id",) if self.table.startswith("cohort") else ("person_id",)
        return next((name for name in self._columns if name.lower() in wanted), None)

    @cached_property
    def treatments(self) -> Mapping[str, Treatment]:
        """What identifies, by column; nothing in vocabularies."""
        if self.table in (*specification.VOCABULARY, "cdm_source"):
            return {}
        sentences = self._sentences()
        found = {name: _treatment(self.table, name.lower(), name in sentences) for name in self._columns}
        return {name: treated for name, treated in found.items() if treated is not None and name not in self._merged}

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield the cells; a birth told in three columns is one date."""
        if self.raw is not None:
            yield from (self._together(window) for window in self.raw.windows())
            return
        spelt = {name.lower(): name for name in self._columns}
        frame = self.stored.read(tuple(spelt))
        if len(frame):
            yield from (self._together(some) for some in frame.rename(spelt).iter_slices(WINDOW))

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Open the copy of this table."""
        if self.raw is not None:
            with self.raw.writing(target) as take:
                yield lambda frame: take(self._apart(frame))
            return
        frames: list[pl.DataFrame] = []
        yield lambda frame: frames.append(self._apart(frame))
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = pl.concat(frames, how="vertical_relaxed") if frames else self._nothing()
        if self.name.endswith(".parquet"):
            whole.write_parquet(target)
        else:
            whole.write_csv(target, separator=getattr(self.stored, "separator", ","))

    def _nothing(self) -> pl.DataFrame:
        return pl.DataFrame(schema=dict.fromkeys(self._columns, pl.String()))

    @cached_property
    def _born(self) -> dict[str, str]:
        """The columns of a birth, as the source spells them."""
        return {name.lower(): name for name in self._columns if self.table == "person" and name.lower() in BIRTH}

    @cached_property
    def _merged(self) -> frozenset[str]:
        return frozenset(name for lower, name in self._born.items() if lower != BIRTH[0])

    def _together(self, frame: pl.DataFrame) -> pl.DataFrame:
        if BIRTH[0] not in self._born:
            return frame
        year, *rest = (self._born.get(name) for name in BIRTH)
        told = pl.col(str(year)).cast(pl.Int64, strict=False).cast(pl.String).str.zfill(4)
        for name in rest:
            part = (
                pl.col(name).cast(pl.Int64, strict=False).cast(pl.String).str.zfill(2)
                if name
                else pl.lit(None, pl.String)
            )
            told = pl.when(part.is_not_null() & (told.str.len_chars() >= 4)).then(told + "-" + part).otherwise(told)
        return frame.with_columns(told.alias(str(year))).drop(self._merged)

    def _apart(self, frame: pl.DataFrame) -> pl.DataFrame:
        if BIRTH[0] not in self._born:
            return frame
        parts = frame[self._born[BIRTH[0]]].cast(pl.String).str.split("-")
        cells = {
            self._born[name]: parts.list.get(at, null_on_oob=True).cast(pl.Int64, strict=False)
            for at, name in enumerate(BIRTH)
            if name in self._born
        }
        text = not isinstance(self.raw, parquet.Parquet)
        typed = [column.cast(pl.String if text else pl.Int64).alias(name) for name, column in cells.items()]
        return frame.with_columns(typed).select(self._columns)

    def _sentences(self) -> frozenset[str]:
        """Return the columns of words that hold sentences, by their first window."""
        first = next(self.windows(), None)
        if first is None:
            return frozenset()
        words = [name for name, kind in first.schema.items() if kind == pl.String]
        return frozenset(name for name in words if bool((first[name].str.len_chars() > LONG).any()))


def sheets(base: Base) -> Sequence[TableSheet]:
    """Return the tables of a source, persons first."""
    made = [_sheet(base, table, stored) for table, stored in base.tables.items()]
    return sorted(made, key=lambda sheet: (sheet.table != "person", sheet.name))


def _sheet(base: Base, table: str, stored: Stored) -> TableSheet:
    path = Path(str(base.place)) / stored.file
    if base.kind == "folder" and stored.file.lower().endswith(".parquet"):
        return TableSheet(table, stored.file, stored, parquet.Parquet.of(path, stored.file))
    if base.kind == "folder" and not stored.file.lower().endswith(".gz"):
        return TableSheet(table, stored.file, stored, delimited.Delimited.of(path, stored.file))
    stem = Path(base.name).stem if base.kind in ("zip", "duckdb") else "omop"
    name = stored.file.removesuffix(".gz") if base.kind in ("zip", "folder") else f"{stored.file}.parquet"
    return TableSheet(table, name if base.kind == "folder" else f"{stem}/{name}", stored, None)


def _treatment(table: str, column: str, sentences: bool) -> Treatment | None:
    """Return what becomes of a column of the model, or of one that a site added."""
    fields: Mapping[str, Any] = {
        **specification.tables("5.3").get(table, {}),
        **specification.tables("5.4").get(table, {}),
    }
    field = fields.get(column)
    if column in _NAMED:
        return _NAMED[column]
    what = column.removesuffix("_source_value").removesuffix("_source_id")
    if what != column and what in _OF_ONE:
        return _VERBATIM
    if field is None:
        # What a site added is not known: numbers stay, words and dates go.
        return _WORDS
    if column.endswith("_event_id") or field.primary or (field.refers and field.refers not in specification.VOCABULARY):
        return None if field.type.startswith("varchar") else _OTHER_KEY
    if field.type in ("date", "datetime"):
        return _DATE
    if sentences and field.type.startswith("varchar"):
        return _WORDS
    return None
