"""A note, and what identifies people in it: the two things that every room of `notes` exchanges.

Labels are the same for every language; a language says how it publishes them (``LAST_NAME`` is ``NOM`` in French).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Label(StrEnum):
    """What a span of text is to the people it names."""

    LAST_NAME = "LAST_NAME"
    FIRST_NAME = "FIRST_NAME"
    INITIALS = "INITIALS"
    DATE = "DATE"
    BIRTH_DATE = "BIRTH_DATE"
    ADDRESS = "ADDRESS"
    CITY = "CITY"
    POSTCODE = "POSTCODE"
    HOSPITAL = "HOSPITAL"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    URL = "URL"
    NATIONAL_ID = "NATIONAL_ID"
    PATIENT_NUMBER = "PATIENT_NUMBER"
    STAY_NUMBER = "STAY_NUMBER"
    PRACTITIONER_NUMBER = "PRACTITIONER_NUMBER"
    FACILITY_NUMBER = "FACILITY_NUMBER"
    IDENTIFIER = "IDENTIFIER"
    AGE = "QI_AGE"
    PROFESSION = "QI_PROFESSION"
    EVENT = "QI_EVENT"
    FAMILY = "QI_FAMILY"
    PLACE = "QI_PLACE"

    @property
    def direct(self) -> bool:
        """Whether it identifies by itself; the others do together (quasi-identifiers)."""
        return not self.value.startswith("QI_")


@dataclass(frozen=True, slots=True)
class Document:
    """One note.

    Parameters
    ----------
    name : str
        Where it comes from: the path relative to the source, with ``/``; in a table or a bundle ``path#row``.
    text : str
        Decoded; offsets of spans are code points of it.
    patient : str, optional
        Key of its patient, where the source says.
    written : date, optional
    kind : str, optional
        Discharge letter, report ... as the source names it.
    known : tuple of Span, optional
        What the source itself says identifies: the name element of a header, the column of the patient key.
    """

    name: str
    text: str
    patient: str | None = None
    written: date | None = None
    kind: str | None = None
    known: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Something that identifies, in the text of a document.

    Parameters
    ----------
    start, end : int
        Code points, the end excluded.
    label : Label
    score : float
        In [0, 1].
    detector : str
        What found it (``rule:national_id``, ``header``, ``gazetteer``, ``ner``, ``context``, ``propagation`` ...).
    """

    start: int
    end: int
    label: Label
    score: float
    detector: str
