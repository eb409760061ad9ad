"""What every modality of the fictitious cohort has in common: who the patients are and what ails them.

A number of patients and a generator come in, arrays of one entry a patient leave; each room of this package writes its
own format from them, so that a letter quotes the haemoglobin of the laboratory and a film shows the pneumonia of the
diagnosis. The constants are the planted truths.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Mask
from sosie.fictitious.genotypes import Genomes, genomes
from sosie.fictitious.people import Person, people

HAZARD_RATIO = 0.6
HAZARD_PER_DECADE = 1.35
HAZARD_OF_SMOKING = 1.5
HAZARD_OF_CANCER = 2.2
MEDIAN_MONTHS = 40.0
"""Median survival of an untreated patient of 65 who never smoked and has no cancer."""
DAYS_A_MONTH = 30.4375
FOLLOW_UP = (12.0, 60.0)
"""Months after which a patient is no longer followed: uniform between these."""
CRP_OF_INFECTION = 2.2
"""Added to the logarithm of C-reactive protein by an infection."""
HAEMOGLOBIN_PER_CRP = -0.45
"""g/dL for each unit of log(1 + CRP)."""
CHOLESTEROL_PER_ALLELE = 0.5
"""mmol/L for each copy of the first trait variant."""
DIABETES_PER_ALLELE = 1.0
"""Logarithm of the odds of diabetes for each copy of the second trait variant."""
INFECTIONS, CANCERS = ("J18.9", "N10", "A41.9"), ("C50.9", "C34.9", "C18.9")
PNEUMONIA, FAILURE = "J18.9", "I50.0"
RARE = ("E75.2", "G12.2")
DIAGNOSES = (*INFECTIONS, *CANCERS, FAILURE, "I21.9", "I63.9", "J44.1", "E11.9", "K80.2", "S72.0", *RARE)
_WEIGHTS = (90, 45, 35, 60, 55, 50, 150, 90, 85, 80, 90, 70, 92, 4, 4)
SMOKING = ("jamais", "ancien", "actuel")

Codes = NDArray[np.str_]


@dataclass(frozen=True)
class Lives:
    """The patients; arrays of shape (patients,).

    Parameters
    ----------
    keys : ndarray of int64
        Number of each patient in the hospital, the same in every modality.
    women : ndarray of bool
    births, admissions : list of date
    ages : ndarray of int64
        Completed years at admission.
    diagnosis, smoking : ndarray of str
    treated : ndarray of bool
        Arm of the treatment.
    labs : dict of str to ndarray of float64
        At admission.
    stays : ndarray of int64
        Days.
    months : ndarray of float64
        From admission to death or to the end of follow-up, not before discharge.
    dead, diabetic, opaque, large : ndarray of bool
        Dead at the end; diabetic; with an opacity, or a large heart, on the film.
    persons : list of Person
    genomes : Genomes
    """

    keys: NDArray[np.int64]
    women: Mask
    births: list[date]
    admissions: list[date]
    ages: NDArray[np.int64]
    diagnosis: Codes
    smoking: Codes
    treated: Mask
    labs: dict[str, Floats]
    stays: NDArray[np.int64]
    months: Floats
    dead: Mask
    diabetic: Mask
    opaque: Mask
    large: Mask
    persons: list[Person]
    genomes: Genomes

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def discharges(self) -> list[date]:
        """Return the days of discharge."""
        return [day + timedelta(days=int(stay)) for day, stay in zip(self.admissions, self.stays, strict=True)]


def lives(n: int, rng: np.random.Generator) -> Lives:
    """Draw the patients."""
    weights = np.array(_WEIGHTS, dtype=float)
    diagnosis: Codes = rng.choice(DIAGNOSES, n, p=weights / weights.sum())
    ages = np.where(np.isin(diagnosis, RARE), rng.normal(38, 9, n), rng.normal(67, 14, n)).clip(18.2, 101)
    admissions = [date(2018, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 5 * 365, n)]
    births = [day - timedelta(days=int(age * 365.25)) for day, age in zip(admissions, ages, strict=True)]
    years = np.array([_years(birth, day) for birth, day in zip(births, admissions, strict=True)], dtype=np.int64)
    women = rng.random(n) < np.where(diagnosis == "C50.9", 0.97, 0.49)
    smoking, treated = _smoking(diagnosis, rng), rng.random(n) < 0.5
    persons = people([bool(woman) for woman in women], births, rng)
    found = genomes(n, rng)
    labs = _laboratory(women, years, diagnosis, smoking, found, rng)
    stays = np.floor(rng.gamma(2.0, 2.0, n) * (1 + np.log1p(labs["crp"]) / 4)).astype(np.int64)
    months, dead = _survival(years, treated, smoking, diagnosis, rng)
    odds = -1.6 + DIABETES_PER_ALLELE * (found.dosage[1] - 0.8)
    return Lives(
        keys=rng.choice(900_000, n, replace=False) + 100_000,
        women=women,
        births=births,
        admissions=admissions,
        ages=years,
        diagnosis=diagnosis,
        smoking=smoking,
        treated=treated,
        labs=labs,
        stays=stays,
        months=np.maximum(months, stays / DAYS_A_MONTH),
        dead=dead,
        diabetic=(diagnosis == "E11.9") | (rng.random(n) < 1 / (1 + np.exp(-odds))),
        opaque=rng.random(n) < np.where(diagnosis == PNEUMONIA, 0.9, 0.05),
        large=rng.random(n) < np.where(diagnosis == FAILURE, 0.85, 0.07),
        persons=persons,
        genomes=found,
    )


def _smoking(diagnosis: Codes, rng: np.random.Generator) -> Codes:
    chances = np.where(np.isin(diagnosis, ("C34.9", "J44.1"))[:, None], (0.12, 0.4, 0.48), (0.52, 0.28, 0.2))
    drawn = (rng.random(len(diagnosis))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    smoking: Codes = np.array(SMOKING)[drawn.clip(max=2)]
    return smoking


def _laboratory(
    women: Mask, ages: NDArray[np.int64], diagnosis: Codes, smoking: Codes, found: Genomes, rng: np.random.Generator
) -> dict[str, Floats]:
    n, older = len(ages), (ages - 65) / 10
    infected = np.isin(diagnosis, INFECTIONS)
    crp = np.exp(rng.normal(1.6, 0.9, n) + CRP_OF_INFECTION * infected + 0.2 * (smoking == "actuel")).clip(0.3, 420)
    burden = np.log1p(crp)
    creatinine = np.exp(rng.normal(4.3, 0.24, n) + 0.07 * older + 0.16 * ~women)
    return {
        "crp": crp,
        "haemoglobin": (rng.normal(15.0, 1.2, n) - 1.2 * women + HAEMOGLOBIN_PER_CRP * burden).clip(5, 19),
        "creatinine": creatinine.clip(30, 900),
        "sodium": rng.normal(139.5, 2.8, n) - 0.4 * older,
        "albumin": (rng.normal(43, 3.2, n) - 1.9 * burden).clip(12, 55),
        "cholesterol": (rng.normal(4.6, 0.8, n) + CHOLESTEROL_PER_ALLELE * found.dosage[0]).clip(2, 11),
    }


def _survival(
    ages: NDArray[np.int64], treated: Mask, smoking: Codes, diagnosis: Codes, rng: np.random.Generator
) -> tuple[Floats, Mask]:
    """Draw exponential survival times under the planted hazard ratios, censored at the end of follow-up."""
    hazard = (np.log(2) / MEDIAN_MONTHS) * HAZARD_PER_DECADE ** ((ages - 65) / 10)
    hazard = hazard * np.where(treated, HAZARD_RATIO, 1.0)
    hazard = hazard * np.where(smoking == "actuel", HAZARD_OF_SMOKING, 1.0)
    hazard = hazard * np.where(np.isin(diagnosis, CANCERS), HAZARD_OF_CANCER, 1.0)
    death, end = rng.exponential(1 / hazard), rng.uniform(*FOLLOW_UP, len(hazard))
    return np.minimum(death, end).clip(0.1), death <= end


def _years(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
