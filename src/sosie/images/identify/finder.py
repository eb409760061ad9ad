"""Where the identifiers of a header stand in a text, or in bytes: however they are cased, accented, joined or reversed.

A text comes in, spans leave, as the notes' detectors give them. A pattern is compiled only when a word of it stands in
a text, once for all the headers that name the same person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise, product

from sosie.images.identify.collect import Identifiers, Person
from sosie.images.identify.folding import plain
from sosie.images.identify.spellings import encoded
from sosie.images.standard import is_technical
from sosie.names.lists import listed
from sosie.notes.document import Label, Span
from sosie.notes.languages import Language

SHORT, WHOLE, CERTAIN = 3, 5, 7
"""Letters from which a name is looked for by itself; from which it may be joined to other letters on one side; letters
and digits from which a number may be part of a longer one."""
GAP = 3
"""From one letter or digit of a number to the next, at most."""
CUT = 6
"""Letters of a name that the end of a text may cut short."""
CODED = 16
"""Characters from which a text may be the code of another."""
_WORDS = re.compile(r"[^\W\d_]+")
_SIGNS, _LETTER = r"[\W_]{0,3}", r"[^\W\d_]"
_SCORE = 0.98
_PLACED = frozenset({Label.HOSPITAL, Label.ADDRESS})


@dataclass(frozen=True)
class Finder:
    """Looks for the identifiers of one header.

    Parameters
    ----------
    known : Identifiers
    language : Language
        By whose common words no institution is recognised.
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
            Whether words of imaging are left alone, although somebody bears them, and words of places too.
        """
        spans = self._found.get(text)
        if spans is None:
            spans = self._found[text] = tuple(_longest(self._all(text))) if text else ()
        if guarded:
            return tuple(
                span
                for span in spans
                if span.label not in _PLACED and not is_technical(plain(text[span.start : span.end]))
            )
        return spans

    def may_hold(self, text: str) -> bool:
        """Tell, quickly, whether a text may hold an identifier, openly or in code; most words of a header do not."""
        if len(text) >= CODED or not text.isascii() or any(sign in text for sign in ".%"):
            return True
        folded = text.lower()
        if any(word in folded for word in self._words) or any(True for _ in self._cut(folded)):
            return True
        return any(character.isdigit() for character in text) and len(text) >= SHORT + 1

    def inside(self, raw: bytes) -> bool:
        """Tell whether bytes hold an identifier, in any encoding of text."""
        small = raw.lower()
        return any(form in small for form in self._bytes)

    def is_number(self, text: str) -> bool:
        """Tell whether a value is one of the numbers, whole."""
        return len(text) > WHOLE and text in self.known.numbers

    def _all(self, text: str) -> Iterator[Span]:
        folded = plain(text)
        for words, person in self._people:
            if any(word in folded for word in words):
                yield from _matches(_person(person), folded)
        if "." in folded:
            for person in self.known.people:
                if person.patient:
                    found = _matches(_initials(person), folded)
                    yield from (span for span in found if text[span.start : span.end].isupper())
        for word in self._tiny:
            if word in folded:
                found = _matches(((Label.LAST_NAME, re.compile(_bounded(word))),), folded)
                yield from (span for span in found if text[span.start].isupper())
        for rare, place, label in self._places:
            if any(word in folded for word in rare):
                yield from _matches(_place(place, label, tuple(rare)), folded)
        if any(character.isdigit() for character in folded):
            yield from self._numbers(folded)
        yield from self._cut(folded)

    def _cut(self, folded: str) -> Iterator[Span]:
        """Yield a name that the end of a text cuts short."""
        ending = _ENDING.search(folded)
        if ending is None or len(ending[0]) < CUT or is_technical(ending[0]):
            return
        for person in self.known.people:
            for word in (word for name in person.last for word in _WORDS.findall(plain(name))):
                if word.startswith(ending[0]) and word != ending[0]:
                    yield Span(ending.start(), ending.end(), Label.LAST_NAME, _SCORE, "header")
                    return

    def _numbers(self, folded: str) -> Iterator[Span]:
        at = [place for place, character in enumerate(folded) if character.isalnum()]
        compact = "".join(folded[place] for place in at)
        for number in self.known.numbers:
            if not any(character.isdigit() for character in number):
                continue
            start = compact.find(number)
            while start >= 0:
                places = at[start : start + len(number)]
                if (span := _number(folded, places, number)) is not None:
                    yield span
                start = compact.find(number, start + 1)

    @cached_property
    def _words(self) -> tuple[str, ...]:
        people = {word for words, _ in self._people for word in words}
        return tuple(people | {word for rare, _, _ in self._places for word in rare} | self._tiny)

    @cached_property
    def _people(self) -> tuple[tuple[tuple[str, ...], Person], ...]:
        return tuple((_keys(person), person) for person in self.known.people)

    @cached_property
    def _tiny(self) -> frozenset[str]:
        """Family names of two letters; they count where they have a capital."""
        names = (plain(name).strip() for person in self.known.people for name in person.last)
        return frozenset(
            name for name in names if len(name) < SHORT and name.isalpha() and name not in listed("particles")
        )

    @cached_property
    def _places(self) -> tuple[tuple[frozenset[str], str, Label], ...]:
        """Places, each with the words of it that are no common ones."""
        kinds = ((self.known.institutions, Label.HOSPITAL), (self.known.addresses, Label.ADDRESS))
        return tuple((self._rare(text), text, label) for texts, label in kinds for text in texts)

    def _rare(self, text: str) -> frozenset[str]:
        words = re.findall(r"[^\W_]+", text)
        return frozenset(
            word
            for word in words
            if (word.isalpha() and len(word) > SHORT and not self._common(word))
            or (word.isdecimal() and len(word) == WHOLE)
        )

    def _common(self, word: str) -> bool:
        names = ("common_words", "medical_words", "eponyms")
        return is_technical(word) or any(word in self.language.gazetteer(name) for name in names)

    @cached_property
    def _bytes(self) -> tuple[bytes, ...]:
        """Identifiers as bytes whose ASCII letters are small."""
        written: set[str] = set()
        for person in self.known.people:
            for name in (*person.last, *person.first):
                if len(name) >= WHOLE or (len(name) > 1 and not name.isascii()):
                    written |= {name.lower(), name.upper(), plain(name)}
        written |= {number for number in self.known.numbers if len(number) > WHOLE}
        if self.known.born is not None:
            written.add(f"{self.known.born:%Y%m%d}")
        return tuple({form.lower() for text in written for form in encoded(text)})


_ENDING = re.compile(r"[^\W\d_]+$")
_TAIL = re.compile(r"\d(?:[\W_]{0,2}\d)*")
_ASCII = re.compile(r"[a-z0-9]")


def _number(folded: str, places: list[int], number: str) -> Span | None:
    """Return the span of a number whose characters stand at some places, unless they are too far apart."""
    first, last = places[0], places[-1] + 1
    if any(after - before > GAP for before, after in pairwise(places)):
        return None
    if len(number) < CERTAIN and not _alone(folded, first, last):
        return None
    if len(number) >= CERTAIN and number.isdecimal():
        # A number that the header cut short goes on in a text.
        last = max(last, first + len(_TAIL.match(folded[first:])[0]))  # type: ignore[index]
    return Span(first, last, Label.IDENTIFIER, _SCORE, "header")


def _matches(patterns: Iterable[tuple[Label, re.Pattern[str]]], folded: str) -> Iterator[Span]:
    for label, pattern in patterns:
        for match in pattern.finditer(folded):
            yield Span(match.start(), match.end(), label, _SCORE, "header")


def _longest(found: Iterable[Span]) -> Iterator[Span]:
    """Yield spans without overlap; the longest goes first, of others what it leaves."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start - span.end, span.start, span.label)):
        start, end = span.start, span.end
        for other in kept:
            if other.start <= start < other.end:
                start = other.end
            if other.start < end <= other.end:
                end = other.start
            if start < other.start and other.end < end:
                start = end
        if start < end:
            kept.append(replace(span, start=start, end=end))
    yield from sorted(kept, key=lambda span: span.start)


@lru_cache(maxsize=4096)
def _keys(person: Person) -> tuple[str, ...]:
    """Return the words of which one stands wherever the person is named."""
    words = [word for name in (*person.last, *person.first) for word in _WORDS.findall(plain(name))]
    return tuple(word for word in words if len(word) > 1 and word not in listed("particles")) or tuple(words)


@lru_cache(maxsize=1024)
def _person(person: Person) -> tuple[tuple[Label, re.Pattern[str]], ...]:
    """Return the patterns of the names of one person."""
    whole: set[str] = set()
    pieces: dict[Label, set[str]] = {Label.LAST_NAME: set(), Label.FIRST_NAME: set()}
    for one, other in product(person.last, person.first):
        family, given = (_WORDS.findall(plain(name)) for name in (one, other))
        both = "".join(family + given)
        if not family or not given or (len(both) < WHOLE and both.isascii()):
            continue
        last, first, initial = _joined(family), _joined(given), given[0][0]
        whole |= {f"{first}{_SIGNS}{last}", f"{last}{_SIGNS}{first}"}
        if len("".join(family)) >= SHORT:
            whole |= {
                rf"(?<!{_LETTER}){initial}[.^ ]{{1,2}}{last}(?!{_LETTER})",
                rf"(?<!{_LETTER}){last}[.^, ]{{1,2}}{initial}(?!{_LETTER})\.?",
            }
    for label, names in ((Label.LAST_NAME, person.last), (Label.FIRST_NAME, person.first)):
        for name in names:
            for word in _forms(name):
                joinable = label is Label.LAST_NAME and len(word) >= WHOLE
                pieces[label].add(f"(?<!{_LETTER}){word}|{word}(?!{_LETTER})" if joinable else _bounded(word))
    found = [(Label.LAST_NAME, whole), *pieces.items()]
    return tuple((label, re.compile("|".join(sorted(some)))) for label, some in found if some)


@lru_cache(maxsize=1024)
def _initials(person: Person) -> tuple[tuple[Label, re.Pattern[str]], ...]:
    found = []
    for one, other in product(person.last, person.first):
        family, given = plain(one)[:1], plain(other)[:1]
        if family.isalpha() and given.isalpha():
            both = rf"{given}\.[ -]?{family}\b\.?|{family}\.[ -]?{given}\b\.?"
            found.append((Label.INITIALS, re.compile(rf"(?<![\w.])(?:{both})")))
    return tuple(found)


@lru_cache(maxsize=1024)
def _place(text: str, label: Label, rare: tuple[str, ...]) -> tuple[tuple[Label, re.Pattern[str]], ...]:
    words = re.findall(r"[^\W_]+", text)
    whole = r"[\W_]+".join(map(re.escape, words))
    alone = [_bounded(word) if word.isalpha() else rf"(?<!\d){word}(?!\d)" for word in sorted(rare)]
    return ((label, re.compile("|".join([_bounded(whole), *alone]))),)


def _forms(name: str) -> Iterator[str]:
    """Yield the patterns by which a name is recognised: all of it, and each of its parts that is no particle."""
    words = _WORDS.findall(plain(name))
    if len(words) > 1:
        yield _joined(words)
    for word in words:
        if word in listed("particles") or word in listed("titles"):
            continue
        if len(word) >= SHORT or (len(words) == 1 and not _ASCII.match(word)):
            yield word


def _joined(words: Iterable[str]) -> str:
    return r"[\W_]{0,2}".join(words)


def _bounded(word: str) -> str:
    return rf"(?<!{_LETTER}){word}(?!{_LETTER})"


def _alone(folded: str, first: int, last: int) -> bool:
    return not folded[max(first - 1, 0) : first].isalnum() and not folded[last : last + 1].isalnum()
