"""The names in the notes of one patient, and the names that stand for them.

What was found in all the notes of the patient comes in first; then each name is replaced, always by the same one. A
word that no list of names knows and that differs by a letter or two from a name of the patient is that name, misspelt.
What the tables know of the patient is replaced as in the tables.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sosie import names
from sosie.names import Kind, Unit, fold
from sosie.notes.spelling import misspells
from sosie.pseudonyms import Pseudonyms

SPELT, LONG = 5, 9
"""Letters from which one error, then two, are taken for a misspelling."""


@dataclass
class People:
    """The names of one patient's notes.

    Parameters
    ----------
    key : str
        Patient key.
    pseudonyms : Pseudonyms
    is_name : callable
        Tells whether a list knows a folded word as a name.
    known : iterable of (Unit, str)
        Names that the tables give the patient, and what stands for them there, if anything.
    taken : collection of str
        Folded names of everyone in the tables.
    """

    key: str
    pseudonyms: Pseudonyms
    is_name: Callable[[str], bool]
    known: Sequence[tuple[Unit, str | None]] = ()
    taken: Collection[str] = frozenset()
    _counts: dict[str, Counter[Kind]] = field(default_factory=lambda: defaultdict(Counter))
    _beside: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _meant: dict[str, str] = field(default_factory=dict)
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _doubles: dict[tuple[Kind, str], str] = field(default_factory=dict)

    def learn(self, text: str, label: str) -> None:
        """Take note of a name that was found."""
        for unit in names.units(text, label):
            if len(unit.folded) > 1:
                self._counts[unit.folded][unit.kind] += 1

    def pair(self, one: str, other: str) -> None:
        """Take note of two names that stand side by side: those of one person."""
        for name, beside in ((one, other), (other, one)):
            self._beside[fold(name)].add(fold(beside))

    def settle(self) -> None:
        """Decide which names are the same, and what stands for each."""
        known = {unit.folded: unit.kind for unit, _ in self.known if len(unit.folded) > 1}
        order = sorted(self._counts, key=lambda name: (-self._counts[name].total(), name))
        self._kinds = {name: self._counts[name].most_common(1)[0][0] for name in order} | known
        real = list(known)
        for name in order:
            meant = self._meant[name] = name if name in known else _nearest(name, self._alike(name, real))
            if meant == name and name not in known:
                real.append(name)
        given = {unit.folded: replacement for unit, replacement in self.known}
        for name, kind in known.items():
            drawn, there = self._drawn(kind, name, self.taken), given[name]
            same = there is None or fold(there) == fold(drawn)
            self._doubles[kind, name] = drawn if same or there is None else there.capitalize()
        borne = {*self.taken, *real}
        for name in sorted(set(real) - set(known)):
            kind = self._kinds[name]
            self._doubles[kind, name] = double = self._drawn(kind, name, borne)
            borne.add(fold(double))

    def replaced(self, text: str, label: str) -> str:
        """Return a name with its units replaced, its layout kept."""
        return names.written(text, names.units(text, label), self._double)

    def bears(self, word: str) -> bool:
        """Tell whether a word is a name of somebody in the notes."""
        return len(word) > 2 and fold(word) in self._kinds

    def initials(self, text: str) -> str:
        """Return initials of the names that stand for those that begin with these letters."""
        letters = [at for at, character in enumerate(text) if character.isalpha()]
        new = list(text)
        for at in letters:
            kind = Kind.FIRST if at == letters[0] and len(letters) > 1 else Kind.LAST
            drawn = self._initial(kind, fold(text[at]))
            new[at] = drawn.upper() if text[at].isupper() else drawn
        return "".join(new)

    def _alike(self, name: str, real: Sequence[str]) -> list[str]:
        """Return the names that another may misspell: any, or where it is a name itself, those of its first name."""
        if not self.is_name(name):
            return list(real)
        return [other for other in real if self._beside[name] & self._beside[other]]

    def _double(self, unit: Unit) -> str:
        if len(unit.folded) == 1:
            return self._initial(unit.kind, unit.folded)
        name = self._meant.get(unit.folded, unit.folded)
        kind = self._kinds.get(name, unit.kind)
        if (kind, name) not in self._doubles:
            self._doubles[kind, name] = self._drawn(kind, name, {*self.taken, *self._kinds})
        return self._doubles[kind, name]

    def _initial(self, kind: Kind, letter: str) -> str:
        for sought in (kind, *(other for other in Kind if other is not kind)):
            for (found, name), double in self._doubles.items():
                if found is sought and name[:1] == letter and fold(double)[:1] != letter:
                    return fold(double)[0]
        return fold(self._drawn(kind, letter, ()))[:1]

    def _drawn(self, kind: Kind, name: str, taken: Collection[str]) -> str:
        return self.pseudonyms.name(self.key, Unit(0, len(name), kind, name, name), taken)


def _nearest(name: str, real: Iterable[str]) -> str:
    """Return the name that a word misspells, or the word."""
    if len(name) < SPELT:
        return name
    most = 2 if len(name) >= LONG else 1
    return next((other for other in real if len(other) >= SPELT and misspells(name, other, most)), name)
