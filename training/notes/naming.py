"""How a note names somebody: titles, order, capitals, initials, maiden names."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sosie.notes.document import Label
from training.notes.draft import Piece

TITLES = {
    "fr": {
        "M": "M. M. M. Mr Mr Monsieur Monsieur Mr. M MR Mons. Patient Sieur".split(),
        "F": "Mme Mme Mme Mme Madame Madame Mme. Mlle Mademoiselle MME Mlle. Patiente Mᵐᵉ".split(),
        "D": "Dr Dr Dr Dr. Docteur Docteur Pr Pr. Professeur DR Pr Doct. Dr Dre".split(),
    },
    "en": {
        "M": "Mr Mr Mr. Mr. Master Sir".split(),
        "F": "Mrs Mrs Ms Ms. Mrs. Miss Ms".split(),
        "D": "Dr Dr Dr. Dr. Prof. Professor Doctor Mr Miss".split(),
    },
}
BORN = {"fr": (" née ", " (née ", " épouse ", " ép. "), "en": (" née ", " (née ")}


@dataclass(frozen=True)
class Person:
    """Somebody who may be named."""

    first: str
    last: str
    maiden: str
    sex: str


class Naming:
    """The habits of one note: how often last names are in capitals, how often they come first.

    Parameters
    ----------
    language : str
    rng : random.Random
    """

    def __init__(self, language: str, rng: random.Random) -> None:
        self._language, self._rng = language, rng
        self._upper = rng.choice((0.02, 0.5, 0.95, 0.95, 0.98))
        self._order = rng.choice((0.05, 0.2, 0.5, 0.95))

    def pieces(self, person: Person, form: str, role: str) -> list[Piece]:
        """Pieces that name a person in a form: ``last``, ``first``, ``full``, ``init``, ``t`` (with a title) ..."""
        rng = self._rng
        last, first = self._last(person.last), (self.cased(person.first, 0.1 * self._upper + 0.02), Label.FIRST_NAME)
        match form:
            case "last":
                return [last]
            case "first":
                return [first]
            case "maiden":
                return [self._last(person.maiden)]
            case "letter":
                return [(person.last[0].upper() + rng.choice((".", ".", "...", "")), Label.LAST_NAME)]
            case "fl":
                return [first, (" ", None), last]
            case "lf":
                return [last, (rng.choice((" ", " ", " ", ", ", "  ")), None), first]
            case "init":
                return self._initial(person, last)
            case "sign":
                return self.pieces(person, rng.choice(("fl", "fl", "init", "init", "lf", "last")), role)
            case "full":
                return self.pieces(person, "lf" if rng.random() < self._order else "fl", role)
            case "trig":
                return [self._letters(person)]
            case "t" | "tl" | "tf":
                return [(self._title(person, role), None), *self._after_title(person, form, role)]
        raise KeyError(form)

    def cased(self, name: str, upper: float) -> str:
        """A name, in capitals with a probability."""
        return name.upper() if self._rng.random() < upper else name

    def _last(self, name: str) -> Piece:
        return self.cased(name, self._upper), Label.LAST_NAME

    def _initial(self, person: Person, last: Piece) -> list[Piece]:
        dot = self._rng.choice((".", ".", ".", ""))
        letters = "-".join(part[0] for part in person.first.split("-")) + dot
        return [(letters, Label.FIRST_NAME), (self._rng.choice((" ", " ", " ", "")) if dot else " ", None), last]

    def _letters(self, person: Person) -> Piece:
        letters = person.first[0] + person.last[0] + self._rng.choice(("", "", person.last[1:2]))
        upper = letters.upper()
        return self._rng.choice((upper, ".".join(upper) + ".", letters.lower())), Label.INITIALS

    def _title(self, person: Person, role: str) -> str:
        title = self._rng.choice(TITLES[self._language]["D" if role == "d" else person.sex])
        if title in ("Patient", "Patiente") and self._language == "fr":
            title = self._rng.choice((title, "le jeune" if person.sex == "M" else "la jeune"))
        glued = title.endswith(".") and self._rng.random() < 0.12
        return title if glued else f"{title} "

    def _after_title(self, person: Person, form: str, role: str) -> list[Piece]:
        if form == "tl":
            return self.pieces(person, "last", role)
        if form == "tf":
            return self.pieces(person, "full", role)
        pieces = self.pieces(person, self._rng.choice(("last", "last", "full", "init")), role)
        if role == "p" and person.sex == "F" and self._rng.random() < 0.12:
            born = self._rng.choice(BORN[self._language])
            pieces += [(born, None), self._last(person.maiden), (")" if "(" in born else "", None)]
        return pieces
