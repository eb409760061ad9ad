"""A small OMOP source with every table of events, made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from sosie.timelines.source.omop import specification

PATIENTS = 30
CONCEPTS = {
    8507: ("MALE", "Gender", "M"),
    8532: ("FEMALE", "Gender", "F"),
    8527: ("White", "Race", "5"),
    38003564: ("Not Hispanic or Latino", "Ethnicity", "Not Hispanic"),
    9201: ("Inpatient Visit", "Visit", "IP"),
    9202: ("Outpatient Visit", "Visit", "OP"),
    320128: ("Essential hypertension", "SNOMED", "59621000"),
    201826: ("Type 2 diabetes mellitus", "SNOMED", "44054006"),
    1503297: ("metformin", "RxNorm", "6809"),
    40164929: ("metformin 500 MG Oral Tablet", "RxNorm", "861007"),
    4152283: ("Spirometry", "SNOMED", "127783003"),
    3004410: ("Hemoglobin A1c", "LOINC", "4548-4"),
    4041306: ("Never smoker", "SNOMED", "266919005"),
    8554: ("percent", "UCUM", "%"),
    9191: ("Positive", "SNOMED", "10828004"),
    45768171: ("Nasal cannula", "SNOMED", "336623009"),
    756265: ("OMOP CDM Version 5.4.0", "CDM", "CDM v5.4.0"),
    32817: ("EHR", "Type Concept", "OMOP4976890"),
    2_000_000_007: ("A test of our own", "HERE", "X7"),
}


def tables(seed: int = 1) -> dict[str, pl.DataFrame]:
    """Return the tables, cells as text."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in specification.tables("5.4")}
    for person in range(101, 101 + PATIENTS):
        _person(rows, person, rng)
    rows["provider"] = [{"provider_id": 7, "provider_name": "Jeanne Dupont", "npi": "1234567893"}]
    rows["cdm_source"] = [
        {
            "cdm_source_name": "Clinic",
            "cdm_source_abbreviation": "CL",
            "cdm_holder": "Clinic",
            "cdm_version": "5.4",
            "vocabulary_version": "v5",
            "source_release_date": "2024-01-01",
            "cdm_release_date": "2024-01-02",
            "cdm_version_concept_id": 756265,
        }
    ]
    rows["concept"] = [
        {
            "concept_id": number,
            "concept_name": name,
            "vocabulary_id": vocabulary,
            "concept_code": code,
            "concept_class_id": "Ingredient" if number == 1503297 else "Thing",
            "domain_id": "Thing",
            "valid_start_date": "1970-01-01",
            "valid_end_date": "2099-12-31",
        }
        for number, (name, vocabulary, code) in CONCEPTS.items()
    ]
    rows["concept_ancestor"] = [
        {"ancestor_concept_id": 1503297, "descendant_concept_id": drug} for drug in (1503297, 40164929)
    ]
    return {name: _frame(name, some) for name, some in rows.items()}


def _person(rows: dict[str, list[dict[str, object]]], person: int, rng: np.random.Generator) -> None:
    sex = int(rng.choice([8507, 8532]))
    born = {"year_of_birth": int(rng.integers(1940, 1990)), "month_of_birth": int(rng.integers(1, 13))}
    who = {"gender_concept_id": sex, "race_concept_id": 8527, "ethnicity_concept_id": 38003564, "provider_id": 7}
    rows["person"].append({"person_id": person, **who, **born, "person_source_value": f"IPP{person}"})
    day = np.datetime64("2019-01-01") + int(rng.integers(0, 300))
    first = day
    for _ in range(int(rng.integers(2, 5))):
        day = _visit(rows, person, day, rng)
    rows["observation_period"].append(
        {
            "observation_period_id": person,
            "person_id": person,
            "observation_period_start_date": first,
            "observation_period_end_date": day,
            "period_type_concept_id": 32817,
        }
    )
    if person % 5 == 0:
        rows["death"].append({"person_id": person, "death_date": day, "death_type_concept_id": 32817})


def _visit(
    rows: dict[str, list[dict[str, object]]], person: int, day: np.datetime64, rng: np.random.Generator
) -> np.datetime64:
    visit = 1000 + len(rows["visit_occurrence"])
    end = day + int(rng.integers(0, 4))
    at = {"person_id": person, "visit_occurrence_id": visit, "provider_id": 7}
    kind = {f"{what}_type_concept_id": 32817 for what in ("visit", "visit_detail", "condition", "drug", "procedure")}
    kind |= {f"{what}_type_concept_id": 32817 for what in ("measurement", "observation", "device")}

    def add(table: str, **cells: object) -> None:
        fields = specification.tables("5.4")[table]
        key = next(name for name, field in fields.items() if field.primary)
        filled = {**at, **kind, key: 5000 + len(rows[table]), **cells}
        rows[table].append({name: cell for name, cell in filled.items() if name in fields})

    def span(what: str, start: np.datetime64, stop: np.datetime64) -> dict[str, object]:
        told = {f"{what}_start_date": start, f"{what}_end_date": stop}
        return told | {f"{what}_start_datetime": f"{start} 08:30:00", f"{what}_end_datetime": f"{stop} 17:00:00"}

    add("visit_occurrence", visit_occurrence_id=visit, visit_concept_id=9201 + visit % 2, **span("visit", day, end))
    add("visit_detail", visit_detail_concept_id=9201, **span("visit_detail", day, end))
    disease = int(rng.choice([320128, 201826]))
    add(
        "condition_occurrence",
        condition_concept_id=disease,
        condition_source_value="I10",
        **span("condition", day, end),
    )
    add("condition_occurrence", condition_concept_id=0, condition_source_value="Z99.9", condition_start_date=day)
    add("drug_exposure", drug_concept_id=40164929, **span("drug_exposure", day, day + 14))
    add("procedure_occurrence", procedure_concept_id=4152283, procedure_date=day)
    add("device_exposure", device_concept_id=45768171, device_exposure_start_date=day, unique_device_id="SN-99")
    result = {"value_as_number": round(float(rng.normal(7, 1)), 1), "unit_concept_id": 8554, "unit_source_value": "pct"}
    add("measurement", measurement_concept_id=3004410, measurement_date=day, **result)
    add("measurement", measurement_concept_id=3004410, measurement_date=end, value_as_concept_id=9191)
    add("observation", observation_concept_id=4041306, observation_date=day, value_as_string="never")
    note = {"note_id": len(rows["note"]), "person_id": person, "note_date": day, "note_text": "seen by Dr X"}
    kinds = ("note_type", "note_class", "encoding", "language")
    rows["note"].append(note | {f"{kind}_concept_id": 32817 for kind in kinds})
    return end + int(rng.integers(3, 60))


def _frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    names = list(specification.tables("5.4")[table])
    cells = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in names}
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String()))


def folder(place: Path, *, without: tuple[str, ...] = (), separator: str = ",") -> Path:
    """Write a folder of CSV."""
    place.mkdir(parents=True, exist_ok=True)
    for name, frame in tables().items():
        if name not in without:
            frame.write_csv(place / f"{name}.csv", separator=separator)
    return place
