"""What headers know of each patient, by which notes of the same run recognise them and replace them alike.

A header and its cleaned copy come in, facts leave: the patient's number, names and birth date, with what stands for
them. They serve the run alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sosie.images.reading import text_of
from sosie.stream import Fact

if TYPE_CHECKING:
    from pydicom import Dataset

PARTS = ("NAME", "FIRST_NAME")
"""Labels of the first two parts of a DICOM name, as tables give them."""


@dataclass(frozen=True)
class Person:
    """The patient of a header."""

    key: str
    names: tuple[str, ...]
    born: str

    @classmethod
    def of(cls, dataset: Dataset) -> Person:
        """Read them."""
        born = text_of(dataset, "PatientBirthDate")
        names = text_of(dataset, "PatientName").partition("=")[0].split("^")[: len(PARTS)]
        return cls(text_of(dataset, "PatientID"), tuple(name.strip() for name in names), _day(born))

    def facts(self, copy: Person) -> tuple[Fact, ...]:
        """Return what is known of the patient, and what stands for it in a copy."""
        if not self.key:
            return ()
        new = (*copy.names, "", "")
        named = [
            Fact(label, name, new[at] or None)
            for at, (label, name) in enumerate(zip(PARTS, self.names, strict=False))
            if name
        ]
        born = [Fact("BIRTH_DATE", self.born)] if self.born else []
        return Fact("PATIENT_KEY", self.key, copy.key or None), *named, *born


def merged(known: Iterable[Fact], more: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts together; what was known first is right where both tell."""
    first = tuple(known)
    told = {fact.label for fact in first}
    return *first, *(fact for fact in more if fact.label not in told)


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""
