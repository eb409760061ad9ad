"""The timeline of the fictitious cohort: an OMOP common data model 5.4 of its stays, diagnoses, results and drugs.

Concepts are those of the OHDSI vocabularies; ``CONCEPT.csv`` holds the ones that are used.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from sosie.fictitious.lives import DAYS_A_MONTH, Lives

FOLDER = "omop"
DIAGNOSES = {
    "J18.9": (255848, "Pneumonia"),
    "N10": (4056621, "Acute pyelonephritis"),
    "A41.9": (132797, "Sepsis"),
    "C50.9": (4112853, "Malignant tumor of breast"),
    "C34.9": (443388, "Malignant tumor of lung"),
    "C18.9": (443381, "Malignant tumor of colon"),
    "I50.0": (316139, "Heart failure"),
    "I21.9": (312327, "Acute myocardial infarction"),
    "I63.9": (443454, "Cerebral infarction"),
    "J44.1": (255573, "Chronic obstructive lung disease"),
    "E11.9": (201826, "Type 2 diabetes mellitus"),
    "K80.2": (444367, "Gallbladder calculus"),
    "S72.0": (4230399, "Closed fracture of hip"),
    "E75.2": (4244820, "Lysosomal lipid storage disorder"),
    "G12.2": (373182, "Motor neuron disease"),
}
TESTS = {
    "haemoglobin": (3000963, "Hemoglobin [Mass/volume] in Blood", "718-7", 8713, "g/dL", 1),
    "creatinine": (3020564, "Creatinine [Moles/volume] in Serum or Plasma", "14682-9", 8749, "umol/L", 0),
    "sodium": (3019550, "Sodium [Moles/volume] in Serum or Plasma", "2951-2", 8753, "mmol/L", 0),
    "crp": (3020460, "C reactive protein [Mass/volume] in Serum or Plasma", "1988-5", 8751, "mg/L", 1),
    "albumin": (3024561, "Albumin [Mass/volume] in Serum or Plasma", "1751-7", 8636, "g/L", 0),
    "cholesterol": (3019900, "Cholesterol [Moles/volume] in Serum or Plasma", "14647-2", 8753, "mmol/L", 1),
}
"""Concept, name, LOINC code, unit's concept, unit, decimals."""
DRUGS = {
    "infection": (1713332, "amoxicillin"),
    "failure": (956874, "furosemide"),
    "diabetes": (1503297, "metformin"),
}
INPATIENT, OUTPATIENT, EHR = 9201, 9202, 32817
DATE = "%Y-%m-%d"

Row = Sequence[Any]


def write(given: Lives, directory: Path, rng: np.random.Generator) -> None:
    """Write the folder."""
    place = directory / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[Row]] = {name: [] for name in _HEADERS}
    numbers = {name: count(1) for name in _HEADERS}
    for row in range(len(given)):
        _patient(given, row, tables, numbers, rng)
    tables["concept"] = list(_concepts())
    tables["cdm_source"] = [("Fictitious cohort", "FICTITIOUS", "Nobody's data", "2026-01-01", "2026-01-01", "v5.4")]
    for name, rows in tables.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_HEADERS[name])
            writer.writerows(rows)


def _patient(given: Lives, row: int, tables: dict[str, list[Row]], numbers: dict[str, Any], rng: Any) -> None:
    key, born = int(given.keys[row]), given.births[row]
    person = given.persons[row]
    woman = bool(given.women[row])
    entered, left = given.admissions[row], given.discharges[row]
    end = entered + timedelta(days=round(float(given.months[row]) * DAYS_A_MONTH))
    source = f"{person.surname.upper()} {person.first_name}"
    gender = 8532 if woman else 8507
    tables["person"].append((key, gender, born.year, born.month, born.day, 0, 0, "", "", source, "F" if woman else "M"))
    tables["observation_period"].append(
        (next(numbers["observation_period"]), key, f"{entered:{DATE}}", f"{end:{DATE}}", EHR)
    )
    visits = [(entered, left, INPATIENT)]
    after = left
    for _ in range(int(rng.poisson(1.5))):
        after += timedelta(days=int(rng.gamma(2.0, 45.0)) + 7)
        if after < end:
            visits.append((after, after, OUTPATIENT))
    for number, (first, last, kind) in enumerate(visits):
        visit = next(numbers["visit_occurrence"])
        tables["visit_occurrence"].append((visit, key, kind, f"{first:{DATE}}", f"{last:{DATE}}", EHR))
        if number == 0:
            _conditions(given, row, visit, first, tables, numbers)
            _drugs(given, row, visit, first, last, tables, numbers)
        _results(given, row, visit, first, number, tables, numbers, rng)
    if given.dead[row]:
        tables["death"].append((key, f"{end:{DATE}}", EHR))


def _conditions(given: Lives, row: int, visit: int, day: date, tables: Any, numbers: Any) -> None:
    codes = [str(given.diagnosis[row])]
    if given.diabetic[row] and codes[0] != "E11.9":
        codes.append("E11.9")
    for code in codes:
        number = next(numbers["condition_occurrence"])
        concept = DIAGNOSES[code][0]
        tables["condition_occurrence"].append(
            (number, int(given.keys[row]), concept, f"{day:{DATE}}", f"{day:{DATE}}", EHR, visit, code)
        )


def _drugs(given: Lives, row: int, visit: int, day: date, last: date, tables: Any, numbers: Any) -> None:
    reasons = {
        "infection": str(given.diagnosis[row])[0] in "JNA" and given.diagnosis[row] != "J44.1",
        "failure": given.diagnosis[row] == "I50.0",
        "diabetes": bool(given.diabetic[row]),
    }
    for reason, needed in reasons.items():
        if needed:
            number = next(numbers["drug_exposure"])
            tables["drug_exposure"].append(
                (number, int(given.keys[row]), DRUGS[reason][0], f"{day:{DATE}}", f"{last:{DATE}}", EHR, visit)
            )


def _results(given: Lives, row: int, visit: int, day: date, later: int, tables: Any, numbers: Any, rng: Any) -> None:
    for name, (concept, _, _, unit, unit_name, decimals) in TESTS.items():
        if later and rng.random() < 0.4:
            continue
        value = float(given.labs[name][row])
        if later:
            # What was inflamed at admission has calmed down; the rest varies around the patient's own level.
            value *= (0.35 if name == "crp" else 1.0) * float(np.exp(rng.normal(0, 0.3 if name == "crp" else 0.04)))
        number = next(numbers["measurement"])
        tables["measurement"].append(
            (
                *(number, int(given.keys[row]), concept, f"{day:{DATE}}", EHR, f"{value:.{decimals}f}"),
                *(unit, visit, name, unit_name),
            )
        )


def _concepts() -> Iterable[Row]:
    listed = [(concept, name, "Condition", "SNOMED", "") for concept, name in DIAGNOSES.values()]
    listed += [(concept, name, "Measurement", "LOINC", code) for concept, name, code, *_ in TESTS.values()]
    listed += [(concept, name, "Drug", "RxNorm", "") for concept, name in DRUGS.values()]
    units = {(unit, name) for *_, unit, name, _ in TESTS.values()}
    listed += [(concept, name, "Unit", "UCUM", name) for concept, name in sorted(units)]
    listed += [(8532, "FEMALE", "Gender", "Gender", "F"), (8507, "MALE", "Gender", "Gender", "M")]
    listed += [
        (INPATIENT, "Inpatient Visit", "Visit", "Visit", "IP"),
        (OUTPATIENT, "Outpatient Visit", "Visit", "", "OP"),
    ]
    listed += [(EHR, "EHR", "Type Concept", "Type Concept", ""), (0, "No matching concept", "Metadata", "None", "")]
    for concept, name, domain, vocabulary, code in listed:
        yield concept, name, domain, vocabulary, domain, "S", code, "1970-01-01", "2099-12-31", ""


_HEADERS = {
    "person": (
        *("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth", "race_concept_id"),
        *("ethnicity_concept_id", "location_id", "provider_id", "person_source_value", "gender_source_value"),
    ),
    "observation_period": (
        *("observation_period_id", "person_id", "observation_period_start_date", "observation_period_end_date"),
        "period_type_concept_id",
    ),
    "visit_occurrence": (
        *("visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_end_date"),
        "visit_type_concept_id",
    ),
    "condition_occurrence": (
        *("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
        *("condition_end_date", "condition_type_concept_id", "visit_occurrence_id", "condition_source_value"),
    ),
    "drug_exposure": (
        *("drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"),
        *("drug_exposure_end_date", "drug_type_concept_id", "visit_occurrence_id"),
    ),
    "measurement": (
        *("measurement_id", "person_id", "measurement_concept_id", "measurement_date", "measurement_type_concept_id"),
        *("value_as_number", "unit_concept_id", "visit_occurrence_id", "measurement_source_value", "unit_source_value"),
    ),
    "death": ("person_id", "death_date", "death_type_concept_id"),
    "concept": (
        *("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "standard_concept"),
        *("concept_code", "valid_start_date", "valid_end_date", "invalid_reason"),
    ),
    "cdm_source": (
        *("cdm_source_name", "cdm_source_abbreviation", "source_description", "source_release_date"),
        *("cdm_release_date", "cdm_version"),
    ),
}
