"""What the elements of a resource say: codes, moments, quantities, references; and how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

EPOCH = date(1970, 1, 1)
NAMES: Mapping[str, str] = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "http://hl7.org/fhir/sid/icd-10": "CIM-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://www.ama-assn.org/go/cpt": "CPT",
}
"""Short names of code systems; any other goes by its address."""
SYSTEMS = {name: system for system, name in NAMES.items()}
UCUM = "http://unitsofmeasure.org"
_MOMENT = re.compile(
    r"^(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?P<zone>.*))?)?)?$"
)


def days(text: object) -> float | None:
    """Return days since 1970 by the clock of the place; None of what is no date."""
    found = _MOMENT.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        day = date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
        clock = datetime.fromisoformat(f"1970-01-01T{found['clock']}") if found["clock"] else None
    except ValueError:
        return None
    told = 0.0
    if clock is not None:
        told = clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
    return (day - EPOCH).days + told / 86400


def zone(text: object) -> str | None:
    """Return the zone of a moment; None of a date alone."""
    found = _MOMENT.match(text) if isinstance(text, str) else None
    return found["zone"] or None if found is not None and found["clock"] else None


def written(day: float, zone_: str | None) -> str:
    """Return a date, or a moment where a zone is given."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(day * 86_400_000))
    if zone_ is None:
        return moment.date().isoformat()
    clock = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{clock}.{moment.microsecond // 1000:03d}{zone_}" if moment.microsecond else f"{clock}{zone_}"


def coding(concept: object) -> tuple[str, str, str] | None:
    """Return the vocabulary, the code and the words of a CodeableConcept or Coding; its text where it has no code."""
    if not isinstance(concept, Mapping):
        return None
    given = concept.get("coding")
    some = given if isinstance(given, list) else [concept] if "code" in concept else []
    for each in some:
        if isinstance(each, Mapping) and each.get("code"):
            system = str(each.get("system") or "")
            return NAMES.get(system, system), str(each["code"]), str(each.get("display") or "")
    return ("", str(concept["text"]), "") if concept.get("text") else None


def coded(vocabulary: str, code: str, words: str) -> dict[str, Any]:
    """Return a Coding."""
    system = SYSTEMS.get(vocabulary, vocabulary)
    told = {"system": system} if system else {}
    return {**told, "code": code, **({"display": words} if words else {})}


def refers(reference: object) -> str | None:
    """Return what a Reference points at: the identifier of a resource, or the address of an entry."""
    text = reference.get("reference") if isinstance(reference, Mapping) else None
    if not isinstance(text, str) or not text:
        return None
    return text if text.startswith("urn:") else text.split("/_history/")[0].rsplit("/", 1)[-1]
