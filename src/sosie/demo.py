"""A fictitious French cohort whose associations are known, because they were planted.

A directory, a number of patients and a generator come in; ``patients.csv`` and ``sosie.yaml`` leave. It stands for
what a hospital would bring: a French file (``;``, decimal comma, dates as dd/mm/yyyy) with direct identifiers, dates,
codes, laboratory values that are missing for a reason, a treatment arm, a survival end point, rare diseases and notes.

What was planted, and what a faithful release should therefore keep:

- treatment multiplies the hazard of death after discharge by `HAZARD_RATIO`, ten years of age by
  `HAZARD_PER_DECADE`, current smoking by `HAZARD_OF_SMOKING`, cancer by `HAZARD_OF_CANCER`;
- C-reactive protein is high in infections, and high values lower haemoglobin and albumin and lengthen the stay;
- creatinine rises with age and is higher in men; haemoglobin is lower in women; sodium falls a little with age;
- albumin is measured where C-reactive protein is high, C-reactive protein less often in planned stays;
- body-mass index, age at admission and length of stay are computed from other columns, and a discharge follows its
  admission;
- two rare diseases, each in about four patients of a thousand, who are younger than the others.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sosie import institution, pipeline
from sosie.cohort import Floats, Mask
from sosie.engine import Listener, silent
from sosie.errors import ManifestError
from sosie.evidence import Evidence
from sosie.fictitious import Person, people
from sosie.manifest import FILE_NAME, Manifest, Target, dump, load
from sosie.settings import Settings

DATA_NAME = "patients.csv"
SEED = 2026
"""The fictitious cohort is nobody's: it is the same everywhere, and its doubles are not."""
ALLOWANCE = 8.0
"""Minutes: less than a real cohort deserves, since somebody is watching."""
PURPOSE = "Demonstration of Sosie on a fictitious cohort"
HAZARD_RATIO = 0.6
HAZARD_PER_DECADE = 1.35
HAZARD_OF_SMOKING = 1.5
HAZARD_OF_CANCER = 2.2
MEDIAN_MONTHS = 40.0
"""Median survival of an untreated patient of 65 who never smoked and has no cancer."""
FOLLOW_UP = (12.0, 60.0)
"""Months after which a patient is no longer followed: uniform between these."""
INFECTIONS, CANCERS = ("J18.9", "N10", "A41.9"), ("C50.9", "C34.9", "C18.9")
RARE = ("E75.2", "G12.2")
_DIAGNOSES = (*INFECTIONS, *CANCERS, "I50.0", "I21.9", "I63.9", "J44.1", "E11.9", "K80.2", "S72.0", *RARE)
_DIAGNOSIS_WEIGHTS = (90, 45, 35, 60, 55, 50, 150, 90, 85, 80, 90, 70, 92, 4, 4)
_SMOKING = ("jamais", "ancien", "actuel")
_NOTES = (
    "{title} {surname} revu{e} en consultation le {day}, évolution favorable.",
    "Adressé{e} par son médecin traitant pour altération de l'état général. Joignable au {telephone}.",
    "Vit seul{e} à {town}, aide à domicile deux fois par semaine.",
    "Traitement bien toléré, contrôle biologique dans un mois.",
    "Sortie le {day} avec ordonnance, courrier remis à {title} {surname}.",
    "Antécédents familiaux à préciser avec sa sœur {first_name}.",
)

Codes = NDArray[np.str_]


@dataclass(frozen=True)
class _Patients:
    """What the columns depend on; arrays of shape (patients,)."""

    women: Mask
    births: list[date]
    admissions: list[date]
    ages: NDArray[np.int64]
    diagnosis: Codes
    smoking: Codes
    treated: Mask


def anonymized(out: Path, patients: int, settings: Settings, listener: Listener = silent) -> tuple[Path, Evidence]:
    """Build a cohort in ``out/cohort`` and anonymize it in ``out/doubles``, on behalf of a fictitious institution.

    The user's own key and ledger know nothing of it. Of the fictitious key only the public half stays, in ``out``.
    """
    cohort = build(out / "cohort", patients, np.random.default_rng(SEED))
    with tempfile.TemporaryDirectory(prefix="sosie-demo-") as home:
        known = institution.load(Path(home))
        ours = replace(settings, home=Path(home), time_allowance=settings.time_allowance or ALLOWANCE)
        evidence = pipeline.anonymize(cohort, out / "doubles", ours, None, listener)
        (out / institution.PUBLIC).write_text(institution.pem(known.public_key), encoding="ascii")
    return cohort, evidence


def build(directory: Path, patients: int, rng: np.random.Generator) -> Path:
    """Write the cohort and its manifest.

    Parameters
    ----------
    directory : Path
        Created if need be; an earlier cohort of ours is replaced.
    patients : int
    rng : numpy.random.Generator

    Returns
    -------
    Path
        The directory, which is a source for every command.

    Raises
    ------
    ManifestError
        When the directory holds anything but such a cohort.
    """
    _require_ours(directory)
    columns = _columns(_patients(patients, rng), rng)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / FILE_NAME).write_text(dump(manifest()), encoding="utf-8")
    with (directory / DATA_NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return directory


def manifest() -> Manifest:
    """Return the manifest of the cohort: its patient key and the survival that the doubles must still show."""
    target = Target(table="patients", duration="survie_mois", event="deces", group="bras")
    return Manifest(
        patient="id_patient",
        targets=(target,),
        purpose=PURPOSE,
        recipient="Anyone",
    )


def _require_ours(directory: Path) -> None:
    """Refuse to write over files that may be somebody's data."""
    if not directory.is_dir() or not any(directory.iterdir()):
        return
    found = directory / FILE_NAME
    if not found.is_file() or load(found).purpose != PURPOSE:
        raise ManifestError(f"{directory}: the folder holds other files; name a new or an empty folder")


def _patients(n: int, rng: np.random.Generator) -> _Patients:
    weights = np.array(_DIAGNOSIS_WEIGHTS, dtype=float)
    diagnosis = rng.choice(_DIAGNOSES, n, p=weights / weights.sum())
    ages = np.where(np.isin(diagnosis, RARE), rng.normal(38, 9, n), rng.normal(67, 14, n)).clip(18.2, 101)
    admissions = [date(2018, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 5 * 365, n)]
    births = [day - timedelta(days=int(age * 365.25)) for day, age in zip(admissions, ages, strict=True)]
    completed = [_years(birth, day) for birth, day in zip(births, admissions, strict=True)]
    return _Patients(
        women=rng.random(n) < np.where(diagnosis == "C50.9", 0.97, 0.49),
        births=births,
        admissions=admissions,
        ages=np.array(completed, dtype=np.int64),
        diagnosis=diagnosis,
        smoking=_smoking(diagnosis, rng),
        treated=rng.random(n) < 0.5,
    )


def _smoking(diagnosis: Codes, rng: np.random.Generator) -> Codes:
    chances = np.where(np.isin(diagnosis, ("C34.9", "J44.1"))[:, None], (0.12, 0.4, 0.48), (0.52, 0.28, 0.2))
    drawn = (rng.random(len(diagnosis))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    smoking: Codes = np.array(_SMOKING)[drawn.clip(max=2)]
    return smoking


def _columns(given: _Patients, rng: np.random.Generator) -> dict[str, Sequence[str]]:
    n = len(given.births)
    persons = people([bool(woman) for woman in given.women], given.births, rng)
    height = rng.normal(np.where(given.women, 162.0, 175.0), 6.5).round()
    index = rng.normal(26.0, 4.2, n).clip(16, 46)
    weight = (index * (height / 100) ** 2).round(1)
    labs = _laboratory(given, rng)
    stays = np.floor(rng.gamma(2.0, 2.0, n) * (1 + np.log1p(labs["crp"]) / 4)).astype(int)
    leaving = [day + timedelta(days=int(stay)) for day, stay in zip(given.admissions, stays, strict=True)]
    months, dead = _survival(given, rng)
    measured = _measured(labs["crp"], given.diagnosis, rng)
    unweighed, unasked = rng.random(n) < 0.04, rng.random(n) < 0.06
    return {
        "id_patient": [f"P{number:06d}" for number in rng.choice(10**6, n, replace=False)],
        "nom": [person.surname.upper() for person in persons],
        "prenom": [person.first_name for person in persons],
        "nir": [person.nir for person in persons],
        "code_postal": [person.postcode for person in persons],
        "ville": [person.town for person in persons],
        "date_naissance": [f"{day:%d/%m/%Y}" for day in given.births],
        "sexe": np.where(given.women, "F", "M").tolist(),
        "date_admission": [f"{day:%d/%m/%Y}" for day in given.admissions],
        "date_sortie": [f"{day:%d/%m/%Y}" for day in leaving],
        "duree_sejour": stays.astype(str).tolist(),
        "age_admission": given.ages.astype(str).tolist(),
        "diagnostic": given.diagnosis.tolist(),
        "tabac": np.where(unasked, "", given.smoking).tolist(),
        "taille_cm": _numbers(height, 0),
        "poids_kg": _numbers(np.where(unweighed, np.nan, weight), 1),
        "imc": _numbers(np.where(unweighed, np.nan, weight / (height / 100) ** 2), 1),
        "hemoglobine": _numbers(labs["hemoglobin"], 1),
        "creatinine": _numbers(labs["creatinine"], 0),
        "sodium": _numbers(labs["sodium"], 0),
        "crp": _numbers(np.where(measured["crp"], labs["crp"], np.nan), 1),
        "albumine": _numbers(np.where(measured["albumin"], labs["albumin"], np.nan), 1),
        "bras": np.where(given.treated, "traitement", "temoin").tolist(),
        "survie_mois": _numbers(months, 1),
        "deces": dead.astype(int).astype(str).tolist(),
        "commentaire": [_note(*each, rng) for each in zip(persons, given.women, leaving, strict=True)],
    }


def _laboratory(given: _Patients, rng: np.random.Generator) -> dict[str, Floats]:
    n, older = len(given.births), (given.ages - 65) / 10
    infected = np.isin(given.diagnosis, INFECTIONS)
    crp = np.exp(rng.normal(1.6, 0.9, n) + 2.2 * infected + 0.2 * (given.smoking == "actuel")).clip(0.3, 420)
    burden = np.log1p(crp)
    creatinine = np.exp(rng.normal(4.3, 0.24, n) + 0.07 * older + 0.16 * ~given.women)
    return {
        "crp": crp,
        "hemoglobin": (rng.normal(15.0, 1.2, n) - 1.2 * given.women - 0.45 * burden).clip(5, 19),
        "creatinine": creatinine.clip(30, 900),
        "sodium": rng.normal(139.5, 2.8, n) - 0.4 * older,
        "albumin": (rng.normal(43, 3.2, n) - 1.9 * burden).clip(12, 55),
    }


def _measured(crp: Floats, diagnosis: Codes, rng: np.random.Generator) -> dict[str, Mask]:
    planned = np.isin(diagnosis, (*CANCERS, "K80.2"))
    return {
        "crp": rng.random(len(crp)) > np.where(planned, 0.25, 0.06),
        "albumin": rng.random(len(crp)) < np.where(crp > 20, 0.85, 0.4),
    }


def _survival(given: _Patients, rng: np.random.Generator) -> tuple[Floats, Mask]:
    """Draw exponential survival times under the planted hazard ratios, censored at the end of follow-up."""
    hazard = (np.log(2) / MEDIAN_MONTHS) * HAZARD_PER_DECADE ** ((given.ages - 65) / 10)
    hazard = hazard * np.where(given.treated, HAZARD_RATIO, 1.0)
    hazard = hazard * np.where(given.smoking == "actuel", HAZARD_OF_SMOKING, 1.0)
    hazard = hazard * np.where(np.isin(given.diagnosis, CANCERS), HAZARD_OF_CANCER, 1.0)
    death, end = rng.exponential(1 / hazard), rng.uniform(*FOLLOW_UP, len(hazard))
    return np.minimum(death, end).clip(0.1), death <= end


def _note(person: Person, woman: bool, day: date, rng: np.random.Generator) -> str:
    if rng.random() < 0.35:
        return ""
    return str(rng.choice(_NOTES)).format(
        title="Mme" if woman else "M.",
        e="e" if woman else "",
        surname=person.surname.upper(),
        first_name=person.first_name,
        town=person.town,
        telephone=person.telephone,
        day=f"{day:%d/%m/%Y}",
    )


def _numbers(values: Floats, decimals: int) -> list[str]:
    return ["" if np.isnan(value) else f"{value:.{decimals}f}".replace(".", ",") for value in values]


def _years(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
