"""What a header says of people: a dataset comes in, before it is cleaned; the names, dates and numbers in it leave.

Which attributes identify is what Table E.1-1 says: those whose text it removes and does not merely clean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sosie.images import charset
from sosie.images.identify.folding import plain
from sosie.images.identify.spellings import others
from sosie.images.reading import items_of, value_of
from sosie.images.standard import Rule, rule

if TYPE_CHECKING:
    from pydicom import Dataset

LEAST = 5
"""Letters and digits from which a number can be looked for in other texts."""
_INSTITUTION = re.compile(
    r"Institution|Organization|Department|Site Name|Facility|Residence|Service|Custodial|Location"
)
_ADDRESS = re.compile(r"Address")
_CODED = re.compile(r"Code|Type|Version|Status|Reason|Region|Group|Occupation|Religious|Language|Species|Breed|Label")
_TEXTS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "AE", "CS", "UR"})
_NOBODY = frozenset(
    {"anonymous", "anonymized", "unknown", "none", "null", "test", "na", "nil", "doctor", "dr", "md", "inconnu"}
)
_DAY = re.compile(r"\s*((?:18|19|20)\d\d)[-./]?(\d\d)[-./]?(\d\d)")


@dataclass(frozen=True)
class Person:
    """Somebody whom the header names.

    Parameters
    ----------
    last, first : tuple of str
        Names as written, without prefixes and suffixes.
    patient : bool
    """

    last: tuple[str, ...]
    first: tuple[str, ...]
    patient: bool = False


@dataclass(frozen=True)
class Identifiers:
    """What identifies in a header, folded: letters without case and accents, numbers without signs.

    Parameters
    ----------
    names : frozenset of str
        Words of the names of all people.
    dates : frozenset of date
    numbers : frozenset of str
        Of patients, stays, examinations, devices, telephones.
    institutions : frozenset of str
        Names of institutions, whole.
    addresses : frozenset of str
        Whole.
    people : frozenset of Person
    born : date, optional
        Of the patient.
    """

    names: frozenset[str] = field(default=frozenset(), repr=False)
    dates: frozenset[date] = field(default=frozenset(), repr=False)
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    institutions: frozenset[str] = field(default=frozenset(), repr=False)
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    people: frozenset[Person] = field(default=frozenset(), repr=False)
    born: date | None = field(default=None, repr=False)


def identifiers(dataset: Dataset) -> Identifiers:
    """Return what identifies people in a header, sequences and private attributes included.

    Texts whose bytes are not in the character set that the header declares are decoded in place first.
    """
    found = _Found()
    found.read(dataset, ())
    if found.repaired:
        charset.settle(dataset)
    return found.all()


class _Found:
    """What was found so far."""

    def __init__(self) -> None:
        self.people: set[Person] = set()
        self.dates: set[date] = set()
        self.numbers: set[str] = set()
        self.institutions: set[str] = set()
        self.addresses: set[str] = set()
        self.born: date | None = None
        self.repaired = False

    def read(self, dataset: Dataset, above: Sequence[str]) -> None:
        from pydicom.dataelem import RawDataElement

        encodings = charset.declared(dataset, above)
        for tag, element in list(dataset.items()):
            kind = charset.representation(int(tag), element.VR)
            if kind not in _READ:
                continue
            if isinstance(element, RawDataElement) and kind in charset.TEXTS:
                decoded = charset.repaired(element, kind, encodings)
                if decoded is not None:
                    dataset[tag], self.repaired = decoded, True
            if kind in _TEXTS and _text_rule(int(tag)) is None:
                continue
            if (plainly := charset.spelt(element, kind)) is not None:
                self._element(int(tag), kind, plainly)
                continue
            value = value_of(dataset, tag)
            if kind == "SQ":
                for item in items_of(value):
                    self.read(item, encodings)
            elif value:
                self._element(int(tag), kind, list(texts(value)))

    def all(self) -> Identifiers:
        words = {
            word
            for person in self.people
            for name in (*person.last, *person.first)
            for word in re.findall(r"[^\W\d_]{2,}", plain(name))
        }
        return Identifiers(
            frozenset(words),
            frozenset(self.dates),
            frozenset(self.numbers),
            frozenset(self.institutions),
            frozenset(self.addresses),
            frozenset(self.people),
            self.born,
        )

    def _element(self, tag: int, kind: str, values: list[str]) -> None:
        if kind == "PN":
            for value in values:
                self.people.update(people(value, patient=tag >> 16 == 0x0010))
        elif kind in ("DA", "DT"):
            days = [found for value in values if (found := day(value)) is not None]
            self.dates.update(days)
            if tag == 0x00100030 and days:
                self.born = days[0]
        elif (said := _text_rule(tag)) is not None:
            self._text(said.name, values)

    def _text(self, name: str, values: list[str]) -> None:
        for value in (value.strip() for value in values):
            same = compact(value)
            if _ADDRESS.search(name):
                (self.institutions if "Institution" in name else self.addresses).add(plain(value))
            elif _INSTITUTION.search(name) and "ID" not in name.split():
                self.institutions.add(plain(value))
            elif not _CODED.search(name) and len(same) >= LEAST:
                figures = sum(character.isdigit() for character in same)
                if figures or "Station" in name or "AE" in name:
                    self.numbers.add(same)


_READ = _TEXTS | {"PN", "DA", "DT", "SQ"}


@cache
def _text_rule(tag: int) -> Rule | None:
    """Return the rule of an attribute whose text identifies whole: what no option would merely clean."""
    said = None if (tag >> 16) & 1 else rule(tag)
    return None if said is None or said.options.keys() & {"descriptors", "graphics"} else said


def texts(value: Any) -> Iterator[str]:
    """Yield the texts of a value, whatever its type."""
    if isinstance(value, bytes):
        yield charset.decoded(value)
    elif isinstance(value, MutableSequence):
        yield from (str(each) for each in value)
    elif value is not None:
        # A name of a person yields its characters when it is walked through.
        yield str(value)


@lru_cache(maxsize=4096)
def people(written: str, patient: bool = False) -> tuple[Person, ...]:
    """Return the person whom a DICOM name names, once for each writing (alphabetic, ideographic, phonetic).

    The spellings that nobody wrote but that a text may use (``ue`` for ``ü``, Latin letters for Greek) follow.
    """
    found = []
    for group in written.split("="):
        family, given, middle, *_ = (*(part.strip() for part in group.split("^")), "", "", "")
        last = tuple(name for name in (family,) if _names(name))
        first = tuple(name for name in (given, middle) if _names(name))
        if last or first:
            found.append(Person(last, first, patient))
    return (*found, *(spelt for person in found for spelt in _respelt(person)))


def _respelt(person: Person) -> tuple[Person, ...]:
    last = tuple(spelt for name in person.last for spelt in others(name))
    first = tuple(spelt for name in person.first for spelt in others(name))
    return (Person(last or person.last, first or person.first, person.patient),) if last or first else ()


@lru_cache(maxsize=4096)
def day(written: str) -> date | None:
    """Return the day that a date, or a date and time, begins with."""
    read = _DAY.match(written)
    if read is None:
        return None
    try:
        return date(int(read[1]), int(read[2]), int(read[3]))
    except ValueError:
        return None


def compact(text: str) -> str:
    """Return the letters and digits of a number, by which two ways to write it are the same."""
    return "".join(character for character in plain(text) if character.isalnum())


def _names(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", plain(text))
    return any(len(word) > 1 or not word.isascii() for word in words) and not all(word in _NOBODY for word in words)
