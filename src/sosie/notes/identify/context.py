"""What the tables know of a patient, and where it stands in a note, misspelt or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import Kind, Words
from sosie.notes.languages.folding import fold
from sosie.notes.spelling import misspells

SPELT, LONG = 5, 8
"""Letters from which one error, then two, are taken for a misspelling."""
_PARTS = re.compile(r"[^\W\d_]+")
_FIGURES = re.compile(r"\d(?:[ .\-/]?[\da-z]){3,}")


@dataclass(frozen=True)
class Known:
    """One patient, as the tables know them.

    Parameters
    ----------
    last_names, first_names : sequence of str
    birth_date : date, optional
    numbers : sequence of str
        Hospital numbers, insurance number, telephone numbers ...
    town, address, email : str, optional
    """

    last_names: Sequence[str] = ()
    first_names: Sequence[str] = ()
    birth_date: date | None = None
    numbers: Sequence[str] = ()
    town: str | None = None
    address: str | None = None
    email: str | None = None
    _forms: dict[str, Label] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Fold the words to look up, once for all the notes of the patient."""
        for names, label in ((self.last_names, Label.LAST_NAME), (self.first_names, Label.FIRST_NAME)):
            for name in names:
                for part in _PARTS.findall(fold(name)):
                    if len(part) > 2:
                        self._forms.setdefault(part, label)
                self._forms.setdefault(fold(name), label)

    def find(self, words: Words) -> Iterator[Span]:
        """Yield the places where the patient is named."""
        yield from self._names(words)
        yield from self._numbers(words)
        yield from self._phrases(words)

    def _names(self, words: Words) -> Iterator[Span]:
        for word in words.items:
            label = self._forms.get(word.folded)
            if label is None and "-" in word.folded and any(part in self._forms for part in word.folded.split("-")):
                label = next(self._forms[part] for part in word.folded.split("-") if part in self._forms)
            exact = label is not None
            if label is None and len(word.folded) > 4 and word.foreign:
                label = next((label for form, label in self._forms.items() if close(form, word.folded)), None)
            if label is None:
                continue
            # A name that is a word of the language counts where it has a capital.
            if exact and word.kind & (Kind.COMMON | Kind.STOP) and (not word.capital or words.shouted):
                continue
            yield Span(word.start, word.end, label, 0.97 if exact else 0.85, "context")

    def _numbers(self, words: Words) -> Iterator[Span]:
        wanted = {re.sub(r"\W", "", number.lower()) for number in self.numbers} - {""}
        wanted = {number for number in wanted if len(number) > 3}
        if not wanted:
            return
        for match in _FIGURES.finditer(words.view.folded):
            compact = re.sub(r"\W", "", match[0])
            if compact in wanted or any(len(number) > 5 and number in compact for number in wanted):
                yield Span(match.start(), match.end(), Label.PATIENT_NUMBER, 0.98, "context")

    def _phrases(self, words: Words) -> Iterator[Span]:
        text = words.view.folded
        for value, label in ((self.town, Label.CITY), (self.address, Label.ADDRESS), (self.email, Label.EMAIL)):
            if value and len(value) > 2:
                pattern = r"[\s,'-]+".join(map(re.escape, re.findall(r"[\w@.]+", fold(value))))
                for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text):
                    yield Span(match.start(), match.end(), label, 0.96, "context")
        if self.birth_date:
            born = self.birth_date
            figures = (
                rf"0?{born.day}[ /.-]+0?{born.month}[ /.-]+(?:{born.year}|{born:%y})"
                rf"|{born.year}-{born.month:02d}-{born.day:02d}|{born:%d%m%Y}"
            )
            for match in re.finditer(rf"(?<!\d)(?:{figures})(?!\d)", text):
                yield Span(match.start(), match.end(), Label.BIRTH_DATE, 0.99, "context")


def close(form: str, word: str) -> bool:
    """Tell whether a word is a misspelling: one edit or swap, two in words of eight letters or more."""
    return len(form) >= SPELT and misspells(word, form, 2 if len(form) >= LONG else 1)
