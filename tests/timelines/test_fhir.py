"""FHIR R4: resources are read as events, and written again as valid resources whose references resolve."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sosie.checkpoint import Checkpoint
from sosie.engine import silent
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Order
from sosie.timelines.copy import Timelines
from sosie.timelines.events import Code, Group
from sosie.timelines.source.fhir import Fhir
from tests.timelines.same import assert_same_events

EMPTY = Manifest()
FHIR = Fhir()
LOINC, SNOMED, RXNORM = "http://loinc.org", "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def resources(patients: int = 6) -> Iterator[dict[str, Any]]:
    for n in range(patients):
        subject = {"subject": {"reference": f"Patient/p{n}", "display": "Jeanne Dupont"}}
        dead = {"deceasedDateTime": "2021-06-01T10:00:00+02:00"} if n == 0 else {"deceasedBoolean": n == 1}
        yield {
            "resourceType": "Patient",
            "id": f"p{n}",
            "text": {"status": "generated", "div": "<div>Jeanne Dupont</div>"},
            "identifier": [{"system": "urn:ipp", "value": f"IPP{n}"}],
            "name": [{"family": "Dupont", "given": ["Jeanne"]}],
            "telecom": [{"system": "phone", "value": "0612345678"}],
            "address": [{"city": "Lyon", "postalCode": "69003"}],
            "gender": "female" if n % 2 else "male",
            "birthDate": f"19{50 + n}-02-03",
            **dead,
        }
        for visit in range(2):
            day = f"2021-0{visit + 1}-1{n}"
            at = {"encounter": {"reference": f"Encounter/e{n}{visit}"}}
            yield {
                "resourceType": "Encounter",
                "id": f"e{n}{visit}",
                "status": "finished",
                "class": {"system": CLASS, "code": "AMB", "display": "ambulatory"},
                **subject,
                "period": {"start": f"{day}T08:00:00+02:00", "end": f"{day}T09:30:00+02:00"},
            }
            yield {
                "resourceType": "Condition",
                "id": f"c{n}{visit}",
                "code": _concept(SNOMED, "59621000", "Hypertension"),
                **subject,
                **at,
                "onsetDateTime": f"{day}T08:10:00+02:00",
                "note": [{"text": "called her sister Marie"}],
            }
            parts = [(LOINC, "8480-6", 120.0 + n), (LOINC, "8462-4", 80.5)]
            yield {
                "resourceType": "Observation",
                "id": f"o{n}{visit}",
                "status": "final",
                "code": _concept(LOINC, "85354-9", "Blood pressure"),
                **subject,
                **at,
                "effectiveDateTime": f"{day}T08:15:00+02:00",
                "component": [
                    {
                        "code": _concept(system, code, code),
                        "valueQuantity": {"value": value, "unit": "mmHg", "code": "mm[Hg]"},
                    }
                    for system, code, value in parts
                ],
            }
            yield {
                "resourceType": "Observation",
                "id": f"s{n}{visit}",
                "status": "final",
                "code": _concept(LOINC, "72166-2", "Tobacco smoking status"),
                **subject,
                "effectiveDateTime": day,
                "valueCodeableConcept": _concept(SNOMED, "266919005", "Never smoker"),
            }
            yield {
                "resourceType": "MedicationRequest",
                "id": f"m{n}{visit}",
                "status": "active",
                "intent": "order",
                "medicationReference": {"reference": "Medication/met"},
                **subject,
                **at,
                "authoredOn": f"{day}T08:20:00+02:00",
            }
            yield {
                "resourceType": "MedicationAdministration",
                "id": f"a{n}{visit}",
                "status": "completed",
                "medicationCodeableConcept": _concept(RXNORM, "6809", "metformin"),
                **subject,
                "context": {"reference": f"Encounter/e{n}{visit}"},
                "effectivePeriod": {"start": f"{day}T08:25:00+02:00", "end": f"{day}T08:26:00+02:00"},
                "dosage": {"text": "as told by Dr X", "dose": {"value": 500, "unit": "mg", "code": "mg"}},
            }
            yield {
                "resourceType": "Procedure",
                "id": f"x{n}{visit}",
                "status": "completed",
                "code": _concept(SNOMED, "127783003", "Spirometry"),
                **subject,
                **at,
                "performedDateTime": f"{day}T09:00:00+02:00",
            }
    yield {"resourceType": "Medication", "id": "met", "code": _concept(RXNORM, "861007", "metformin 500 mg")}


def folder(place: Path, *, packed: bool = False) -> Path:
    """Write a bulk export, a file for each kind."""
    place.mkdir(parents=True)
    lines: dict[str, list[str]] = defaultdict(list)
    for each in resources():
        lines[each["resourceType"]].append(json.dumps(each))
    for kind, some in lines.items():
        raw = ("\n".join(some) + "\n").encode()
        path = place / (f"{kind}.ndjson.gz" if packed else f"{kind}.ndjson")
        path.write_bytes(gzip.compress(raw) if packed else raw)
    return place


def _written(place: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in place.glob("*.ndjson") for line in path.read_text().splitlines()]


def test_patients_and_events_are_read(tmp_path: Path) -> None:
    part = FHIR.read(folder(tmp_path / "bulk"), EMPTY)
    assert part.people["sex"].to_list() == ["M", "F", "M", "F", "M", "F"]
    assert part.people["dead"].to_list() == [True, True, False, False, False, False]
    assert Code(Group.MEASUREMENT, "8480-6", "LOINC", "mm[Hg]") in part.codes
    assert Code(Group.DRUG, "861007", "RxNorm") in part.codes
    assert Code(Group.DRUG, "6809", "RxNorm (given)", "mg") in part.codes
    assert part.texts == ("Never smoker",)
    assert {code.group for code in part.codes} >= {Group.VISIT, Group.DEATH, Group.PROCEDURE, Group.CONDITION}


def test_events_know_their_visit(tmp_path: Path) -> None:
    part = FHIR.read(folder(tmp_path / "bulk"), EMPTY)
    given = [at for at, code in enumerate(part.codes) if code.vocabulary == "RxNorm (given)"]
    assert set(part.events.visit[np.isin(part.events.code, given)]) == {0, 1}


@pytest.mark.parametrize("packed", [False, True])
def test_a_bulk_export_comes_back_as_it_was(tmp_path: Path, packed: bool) -> None:
    part = FHIR.read(folder(tmp_path / "bulk", packed=packed), EMPTY)
    FHIR.write(part, tmp_path / "out")
    assert_same_events(part, FHIR.read(tmp_path / "out", EMPTY))
    assert part.people.equals(FHIR.read(tmp_path / "out", EMPTY).people)


def test_bundles_come_back_as_bundles_under_other_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    every = list(resources())
    for n in range(6):
        own = [each for each in every if f"p{n}" in (each["id"], each.get("subject", {}).get("reference", "")[8:])]
        entries = [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in (*own, every[-1])]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        (tmp_path / "in" / f"Dupont{n}.json").write_text(json.dumps(bundle))
    part = FHIR.read(tmp_path / "in", EMPTY)
    FHIR.write(part, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[0] == "patient-1.json"
    assert_same_events(part, FHIR.read(tmp_path / "out", EMPTY))


def test_what_is_written_is_valid_and_refers_to_what_is_there(tmp_path: Path) -> None:
    models = pytest.importorskip("fhir.resources.R4B")
    FHIR.write(FHIR.read(folder(tmp_path / "bulk"), EMPTY), tmp_path / "out")
    every = _written(tmp_path / "out")
    for each in every:
        models.get_fhir_model_class(each["resourceType"]).model_validate(each)
    there = {f"{each['resourceType']}/{each['id']}" for each in every}
    told = {each[name]["reference"] for each in every for name in ("subject", "encounter", "context") if name in each}
    assert told <= there
    assert len(there) == len(every)


def test_nothing_of_the_patients_is_written(tmp_path: Path) -> None:
    FHIR.write(FHIR.read(folder(tmp_path / "bulk"), EMPTY), tmp_path / "out")
    text = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    words = ("Dupont", "IPP", "0612345678", "Lyon", "Marie", "Dr X", '"p1"', "<div>")
    assert [word for word in words if word in text] == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    source = folder(tmp_path / "bulk")
    Timelines().copy(source, EMPTY, tmp_path / "out", Order(Pseudonyms(bytes(range(32)))), Checkpoint(), silent)
    return tmp_path / "out"


def test_a_copy_is_valid_and_names_nobody(copied: Path) -> None:
    models = pytest.importorskip("fhir.resources.R4B")
    every = _written(copied / "data")
    assert len(every) == len(list(resources()))
    for each in every:
        models.get_fhir_model_class(each["resourceType"]).model_validate(each)
    text = json.dumps(every)
    words = ("Dupont", "IPP", "0612345678", "Lyon", "Marie", "Dr X", '"p1"', "Patient/p", "<div>")
    assert [word for word in words if word in text] == []


def test_a_copy_keeps_codes_values_and_references(copied: Path) -> None:
    part = FHIR.read(copied / "data", EMPTY)
    before = FHIR.read(copied.parent / "bulk", EMPTY)
    assert set(part.codes) == set(before.codes)
    assert sorted(part.events.value[~np.isnan(part.events.value)]) == sorted(
        before.events.value[~np.isnan(before.events.value)]
    )
    assert (part.events.visit >= 0).sum() == (before.events.visit >= 0).sum()
    shifts = part.events.time - before.events.time
    first = part.events.first(len(part.keys))
    for row in range(len(part.keys)):
        own = shifts[first[row] : first[row + 1]]
        np.testing.assert_allclose(own, own[0])
        assert own[0] == pytest.approx(round(own[0]))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{not json", "not JSON"),
        ('["a"]', "no FHIR resource"),
        ('{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"onsetDateTime":"12 May"}', "not a date"),
    ],
)
def test_a_bad_line_is_told_by_its_number(tmp_path: Path, line: str, problem: str) -> None:
    place = folder(tmp_path / "bulk")
    lines = (place / "Condition.ndjson").read_text().splitlines()
    lines[2] = line
    (place / "Condition.ndjson").write_text("\n".join(lines))
    with pytest.raises(UnreadableError, match=problem) as caught:
        FHIR.read(place, EMPTY)
    assert (caught.value.file, caught.value.row) == ("Condition.ndjson", 3)
    assert "12 May" not in str(caught.value)


def test_resources_without_patients_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "bulk")
    (place / "Patient.ndjson").unlink()
    with pytest.raises(UnreadableError, match="no Patient"):
        FHIR.read(place, EMPTY)


def test_other_json_is_not_taken_for_fhir(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"a": 1}\n')
    (tmp_path / "b.json").write_text('{"a": 1}')
    assert not FHIR.recognises(tmp_path, EMPTY)
