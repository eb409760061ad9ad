from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import nir, part_of
from sosie.cohort import Role
from sosie.columns import vocabulary
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.tables import identify
from sosie.tables.frame import ColumnFormat, TablesPart

Found = dict[str, tuple[str, Role]]


def found(frame: pl.DataFrame, key: str | None = None, manifest: Manifest | None = None, **options: object) -> Found:
    findings = identify.roles(part_of(frame, key=key), manifest or Manifest(), **options)  # type: ignore[arg-type]
    return {finding.place: (finding.label, finding.role) for finding in findings}


def one(values: list[object] | np.ndarray, name: str = "x12") -> tuple[str, Role] | None:
    return found(pl.DataFrame({name: values})).get(name)


def test_a_hospital_table(hospital: pl.DataFrame) -> None:
    assert found(hospital) == {
        "IPP": ("IPP", Role.DIRECT),
        "NomUsage": ("NAME", Role.DIRECT),
        "prénom": ("FIRST_NAME", Role.DIRECT),
        "NIR": ("NIR", Role.DIRECT),
        "DDN": ("BIRTH_DATE", Role.DATE),
        "sexe": ("SEX", Role.QUASI),
        "tel_portable": ("PHONE", Role.DIRECT),
        "courriel": ("EMAIL", Role.DIRECT),
        "adr_rue": ("ADDRESS", Role.DIRECT),
        "CP": ("POSTCODE", Role.QUASI),
        "ville": ("CITY", Role.QUASI),
        "profession": ("OCCUPATION", Role.QUASI),
        "diag_principal": ("DIAGNOSIS_CODE", Role.SENSITIVE),
        "dt_entree": ("DATE", Role.DATE),
        "dt_sortie": ("DATE", Role.DATE),
        "age": ("AGE", Role.QUASI),
        "medecin_traitant": ("PRACTITIONER", Role.DIRECT),
        "observations": ("FREE_TEXT", Role.FREE_TEXT),
        "centre": ("CONSTANT", Role.CONSTANT),
    }


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("NIR", "NIR"),
        ("prénom", "FIRST_NAME"),
        ("NomUsage", "NAME"),
        ("tel_portable", "PHONE"),
        ("courriel", "EMAIL"),
        ("CP", "POSTCODE"),
        ("ville", "CITY"),
        ("IPP", "IDENTIFIER"),
        ("observations", "FREE_TEXT"),
        ("dt_entree", "DATE"),
        ("diag_principal", "DIAGNOSIS_CODE"),
    ],
)
def test_values_are_enough(hospital: pl.DataFrame, column: str, label: str) -> None:
    assert found(hospital.select(pl.col(column).alias("v"))).get("v", ("none",))[0] == label


def test_measurements_are_not_identifiers(hospital: pl.DataFrame) -> None:
    assert found(hospital.select("creatinine", "leucocytes", "stade")) == {}


def test_a_few_errors_and_missing_values_are_forgiven(rng: np.random.Generator) -> None:
    values = [nir(rng, "75") for _ in range(100)]
    values[::10] = ["?"] * 10
    values[5::10] = [None] * 10  # type: ignore[list-item]
    assert one(values) == ("NIR", Role.DIRECT)


def test_numbers_that_were_read_as_numbers(rng: np.random.Generator) -> None:
    assert one([int(nir(rng, "75")) for _ in range(50)]) == ("NIR", Role.DIRECT)


@pytest.mark.parametrize(
    ("name", "values"),
    [("cp", [0, 1, 2, 3] * 20), ("id", [0, 1] * 40), ("nom", ["oui", "non"] * 60), ("tel", [1, 2, 3] * 20)],
)
def test_a_name_that_the_values_contradict(name: str, values: list[object]) -> None:
    assert one(values, name) is None


def test_study_numbers_are_not_diagnoses() -> None:
    assert one([f"S{i:04d}" for i in range(100)]) == ("IDENTIFIER", Role.DIRECT)


def test_row_numbers_are_found_and_ages_are_not() -> None:
    assert one(list(range(1, 201))) == ("RECORD_NUMBER", Role.DIRECT)
    assert one([20 + i % 60 for i in range(200)]) is None


def test_the_manifest_and_the_rules_win(hospital: pl.DataFrame) -> None:
    columns = {"ville": ColumnManifest(role=Role.SENSITIVE), "leucocytes": ColumnManifest(role=Role.QUASI)}
    manifest = Manifest(tables={"t0": TableManifest(columns=columns)})
    roles = found(hospital, key="IPP", manifest=manifest, derived=("age", "NIR"))
    assert roles["ville"][1] is Role.SENSITIVE
    assert roles["leucocytes"] == ("QUASI_IDENTIFIER", Role.QUASI)
    assert roles["IPP"] == ("PATIENT_KEY", Role.KEY)
    assert roles["age"] == ("AGE", Role.DERIVED)
    assert roles["NIR"] == ("NIR", Role.DIRECT)


def test_labels_and_the_dictionary_of_the_source_are_heard() -> None:
    part = part_of(pl.DataFrame({"q1": ["a", "b"] * 40, "q2": [date(1950, 1, 1)] * 79 + [None], "q3": range(80)}))
    formats = (ColumnFormat("q1", role=Role.DIRECT), ColumnFormat("q2", label="Date of birth"), ColumnFormat("q3"))
    part = TablesPart(part.keys, (part.tables[0].with_columns(formats),), part.present)
    findings = {finding.place: finding for finding in identify.roles(part, Manifest())}
    assert (findings["q1"].role, findings["q1"].detector) == (Role.DIRECT, "source")
    assert findings["q2"].label == "BIRTH_DATE"
    assert identify.assign(part, [findings["q1"]]).tables[0].column("q1").role is Role.DIRECT


def test_sheets_of_one_file_are_told_apart() -> None:
    part = part_of(pl.DataFrame({"sexe": ["H", "F"] * 20}), pl.DataFrame({"sexe": ["F", "H"] * 20}))
    one, two = part.tables
    part = TablesPart(part.keys, (one, replace(two, file=one.file)), part.present)
    assert [finding.place for finding in identify.roles(part, Manifest())] == ["t0.sexe", "t1.sexe"]


def test_reasons_quote_no_value(hospital: pl.DataFrame) -> None:
    findings = identify.roles(part_of(hospital), Manifest())
    values = {str(value) for name in hospital.columns for value in hospital[name].unique() if len(str(value)) > 3}
    assert not any(value in finding.reason for finding in findings for value in values)
    assert all(finding.reason.endswith(".") for finding in findings)


def test_codes_scales_and_hierarchies(hospital: pl.DataFrame) -> None:
    frame = hospital.with_columns(karnofsky=pl.Series([70, 80, 90, 100] * 75), arm=pl.Series([0.0, 1.0, 2.0] * 100))
    part = part_of(frame, key="IPP")
    table = identify.assign(part, identify.roles(part, Manifest())).tables[0]
    assert [c.name for c in table.columns if c.categorical] == ["stade", "arm"]
    assert [c.name for c in table.columns if c.hierarchy] == ["CP", "diag_principal"]
    assert table.column("NIR").role is Role.DIRECT


def test_absent_patients_and_empty_tables_have_no_roles_by_accident() -> None:
    assert one([None] * 40) == ("CONSTANT", Role.CONSTANT)
    assert found(pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})) == {"a": ("CONSTANT", Role.CONSTANT)}


@given(st.text(min_size=1, max_size=40))
def test_any_column_name_is_read(name: str) -> None:
    assert all(0 < meaning.score < 1 for meaning in vocabulary.meanings(name))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("DateNaissance", "BIRTH_DATE"),
        ("dt_nais", "BIRTH_DATE"),
        ("N° sécu", "NIR"),
        ("nom_jf", "NAME"),
        ("NOM DU PATIENT", "NAME"),
        ("codePostal", "POSTCODE"),
        ("zip", "POSTCODE"),
        ("adresse_mail", "EMAIL"),
        ("MRN", "IPP"),
        ("Patient.ID", "IPP"),
        ("tel1", "PHONE"),
        ("ETHNIC_GROUP", "ETHNICITY"),
    ],
)
def test_names_are_understood(name: str, label: str) -> None:
    assert vocabulary.meanings(name)[0].label == label


@pytest.mark.parametrize("name", ["nom_medicament", "drug_name", "sexual_activity", "cd420", "days", "hospital_name_x"])
def test_nobody_s_name(name: str) -> None:
    assert "NAME" not in {meaning.label for meaning in vocabulary.meanings(name)}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)
