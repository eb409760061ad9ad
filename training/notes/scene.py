"""One imaginary case: the patient, relatives and carers of a note, and the slots that a grammar calls to name them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from sosie.notes.document import Label
from training.notes import dates, values
from training.notes.draft import Piece
from training.notes.grammar import Grammar
from training.notes.names import Names
from training.notes.naming import Naming, Person


def listed(lists: Mapping[str, Sequence[str]], form: str, rng: random.Random) -> str:
    """A word of a list: as it is, or capitalised where the name of the list is; a sentence may lose its capital."""
    word = rng.choice(lists[form.lower()])
    if form[0].isupper():
        return word.capitalize()
    if form == "diseases" and rng.random() < 0.6:
        return word[0].lower() + word[1:]
    if form == "drugs":
        return rng.choice((word.upper(), word.capitalize(), word))
    return word


class Scene:
    """Slots of one note; the same people come back whenever they are named.

    Parameters
    ----------
    grammar : Grammar
    names : Names
    rng : random.Random
    language : str
    """

    def __init__(self, grammar: Grammar, names: Names, rng: random.Random, language: str) -> None:
        self.rng, self.names, self.language, self.grammar = rng, names, language, grammar
        family = self._person()
        self._people: dict[str, list[Person]] = {
            "p": [family],
            "r": [self._person(family.last if rng.random() < 0.6 else None) for _ in range(2)],
            "d": [self._person() for _ in range(4)],
            "n": [self._person() for _ in range(3)],
        }
        self._naming = Naming(language, rng)
        self._known: dict[str, list[list[Piece]]] = {}

    def _person(self, last: str | None = None) -> Person:
        origin, sex = self.names.origin(self.rng), self.rng.choice("MF")
        other = origin if self.rng.random() < 0.85 else self.names.origin(self.rng)
        return Person(
            self.names.first(self.rng, sex, other),
            last or self.names.last(self.rng, origin),
            self.names.last(self.rng),
            sex,
        )

    def __call__(self, name: str) -> list[Piece] | None:
        """Pieces of a slot, or None where the name is that of a rule."""
        role, _, form = name.partition(".")
        rng = self.rng
        if role in ("p", "r", "d", "n", "x") and form:
            person = self._person() if role == "x" else rng.choice(self._people[role])
            return self._naming.pieces(person, form, role)
        if role == "raw":
            return [(self._raw(form), None)]
        if role == "lex":
            return [(listed(self.names.lists, form, rng), None)]
        if name in ("lt", "gt"):
            return [("<" if name == "lt" else ">", None)]
        if role == "known":
            return self._again(form)
        if role == "num":
            return [(self._number(form), None)]
        found = self._value(name)
        return None if found is None else [found]

    def _value(self, name: str) -> Piece | None:
        rng, language = self.rng, self.language
        match name:
            case "date":
                return (dates.date(rng, language) if rng.random() < 0.8 else dates.partial(rng, language)), Label.DATE
            case "fulldate":
                return dates.date(rng, language), Label.DATE
            case "partial":
                return dates.partial(rng, language), Label.DATE
            case "year":
                return str(dates.year(rng, False)), Label.DATE
            case "dob":
                return dates.date(rng, language, born=True), Label.BIRTH_DATE
            case "phone":
                return values.phone(rng, language), Label.PHONE
            case "mail":
                person = rng.choice(self._people[rng.choice("pdn")])
                return values.mail(rng, person.first, person.last, self.names.town(rng)), Label.EMAIL
            case "url":
                return values.url(rng, self.names.town(rng)), Label.URL
            case "nir":
                return values.national(rng, language), Label.NATIONAL_ID
            case "ipp":
                return values.number(rng, "ipp"), Label.PATIENT_NUMBER
            case "nda":
                return values.number(rng, "nda"), Label.STAY_NUMBER
            case "rpps":
                return values.number(rng, "rpps"), Label.PRACTITIONER_NUMBER
            case "boxed.dob" | "boxed.date" | "boxed.nir" | "boxed.finess" | "boxed.rpps":
                return self._boxed(name.removeprefix("boxed."))
            case "finess":
                return values.number(rng, "finess"), Label.FACILITY_NUMBER
            case "iban" | "plate" | "serial":
                return values.number(rng, name), Label.IDENTIFIER
        return None

    def _boxed(self, slot: str) -> Piece:
        """A value of digits, often as the boxes of a form hold it: one by one."""
        text, label = self._value({"date": "fulldate"}.get(slot, slot)) or ("", None)
        if self.rng.random() < 0.3:
            return text, label
        if slot in ("dob", "date"):
            text = f"{self.rng.randint(1, 31):02d}{self.rng.randint(1, 12):02d}{dates.year(self.rng, slot == 'dob')}"
        return self.rng.choice((" ", " ", " ", "  ")).join(text.replace(" ", "")), label

    def _again(self, rule: str) -> list[Piece]:
        """An expansion of a rule, often one that the note has used before."""
        known = self._known.setdefault(rule, [])
        if not known or self.rng.random() < 0.4:
            known.append(self.grammar.expand(rule, self, self.rng))
        return list(self.rng.choice(known))

    def _raw(self, kind: str) -> str:
        rng, names = self.rng, self.names
        match kind:
            case "last":
                return names.last(rng)
            case "first":
                return names.first(rng, rng.choice("MF"))
            case "town":
                return self._naming.cased(names.town(rng), 0.25)
            case "patient":
                return self._people["p"][0].last
            case "zip":
                return rng.choice(
                    (values.digits(rng, 5),) * 8
                    + (f"{values.digits(rng, 2)} {values.digits(rng, 3)}", f"F-{values.digits(rng, 5)}")
                )
            case "brand":
                return self._naming.cased(names.brand(rng), 0.3)
            case "acronym":
                return values.acronym(rng)
            case "postcode":
                letters = "ABCDEFGHJKLMNPRSTUWY"
                area = "".join(rng.choice(letters) for _ in range(rng.choice((1, 2)))) + str(rng.randint(1, 29))
                code = f"{area} {rng.randint(1, 9)}{rng.choice(letters)}{rng.choice(letters)}"
                return rng.choice(
                    (
                        code,
                        values.digits(rng, 5),
                        values.digits(rng, 5),
                        f"{values.digits(rng, 5)}-{values.digits(rng, 4)}",
                    )
                )
        raise KeyError(kind)

    def _number(self, form: str) -> str:
        """``num.2-15`` a whole number, ``num.2-15.1`` with decimals, ``num.#5`` so many digits."""
        if form.startswith("#"):
            return values.digits(self.rng, int(form[1:]))
        bounds, _, decimals = form.partition(".")
        low, high = (int(value) for value in bounds.split("-"))
        if not decimals:
            return str(self.rng.randint(low, high))
        text = f"{self.rng.uniform(low, high):.{decimals}f}"
        return text.replace(".", ",") if self.language == "fr" and self.rng.random() < 0.7 else text
