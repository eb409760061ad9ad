"""Where the tables of an OMOP source are: a folder, a zip of one, a DuckDB file, a database behind an address.

A source enters; its tables leave by their names in the model, each of which gives the columns that are asked for, by
their names in lower case. Nothing is unpacked to disk.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from sosie.errors import UnreadableError
from sosie.timelines.source.omop import specification
from sosie.timelines.source.omop.delimited import Delimited

ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9_]*(\+[A-Za-z0-9_]+)?://")
PATIENTS = (
    *("person", "observation_period", "visit_occurrence", "condition_occurrence", "drug_exposure"),
    *("procedure_occurrence", "measurement", "observation", "device_exposure", "death"),
)
"""Tables by which a source is recognised."""
ENOUGH = 2
# PhysioNet publishes a table of local concepts under this prefix.
_STEM = re.compile(r"^(?:2b_)?(?P<table>[a-z_]+)$")
_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet")


class Stored(Protocol):
    """One table of a source."""

    @property
    def file(self) -> str:
        """Name for messages and of the file that is written."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as the source spells them."""
        ...

    def read(self, wanted: Sequence[str]) -> pl.DataFrame:
        """Return columns by their names in lower case; one that the table lacks is left out."""
        ...


@dataclass(frozen=True)
class Base:
    """The tables of a source, by their names in the model.

    Parameters
    ----------
    name : str
        For messages.
    kind : str
        ``folder``, ``zip``, ``duckdb`` or ``sql``.
    place : Path or str
    tables : mapping of str to Stored
    schema : str
        In a database.
    """

    name: str
    kind: str
    place: Path | str
    tables: Mapping[str, Stored]
    schema: str = ""

    @property
    def known(self) -> bool:
        """Whether these are tables of the common data model, beyond what their names say."""
        found = 0
        for table in PATIENTS:
            stored = self.tables.get(table)
            columns = {name.lower() for name in stored.columns} if stored else set()
            keys = {specification.key(table, "5.4"), "death_date" if table == "death" else None} - {None}
            found += "person_id" in columns and bool(columns & keys)
        return found >= ENOUGH


def open_(place: Path | str) -> Base | None:
    """Return the tables of a source; None where it holds none of the model.

    Raises
    ------
    UnreadableError
        When two files claim to be the same table.
    """
    base = _opened(place)
    return base if base is not None and base.known else None


def _opened(place: Path | str) -> Base | None:
    if isinstance(place, str) and ADDRESS.match(place):
        from sosie.timelines.source.omop import database

        return database.reached(place)
    path = Path(place)
    if path.is_dir():
        found = _by_table(_inside(path), path.name)
        return Base(path.name, "folder", path, {table: _file(path, name) for table, name in found.items()})
    if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            found = _by_table(archive.namelist(), path.name)
        return Base(path.name, "zip", path, {table: Delimited(path, name, True) for table, name in found.items()})
    if path.suffix.lower() == ".duckdb" and path.is_file():
        from sosie.timelines.source.omop import database

        return database.opened(path)
    return None


def _inside(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(step.startswith(".") for step in name.split("/")):
            yield name


def table_of(name: str) -> str | None:
    """Return the table of the model that a file is named after."""
    last = name.rsplit("/", 1)[-1].lower()
    suffix = next((end for end in sorted(_SUFFIXES, key=len, reverse=True) if last.endswith(end)), None)
    stem = _STEM.match(last.removesuffix(suffix)) if suffix and "__macosx" not in name.lower() else None
    return stem["table"] if stem and stem["table"] in specification.names() else None


def _by_table(names: Iterator[str] | list[str], source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        table = table_of(name)
        if table is None:
            continue
        if table in found:
            raise UnreadableError(source, f"{found[table]} and {name} both claim to be {table.upper()}; expected one")
        found[table] = name
    return found


def _file(folder: Path, name: str) -> Stored:
    return Parquet(folder, name) if name.lower().endswith(".parquet") else Delimited(folder, name, False)


@dataclass(frozen=True)
class Parquet:
    """A table in a Parquet file."""

    folder: Path
    file: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as the file spells them."""
        try:
            return tuple(pl.read_parquet_schema(self.folder / self.file))
        except (OSError, pl.exceptions.PolarsError):
            raise UnreadableError(self.file, "not a readable Parquet file") from None

    def read(self, wanted: Sequence[str]) -> pl.DataFrame:
        """Return columns by their names in lower case."""
        chosen = {name: name.lower() for name in self.columns if name.lower() in wanted}
        return pl.read_parquet(self.folder / self.file, columns=list(chosen)).rename(chosen)
