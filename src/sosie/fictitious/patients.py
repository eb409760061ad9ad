"""The table of the fictitious cohort, as a French hospital would bring it: ``;``, decimal commas, dd/mm/yyyy.

Direct identifiers, dates, codes, a treatment arm, a survival end point and comments; laboratory values, missing for a
reason, where no timeline holds them.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.fictitious.lives import CANCERS, Lives
from sosie.fictitious.people import Person

NAME = "patients.csv"
_COMMENTS = (
    "{title} {surname} revu{e} en consultation le {day}, évolution favorable.",
    "Adressé{e} par son médecin traitant pour altération de l'état général. Joignable au {telephone}.",
    "Vit seul{e} à {town}, aide à domicile deux fois par semaine.",
    "Traitement bien toléré, contrôle biologique dans un mois.",
    "Sortie le {day} avec ordonnance, courrier remis à {title} {surname}.",
    "Antécédents familiaux à préciser avec sa sœur {first_name}.",
)


def write(given: Lives, directory: Path, rng: np.random.Generator, *, laboratory: bool) -> None:
    """Write the table; with laboratory values and measures of the body, or without."""
    columns = _columns(given, rng)
    if not laboratory:
        columns = {name: values for name, values in columns.items() if name not in _ELSEWHERE}
    with (directory / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


_ELSEWHERE = frozenset(
    {"taille_cm", "poids_kg", "imc", "hemoglobine", "creatinine", "sodium", "crp", "albumine", "commentaire"}
)


def _columns(given: Lives, rng: np.random.Generator) -> dict[str, Sequence[str]]:
    n, persons = len(given), given.persons
    height = rng.normal(np.where(given.women, 162.0, 175.0), 6.5).round()
    index = rng.normal(26.0, 4.2, n).clip(16, 46)
    weight = (index * (height / 100) ** 2).round(1)
    measured = _measured(given, rng)
    unweighed, unasked = rng.random(n) < 0.04, rng.random(n) < 0.06
    labs, leaving = given.labs, given.discharges
    return {
        "id_patient": [str(key) for key in given.keys],
        "nom": [person.surname.upper() for person in persons],
        "prenom": [person.first_name for person in persons],
        "nir": [person.nir for person in persons],
        "code_postal": [person.postcode for person in persons],
        "ville": [person.town for person in persons],
        "date_naissance": [f"{day:%d/%m/%Y}" for day in given.births],
        "sexe": np.where(given.women, "F", "M").tolist(),
        "date_admission": [f"{day:%d/%m/%Y}" for day in given.admissions],
        "date_sortie": [f"{day:%d/%m/%Y}" for day in leaving],
        "duree_sejour": given.stays.astype(str).tolist(),
        "age_admission": given.ages.astype(str).tolist(),
        "diagnostic": given.diagnosis.tolist(),
        "tabac": np.where(unasked, "", given.smoking).tolist(),
        "taille_cm": _numbers(height, 0),
        "poids_kg": _numbers(np.where(unweighed, np.nan, weight), 1),
        "imc": _numbers(np.where(unweighed, np.nan, weight / (height / 100) ** 2), 1),
        "hemoglobine": _numbers(labs["haemoglobin"], 1),
        "creatinine": _numbers(labs["creatinine"], 0),
        "sodium": _numbers(labs["sodium"], 0),
        "crp": _numbers(np.where(measured["crp"], labs["crp"], np.nan), 1),
        "albumine": _numbers(np.where(measured["albumin"], labs["albumin"], np.nan), 1),
        "bras": np.where(given.treated, "traitement", "temoin").tolist(),
        "survie_mois": _numbers(given.months, 1),
        "deces": given.dead.astype(int).astype(str).tolist(),
        "commentaire": [_comment(*each, rng) for each in zip(persons, given.women, leaving, strict=True)],
    }


def _measured(given: Lives, rng: np.random.Generator) -> dict[str, Mask]:
    crp = given.labs["crp"]
    planned = np.isin(given.diagnosis, (*CANCERS, "K80.2"))
    return {
        "crp": rng.random(len(crp)) > np.where(planned, 0.25, 0.06),
        "albumin": rng.random(len(crp)) < np.where(crp > 20, 0.85, 0.4),
    }


def _comment(person: Person, woman: bool, day: date, rng: np.random.Generator) -> str:
    if rng.random() < 0.35:
        return ""
    return str(rng.choice(_COMMENTS)).format(
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
