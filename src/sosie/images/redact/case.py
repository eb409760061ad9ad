"""One patient of one header: who stands for them, by how much their dates move, what stands for a name or a number.

The identifiers of a header and the secret come in; replacements leave. Names, numbers and dates are those that tables
and notes put in the place of the same ones, since all derive from the patient key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from sosie.images.identify import Finder, Identifiers, Person
from sosie.images.identify.collect import compact
from sosie.images.identify.folding import plain
from sosie.names import Kind, Unit
from sosie.names.lists import fold, listed
from sosie.notes.document import Label
from sosie.notes.languages import Language
from sosie.notes.redact import Double, Style
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact, Knowledge

OLDEST = 89
YEAR = 365.25
HELD = 3
"""Letters from which a name is looked for inside a surrogate."""
_WORDS = re.compile(r"[^\W\d_]{2,}")
_DATED = re.compile(r"(\s*)((?:18|19|20)\d\d)([-./]?)(\d\d)\3(\d\d)(.*)", re.DOTALL)


@dataclass
class Case:
    """What stands for everything of one patient.

    Parameters
    ----------
    key : str
        Patient key.
    known : Identifiers
        Of the header.
    pseudonyms : Pseudonyms
    knowledge : Knowledge
        What the tables say.
    language : Language
    moves : bool
        Whether dates move; otherwise they stay.
    """

    key: str
    known: Identifiers
    pseudonyms: Pseudonyms = field(repr=False)
    knowledge: Knowledge = field(repr=False)
    language: Language = field(repr=False)
    moves: bool = True
    texts: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    """Texts that were cleaned, by how they were."""

    @cached_property
    def finder(self) -> Finder:
        """Look for the identifiers of the header."""
        return Finder(self.known, self.language)

    @cached_property
    def double(self) -> Double:
        """The double of the patient, who has learnt every name of the header."""
        facts = [*self.knowledge.facts.get(self.key, ())]
        told = {fold(fact.value) for fact in facts}
        facts += (fact for fact in _facts(self.known) if fold(fact.value) not in told)
        # What other people of the header are called does not count where it would not betray them: the fewer names
        # are avoided, the more surely the patient has the same one in every instance.
        avoided = {name for person in self.known.people for name in person.last}
        avoided |= {name for person in self.known.people if person.patient for name in person.first}
        words = frozenset(fold(word) for name in avoided for word in _WORDS.findall(plain(name)))
        taken = _Taken(words, self.knowledge.taken)
        return Double(self.key, (), self.pseudonyms, self.language, Style(), facts, taken, told=True)

    @cached_property
    def shift(self) -> timedelta:
        """By how much dates move."""
        return self.pseudonyms.date_shift(self.key) if self.moves else timedelta()

    @cached_property
    def old(self) -> bool:
        """Whether the patient was above 89 at some date of the header; then their birth date says too much."""
        born, seen = self.known.born, self.known.dates
        return born is not None and bool(seen) and (max(seen) - born).days / YEAR >= OLDEST + 1

    def person(self, written: str) -> str:
        """Return the DICOM name that stands for another: family and given names, in the alphabetic group alone."""
        groups = [group for group in written.split("=") if group.strip(" ^")]
        if not groups:
            return ""
        parts = groups[0].split("^")
        new = [self._names(part, Label.LAST_NAME if at == 0 else Label.FIRST_NAME) for at, part in enumerate(parts[:3])]
        rest = [part if fold(part) in listed("titles") else "" for part in parts[3:]]
        return "^".join([*new, *rest]).rstrip("^")

    def _names(self, part: str, label: Label) -> str:
        if not part.strip():
            return ""
        if len(fold(part)) == 1:
            # Drawn by itself, since the names of others that begin with it are not the same in every instance.
            drawn = self.pseudonyms.name(self.key, Unit(0, 1, Kind.FIRST, part, fold(part)))
            return fold(drawn)[:1].upper() + ("." if part.strip().endswith(".") else "")
        new = self.double.people.replaced(part, label)
        # What no unit of a name was found in is no name; nothing of it is kept.
        return new if new != part else ""

    def number(self, written: str, kind: str = "IDENTIFIER") -> str:
        """Return what stands for a number, wherever it is written."""
        text = written.strip()
        if not compact(text):
            return ""
        if self.double.names_patient(text):
            return self.double.identifier(text)
        return self.pseudonyms.surrogate(self.key, kind, text)

    def identifier(self) -> str:
        """Return the pseudonym of the patient."""
        return self.double.identifier(self.key)

    def moved(self, written: str) -> str | None:
        """Return a date, or a date and time, moved; None where no day can be read."""
        read = _DATED.fullmatch(written)
        if read is None:
            return None
        try:
            new = date(int(read[2]), int(read[4]), int(read[5])) + self.shift
        except (ValueError, OverflowError):
            return None
        return f"{read[1]}{new:%Y}{read[3]}{new:%m}{read[3]}{new:%d}{read[6]}"


class _Taken(Collection[str]):
    """Folded names that no surrogate may be, nor hold: those of the header. Those of the tables it may not be."""

    def __init__(self, names: frozenset[str], others: Collection[str]) -> None:
        self._names, self._others = names, others
        self._held = tuple(name for name in names if len(name) >= HELD)

    def __contains__(self, name: object) -> bool:
        return name in self._others or name in self._names or any(held in str(name) for held in self._held)

    def __iter__(self) -> Iterator[str]:
        yield from self._names
        yield from self._others

    def __len__(self) -> int:
        return len(self._names) + len(self._others)


def _facts(known: Identifiers) -> Iterator[Fact]:
    """Yield the names of a header as a table would give them."""
    # Names that a text joins are names too, for which others are drawn with the same care.
    pairs = ((a, b) for person in known.people if person.patient for a in person.last for b in person.first)
    joined = {("".join(f"{one}{other}".split()), "NAME") for a, b in pairs for one, other in ((a, b), (b, a))}
    for name, label in sorted(joined):
        yield Fact(label, name)
    # Of what a word is to two people, what it is to the patient counts: the last fact does.
    for person in sorted(known.people, key=_weight):
        for name in person.last:
            yield Fact("NAME", name)
        for name in person.first:
            yield Fact("FIRST_NAME", name)


def _weight(person: Person) -> tuple[bool, bool, tuple[str, ...], tuple[str, ...]]:
    """Return a key that sorts those last of whom a header says the most surely what their names are."""
    return bool(person.last and person.first), person.patient, person.last, person.first
