"""From the event table to resources: new identifiers, references that resolve, codings; no names, no narrative."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sosie.timelines.events import NONE, Code, Group, TimelinesPart
from sosie.timelines.source.fhir.elements import UCUM, coded, written
from sosie.timelines.source.fhir.read import GIVEN

KINDS = {
    Group.VISIT: "Encounter",
    Group.CONDITION: "Condition",
    Group.MEASUREMENT: "Observation",
    Group.OBSERVATION: "Observation",
    Group.DRUG: "MedicationRequest",
    Group.PROCEDURE: "Procedure",
}
STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
GENDERS = {"F": "female", "M": "male"}


def write(part: TimelinesPart, directory: Path) -> None:
    """Write the resources of those who are present, in the files in which their kinds came.

    Bundles of one patient each become a Bundle a double; their names are new.
    """
    details = part.form.details
    bundles = details["bundles"]
    by_file: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, resources in _everyone(part):
        for resource in resources:
            kind = resource["resourceType"]
            name = details["files"].get(kind) or f"{kind}.ndjson"
            if bundles:
                name = bundles[0] if len(bundles) == 1 else f"patient-{row + 1}.json"
            by_file[name].append(resource)
    for name, resources in by_file.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _bundle(resources) if name.endswith(".json") else "".join(f"{_line(each)}\n" for each in resources)
        raw = text.encode()
        path.write_bytes(gzip.compress(raw, mtime=0) if name.endswith(".gz") else raw)


def _line(resource: Mapping[str, Any]) -> str:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":"))


def _bundle(resources: list[dict[str, Any]]) -> str:
    entries = [
        {"fullUrl": f"http://example.org/{each['resourceType']}/{each['id']}", "resource": each} for each in resources
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, ensure_ascii=False)


@dataclass(frozen=True)
class _Event:
    """One event, as a resource tells it."""

    id: str
    patient: str
    code: Code
    start: str | None
    end: str | None
    value: float | None
    text: str | None
    encounter: str | None


def _everyone(part: TimelinesPart) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    first = part.events.first(len(part.keys))
    people = part.people
    for row in np.flatnonzero(part.present).tolist():
        own = range(int(first[row]), int(first[row + 1]))
        died = next((part.events.time[at] for at in own if part.codes[part.events.code[at]].group is Group.DEATH), None)
        told = people.row(row, named=True)
        yield row, [_patient(part, row, told, died), *_events(part, row, own)]


def _patient(part: TimelinesPart, row: int, told: Mapping[str, Any], died: float | None) -> dict[str, Any]:
    details = part.form.details
    patient: dict[str, Any] = {"resourceType": "Patient", "id": f"patient-{row + 1}"}
    if told["sex"] in GENDERS:
        patient["gender"] = GENDERS[told["sex"]]
    if told["birth"] is not None and not np.isnan(told["birth"]):
        patient["birthDate"] = written(np.floor(told["birth"]), None)
    if died is not None and not np.isnan(died):
        patient["deceasedDateTime"] = written(died, details["zone"] if "Patient" in details["moments"] else None)
    elif told["dead"]:
        patient["deceasedBoolean"] = True
    return patient


def _events(part: TimelinesPart, row: int, own: range) -> Iterator[dict[str, Any]]:
    events, details = part.events, part.form.details
    visits = {
        int(events.visit[at]): f"encounter-{row + 1}-{int(events.visit[at]) + 1}"
        for at in own
        if part.codes[events.code[at]].group is Group.VISIT
    }
    for rank, at in enumerate(own, start=1):
        code = part.codes[events.code[at]]
        kind = _kind(code)
        if kind is None:
            continue
        zone = details["zone"] if kind in details["moments"] else None
        name = visits[int(events.visit[at])] if kind == "Encounter" else f"{kind.lower()[:20]}-{row + 1}-{rank}"
        told = _Event(
            name,
            f"Patient/patient-{row + 1}",
            code,
            None if np.isnan(events.time[at]) else written(float(events.time[at]), zone),
            None if np.isnan(events.end[at]) else written(float(events.end[at]), zone),
            None if np.isnan(events.value[at]) else float(events.value[at]),
            None if events.text[at] == NONE else part.texts[events.text[at]],
            None if kind == "Encounter" else visits.get(int(events.visit[at])),
        )
        yield _resource(kind, told, details)


def _kind(code: Code) -> str | None:
    if code.group is Group.DRUG and code.vocabulary.endswith(GIVEN):
        return "MedicationAdministration"
    return KINDS.get(code.group)


def _resource(kind: str, told: _Event, details: Mapping[str, Any]) -> dict[str, Any]:
    vocabulary = told.code.vocabulary.removesuffix(GIVEN)
    words = details["displays"].get((vocabulary, told.code.code), "")
    one = coded(vocabulary, told.code.code, words)
    concept = {"coding": [one]} if vocabulary else {"text": told.code.code}
    resource: dict[str, Any] = {"resourceType": kind, "id": told.id, "subject": {"reference": told.patient}}
    if told.encounter is not None:
        resource["encounter"] = {"reference": f"Encounter/{told.encounter}"}
    period = {name: day for name, day in (("start", told.start), ("end", told.end)) if day is not None}
    if kind == "Encounter":
        return resource | {"status": "finished", "class": one} | ({"period": period} if period else {})
    if kind == "Condition":
        status = "active" if told.end is None else "resolved"
        resource |= {"clinicalStatus": {"coding": [{"system": STATUS, "code": status}]}, "code": concept}
        resource |= {"onsetDateTime": told.start} if told.start else {}
        return resource | ({"abatementDateTime": told.end} if told.end else {})
    if kind == "Observation":
        resource |= {"status": "final", "code": concept} | _when("effective", told, period)
        return resource | _value(told, details)
    if kind == "Procedure":
        return resource | {"status": "completed", "code": concept} | _when("performed", told, period)
    resource |= {"status": "completed", "medicationCodeableConcept": concept}
    if kind == "MedicationRequest":
        return resource | {"intent": "order"} | ({"authoredOn": told.start} if told.start else {})
    resource |= _when("effective", told, period)
    if "encounter" in resource:
        # What was given names its visit otherwise than what was asked for.
        resource["context"] = resource.pop("encounter")
    dose = _quantity(told, details)
    return resource | ({"dosage": {"dose": dose}} if dose else {})


def _when(stem: str, told: _Event, period: Mapping[str, str]) -> dict[str, Any]:
    if told.end is not None:
        return {f"{stem}Period": dict(period)}
    return {f"{stem}DateTime": told.start} if told.start else {}


def _value(told: _Event, details: Mapping[str, Any]) -> dict[str, Any]:
    if told.value is not None:
        return {"valueQuantity": _quantity(told, details)}
    if told.text is None:
        return {}
    if told.text in ("true", "false"):
        return {"valueBoolean": told.text == "true"}
    answer = details["answers"].get(told.text)
    if answer is None:
        return {"valueString": told.text}
    return {"valueCodeableConcept": {"coding": [dict(answer)]} if "system" in answer else {"text": told.text}}


def _quantity(told: _Event, details: Mapping[str, Any]) -> dict[str, Any] | None:
    if told.value is None:
        return None
    value = int(told.value) if told.value.is_integer() else told.value
    unit = told.code.unit
    system = {"system": UCUM, "code": unit} if unit in details["ucum"] else {}
    return {"value": value, **({"unit": unit} if unit else {}), **system}
