"""Timelines in their own formats: read as one event table, and written again in the format that came in.

Each format has its reader (`reader.Reader`); this is where they are listed, and chosen among.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.events import TimelinesPart
from sosie.timelines.source.inside import FOLDER, Inside
from sosie.timelines.source.reader import Reader


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader, the most particular first: the first that recognises a source reads it."""
    from sosie.timelines.source.fhir import Fhir
    from sosie.timelines.source.flat import Flat
    from sosie.timelines.source.hl7 import Hl7
    from sosie.timelines.source.meds import Meds
    from sosie.timelines.source.omop import Omop

    return (Meds(), Omop(), Fhir(), Hl7(), Flat())


def reader_of(place: Path | str, manifest: Manifest) -> Reader | None:
    """Return who reads a source, or a folder of it that is of a standard; None where nobody does."""
    standards, rest = readers()[:-1], readers()[-1]
    found = next((reader for reader in standards if reader.recognises(place, manifest)), None)
    if found is None and isinstance(place, Path) and place.is_dir():
        folders = sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
        inside = (Inside(reader, path.name) for path in folders for reader in standards)
        found = next((each for each in inside if each.recognises(place, manifest)), None)
    if found is None and rest.recognises(place, manifest):
        return rest
    return found


def recognises(place: Path | str, manifest: Manifest) -> bool:
    """Tell whether a file, a folder or an address holds timelines."""
    return reader_of(place, manifest) is not None


def claims(place: Path | str, manifest: Manifest) -> frozenset[Path]:
    """Return the files of timelines that a reader of tables would take."""
    reader = reader_of(place, manifest)
    return frozenset() if reader is None else reader.claims(place, manifest)


def read(place: Path | str, manifest: Manifest) -> TimelinesPart:
    """Read the timelines of a source.

    Raises
    ------
    UnreadableError
        When no format is recognised, or a file is not what it claims to be.
    """
    reader = reader_of(place, manifest)
    if reader is None:
        name = place.name if isinstance(place, Path) else place.split("://", maxsplit=1)[0]
        raise UnreadableError(name, "no timelines; expected events (CSV, Parquet), MEDS, OMOP, FHIR or HL7 v2")
    return reader.read(place, manifest)


def write(part: TimelinesPart, directory: Path) -> None:
    """Write timelines in the format that came in."""
    reader: Reader = next(reader for reader in readers() if part.form.kind in reader.kinds)
    if FOLDER in part.form.details:
        reader = Inside(reader, part.form.details[FOLDER])
    reader.write(part, directory)
