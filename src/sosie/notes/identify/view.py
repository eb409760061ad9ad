"""The text as the detectors see it: composed, without invisible characters, folded, and with scanner errors mended.

A text comes in; a view leaves whose offsets can be taken back to the text. Invisible characters (zero width,
bidirectional, soft hyphens), separate accents and words broken at the end of a line are mended, so that they hide
nothing; folding and mending keep
the length, so that one pattern matches capitals, lost accents and ``l2/O3/1965`` alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_BROKEN = re.compile(r"-(?<=[^\W\d_A-ZÀ-Þ]-)\n(?=[a-zà-ÿ])|\n(?<=[^\W\d_]-\n)(?=[A-ZÀ-Þ])|\n(?<=\d[/.]\n)(?=\d)")
"""Ends of lines inside a word, a name or a date: ``Jérô-`` and ``me`` in the next line."""
_COMBINING = re.compile("[\u0300-\u036f]")
_ALIKE = {
    **dict.fromkeys("’‘ʼ`´′", "'"),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("\u00a0\u202f\u2007\u2009\t\r", " "),
    **dict.fromkeys("\f\v\u2028\u2029", "\n"),
    **dict.fromkeys("“”«»", '"'),
    **{"ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ı": "i", "İ": "i", "ð": "d", "Ð": "d"},
    **{"…": ".", "º": "°", "＠": "@"},
}
_LETTER = re.compile(r"(?<![a-z])[a-z]")
_NUMBER = re.compile(r"\d+|\+")
_CAPITAL = re.compile(r"[A-Z](?<![^\W_].)")
_REACH = 80
_MIXED = re.compile(r"(?<![a-z0-9])(?:\d+[a-z]|[a-z]+\d)[a-z0-9]*")
_FIGURES = str.maketrans("olizsbq", "0112589")
_LETTERS = str.maketrans("0158", "olsb")
_LONE = re.compile(r"(?<=[\d] )[oli]{1,2}(?=[ /.-]\d)|(?<=\d[/.-])[oli]{1,2}(?=[ /.-]\d)")


@dataclass(frozen=True, slots=True)
class View:
    """A text to search.

    Parameters
    ----------
    text : str
        Composed, without invisible characters.
    folded : str
        The same length: lower case, no accents, plain quotes and dashes, scanner errors mended.
    origin : tuple of pairs of int, optional
        Where each character of ``text`` starts and ends in the original; None where it is the original.
    figures : tuple of int
        Where numbers start, with the sign before them.
    letters : mapping of str to tuple of int
        Where words start, by their first letter.
    """

    text: str
    folded: str
    origin: tuple[tuple[int, int], ...] | None = None
    figures: tuple[int, ...] = ()
    letters: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, mended: bool = True) -> View:
        """Return the view of a text; figures beside letters (``HbA1c``, ``5mmol``) are safe where nothing is mended."""
        origin = None
        hidden = not text.isascii() and (_HIDDEN.search(text) or _COMBINING.search(text))
        if hidden or any(sign in text and _BROKEN.search(text) for sign in ("-\n", "/\n")):
            text, origin = _cleaned(text)
        folded = text.translate(_table())
        folded = _mended(folded) if mended else folded
        letters: dict[str, list[int]] = {}
        for match in _LETTER.finditer(folded):
            letters.setdefault(match[0], []).append(match.start())
        return cls(text, folded, origin, tuple(match.start() for match in _NUMBER.finditer(folded)), letters)

    def at_figures(self, pattern: re.Pattern[str], text: str | None = None) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that start with a number, in the folded text or another of its length."""
        return _at(self.figures, pattern, self.folded if text is None else text)

    def at_capitals(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that start with a word's first capital, in the text as it is written."""
        return _at(_capitals(self.text), pattern, self.text)

    def at_letters(self, pattern: re.Pattern[str], begins: str) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that start with a word that begins with one of some letters."""
        end = 0
        for start in sorted(chain.from_iterable(self.letters.get(letter, ()) for letter in begins)):
            if start >= end:
                match = pattern.match(self.folded, start)
                if match:
                    yield match
                    end = match.end()

    def around(self, pattern: re.Pattern[str], character: str) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that hold a character."""
        position, end = self.folded.find(character), 0
        while position >= 0:
            match = pattern.search(self.folded, max(end, position - _REACH), position + _REACH)
            if match:
                yield match
                end = match.end()
            position = self.folded.find(character, max(position + 1, end))

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return a span's offsets in the original text."""
        if self.origin is None:
            return start, end
        return self.origin[start][0], self.origin[end - 1][1]


def _at(starts: Iterable[int], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches at some places only: many times faster than a search."""
    end = 0
    for start in starts:
        if start >= end:
            match = pattern.match(text, start)
            if match:
                yield match
                end = match.end()


@lru_cache(maxsize=1)
def _capitals(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in _CAPITAL.finditer(text))


def _cleaned(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Take invisible characters and breaks inside words out, compose letters with their separate accents."""
    kept: list[str] = []
    origin: list[tuple[int, int]] = []
    broken = {at for match in _BROKEN.finditer(text) for at in range(*match.span())}
    for position, character in enumerate(text):
        if _HIDDEN.match(character) or position in broken:
            continue
        if kept and unicodedata.combining(character):
            composed = unicodedata.normalize("NFC", kept[-1] + character)
            kept[-1] = composed if len(composed) == 1 else kept[-1]
            origin[-1] = (origin[-1][0], position + 1)
            continue
        kept.append(character)
        origin.append((position, position + 1))
    return "".join(kept), tuple(origin)


@cache
def _table() -> dict[int, str]:
    """Return the folding of each letter to one letter."""
    table = {ord(key): value for key, value in _ALIKE.items()}
    for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        if code not in table and len(base) == 1 and base != chr(code):
            table[code] = base
    return table


def _mended(folded: str) -> str:
    """Undo a scanner's confusions of letters and figures, each word by what most of it is."""
    folded = _MIXED.sub(_mend, folded)
    return _LONE.sub(lambda match: match[0].translate(_FIGURES), folded)


def _mend(match: re.Match[str]) -> str:
    word = match[0]
    figures = sum(character.isdigit() for character in word)
    letters = len(word) - figures
    among = len(word) == 2 and bool(_AMONG_FIGURES.match(match.string, max(0, match.start() - 2)))
    if len(word) == 2 and word.strip("0123456789lo") and not among:
        return word
    if word in _KEPT or (not among and (_ORDINAL.fullmatch(word) or _DAY_AND_MONTH.fullmatch(word))):
        return word
    if figures >= letters and (letters < figures or len(word) == 2) and not word.strip("0123456789olizsbq"):
        return word.translate(_FIGURES)
    if not word.strip("0123456789oli"):
        return word.translate(_FIGURES)
    if letters > figures and len(word) >= 3 and not word.strip("abcdefghijklmnopqrstuvwxyz0158"):
        return word if word[-1].isdigit() and len(word) < 6 else word.translate(_LETTERS)
    return word


_ORDINAL = re.compile(
    r"\d+(?:e|er|ere|eme|emes|ers|nd|nde|d|de|ier|iere|ieme|th|st|rd|h|j|m|s|kg|cm|mm|ml|mg|g|cl|dl|ui)"
)
_DAY_AND_MONTH = re.compile(r"\d{2}[a-z]{3,}")
_AMONG_FIGURES = re.compile(r"\d[ ./-]..[ ./-]?\d")
_KEPT = frozenset({"2a", "2b", "1l", "2l", "3l", "4l", "5l", "6l", "1s", "2s"})
