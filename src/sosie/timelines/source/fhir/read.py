"""From resources to the event table.

An Observation of several components is one event a component; a drug that was given is another code than one that was
asked for. Of several codings of one thing the first is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.checks import Fault, Problem
from sosie.timelines.events import Clock, Code, Group, TimelinesPart
from sosie.timelines.form import Form
from sosie.timelines.source.fhir.elements import coded, coding, days, refers, zone
from sosie.timelines.source.fhir.files import KINDS, File, Resource
from sosie.timelines.source.gathering import Batch, gather, people_of

GIVEN = " (given)"
"""Ends the vocabulary of drugs that were administered."""
GROUPS = {
    "Encounter": Group.VISIT,
    "Condition": Group.CONDITION,
    "Observation": Group.MEASUREMENT,
    "MedicationRequest": Group.DRUG,
    "MedicationAdministration": Group.DRUG,
    "Procedure": Group.PROCEDURE,
}
STARTS = {
    "Encounter": ("period",),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    "MedicationRequest": ("authoredOn",),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "Procedure": ("performedDateTime", "performedPeriod"),
}
"""Elements that tell when; of a period, its start."""
ENDS = ("abatementDateTime", "abatementPeriod", "period", "effectivePeriod", "performedPeriod")
SEXES = {"male": "M", "female": "F"}
OTHERS = "{count} resources of other kinds ({kinds}) are left out of the doubles"
DEATH = Code(Group.DEATH, "death")


@dataclass
class _Reading:
    """What reading gathers on the way; all but the rows is of no one patient."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    medications: dict[str, Any] = field(default_factory=dict)
    zones: Counter[str] = field(default_factory=Counter)
    moments: set[str] = field(default_factory=set)
    displays: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    ucum: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)


def read(files: Sequence[File], name: str, manifest: Manifest) -> TimelinesPart:
    """Read every patient and event.

    Raises
    ------
    UnreadableError
        When a line is no resource, or no Patient is among them.
    """
    reading = _Reading()
    for file in files:
        _first_look(file, reading)
    if not reading.people:
        raise UnreadableError(name, "no Patient among the resources; expected one for each patient")
    batches = [_batch(file, reading) for file in files]
    dead = {key: told["died"] for key, told in reading.people.items() if told["died"] is not None}
    if dead:
        rows = {"row": [0] * len(dead), "key": list(dead), "time": list(dead.values()), "code": [0] * len(dead)}
        batches.append(Batch(reading.files["Patient"], [DEATH], pl.DataFrame(rows), {"time": "deceasedDateTime"}))
    people = people_of(reading.people)
    details = {
        "files": reading.files,
        "bundles": [file.name for file in files if file.bundle],
        "moments": frozenset(reading.moments),
        "zone": reading.zones.most_common(1)[0][0] if reading.zones else "Z",
        "displays": reading.displays,
        "answers": reading.answers,
        "ucum": frozenset(reading.ucum),
    }
    notices = []
    if reading.others:
        kinds = ", ".join(sorted(reading.others))
        notices.append(OTHERS.format(count=reading.others.total(), kinds=kinds))
    return gather(batches, Clock.CALENDAR, Form("fhir", name, details), manifest, people, notices)


def _first_look(file: File, reading: _Reading) -> None:
    """Gather who the patients are, and what other resources refer to."""
    for row, resource, address in file.resources():
        kind, name = str(resource.get("resourceType")), str(resource.get("id") or address)
        reading.files.setdefault(kind, file.name)
        if address:
            reading.addresses[address] = name
        if kind == "Medication":
            reading.medications[name] = resource.get("code")
        elif kind == "Patient":
            if not name:
                raise UnreadableError(file.name, "a Patient without an identifier", column="id", row=row)
            born = resource.get("birthDate")
            died = resource.get("deceasedDateTime")
            for column, told in (("birthDate", born), ("deceasedDateTime", died)):
                if told is not None and days(told) is None:
                    raise UnreadableError(file.name, "not a date of FHIR, as 2020-12-31", column=column, row=row)
            reading.people[name] = {
                "sex": SEXES.get(str(resource.get("gender"))),
                "birth": days(born),
                "died": days(died),
                "dead": died is not None or bool(resource.get("deceasedBoolean", False)),
            }
            if zone(died):
                reading.moments.add("Patient")
        elif kind not in KINDS:
            reading.others[kind] += 1


def _batch(file: File, reading: _Reading) -> Batch:
    """Return the events of a file."""
    codes: dict[Code, int] = {}
    rows: list[tuple[int, str | None, float | None, float | None, int, float | None, str | None, str | None]] = []
    faults: list[Fault] = []
    strays = 0
    for row, resource, address in file.resources():
        kind = str(resource["resourceType"])
        if kind not in GROUPS:
            continue
        key = _resolved(resource.get("subject"), reading)
        if key not in reading.people:
            strays += 1
            faults = faults or [Fault(Problem.NO_PATIENT, file.name, "subject", row)]
            continue
        start, end = _moments(file, row, resource, reading)
        visit = (
            str(resource.get("id") or address)
            if kind == "Encounter"
            else _resolved(resource.get("encounter") or resource.get("context"), reading)
        )
        for code, value, text in _told(resource, reading):
            rows.append((row, key, start, end, codes.setdefault(code, len(codes)), value, text, visit))
    if strays:
        faults = [Fault(Problem.NO_PATIENT, file.name, "subject", faults[0].row, strays)]
    schema = {"row": pl.Int64, "key": pl.String, "time": pl.Float64, "end": pl.Float64, "code": pl.Int32}
    schema |= {"value": pl.Float64, "text": pl.String, "visit": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return Batch(file.name, list(codes), frame, {"patient": "subject"}, faults)


def _resolved(reference: object, reading: _Reading) -> str | None:
    name = refers(reference)
    return None if name is None else reading.addresses.get(name, name)


def _moments(file: File, row: int, resource: Resource, reading: _Reading) -> tuple[float | None, float | None]:
    """Return when something starts and ends."""
    kind = str(resource["resourceType"])
    start = end = None
    for column in STARTS[kind]:
        given = resource.get(column)
        text = given.get("start") if isinstance(given, Mapping) else given
        if text is not None:
            start = _day(file, row, column, text, kind, reading)
            break
    for column in ENDS:
        given = resource.get(column)
        text = given.get("end") if isinstance(given, Mapping) else given
        if text is not None:
            end = _day(file, row, column, text, kind, reading)
            break
    return start, end


def _day(file: File, row: int, column: str, text: object, kind: str, reading: _Reading) -> float:
    found = days(text)
    if found is None:
        raise UnreadableError(file.name, "not a date of FHIR, as 2020-12-31T08:00:00Z", column=column, row=row)
    told = zone(text)
    if told:
        reading.zones[told] += 1
        reading.moments.add(kind)
    return found


def _told(resource: Resource, reading: _Reading) -> Iterator[tuple[Code, float | None, str | None]]:
    """Yield what a resource tells: a code, its number and its words."""
    kind = str(resource["resourceType"])
    if kind == "Observation":
        parts = [part for part in resource.get("component", ()) if isinstance(part, Mapping)]
        if not parts or any(name.startswith("value") for name in resource):
            yield _observed(resource, reading)
        for part in parts:
            yield _observed(part, reading)
        return
    if kind == "Encounter":
        given = resource.get("class") or next(iter(resource.get("type") or ()), None)
    elif kind.startswith("Medication"):
        given = resource.get("medicationCodeableConcept")
        given = given or reading.medications.get(_resolved(resource.get("medicationReference"), reading) or "")
    else:
        given = resource.get("code")
    value, unit = None, ""
    if kind == "MedicationAdministration":
        value, unit = _quantity((resource.get("dosage") or {}).get("dose"), reading)
    code = _code(GROUPS[kind], given, unit, reading, GIVEN if kind == "MedicationAdministration" else "")
    yield code, value, None


def _code(group: Group, given: object, unit: str, reading: _Reading, suffix: str = "") -> Code:
    vocabulary, code, words = coding(given) or ("", "unknown", "")
    if words:
        reading.displays.setdefault((vocabulary, code), words)
    return Code(group, code, vocabulary + suffix, unit)


def _observed(part: Resource, reading: _Reading) -> tuple[Code, float | None, str | None]:
    value, unit = _quantity(part.get("valueQuantity"), reading)
    text = None
    answer = coding(part.get("valueCodeableConcept"))
    if isinstance(part.get("valueInteger"), int):
        value = float(part["valueInteger"])
    elif isinstance(part.get("valueBoolean"), bool):
        text = str(part["valueBoolean"]).lower()
    elif answer is not None:
        text = answer[2] or answer[1]
        reading.answers.setdefault(text, coded(*answer))
    elif part.get("valueString"):
        text = str(part["valueString"])
    return _code(Group.MEASUREMENT, part.get("code"), unit, reading), value, text


def _quantity(quantity: object, reading: _Reading) -> tuple[float | None, str]:
    if not isinstance(quantity, Mapping):
        return None, ""
    value = quantity.get("value")
    unit = str(quantity.get("code") or quantity.get("unit") or "")
    if quantity.get("code"):
        reading.ucum.add(unit)
    return (float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None), unit
