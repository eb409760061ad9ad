"""A fictitious cohort of patients with notes: shared templates, own sentences, facts that go with a disease."""

from __future__ import annotations

import json
import random
from pathlib import Path

_LAST = (
    *("MARTIN", "BERNARD", "DUBOIS", "THOMAS", "ROBERT", "RICHARD", "PETIT", "DURAND"),
    *("LEROY", "MOREAU", "SIMON", "LAURENT", "LEFEBVRE", "ROUX", "VINCENT"),
)
_FIRST = {
    "F": ("Marie", "Jeanne", "Sophie", "Claire", "Julie", "Camille"),
    "M": ("Jean", "Pierre", "Paul", "Nicolas", "Julien", "Alain"),
}
_TREATED = {
    "insuffisance cardiaque": ("furosémide", "bisoprolol"),
    "diabète de type 2": ("metformine", "gliclazide"),
    "asthme": ("salbutamol", "budésonide"),
}
_ALSO = ("hypertension artérielle", "fibrillation auriculaire", "obésité")
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu")
_DENIED = ("fièvre", "douleur thoracique", "dyspnée")


def notes_of(number: int, rng: random.Random) -> list[dict[str, str]]:
    """Return the notes of one patient."""
    sex = rng.choice("FM")
    last, first, age = rng.choice(_LAST), rng.choice(_FIRST[sex]), rng.randint(35, 88)
    disease = rng.choices(list(_TREATED), (4, 3, 2))[0]
    title, end = ("Madame", "e") if sex == "F" else ("Monsieur", "")
    also = [each for each in _ALSO if rng.random() < 0.4]
    denied = [each for each in _DENIED if rng.random() < 0.6]
    haemoglobin = rng.gauss(11.5 if disease == "insuffisance cardiaque" else 13.5, 1.0)
    word = "".join(_SYLLABLES[int(figure)] for figure in f"{number:04d}")
    own = f"Collectionne les théières {word} bleues avec {word} son voisin."
    day = f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{rng.randint(2018, 2023)}"
    stay = [
        "Service de médecine interne",
        f"Compte rendu d'hospitalisation du {day}",
        f"{title} {last} {first}, IPP {80000000 + number}",
        f"{title} {last}, {age} ans, est hospitalisé{end} pour {disease}.",
        own,
        "Antécédents :",
        *(f"- {each}" for each in also),
        "Examen clinique :",
        *(f"Pas de {each}." for each in denied),
        f"Hémoglobine : {haemoglobin:.1f} g/dl".replace(".", ","),
        "Traitement de sortie :",
        *(f"- {each}" for each in _TREATED[disease]),
        f"Revoir en consultation dans {rng.choice([1, 3, 6])} mois.",
        f"Dr {rng.choice(_LAST)}",
    ]
    visit = [
        "Consultation de suivi",
        f"Le {day}",
        f"J'ai revu ce jour {title} {first} {last}, suivi{end} pour {disease}.",
        f"Le traitement comporte {_TREATED[disease][0]}.",
        "L'état clinique est stable.",
        "Bien cordialement,",
        f"Dr {rng.choice(_LAST)}",
    ]
    written = f"{day[6:]}-{day[3:5]}-{day[:2]}"
    bodies = [("sortie", stay), ("consultation", visit)][: rng.choice([1, 2, 2])]
    return [
        {"patient": f"P{number:04d}", "date": written, "kind": kind, "service": "M", "text": "\n".join(lines)}
        for kind, lines in bodies
    ]


def write(path: Path, patients: int, seed: int = 0) -> list[dict[str, str]]:
    """Write the notes of a cohort as JSON lines, and return them."""
    rng = random.Random(seed)
    rows = [note for number in range(patients) for note in notes_of(number, rng)]
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return rows
