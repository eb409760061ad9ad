"""What a field identifies by its name, and where that stands in its value.

Names of columns, of JSON keys, of XML elements enter; labels and spans leave. The names are data (``fields.toml``).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files

from sosie.notes.document import Label, Span

DETECTOR = "source"
_OLD = 90
"""Years from which an age identifies by itself."""


class Person(Enum):
    """A field that holds a whole name of somebody."""

    NAME = "PERSON"


_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}|\d{8}(?!\d)")
_DATED = re.compile(r"(?:\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4})(?:[T ][\d:.]+ ?(?:Z|[+-]\d\d:?\d\d)?)?")
_PARTS = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)|(\d\d)/(\d\d)/(\d{4})\b")
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?\.?")
_TITLE_WORDS = "dr pr m mr mme mlle mrs ms miss prof docteur professeur monsieur madame md phd"
_TITLES = frozenset(_TITLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Names:
    """The names that fields bear in exports.

    Parameters
    ----------
    columns : mapping of str to tuple of str
        Of the text, the patient, the date and the kind.
    labels : mapping of str to Label or Person
    """

    columns: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Label | Person]

    @staticmethod
    @cache
    def load() -> Names:
        """Read them, once."""
        raw = tomllib.loads(files("sosie.notes.source").joinpath("fields.toml").read_text(encoding="utf-8"))
        labels: dict[str, Label | Person] = {}
        for key, names in raw["labels"].items():
            labels |= dict.fromkeys(names.split(), Person.NAME if key == Person.NAME.value else Label[key])
        return Names({role: tuple(names.split()) for role, names in raw["columns"].items()}, labels)


@cache
def folded(name: str) -> str:
    """Return a name without accents, case and punctuation; words of camelCase part."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def label_of(name: str, value: str) -> Label | Person | None:
    """Return what a field is by its name, or by being a date through and through."""
    label = Names.load().labels.get(folded(name))
    if label is None and value[:1].isdigit() and _DATED.fullmatch(value.strip()):
        return Label.DATE
    if label is Label.AGE and not (value.strip().isdigit() and int(value) >= _OLD):
        return None
    return label


def told(value: str, label: Label | Person | None) -> list[Span]:
    """Return the spans of a value whose label is known: the day of a date, the words of a name, else all of it."""
    if label is None:
        return []
    if label is Person.NAME:
        return _person(value)
    assert isinstance(label, Label)
    if label in (Label.DATE, Label.BIRTH_DATE) and (found := _DAY.search(value)):
        return [Span(found.start(), found.end(), label, 1.0, DETECTOR)]
    start = len(value) - len(value.lstrip())
    return [Span(start, start + len(value.strip()), label, 1.0, DETECTOR)]


def _person(value: str) -> list[Span]:
    """Tell last from first names: by capitals where some words are in capitals, else the first word is a first name."""
    words = [word for word in _WORD.finditer(value) if word[0].rstrip(".").lower() not in _TITLES]
    capitals = [len(word[0].rstrip(".")) > 1 and word[0].isupper() for word in words]
    told_by_case = any(capitals) and not all(capitals)
    spans = []
    for at, word in enumerate(words):
        last = capitals[at] if told_by_case else at > 0 or len(words) == 1
        label = Label.LAST_NAME if last else Label.FIRST_NAME
        spans.append(Span(word.start(), word.end(), label, 1.0, DETECTOR))
    return spans


def day(value: str | None) -> date | None:
    """Return the day of a date in ISO, compact or French order; None when there is none."""
    found = _PARTS.match(value.strip()) if value else None
    if found is None:
        return None
    year, month, number = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None
