"""Files of FHIR resources: NDJSON, packed or not, and Bundles in JSON; a resource after the other."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sosie.errors import UnreadableError

Resource = Mapping[str, Any]
LINES = (".ndjson", ".ndjson.gz", ".jsonl")
KINDS = frozenset(
    {
        *("Patient", "Encounter", "Condition", "Observation", "Procedure", "Medication"),
        *("MedicationRequest", "MedicationAdministration"),
    }
)
HEAD = 4096


@dataclass(frozen=True)
class File:
    """One file of resources.

    Parameters
    ----------
    path : Path
    name : str
        Relative to the source, with ``/``.
    bundle : bool
        Whether it is one Bundle, rather than lines.
    """

    path: Path
    name: str
    bundle: bool

    def resources(self) -> Iterator[tuple[int, Resource, str]]:
        """Yield each resource with its line (in a Bundle, its rank) and the address by which others refer to it.

        Raises
        ------
        UnreadableError
            At the first line that is no resource.
        """
        if self.bundle:
            for rank, entry in enumerate(self.whole().get("entry", []), start=1):
                if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
                    yield rank, entry["resource"], str(entry.get("fullUrl", ""))
            return
        for row, line in self.lines():
            yield row, line, ""

    def whole(self) -> dict[str, Any]:
        """Return a Bundle."""
        try:
            with self.path.open(encoding="utf-8-sig") as file:
                found = json.load(file)
        except (OSError, ValueError):
            raise UnreadableError(self.name, "not readable JSON; expected a FHIR Bundle") from None
        if not isinstance(found, dict):
            raise UnreadableError(self.name, "expected a FHIR Bundle")
        return found

    def lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the resources of a file of lines, with their numbers."""
        row = 0
        try:
            with self.opened() as file:
                for row, line in enumerate(file, start=1):
                    if line.strip():
                        found = json.loads(line)
                        if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
                            raise UnreadableError(self.name, "a line that is no FHIR resource", row=row)
                        yield row, found
        except (OSError, EOFError):
            raise UnreadableError(self.name, "not a readable file") from None
        except ValueError:
            raise UnreadableError(
                self.name, "a line that is not JSON; expected a FHIR resource", row=row or 1
            ) from None

    def opened(self) -> IO[str]:
        """Open the text of a file of lines."""
        if self.path.suffix.lower() == ".gz":
            return gzip.open(self.path, "rt", encoding="utf-8-sig")
        return self.path.open(encoding="utf-8-sig")


def files(place: Path | str) -> tuple[File, ...]:
    """Return the files of resources of a source, by name; none where nothing is of a patient."""
    if isinstance(place, str) and "://" in place:
        return ()
    root = Path(place)
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    made = [_file(path, path.name if path == root else path.relative_to(root).as_posix()) for path in paths]
    found = tuple(file for file in made if file is not None)
    return found if any(_of_patients(file) for file in found) else ()


def _file(path: Path, name: str) -> File | None:
    lower = path.name.lower()
    if lower.endswith(LINES):
        file = File(path, name, False)
        return file if _kind(file) else None
    if lower.endswith(".json"):
        with path.open("rb") as opened:
            head = opened.read(HEAD)
        if b'"resourceType"' in head and b'"Bundle"' in head:
            return File(path, name, True)
    return None


def _kind(file: File) -> str:
    """Return the kind of the first resource of a file of lines."""
    try:
        first = next(file.lines(), None)
    except UnreadableError:
        return ""
    return str(first[1]["resourceType"]) if first else ""


def _of_patients(file: File) -> bool:
    return file.bundle or _kind(file) in KINDS
