"""Where the identifiers of a header stand in a text, or in bytes: however they are cased, accented, joined or reversed.

A text comes in, spans leave, as the notes' detectors give them. The pattern of a header is compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from sosie.images.identify.collect import Identifiers, Person
from sosie.images.identify.folding import plain
from sosie.images.standard import is_technical
from sosie.names.lists import listed
from sosie.notes.document import Label, Span
from sosie.notes.languages import Language

SHORT, WHOLE, CERTAIN = 3, 5, 7
"""Letters from which a name is looked for by itself; from which it may be joined to other letters on one side; digits
from which a number may be part of a longer one."""
_WORDS = re.compile(r"[^\W\d_]+")
_SIGNS = r"[\W_]{0,3}"
_LETTER, _FIGURE = r"[^\W\d_]", r"\d"


@dataclass(frozen=True)
class Finder:
    """Looks for the identifiers of one header.

    Parameters
    ----------
    known : Identifiers
    language : Language
        Whose common words no institution is recognised by.
    """

    known: Identifiers
    language: Language
    _found: dict[str, tuple[Span, ...]] = field(default_factory=dict, repr=False, compare=False)

    def find(self, text: str, guarded: bool = False) -> tuple[Span, ...]:
        """Return the spans of a text, sorted, without overlap.

        Parameters
        ----------
        text : str
        guarded : bool
            Whether words of imaging are left alone, although somebody bears them.
        """
        spans = self._found.get(text)
        if spans is None:
            spans = self._found[text] = tuple(self._find(text))
        if guarded:
            return tuple(span for span in spans if not is_technical(plain(text[span.start : span.end])))
        return spans

    def inside(self, raw: bytes) -> bool:
        """Tell whether bytes hold an identifier, in any encoding of text."""
        return self._bytes is not None and self._bytes.search(raw) is not None

    def is_number(self, text: str) -> bool:
        """Tell whether a value is one of the numbers, whole."""
        return text in self.known.numbers and len(text) > WHOLE

    def _find(self, text: str) -> Iterator[Span]:
        if self._pattern is None or not text:
            return
        folded, at = plain(text), 0
        while (match := self._pattern.search(folded, at)) is not None:
            start, end = match.span()
            at = max(end, at + 1)
            label = _LABELS[match.lastgroup or "number"]
            if match.lastgroup == "initials" and not text[start:end].isupper():
                continue
            yield Span(start, end, label, 0.98, "header")

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """The identifiers as one pattern of folded text; the longest goes first where two begin at the same place."""
        pieces: dict[str, set[str]] = {name: set() for name in _LABELS}
        for person in self.known.people:
            for group, piece in _person(person):
                pieces[group].add(piece)
        pieces["number"].update(map(_number, self.known.numbers))
        for whole, group in ((self.known.institutions, "institution"), (self.known.addresses, "address")):
            for text in whole:
                pieces[group].update(self._place(text))
        groups = [
            f"(?P<{name}>{'|'.join(sorted(some, key=lambda piece: (-len(piece), piece)))})"
            for name, some in pieces.items()
            if some
        ]
        return re.compile("|".join(groups)) if groups else None

    def _place(self, text: str) -> Iterator[str]:
        """Yield a place as a whole, and the words of it that are no common ones."""
        words = re.findall(r"[^\W_]+", text)
        if sum(map(len, words)) >= WHOLE and not (len(words) == 1 and self._common(words[0])):
            yield _bounded(r"[\W_]+".join(map(re.escape, words)))
        for word in words:
            if len(word) >= SHORT + 1 and word.isalpha() and not self._common(word):
                yield _bounded(word)
            elif len(word) == WHOLE and word.isdecimal():
                yield rf"(?<!\d){word}(?!\d)"

    def _common(self, word: str) -> bool:
        return is_technical(word) or any(
            word in self.language.gazetteer(name) for name in ("common_words", "medical_words", "eponyms")
        )

    @cached_property
    def _bytes(self) -> re.Pattern[bytes] | None:
        written: set[str] = set()
        for person in self.known.people:
            for name in (*person.last, *person.first):
                if len(name) >= WHOLE:
                    written |= {name, plain(name)}
        written |= {number for number in self.known.numbers if len(number) > WHOLE}
        if self.known.born is not None:
            written.add(f"{self.known.born:%Y%m%d}")
        forms = {
            re.escape(form)
            for text in written
            for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
            for form in _encoded(text, encoding)
        }
        return re.compile(b"|".join(sorted(forms)), re.IGNORECASE) if forms else None


_LABELS = {
    "full": Label.LAST_NAME,
    "last": Label.LAST_NAME,
    "first": Label.FIRST_NAME,
    "number": Label.IDENTIFIER,
    "address": Label.ADDRESS,
    "institution": Label.HOSPITAL,
    "initials": Label.INITIALS,
}


def _person(person: Person) -> Iterator[tuple[str, str]]:
    """Yield the patterns of the names of one person, each with its group."""
    last = [word for name in person.last for word in _forms(name)]
    first = [word for name in person.first for word in _forms(name)]
    for one, other in product(person.last, person.first):
        family, given = (_joined(_WORDS.findall(plain(name))) for name in (one, other))
        if family and given:
            initial = given[0]
            # Joined names, in both orders, and an initial beside the family name.
            for piece in (f"{given}{_SIGNS}{family}", f"{family}{_SIGNS}{given}"):
                if len(family) + len(given) >= WHOLE:
                    yield "full", piece
            if len(family) >= SHORT:
                yield "full", rf"(?<!{_LETTER}){initial}[.^ ]{{1,2}}{family}(?!{_LETTER})"
                yield "full", rf"(?<!{_LETTER}){family}[.^, ]{{1,2}}{initial}(?!{_LETTER})\.?"
            if person.patient:
                both = rf"{initial}\.[ -]?{family[0]}\b\.?|{family[0]}\.[ -]?{initial}\b\.?"
                yield "initials", rf"(?<![\w.])(?:{both})"
    for group, words in (("last", last), ("first", first)):
        for word in words:
            yield group, _joinable(word) if group == "last" else _bounded(word)


def _forms(name: str) -> Iterator[str]:
    """Yield the words by which a name is recognised: all of it, and each of its parts that is no particle."""
    words = _WORDS.findall(plain(name))
    if len(words) > 1:
        yield _joined(words)
    for word in words:
        if word not in listed("particles") and word not in listed("titles") and (len(word) >= SHORT or len(words) == 1):
            yield word


def _joined(words: Iterable[str]) -> str:
    return r"[\W_]{0,2}".join(words)


def _joinable(word: str) -> str:
    """Return a family name that may be joined to other letters on one side, where it is long enough."""
    if len(word) < WHOLE:
        return _bounded(word)
    return rf"(?:(?<!{_LETTER}){word}|{word}(?!{_LETTER}))"


def _bounded(word: str) -> str:
    return rf"(?<!{_LETTER}){word}(?!{_LETTER})"


def _number(number: str) -> str:
    """Return a number, its characters apart by signs or not; a long one takes what follows it too."""
    spaced = r"[\W_]{0,2}".join(number)
    if len(number) >= CERTAIN:
        return rf"{spaced}(?:[ .-]?\d)*" if number.isdecimal() else spaced
    return rf"(?<![^\W_]){spaced}(?![^\W_])" if not number.isdecimal() else rf"(?<!\d){spaced}(?!\d)"


def _encoded(text: str, encoding: str) -> Iterator[bytes]:
    try:
        yield text.encode(encoding)
    except UnicodeEncodeError:
        return
