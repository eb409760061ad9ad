"""The words of a text, with what can be told of each: shape, lists that hold it, place in its line and sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sosie.notes.identify.view import View
from sosie.notes.languages import Language
from sosie.notes.languages.folding import fold

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DOCUMENT_CAPITALS = 0.6


class Kind:
    """Lists that hold a word, as bits of a number: an enumeration would cost a fifth of the whole search."""

    COMMON = 1
    MEDICAL = 2
    FIRST = 4
    LAST = 8
    CITY = 16
    EPONYM = 32
    STOP = 64
    ROLE = 128
    TITLE = 256
    KIN = 512
    PARTICLE = 1024
    ACRONYM = 2048
    DRUG = 4096
    MONTH = 8192
    JOB = 16384


NAMED = Kind.FIRST | Kind.LAST
_MISREAD = {"l": "i", "i": "l", "c": "e", "e": "c"}
KNOWN = Kind.COMMON | Kind.MEDICAL | Kind.EPONYM | Kind.STOP | Kind.ROLE | Kind.ACRONYM | Kind.DRUG | Kind.MONTH
"""A word of none of these is foreign to the language: a name, or a rare term."""

_LISTS = (
    ("common_words", Kind.COMMON),
    ("medical_words", Kind.MEDICAL),
    ("first_names", Kind.FIRST),
    ("last_names", Kind.LAST),
    ("cities", Kind.CITY),
    ("eponyms", Kind.EPONYM),
    ("diagnosis_names", Kind.EPONYM),
    ("stop", Kind.STOP),
    ("roles", Kind.ROLE),
    ("titles", Kind.TITLE),
    ("kin", Kind.KIN),
    ("particles", Kind.PARTICLE),
    ("acronyms", Kind.ACRONYM),
    ("drugs", Kind.DRUG),
    ("months", Kind.MONTH),
    ("jobs", Kind.JOB),
    ("borrowed", Kind.COMMON),
    ("countries", Kind.COMMON),
)


class Word(NamedTuple):
    """One word.

    Parameters
    ----------
    start, end : int
        Offsets in the view.
    folded : str
    shape : str
        ``U`` capitals, ``T`` a capital first, ``I`` one capital letter, ``l`` small letters, ``i`` one small letter.
    kind : int
        Of `Kind`, added.
    medical : bool
        Whether it ends like a medical or common word of the language.
    foreign : bool
        Whether no list of ordinary words holds it.
    capital : bool
        Whether it starts with a capital.
    """

    start: int
    end: int
    folded: str
    shape: str
    kind: int
    medical: bool
    foreign: bool
    capital: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a view, in order.

    Parameters
    ----------
    view : View
    items : tuple of Word
    shouted : bool
        Whether the text is written in capitals, so that a capital tells nothing.
    lowered : bool
        Whether its names are written in small letters.
    abbreviations : frozenset of str
        What the language shortens to letters.
    starts : tuple of int
        Where the words start.
    """

    view: View
    items: tuple[Word, ...]
    shouted: bool
    lowered: bool = False
    abbreviations: frozenset[str] = frozenset()
    starts: tuple[int, ...] = ()

    @classmethod
    def of(cls, view: View, language: Language) -> Words:
        """Cut a view into words."""
        text, folded = view.text, view.folded
        kinds = _kinds_of(language.code)
        items = []
        capitals = letters = 0
        for match in _WORD.finditer(folded):
            start, end = match.span()
            raw = text[start:end]
            shape = _shape(raw)
            if end - start > 3:
                letters += 1
                capitals += shape == "U"
            word = match[0]
            kind, medical = kinds(word if word.isascii() else fold(word))
            items.append(Word(start, end, word, shape, kind, medical, not kind & KNOWN, shape in "UTI"))
        shouted = letters > 8 and capitals > _DOCUMENT_CAPITALS * letters
        starts = tuple(item.start for item in items)
        return cls(view, tuple(items), shouted, _lowered(items), language.gazetteer("acronyms"), starts)

    def within(self, start: int, end: int) -> tuple[Word, ...]:
        """Return the words that stand inside two offsets."""
        first = bisect_left(self.starts, start)
        last = bisect_left(self.starts, end, lo=first)
        return self.items[first : last - 1 if last > first and self.items[last - 1].end > end else last]

    def index(self, offset: int, *, after: bool = False) -> int | None:
        """Return the index of the word that starts at an offset, or of the first one after it."""
        index = bisect_left(self.starts, offset)
        if index == len(self.items) or not (after or self.starts[index] == offset):
            return None
        return index

    def matches(self, language: Language, name: str) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern of a language that start with a word: many times faster than a search."""
        pattern, begins = language.compiled(name), language.begins(name)
        if begins:
            yield from self.view.at_letters(pattern, begins)
            return
        text, end = self.view.folded, 0
        for start in self.starts:
            if start >= end:
                match = pattern.match(text, start)
                if match:
                    yield match
                    end = match.end()

    def between(self, left: int, right: int) -> str:
        """Return what stands between two words, by index."""
        return self.view.folded[self.items[left].end : self.items[right].start]

    def before(self, index: int) -> str:
        """Return what stands before a word, from the end of the previous one."""
        start = self.items[index - 1].end if index else 0
        return self.view.folded[start : self.items[index].start]

    def after(self, index: int) -> str:
        """Return what stands after a word, up to the next one."""
        end = self.items[index + 1].start if index + 1 < len(self.items) else len(self.view.folded)
        return self.view.folded[self.items[index].end : end]

    def followed(self, index: int, pattern: re.Pattern[str]) -> bool:
        """Tell whether a pattern matches right after a word."""
        return pattern.match(self.view.folded, self.items[index].end) is not None

    def opening(self, pattern: re.Pattern[str], firsts: frozenset[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield the matches of a pattern that begin with one of some words, and that word's index."""
        end = 0
        for index, word in enumerate(self.items):
            if word.folded in firsts and word.start >= end:
                match = pattern.match(self.view.folded, word.start)
                if match is not None:
                    yield index, match
                    end = match.end()

    def opens_sentence(self, index: int) -> bool:
        """Tell whether a word stands first in its sentence or line."""
        gap = self.before(index)
        return index == 0 or bool(set(gap) & set(".:;!?\n•|*\t")) or gap.strip() in ("-", '"')


def _lowered(items: list[Word]) -> bool:
    """Tell whether titles stand before small letters only."""
    small = 0
    for word, following in pairwise(items):
        if word.kind & Kind.TITLE and word.capital and not following.kind & (Kind.STOP | Kind.ROLE | Kind.TITLE):
            if following.capital:
                return False
            small += following.foreign or bool(following.kind & (Kind.LAST | Kind.FIRST))
    return small > 0


def _shape(raw: str) -> str:
    if len(raw) == 1:
        return "I" if raw.isupper() else "i"
    if raw.islower():
        return "l"
    if raw.isupper():
        return "U"
    # "RDVs" is no name; "McCoy" and "Le-Goff" may be.
    return "T" if raw[0].isupper() and not (raw[1].isupper() and raw[-1].islower()) else "m"


def _kinds_of(code: str) -> Callable[[str], tuple[int, bool]]:
    return _Lexicon.of(code).kinds


class _Lexicon:
    """Looks words up in all lists of a language at once."""

    def __init__(self, language: Language) -> None:
        self._lists = tuple((language.gazetteer(name), kind) for name, kind in _LISTS)
        self._common, self._medical = language.gazetteer("common_words"), language.gazetteer("medical_words")
        self._prefixes = tuple(sorted(language.vocabulary("prefixes")))
        self._ending = re.compile(language.pattern("ordinary_ending"))
        self.kinds = lru_cache(maxsize=100_000)(self._kinds)

    @staticmethod
    @lru_cache
    def of(code: str) -> _Lexicon:
        from sosie.notes.languages import load

        return _Lexicon(load(code))

    def _kinds(self, word: str) -> tuple[int, bool]:
        kind = self._simple(word)
        if "-" in word and not kind & ~Kind.CITY:
            kind |= self._compound(word)
        elif not kind & (KNOWN | Kind.FIRST | Kind.LAST):
            kind |= self._derived(word)
        return kind, bool(len(word) > 4 and self._ending.search(word))

    def _derived(self, word: str) -> int:
        """A plural, a feminine or a prefixed form of a known word is known too."""
        if len(word) < 5:
            return 0
        stems = [word[:-1]] if word[-1] in "sxe" else []
        stems += [word[:-2]] if word.endswith(("es", "nne", "lle")) else []
        if word[-1] == "c" and word[-2] not in "aeiou":
            # Scanners read "marche" as "marchc" and "terme" as "terrne".
            stems.append(word[:-1] + "e")
        if "rn" in word:
            stems.append(word.replace("rn", "m"))
        if len(word) > 5:
            # ... and "consultation" as "consultatlon", "traitement" as "traitemcnt".
            stems += [word[:i] + _MISREAD[c] + word[i + 1 :] for i, c in enumerate(word) if c in _MISREAD]
        for prefix in self._prefixes:
            rest = word[len(prefix) :].rstrip("s")
            if word.startswith(prefix) and (
                (len(rest) > 3 and rest in self._medical) or (len(rest) + len(prefix) // 4 > 5 and rest in self._common)
            ):
                return Kind.MEDICAL
        return (
            Kind.MEDICAL if any(stem in self._common or stem in self._medical for stem in stems if len(stem) > 3) else 0
        )

    def _simple(self, word: str) -> int:
        kind = 0
        for words, flag in self._lists:
            if word in words:
                kind |= flag
        return kind

    def _compound(self, word: str) -> int:
        """A compound is a name when one part is, an ordinary word when all parts are."""
        parts = [self._simple(part) for part in word.split("-")]
        kind = 0
        if all(part & KNOWN for part in parts):
            kind |= Kind.COMMON
        if all(part & (Kind.FIRST | Kind.LAST) for part in parts):
            kind |= Kind.FIRST if parts[0] & Kind.FIRST else Kind.LAST
        if any(part & Kind.EPONYM and not part & (Kind.FIRST | Kind.LAST) for part in parts):
            kind |= Kind.EPONYM
        return kind
