"""Who a double is said to be: a name, a birth date, numbers, a town, the doctors who write; all invented.

Random bytes enter; what stands for an identifier leaves, the same each time in all the notes of a double. Nothing of it
is an identifier of the cohort: names together, numbers, places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np

from sosie import names, surrogates
from sosie.names import Kind, Unit, fold
from sosie.names.lists import pools
from sosie.notes import languages
from sosie.notes.document import Label
from sosie.notes.languages import Language
from sosie.notes.redact import numbers
from sosie.notes.redact.patient import same
from sosie.notes.redact.words import Town, words

TRIES = 40
FEWEST_NAMES = 40
"""Last names from which none has to be composed."""
_MEANT = ("common_words", "medical_words", "drugs", "eponyms", "diagnosis_names")
"""Lists whose words no invented name may be: it would make the word look like a name elsewhere."""
_SHAPES = {
    Label.PHONE: "06 12 34 56 78",
    Label.EMAIL: "a.b@c.fr",
    Label.URL: "www.a.fr",
    Label.PATIENT_NUMBER: "81234567",
    Label.STAY_NUMBER: "712345678",
    Label.PRACTITIONER_NUMBER: "10101234567",
    Label.FACILITY_NUMBER: "123456789",
    Label.IDENTIFIER: "AB12345678",
}
_UNITS = {"F": Unit(0, 5, Kind.FIRST, "marie", "marie"), "M": Unit(0, 7, Kind.FIRST, "nicolas", "nicolas")}
_LAST = Unit(0, 7, Kind.LAST, "mathieu", "mathieu")


@dataclass(frozen=True)
class Names:
    """The names that a language's doubles may bear, given those of a cohort.

    Parameters
    ----------
    language : Language
    taken : collection of str
        Identifiers of the cohort, folded.
    """

    language: Language
    taken: Collection[str] = field(repr=False)
    last: Sequence[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "last", [name for name in _surnames(self.language.code) if fold(name) not in self.taken]
        )

    def surname(self, stream: Iterator[int]) -> str:
        """Draw a last name that nobody of the cohort bears."""
        if len(self.last) >= FEWEST_NAMES:
            return self.last[_pick(len(self.last), stream)]
        return names.double(_LAST, lambda kind, same: stream, self.language.code, self.taken)

    def given(self, sex: str, stream: Iterator[int]) -> str:
        """Draw a first name."""
        offered = pools(self.language.code)[sex, 1]
        return offered[_pick(len(offered), stream)]


@cache
def _surnames(code: str) -> tuple[str, ...]:
    language = languages.load(code)
    meant = frozenset().union(*(language.gazetteer(name) for name in _MEANT))
    every = (name for length in (0, 1, 2) for name in pools(code)["L", length])
    return tuple(name for name in every if name.casefold() not in meant and fold(name) not in meant)


class Person:
    """One double.

    Parameters
    ----------
    names : Names
    sex : {"F", "M"}
    born : float
        Birth date, as an ordinal.
    stream : iterator of int
        Random bytes.
    """

    def __init__(self, names_: Names, sex: str, born: float, stream: Iterator[int]) -> None:
        self._names, self.sex, self.born, self._stream = names_, sex, born, stream
        self._words = words(names_.language.code)
        self._given: dict[tuple[Label, int], str] = {}
        self._people: dict[int, tuple[str, str]] = {}
        self._town: Town | None = None

    @property
    def filled(self) -> tuple[str, ...]:
        """What was invented, folded as the identifiers of the cohort are; names together."""
        pairs = (_pair(*each) for each in self._people.values())
        lasts = (fold(last) for _, last in self._people.values())
        texts = [text for (label, _), text in self._given.items() if label in _CHECKED]
        return (*pairs, *lasts, *map(fold, texts), *map(same, texts))

    def text(self, label: Label, who: int = 0) -> str:
        """Return what stands for an identifier.

        Parameters
        ----------
        label : Label
        who : int
            0 for the double; others are the doctors around.
        """
        if label in (Label.FIRST_NAME, Label.LAST_NAME):
            return self._person(who)[label is Label.LAST_NAME]
        if label is Label.INITIALS:
            first, last = self._person(who)
            return f"{first[:1]}{last[:1]}".upper()
        key = (label, who)
        if key not in self._given:
            self._given[key] = self._new(label, who)
        return self._given[key]

    def _person(self, who: int) -> tuple[str, str]:
        if who not in self._people:
            sex = self.sex if who == 0 else "FM"[next(self._stream) % 2]
            for _ in range(TRIES):
                found = self._names.given(sex, self._stream), self._names.surname(self._stream)
                if _pair(*found) not in self._names.taken:
                    break
            self._people[who] = found
        return self._people[who]

    def _new(self, label: Label, who: int) -> str:
        for _ in range(TRIES):
            made = self._made(label, who)
            if label not in _CHECKED or fold(made) not in self._names.taken:
                break
            self._town = None
        return made

    def _made(self, label: Label, who: int) -> str:
        known, stream = self._words, self._stream
        if known is None or label not in _WORDED:
            shape = self._shape(label)
            return surrogates.imitate(numbers.kind(label, shape), shape, stream, timedelta(), self._birth())
        if label is Label.CITY:
            return self._place().name
        if label is Label.POSTCODE:
            codes = self._place().postcodes
            return codes[_pick(len(codes), stream)] if codes else f"{10_000 + _pick(60_000, stream)}"
        if label is Label.ADDRESS:
            street = known.streets[_pick(len(known.streets), stream)]
            return known.street.format(number=1 + _pick(180, stream), name=street)
        if label is Label.HOSPITAL:
            if next(stream) % 2:
                return known.hospital.format(name=known.hospitals[_pick(len(known.hospitals), stream)])
            return known.hospital.format(name=f"de {self._place().name}" if known.streets else "")
        if label is Label.PROFESSION:
            offered = known.trades[self.sex]
            return offered[_pick(len(offered), stream)]
        return known.neutral[{Label.EVENT: "event", Label.FAMILY: "family", Label.PLACE: "place"}[label]]

    def _place(self) -> Town:
        if self._town is None:
            assert self._words is not None
            sizes = sorted(self._words.towns)
            pool = self._words.towns[sizes[_pick(len(sizes), self._stream)]]
            self._town = pool[_pick(len(pool), self._stream)]
        return self._town

    def _shape(self, label: Label) -> str:
        if label is Label.NATIONAL_ID:
            return f"{'12'[self.sex == 'F']} 70 01 75 123 456 78"
        return _SHAPES.get(label, "12345678")

    def _birth(self) -> date:
        return date.fromordinal(int(min(max(self.born, 366.0), 800_000.0)))


_WORDED = frozenset(
    {Label.CITY, Label.POSTCODE, Label.ADDRESS, Label.HOSPITAL}
    | {Label.PROFESSION, Label.EVENT, Label.FAMILY, Label.PLACE}
)
_CHECKED = frozenset(Label) - {Label.PROFESSION, Label.EVENT, Label.FAMILY, Label.PLACE, Label.INITIALS, Label.AGE}


def _pair(first: str, last: str) -> str:
    return " ".join(sorted((fold(first), fold(last))))


def _pick(below: int, stream: Iterator[int]) -> int:
    return (next(stream) << 8 | next(stream)) % below


def random_bytes(rng: np.random.Generator) -> Iterator[int]:
    """Yield random bytes without end."""
    while True:
        yield from rng.bytes(4_096)
