import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie import fictitious
from sosie.columns.validators import nir_key
from sosie.errors import ManifestError
from sosie.fictitious import cohort as fiction
from sosie.fictitious import lives, patients
from sosie.manifest import find
from sosie.tables import identify, source


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fiction.build(tmp_path_factory.mktemp("demo"), 3000, np.random.default_rng(5))


@pytest.fixture(scope="module")
def frame(cohort: Path) -> pl.DataFrame:
    return source.read(cohort, find(cohort)).tables[0].frame


def rows(cohort: Path) -> list[dict[str, str]]:
    with (cohort / patients.NAME).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_the_same_generator_builds_the_same_cohort(tmp_path: Path) -> None:
    first, second = (fiction.build(tmp_path / name, 50, np.random.default_rng(3)) for name in ("a", "b"))
    assert (first / patients.NAME).read_bytes() == (second / patients.NAME).read_bytes()


def test_it_never_writes_over_somebody_s_files(tmp_path: Path) -> None:
    (tmp_path / patients.NAME).write_text("id;age\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="other files"):
        fiction.build(tmp_path, 10, np.random.default_rng(0))
    assert (tmp_path / patients.NAME).read_text(encoding="utf-8") == "id;age\n"


def test_it_replaces_an_earlier_cohort_of_its_own(tmp_path: Path) -> None:
    fiction.build(tmp_path, 10, np.random.default_rng(0))
    assert len(rows(fiction.build(tmp_path, 20, np.random.default_rng(0)))) == 20


def test_the_file_is_french_and_reads_as_typed_columns(cohort: Path, frame: pl.DataFrame) -> None:
    assert "," in rows(cohort)[0]["taille_cm"] + rows(cohort)[0]["hemoglobine"]
    assert frame.height == 3000
    assert frame["date_naissance"].dtype == pl.Date
    assert frame["hemoglobine"].dtype.is_float()


def test_the_manifest_names_the_key_and_the_survival_that_the_file_holds(cohort: Path, frame: pl.DataFrame) -> None:
    declared = find(cohort)
    target = declared.targets[0]
    assert {declared.patient, target.duration, target.event, target.group} <= set(frame.columns)
    assert frame[declared.patient or ""].n_unique() == frame.height


@pytest.mark.parametrize("number", [1, 25])
def test_a_cohort_of_any_size_can_be_built(tmp_path: Path, number: int) -> None:
    assert len(rows(fiction.build(tmp_path, number, np.random.default_rng(0)))) == number


def test_every_direct_identifier_is_found(cohort: Path) -> None:
    declared = find(cohort)
    found = {finding.place: finding.label for finding in identify.roles(source.read(cohort, declared), declared)}
    expected = {"nom": "NAME", "prenom": "FIRST_NAME", "nir": "NIR", "commentaire": "FREE_TEXT", "ville": "CITY"}
    assert expected.items() <= found.items()


def test_insurance_numbers_are_well_formed_and_nobody_s(frame: pl.DataFrame) -> None:
    assert nir_key(frame["nir"]).all()
    assert frame["nir"].str.slice(7, 3).cast(pl.Int64).min() > 910  # type: ignore[operator]


def test_telephone_numbers_are_reserved_for_fiction() -> None:
    assert fictitious.telephone(np.random.default_rng(1)).startswith("06 39 98 ")


def test_computed_columns_follow_their_formulas(cohort: Path) -> None:
    for row in rows(cohort):
        birth, entry, leave = (
            datetime.strptime(row[name], "%d/%m/%Y") for name in ("date_naissance", "date_admission", "date_sortie")
        )
        age = entry.year - birth.year - ((entry.month, entry.day) < (birth.month, birth.day))
        assert (leave - entry).days == int(row["duree_sejour"]) >= 0
        assert age == int(row["age_admission"])
        if row["poids_kg"]:
            index = float(row["poids_kg"].replace(",", ".")) / (int(row["taille_cm"]) / 100) ** 2
            assert abs(index - float(row["imc"].replace(",", "."))) < 0.0501


def test_the_treatment_has_the_planted_hazard_ratio(frame: pl.DataFrame) -> None:
    from lifelines import CoxPHFitter

    data = frame.select(
        pl.col("survie_mois", "deces"),
        treated=(pl.col("bras") == "traitement").cast(pl.Float64),
        decades=(pl.col("age_admission") - 65) / 10,
        cancer=pl.col("diagnostic").is_in(list(lives.CANCERS)).cast(pl.Float64),
        smoker=(pl.col("tabac") == "actuel").fill_null(False).cast(pl.Float64),
    ).to_pandas()
    fitted = CoxPHFitter().fit(data, "survie_mois", "deces")
    assert abs(np.log(fitted.hazard_ratios_["treated"] / lives.HAZARD_RATIO)) < 0.15
    assert abs(np.log(fitted.hazard_ratios_["decades"] / lives.HAZARD_PER_DECADE)) < 0.1


def test_missing_values_depend_on_the_patients(frame: pl.DataFrame) -> None:
    inflamed = pl.col("crp") > 20
    measured = frame.group_by(inflamed.alias("inflamed")).agg(pl.col("albumine").is_not_null().mean())
    shares = dict(measured.drop_nulls().iter_rows())
    assert shares[True] > shares[False] + 0.2


def test_rare_diseases_stay_rare(frame: pl.DataFrame) -> None:
    counts = frame["diagnostic"].value_counts().filter(pl.col("diagnostic").is_in(list(lives.RARE)))
    assert counts["count"].sum() > 0
    assert counts["count"].sum() < 0.02 * frame.height
