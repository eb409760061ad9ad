"""The numbers that identify people, professionals, facilities and things: which kind each is, for its surrogate.

The kinds are those that tables name, so that a number is replaced alike wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sosie.notes.document import Label

SHARED = frozenset({Label.PRACTITIONER_NUMBER, Label.FACILITY_NUMBER})
"""Numbers of others than the patient: the same surrogate in the notes of all."""

_KINDS: Mapping[Label, str] = {
    Label.PHONE: "PHONE",
    Label.EMAIL: "EMAIL",
    Label.URL: "URL",
    Label.PATIENT_NUMBER: "IPP",
    Label.STAY_NUMBER: "IPP",
    Label.FACILITY_NUMBER: "FINESS",
}
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_SHAPES = (
    ("IBAN", re.compile(r"[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]{4}){2,7}\s?[A-Za-z0-9]{0,3}")),
    ("MAC", re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}")),
    ("IP", re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?:::?[0-9A-Fa-f]{1,4}){3,7}")),
    ("UID", re.compile(r"[0-2](?:\.\d+){5,}")),
)


def kind(label: Label, text: str) -> str:
    """Return the kind of a number by the name that tables give it."""
    same = "".join(character for character in text if character.isalnum())
    letters = sum(character.isalpha() for character in same)
    if label is Label.NATIONAL_ID:
        if letters > 2:
            return "IDENTIFIER"
        return "SSN" if _SSN.fullmatch(text) else "NHS" if len(same) == 10 and same.isdecimal() else "NIR"
    if label is Label.PRACTITIONER_NUMBER:
        return "IDENTIFIER" if letters else "ADELI" if len(same) == 9 else "RPPS"
    if label is Label.IDENTIFIER:
        return next((name for name, shape in _SHAPES if shape.fullmatch(text.strip())), "IDENTIFIER")
    return _KINDS[label]
