"""FHIR R4: bulk exports in NDJSON (a file for each kind of resource, or mixed), and Bundles in JSON.

What comes in as resources goes out as resources: with new identifiers, references that resolve, and their codings;
without names, addresses, narratives or notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sosie.manifest import Manifest
    from sosie.timelines.events import TimelinesPart
    from sosie.timelines.source.reader import Sheet


class Fhir:
    """The reader and writer of FHIR resources."""

    kinds = frozenset({"fhir"})

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file or a folder holds resources of patients."""
        from sosie.timelines.source.fhir.files import files

        return bool(files(place))

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the files of resources."""
        from sosie.timelines.source.fhir.files import files

        return frozenset(file.path for file in files(place))

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read every patient and event."""
        from sosie.timelines.source.fhir.files import files
        from sosie.timelines.source.fhir.read import read

        return read(files(place), Path(place).name, manifest)

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write resources in the files in which they came."""
        from sosie.timelines.source.fhir.write import write

        write(part, directory)

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return the files, for a copy."""
        from sosie.timelines.source.fhir.sheets import sheets

        return sheets(place)
