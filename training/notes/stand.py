"""Values that stand in for those of a written note: of the same kind and look, the same for the same value in one note."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sosie.notes.document import Label
from sosie.notes.tagger.features import fold
from training.notes import dates, values
from training.notes.names import Names, people, titled

HOUSES = frozenset((Path(__file__).parent / "lists" / "houses.txt").read_text(encoding="utf-8").split())
"""Folded words that say what a place is, not which."""

SMALL = frozenset(
    "de du des d la le les l van der den von ben ibn el al ait da das do dos del della di y e o mc mac sur sous en lez aux a au "
    "et saint sainte st ste the of and at on in near by to through under with dite dit".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_SIGN = re.compile(r"[A-Za-z0-9]")
_WHOLE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](\d{2}|\d{4})")
_DATED = re.compile(r"\d+|[^\W\d_]+")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)\b")
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii".split()
_NUMBERS = (
    *(Label.PHONE, Label.NATIONAL_ID, Label.PATIENT_NUMBER, Label.STAY_NUMBER, Label.PRACTITIONER_NUMBER),
    *(Label.FACILITY_NUMBER, Label.IDENTIFIER, Label.POSTCODE),
)
_HOUSED = (Label.HOSPITAL, Label.ADDRESS, Label.PLACE, Label.EVENT)


class Stand:
    """Stand-ins of one note.

    Parameters
    ----------
    names : Names
    lists : mapping
        ``jobs`` is asked for.
    language : str
    trades : sequence of str
        Professions as notes write them.
    rng : random.Random
    """

    def __init__(
        self,
        names: Names,
        lists: Mapping[str, Sequence[str]],
        language: str,
        trades: Sequence[str],
        rng: random.Random,
    ) -> None:
        self._names, self._lists, self._language, self._trades, self._rng = names, lists, language, trades, rng
        self._known: dict[str, str] = {}
        self._kept: dict[tuple[Label, str], bool] = {}

    def other(self, text: str, label: Label, share: float) -> str:
        """What stands in for a value; with probability 1 - share the value itself."""
        if not self._kept.setdefault((label, fold(text)), self._rng.random() < share):
            return text
        return self._drawn(text, label) or text

    def _drawn(self, text: str, label: Label) -> str:
        rng = self._rng
        if label is Label.LAST_NAME:
            return self._worded(text, lambda _: self._names.last(rng))
        if label is Label.FIRST_NAME:
            return self._worded(text, lambda word: self._names.first(rng, "F" if word[-1] in "ae" else "M"))
        if label is Label.CITY:
            town, mark, rest = re.match(r"([^,(^]*)([,(^]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
            return self._same(town, lambda _: self._names.town(rng)) + mark + rest
        if label in _HOUSED:
            return self._worded(self._numbered(text, 0.7), self._sign, HOUSES, capital=label is not Label.HOSPITAL)
        if label is Label.INITIALS:
            return self._same(text, self._letters)
        if label in (Label.DATE, Label.BIRTH_DATE):
            return self._date(text, label is Label.BIRTH_DATE)
        if label in _NUMBERS:
            return self._same(text, self._number)
        if label is Label.EMAIL:
            return self._mail(text)
        if label is Label.PROFESSION:
            trade = rng.choice(self._trades if rng.random() < 0.6 else self._lists["jobs"])
            return like(text, trade) if text.isupper() else trade
        if label is Label.AGE:
            return self._numbered(text, 1.0)
        return text

    def _same(self, text: str, draw: Callable[[str], str]) -> str:
        """One stand-in for a whole value, in its case."""
        key = fold(text)
        if key not in self._known:
            self._known[key] = draw(text)
        return like(text, self._known[key])

    def _worded(
        self, text: str, draw: Callable[[str], str], left: frozenset[str] = frozenset(), capital: bool = False
    ) -> str:
        """The same look with other words; particles and the words of `left` stay, as do small letters where asked."""
        mixed = capital and any(sign.isupper() for sign in text)
        words = [match[0] for match in _WORD.finditer(text)]

        def instead(match: re.Match[str]) -> str:
            word = match[0]
            key = fold(word)
            if key in SMALL or key in left or (mixed and word.islower()):
                return word
            if len(word) == 1:
                return word if text[match.end() : match.end() + 1] in "'’" else self._letters(word)
            if key not in self._known:
                drawn = draw(word)
                alone = len(words) == 1 and self._rng.random() < 0.25
                self._known[key] = drawn if alone else longest(drawn)
            return like(word, self._known[key])

        return _WORD.sub(instead, text)

    def _sign(self, word: str) -> str:
        """A word that tells a house from another: a name, a town, an acronym."""
        luck = self._rng.random()
        if word.isupper() and len(word) <= 4:
            return self._letters(word)
        if luck < 0.45:
            return self._names.town(self._rng)
        if luck < 0.7:
            return self._names.last(self._rng)
        if luck < 0.85:
            return self._rng.choice(people("male", "french" if self._language == "fr" else "english"))
        return titled(self._rng.choice(self._lists["word"]))

    def _letters(self, text: str) -> str:
        letters = "ABCDEFGHIJKLMNOPRSTVW"
        return re.sub(r"[A-Za-z]", lambda match: like(match[0], self._rng.choice(letters)), text)

    def _numbered(self, text: str, share: float) -> str:
        return re.sub(r"\d+", lambda match: self._count(match[0]) if self._rng.random() < share else match[0], text)

    def _count(self, figures: str) -> str:
        """A number of the same size; ages past eighty-nine stay past it."""
        if len(figures) == 2 and int(figures) >= 89:
            return str(self._rng.randint(89, 99))
        if len(figures) == 3 and figures[0] == "1":
            return str(self._rng.randint(100, 108))
        first = self._rng.choice("123456789") if figures[0] != "0" else "0"
        return first + values.digits(self._rng, len(figures) - 1)

    def _number(self, text: str) -> str:
        """Other figures, and other letters where they are no word; what opens a telephone number stays."""
        kept = re.match(r"(\+|00)\d\d ?\(?\d?|0\d?|[12] ?(?=\d\d)", text)
        start = kept.end() if kept and self._rng.random() < 0.8 else 0

        def instead(match: re.Match[str]) -> str:
            sign, at = match[0], match.start()
            if at < start:
                return sign
            if sign.isdigit():
                return self._rng.choice("0123456789")
            around = text[max(0, at - 1) : at + 2]
            wordy = sign.islower() or sum(part.isalpha() for part in around) == 3
            return sign if wordy else self._letters(sign)

        return _SIGN.sub(instead, text)

    def _mail(self, text: str) -> str:
        user, at, host = text.partition("@")
        named = re.sub(r"[a-z]{4,}", lambda match: values.plain(self._named(match[0])) or match[0], user)
        if self._rng.random() < 0.5:
            host = values.mail(self._rng, "a", "b", self._names.town(self._rng)).partition("@")[2]
        return named + at + host

    def _named(self, word: str) -> str:
        return self._known.setdefault(word, longest(self._names.last(self._rng)))

    def _date(self, text: str, born: bool) -> str:
        if _WHOLE.fullmatch(text) and self._rng.random() < 0.15:
            return dates.date(self._rng, self._language, born)
        if self._language == "fr" and len(text) > 25 and not any(sign.isdigit() for sign in text):
            return dates.in_words(
                self._rng, self._rng.randint(1, 28), self._rng.randint(1, 12), dates.year(self._rng, born)
            )
        dated = _DATED.sub(lambda match: self._part(match[0], born), text)
        return _ORDINAL.sub(lambda match: ordinal(int(match[1]), self._language), dated)

    def _part(self, part: str, born: bool) -> str:
        """A day, a month or a year in the form of another."""
        rng = self._rng
        if part.isdigit():
            return self._figures(part, born)
        folded = fold(part)
        if folded in _ROMAN and (part.isupper() or len(part) > 1):
            roman = rng.choice(_ROMAN)
            return roman.upper() if part.isupper() else roman
        for table in (dates.MONTHS, dates.SHORT):
            months = [month.strip(".") for month in table[self._language]]
            if folded in (fold(month) for month in months) or (table is dates.SHORT and folded in _SHORTER):
                return like(part, rng.choice(months))
        return part

    def _figures(self, part: str, born: bool) -> str:
        rng, value = self._rng, int(part)
        year = dates.year(rng, born)
        day, month = rng.randint(1, 28), rng.randint(1, 12)
        match len(part):
            case 8 if part[:2] in ("19", "20"):
                return f"{year}{month:02d}{day:02d}"
            case 8:
                return f"{day:02d}{month:02d}{year}"
            case 6:
                return f"{day:02d}{month:02d}{year % 100:02d}"
            case 4:
                return str(year)
            case 1 | 2 if value > 31 or value == 0:
                return f"{year % 100:02d}"
        if value > 12:
            return str(rng.randint(13, 28))
        return f"{month:02d}" if len(part) == 2 else str(rng.randint(1, 9))


_SHORTER = frozenset("jan janv fev fevr mar avr jui juil aou sep sept oct nov dec feb apr jun jul aug".split())


def ordinal(day: int, language: str) -> str:
    """A day as a language counts it."""
    if language == "fr":
        return "1er" if day == 1 else str(day)
    return f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def longest(name: str) -> str:
    """The longest word of a name."""
    return max(_WORD.findall(name), key=len, default=name)


def like(old: str, new: str) -> str:
    """A text in the case of another: capitals, small letters, or as it is."""
    if old.isupper() and (len(old) > 1 or len(new) == 1):
        return new.upper()
    return new.lower() if old.islower() else new
