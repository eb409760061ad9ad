"""Marked notes: fictitious notes written for measuring, with what identifies in them between white brackets.

A file holds notes, each after a line ``=== id | family | comment``; ``⟦LABEL|text⟧`` marks an identifier. They were
written by people who did not know how the detector works, and who wrote no two notes on one skeleton.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXAMS = Path(__file__).parent / "exam"
_HEAD = re.compile(r"^=== (?P<id>[^|\n]+)(?:\|(?P<family>[^|\n]*))?(?:\|[^\n]*)?$", re.MULTILINE)
_MARK = re.compile(r"⟦(?P<label>[A-Z_]+)\|(?P<text>[^⟦⟧]*)⟧")
PUBLISHED = {
    **{"LAST_NAME": "NOM", "FIRST_NAME": "PRENOM", "INITIALS": "INITIALES", "BIRTH_DATE": "DATE_NAISSANCE"},
    **{"ADDRESS": "ADRESSE", "CITY": "VILLE", "POSTCODE": "ZIP", "HOSPITAL": "HOPITAL", "PHONE": "TEL"},
    **{"EMAIL": "MAIL", "NATIONAL_ID": "SECU", "PATIENT_NUMBER": "IPP", "STAY_NUMBER": "NDA"},
    **{"PRACTITIONER_NUMBER": "RPPS", "FACILITY_NUMBER": "FINESS", "IDENTIFIER": "IDENTIFIANT"},
}
"""Labels of English notes, by the names that the figures go by."""


def load(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a file: JSON lines, or marked notes."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return list(_documents(text))


def _documents(text: str) -> Iterator[dict[str, Any]]:
    heads = list(_HEAD.finditer(text))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        marked = text[head.end() : following.start() if following else len(text)].strip("\n")
        yield {"id": head["id"].strip(), "family": (head["family"] or "?").strip(), "noise": "none", **_read(marked)}


def _read(marked: str) -> dict[str, Any]:
    plain, entities, at = "", [], 0
    for mark in _MARK.finditer(marked):
        plain += marked[at : mark.start()]
        label = PUBLISHED.get(mark["label"], mark["label"])
        entities.append(
            {"start": len(plain), "end": len(plain) + len(mark["text"]), "label": label, "text": mark["text"]}
        )
        plain, at = plain + mark["text"], mark.end()
    return {"text": plain + marked[at:], "entities": entities}
