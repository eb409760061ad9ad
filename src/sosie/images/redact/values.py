"""What an action is for an attribute of some type, the dummy of each representation, the label of each finding."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sosie.images.identify.collect import day, texts
from sosie.images.redact.case import OLDEST, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DAY = "19000101"
"""Stands for a date, where none may stay."""
NOTHING = "REMOVED"
LENGTHS: Mapping[str, int] = {"SH": 16, "LO": 64, "CS": 16, "AE": 16}
"""Characters that a value may have."""
_CLASS = re.compile(r"Class|TransferSyntax|CodingScheme|ContextUID|ContextGroup|MappingResource|Template|Specification")
_LABELS: Mapping[str, str] = {
    "PN": "LAST_NAME",
    "DA": "DATE",
    "DT": "DATE",
    "TM": "TIME",
    "UI": "UID",
    "AS": "QI_AGE",
    "SQ": "SEQUENCE",
}
_KINDS = (
    ("BirthDate", "BIRTH_DATE"),
    ("PatientID", "PATIENT_NUMBER"),
    ("Telephone", "PHONE"),
    ("Telecom", "PHONE"),
    ("InstitutionAddress", "ADDRESS"),
    ("Address", "ADDRESS"),
    ("Institution", "HOSPITAL"),
    ("Department", "HOSPITAL"),
    ("Occupation", "QI_PROFESSION"),
    ("Description", "DESCRIPTOR"),
    ("Comments", "DESCRIPTOR"),
    ("History", "DESCRIPTOR"),
)


def resolved(code: str, type_: int) -> str:
    """Return one action: of alternatives, the one that the type of the attribute allows.

    What the standard would remove or empty, although the attribute must be there, keeps the attribute and loses its
    value: an emptied attribute of type 2, a dummy value of type 1.
    """
    if "U*" in code:
        return "U"
    if code in ("K", "C", "U"):
        return code
    if type_ == 1:
        return "D"
    if type_ == 2:
        return "Z" if "Z" in code or "X" in code else "D"
    return "X" if "X" in code else "Z" if "Z" in code else "D"


def dummy(representation: str, value: Any, case: Case) -> Any:
    """Return a value that says nothing, of the same representation."""
    text = next(texts(value), "")
    if representation == "PN":
        return case.person(text) or f"{NOTHING}^{NOTHING}"
    if representation in ("DA", "DT"):
        moved = case.moved(text) if case.moves else None
        return moved or DAY
    if representation == "TM":
        return "000000"
    if representation in ("DS", "IS"):
        return "0"
    if representation == "AS":
        return "000Y"
    if representation in ("OB", "OW", "UN"):
        return b"\0\0"
    if representation in ("LO", "SH", "AE", "UC", "ST", "LT", "UT", "CS", "UR"):
        numbered = any(character.isdigit() for character in text) and len(text) <= 16
        return case.number(text) if numbered else NOTHING
    return 0


def each(value: Any, way: Callable[[str], str]) -> Any:
    """Treat each of the values of an element."""
    new = [way(text) for text in texts(value)]
    return new if len(new) > 1 else new[0] if new else ""


def age(old: str) -> str:
    """Return an age that is not above 90 years."""
    above = old[:3].isdecimal() and old[3:].strip() == "Y" and int(old[:3]) > OLDEST
    return f"{OLDEST + 1:03d}Y" if above else old


def says_nothing(text: str, case: Case) -> bool:
    """Tell whether a text is a number, and neither one of the patient nor a day of the header."""
    number = text.strip(" \0")
    try:
        float(number or 0)
    except ValueError:
        return False
    return not case.finder.is_number(number) and day(number) not in case.known.dates


@cache
def keyword(tag: int) -> str:
    """Return the keyword of an attribute, empty where the dictionary has none."""
    from pydicom.datadict import keyword_for_tag

    return str(keyword_for_tag(tag))


def written(tag: int) -> str:
    """Return a tag as findings write it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@cache
def is_class(tag: int) -> bool:
    """Tell whether a UID names a kind of thing (a class, a coding scheme) rather than one thing."""
    return bool(_CLASS.search(keyword(tag)))


@cache
def labelled(tag: int, representation: str) -> str:
    """Return the label under which a finding in an attribute is told."""
    for part, label in _KINDS:
        if part in keyword(tag):
            return label
    return _LABELS.get(representation, "IDENTIFIER" if representation in ("SH", "LO", "AE") else "DESCRIPTOR")
