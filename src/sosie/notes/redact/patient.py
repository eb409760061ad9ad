"""The double of one patient in their notes: what stands for each name, date, place and number, in all of them.

The notes of one patient, the spans that were found in them and the pseudonyms come in; what replaces a span leaves.
What cannot be replaced by something of its kind becomes a tag.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from sosie import names
from sosie.names import fold
from sosie.notes.document import Document, Label, Span
from sosie.notes.redact import dates, indirect, numbers
from sosie.notes.redact.people import People
from sosie.notes.redact.places import Places
from sosie.notes.redact.style import Action, Style
from sosie.notes.redact.tongue import Tongue
from sosie.notes.redact.words import Words, words
from sosie.pseudonyms import NAMES, Pseudonyms
from sosie.stream import Fact

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
UNDATED = date(2001, 1, 1)
"""Tells the year that a partial date leaves out, where nothing else does."""
BESIDE, FAR = 40, 200
"""Characters within which a town and a postcode belong together, and within which such a town begins."""
YEAR = 365.25
DEFAULT = Style()

Found = tuple[Document, Sequence[Span]]


@dataclass
class Double:
    """What stands for everything that identifies one patient.

    Parameters
    ----------
    key : str
        Patient key.
    notes : sequence of (Document, sequence of Span)
        All the notes of the patient that are at hand.
    pseudonyms : Pseudonyms
    language : Language
    style : Style
    facts : sequence of Fact
        What the tables know of the patient, and what they replace it with.
    taken : collection of str
        Folded names of everyone in the tables.
    told : bool
        Whether the source says who the patient is; where the key was found in the notes, it keeps its layout.
    """

    key: str
    notes: Sequence[Found]
    pseudonyms: Pseudonyms
    language: Tongue
    style: Style = DEFAULT
    facts: Sequence[Fact] = ()
    taken: Collection[str] = frozenset()
    told: bool = True
    _numbers: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = {same(fact.value): fact.replacement for fact in self.facts if fact.replacement}
        for document, spans in self.notes:
            before: Span | None = None
            for span in spans:
                text = visible(document.text[span.start : span.end])
                if span.label in (Label.LAST_NAME, Label.FIRST_NAME):
                    self.people.learn(text, span.label)
                    if before is not None and before.label is not span.label and span.start - before.end <= 2:
                        self.people.pair(document.text[before.start : before.end], text)
                    before = span
                elif span.label is Label.CITY and self.places is not None:
                    self.places.learn(text)
                elif span.label is Label.POSTCODE and self.places is not None:
                    self.places.learn_postcode(text)
        self.people.settle()

    def replacement(self, span: Span, action: Action, document: Document, spans: Sequence[Span], near: date) -> str:
        """Return what stands for a span of a note: its surrogate, its tag, or itself.

        Parameters
        ----------
        span : Span
        action : Action
        document : Document
        spans : sequence of Span
            All of the note: a postcode follows the town beside it.
        near : date
            By which a partial date is read.
        """
        text = document.text[span.start : span.end]
        tag = f"<{self.language.published.get(span.label, span.label.value)}>"
        if action in (Action.TAG, Action.KEEP):
            return tag if action is Action.TAG else text
        new = self._surrogate(span, visible(text), document, spans, near)
        return tag if new is None or (new == text and not self._stays(span, text)) else new

    def _stays(self, span: Span, text: str) -> bool:
        """Tell what may stay as it is: an age between the extremes, a title that was taken for a name."""
        named = span.label in (Label.LAST_NAME, Label.FIRST_NAME)
        return span.label is Label.AGE or (named and not names.units(visible(text), span.label))

    def near(self, document: Document, spans: Sequence[Span]) -> date:
        """Return a date of a note, by which its partial dates are read."""
        if document.written is not None or self.words is None:
            return document.written or UNDATED
        read = (
            dates.read(document.text[span.start : span.end], self.words.calendar)
            for span in spans
            if span.label is Label.DATE
        )
        return next((day for day in read if day is not None), UNDATED)

    @cached_property
    def words(self) -> Words | None:
        """The words of the language."""
        return words(self.language.code)

    @cached_property
    def people(self) -> People:
        """The names."""
        known = [pair for fact in self.facts if fact.label in NAMES for pair in _paired(fact)]
        lists = (self.language.gazetteer("first_names"), self.language.gazetteer("last_names"))
        return People(self.key, self.pseudonyms, lambda name: any(name in each for each in lists), known, self.taken)

    @cached_property
    def places(self) -> Places | None:
        """The places, in a language that has words for them."""
        return None if self.words is None else Places(self.key, self.pseudonyms, self.words)

    @cached_property
    def born(self) -> date | None:
        """The birth date: what the tables say, else what the notes say first."""
        stated = [fact.value for fact in self.facts if fact.label == "BIRTH_DATE"]
        if stated:
            return date.fromisoformat(stated[0][:10])
        return next((day for label, day in self._dates if label is Label.BIRTH_DATE), None)

    @cached_property
    def shift(self) -> timedelta:
        """By how much dates move."""
        return self.pseudonyms.date_shift(self.key)

    @cached_property
    def ageing(self) -> timedelta:
        """By how much more the birth date moves, so that nobody is above 90."""
        extra = 0.0
        seen = [day for label, day in self._dates if label is Label.DATE]
        if self.born is not None and seen:
            extra = (max(seen) - self.born).days / YEAR - indirect.OLDEST - 1
        elif self.words is not None:
            said = (
                indirect.years(document.text[span.start : span.end], self.words)
                for document, spans in self.notes
                for span in spans
                if span.label is Label.AGE
            )
            extra = max((age for age in said if age is not None), default=0.0) - indirect.OLDEST - 1
        return timedelta(days=round(extra * YEAR)) if 0 < extra < indirect.OLDEST else timedelta()

    @cached_property
    def _dates(self) -> list[tuple[Label, date]]:
        """The whole dates that the notes hold, errors and placeholders left out."""
        found: list[tuple[Label, date]] = []
        if self.words is None:
            return found
        for document, spans in self.notes:
            for span in spans:
                if span.label in (Label.DATE, Label.BIRTH_DATE):
                    day = dates.read(document.text[span.start : span.end], self.words.calendar)
                    if day is not None and dates.FIRST <= day.year <= dates.LAST:
                        found.append((span.label, day))
            if document.written is not None:
                found.append((Label.DATE, document.written))
        return found

    def _surrogate(self, span: Span, text: str, document: Document, spans: Sequence[Span], near: date) -> str | None:
        label = span.label
        if label in (Label.LAST_NAME, Label.FIRST_NAME):
            return self.people.replaced(text, label)
        if label is Label.INITIALS:
            return self.people.initials(text)
        if self.words is None or self.places is None:
            return None if label in _WORDED else self._number(label, text)
        if label in (Label.DATE, Label.BIRTH_DATE):
            shift = self.shift + (self.ageing if label is Label.BIRTH_DATE else timedelta())
            stream = self.pseudonyms.stream(self.key, "date", text)
            return dates.moved(text, shift, self.words.calendar, near, stream)
        if label is Label.CITY:
            return self.places.town(text)
        if label is Label.POSTCODE:
            return self.places.postcode(text, _beside(span, document, spans))
        if label is Label.ADDRESS:
            return self.places.address(text)
        if label is Label.HOSPITAL:
            return self.places.hospital(text)
        if label is Label.AGE:
            return indirect.age(text, self.words)
        if label is Label.PROFESSION:
            return indirect.trade(text, self.words, self.pseudonyms.stream(self.key, "trade", fold(text)))
        if label in _WORDED:
            return indirect.neutral(label, text, self.words)
        return self._number(label, text)

    def names_patient(self, text: str) -> bool:
        """Tell whether a number is the patient key, or one that the tables know."""
        return same(text) in self._numbers or same(text) == same(self.key)

    def identifier(self, text: str) -> str:
        """Return what stands for such a number, wherever it is written: what the tables have in its place."""
        known = self._numbers.get(same(text))
        if known is not None:
            return known
        if not self.told:
            return self.pseudonyms.surrogate(self.key, "IPP", text)
        return str(self.pseudonyms.number(self.key)) if self.key.isdecimal() else self.pseudonyms.pseudonym(self.key)

    def _number(self, label: Label, text: str) -> str:
        if self.names_patient(text):
            return self.identifier(text)
        key = "" if label in numbers.SHARED else self.key
        born = None if self.born is None else self.born + self.ageing
        return self.pseudonyms.surrogate(key, numbers.kind(label, text), text, born=born)


_WORDED = frozenset(
    {
        *(Label.DATE, Label.BIRTH_DATE, Label.CITY, Label.POSTCODE, Label.ADDRESS, Label.HOSPITAL),
        *(Label.AGE, Label.PROFESSION, Label.EVENT, Label.FAMILY, Label.PLACE),
    }
)
"""Labels whose surrogates are made of the words of a language."""


def visible(text: str) -> str:
    """Return a text without the characters that nobody sees, which cut words for a program alone."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def same(text: str) -> str:
    """Return the letters and digits by which two ways to write a number are the same."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _paired(fact: Fact) -> list[tuple[names.Unit, str | None]]:
    """Return the names of a cell, each with the one that stands for it in the tables."""
    units = names.units(fact.value, fact.label)
    others = names.units(fact.replacement or "", fact.label)
    if len(others) != len(units):
        return [(unit, None) for unit in units]
    return [(unit, other.text) for unit, other in zip(units, others, strict=True)]


def _beside(span: Span, document: Document, spans: Sequence[Span]) -> str | None:
    """Return the town that stands nearest to a postcode, on either side."""
    first = bisect_left(spans, span.start - FAR, key=lambda other: other.start)
    last = bisect_left(spans, span.end + BESIDE, key=lambda other: other.start)
    near = [
        (max(other.start - span.end, span.start - other.end), other)
        for other in spans[first : last + 1]
        if other.label is Label.CITY and max(other.start - span.end, span.start - other.end) <= BESIDE
    ]
    if not near:
        return None
    nearest = min(near, key=lambda pair: pair[0])[1]
    return document.text[nearest.start : nearest.end]
