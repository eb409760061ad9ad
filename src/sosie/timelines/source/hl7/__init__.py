"""HL7 version 2: observation results (ORU^R01), one or several messages a file, framed (MLLP) or not.

What comes in as messages goes out as messages: the results of each patient and moment, under a patient identification
that is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sosie.manifest import Manifest
    from sosie.timelines.events import TimelinesPart
    from sosie.timelines.source.reader import Sheet


class Hl7:
    """The reader and writer of HL7 v2 messages."""

    kinds = frozenset({"hl7"})

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file or a folder holds messages."""
        from sosie.timelines.source.hl7.messages import files

        return bool(files(place))

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the files of messages."""
        from sosie.timelines.source.hl7.messages import files

        return frozenset(file.path for file in files(place))

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read every result."""
        from sosie.timelines.source.hl7.messages import files
        from sosie.timelines.source.hl7.read import read

        return read(files(place), Path(place).name, manifest)

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write messages, framed as they came."""
        from sosie.timelines.source.hl7.write import write

        write(part, directory)

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return the files, for a copy."""
        from sosie.timelines.source.hl7.messages import files
        from sosie.timelines.source.hl7.sheets import Hl7Sheet

        return [Hl7Sheet(file) for file in files(place)]
