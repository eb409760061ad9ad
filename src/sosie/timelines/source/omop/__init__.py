"""OMOP common data model 5.3 and 5.4: folders of CSV or Parquet, zips of them, DuckDB files, databases.

What comes in as OMOP goes out as OMOP: with new keys, whose references hold, derived eras and periods of observation,
the vocabularies that came in, and nothing of providers, places, notes or verbatim values of one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sosie.errors import SosieError, UnreadableError

if TYPE_CHECKING:
    import polars as pl

    from sosie.manifest import Manifest
    from sosie.timelines.events import TimelinesPart
    from sosie.timelines.source.reader import Sheet


class Omop:
    """The reader and writer of OMOP sources."""

    kinds = frozenset({"omop"})

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a folder, a zip, a DuckDB file or an address holds tables of the model."""
        from sosie.timelines.source.omop import base

        try:
            return base.open_(place) is not None
        except SosieError:
            # It is read, so that the error is told, where its name alone says what it is.
            return False

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the files of the tables."""
        from sosie.timelines.source.omop import base

        found = base.open_(place)
        if found is None or found.kind == "sql":
            return frozenset()
        path = Path(place)
        return frozenset({path} if path.is_file() else {path / each.file for each in found.tables.values()})

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read every person, visit and event."""
        from sosie.timelines.source.omop import base, read

        found = base.open_(place)
        if found is None:
            name = place.split("://", maxsplit=1)[0] if isinstance(place, str) else place.name
            raise UnreadableError(name, "no tables of the OMOP common data model")
        return read.read(found, manifest)

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write the tables in the form that came in; a database's as Parquet (see `database.publish`)."""
        from sosie.timelines.source.omop import store

        store.write(part.form.details["base"], tables(part), directory)

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return the tables, for a copy."""
        from sosie.timelines.source.omop import base
        from sosie.timelines.source.omop.sheets import sheets

        found = base.open_(place)
        return () if found is None else sheets(found)


def tables(part: TimelinesPart) -> dict[str, pl.DataFrame]:
    """Return every table of a part but vocabularies, in the columns and types of the model."""
    from sosie.timelines.source.omop import ingredients, write

    return write.frames(part, ingredients.ingredients(part.form.details["base"], part.form.details["version"]))
