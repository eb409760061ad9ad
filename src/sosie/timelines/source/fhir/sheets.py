"""FHIR files as sheets, for a pseudonymised copy: of each resource, what identifies becomes a row of cells.

Codes, numbers and what is said in words of the standard stay where they are. Dates move, identifiers of resources and
references become others, every other word is removed: names, addresses, narratives, notes, extensions.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from sosie.cohort import Role
from sosie.timelines.source.fhir.elements import refers
from sosie.timelines.source.fhir.files import File, files
from sosie.timelines.source.reader import Action, Take, Treatment

WINDOW = 2_000
"""Resources that are held at once."""
REMOVED = frozenset(
    {
        *("text", "identifier", "name", "telecom", "address", "photo", "contact", "contained", "note", "communication"),
        *(
            "extension",
            "modifierExtension",
            "implicitRules",
            "attachment",
            "content",
            "presentedForm",
            "generalPractitioner",
        ),
        *("link", "managingOrganization", "groupIdentifier", "patientInstruction"),
    }
)
"""Elements that go as a whole, wherever they stand; the text of a code without codings too."""
KEPT = frozenset(
    {
        *("resourceType", "system", "code", "version", "unit", "comparator", "status", "intent", "priority", "gender"),
        *("use", "type", "mode", "lastUpdated", "profile", "url", "deceasedBoolean", "method", "rank"),
    }
)
"""Elements whose words are of the standard."""
_DATE = re.compile(r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d.*)?)?)?$")
CELLS: Mapping[str, Treatment] = {
    "patient": Treatment(Action.PSEUDONYM, "PATIENT_KEY", Role.KEY),
    "resource": Treatment(Action.PSEUDONYM, "IDENTIFIER", Role.DIRECT, kind="fhir"),
    "date": Treatment(Action.SHIFT, "DATE", Role.DATE),
    "birthDate": Treatment(Action.SHIFT, "BIRTH_DATE", Role.QUASI),
    "words": Treatment(Action.BLANK, "FREE_TEXT", Role.FREE_TEXT),
    "removed": Treatment(Action.BLANK, "IDENTIFIER", Role.DIRECT),
}
OWNER = "owner"
_SCHEMA = {OWNER: pl.String(), **{name: pl.String() for name in CELLS}}
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class FhirSheet:
    """One file of resources; a row is one cell that identifies, in the order in which they stand."""

    file: File
    patients: frozenset[str]

    @property
    def name(self) -> str:
        """Path relative to the source."""
        return self.file.name

    @property
    def patient(self) -> str:
        """The patient to whom a cell belongs."""
        return OWNER

    @property
    def treatments(self) -> Mapping[str, Treatment]:
        """What identifies; ``owner`` is no cell of the file."""
        return CELLS

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield the cells that identify."""
        for some in self._held():
            yield pl.DataFrame(
                [self._row(cell, each) for each in some for cell in self._cells(each)], schema=_SCHEMA, orient="row"
            )

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Open the copy: cells go back where they stood."""
        held = self._held()
        target.parent.mkdir(parents=True, exist_ok=True)
        packed = self.file.path.suffix.lower() == ".gz"
        with gzip.open(target, "wt", encoding="utf-8") if packed else target.open("w", encoding="utf-8") as file:
            done: list[dict[str, Any]] = []

            def take(frame: pl.DataFrame) -> None:
                new = frame.iter_rows(named=True)
                for each in next(held):
                    cells = list(self._cells(each))
                    for cell, row in zip(cells, islice(new, len(cells)), strict=True):
                        _put(each, cell, row)
                    _pruned(each)
                    if self.file.bundle:
                        done.append(each)
                    else:
                        file.write(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n")

            yield take
            if self.file.bundle:
                file.write(json.dumps(self._bundle(done), ensure_ascii=False))

    def _held(self) -> Iterator[list[dict[str, Any]]]:
        resources = (dict(resource) for _, resource, _ in self.file.resources())
        while some := list(islice(resources, WINDOW)):
            yield some

    def _bundle(self, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the Bundle again; entries are known by their resources."""
        entries = [{"fullUrl": f"{each['resourceType']}/{each['id']}", "resource": each} for each in resources]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    def _row(self, cell: Cell, resource: Mapping[str, Any]) -> tuple[str | None, ...]:
        return (self._owner(resource), *(cell.text if cell.kind == name else None for name in CELLS))

    def _owner(self, resource: Mapping[str, Any]) -> str | None:
        if resource.get("resourceType") == "Patient":
            return str(resource.get("id"))
        named = resource.get("subject") or resource.get("patient") or resource.get("beneficiary")
        name = refers(named)
        return None if name is None else name.removeprefix("urn:uuid:")

    def _cells(self, resource: Mapping[str, Any]) -> Iterator[Cell]:
        kind = resource.get("resourceType")
        for name, value in resource.items():
            if name == "id":
                yield Cell((name,), "patient" if kind == "Patient" else "resource", str(value))
            else:
                yield from self._inside(value, (name,), name)

    def _inside(self, value: object, path: Path_, name: str) -> Iterator[Cell]:
        if name in REMOVED or (name.startswith("_") and name != "_"):
            yield Cell(path, "removed", "x")
        elif isinstance(value, Mapping):
            for key, each in value.items():
                yield from self._inside(
                    each, (*path, key), "text." if key == "text" and not value.get("coding") else key
                )
        elif isinstance(value, list):
            for at, each in enumerate(value):
                yield from self._inside(each, (*path, at), name)
        elif isinstance(value, str):
            yield from self._leaf(value, path, name)

    def _leaf(self, value: str, path: Path_, name: str) -> Iterator[Cell]:
        if name == "reference":
            known = (refers({"reference": value}) or "").removeprefix("urn:uuid:")
            ours = known in self.patients and (value.startswith("urn:") or "Patient/" in value)
            if value.startswith("#"):
                yield Cell(path, "removed", "x")
            else:
                yield Cell(path, "patient" if ours else "resource", known)
        elif name == "birthDate":
            yield Cell(path, "birthDate", value)
        elif _DATE.match(value):
            yield Cell(path, "date", value)
        elif name == "display" and len(path) > 2 and "coding" in path:
            return
        elif name not in KEPT:
            yield Cell(path, "words", value)


@dataclass(frozen=True)
class Cell:
    """One cell that identifies: where it stands, what it is, its words."""

    path: Path_
    kind: str
    text: str


def _put(resource: dict[str, Any], cell: Cell, row: Mapping[str, str | None]) -> None:
    """Put what stands for a cell in its place; what is blank is taken out."""
    holder: Any = resource
    for step in cell.path[:-1]:
        holder = holder[step]
    last, new = cell.path[-1], row[cell.kind]
    if cell.kind in ("patient", "resource") and last == "reference" and new is not None:
        kind = holder[last].split("/_history/")[0].rsplit("/", 2)[-2:-1]
        told = "Patient" if cell.kind == "patient" else kind[0] if kind else ""
        new = f"{told}/{new}" if told else f"urn:uuid:{new}"
    holder[last] = new


def _pruned(value: object) -> bool:
    """Take out what is empty, and tell whether anything is left."""
    if isinstance(value, dict):
        for key in [key for key, each in value.items() if not _pruned(each)]:
            del value[key]
        return bool(value)
    if isinstance(value, list):
        value[:] = [each for each in value if _pruned(each)]
        return bool(value)
    return value is not None


def sheets(place: Path | str) -> Sequence[FhirSheet]:
    """Return the files of a source, for a copy."""
    found = files(place)
    patients: set[str] = set()
    for file in found:
        for _, resource, address in file.resources():
            if resource.get("resourceType") == "Patient":
                patients |= {str(resource.get("id")), address.removeprefix("urn:uuid:")} - {""}
    return [FhirSheet(file, frozenset(patients)) for file in found]
