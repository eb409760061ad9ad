"""Initials that stand for someone: in the reference of a letter (``JFL/mk``), where somebody signs, in a last line.

Words come in, spans leave. Letters with dots in a place where people sign are initials; abbreviations of the wards
(``I.V.``) are not, nor are they where nothing says that somebody signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import Kind, Words
from sosie.notes.languages import Language

_DOTTED = r"(?:[A-ZÀ-Þ]\.[ -]?){1,3}[A-ZÀ-Þ]\."
_PLAIN = r"[A-ZÀ-Þ]{2,3}(?![\w/-])"
_REFERENCE = re.compile(r"(?<![\w/])(?P<v>[A-ZÀ-Þ]{2,4}) ?/ ?(?P<v2>[A-Za-zÀ-ÿ]{2,3})(?![\w/])")
_LINE = re.compile(r"\n[ ]*(?P<v>[A-ZÀ-Þ]{2,4}) ?/ ?(?P<v2>[a-zà-ÿ]{2,3})(?=[ ]*(?:\n|$|[ ]{2}))")
_SIGNED = re.compile(rf"[ ]{{0,3}}(?P<v>{_DOTTED}|{_PLAIN})")
_LOWER = re.compile(r"[ ]{0,2}(?P<v>[a-zà-ÿ]{2,3})(?=[ ]*(?:\n|$|[),;/]))")
_CELL = re.compile(rf"(?:[|¦/]|\s-|—|–)[ ]*(?P<v>{_DOTTED}|[A-ZÀ-Þ]{{2,3}})(?=[ ]*(?:[\n|¦]|$))")
_LAST = re.compile(rf"\n[ ]*(?P<v>{_DOTTED}|[A-ZÀ-Þ]{{2,3}})[ ]*(?=\n\s*\n|\s*$)")
_BARE = re.compile(r"(?<![\w.'’/-])(?P<v>(?:[A-ZÀ-Þ]\.-?){1,3}[A-ZÀ-Þ]\.)(?![\w/-]| [A-ZÀ-Þ]{2})")
_DIPLOMAS = frozenset(
    {"de", "ps", "nb", "usa", "uk", "sa", "sarl", "dea", "ca", "as", "un", "ue", "sos", "dob", "doa", "dod"}
)
_NEVER = Kind.ACRONYM | Kind.ROLE | Kind.DRUG | Kind.MONTH | Kind.TITLE


def find(words: Words, language: Language) -> Iterator[Span]:
    """Yield initials.

    Parameters
    ----------
    words : Words
    language : Language
    """
    text = words.view.text
    for match in words.matches(language, "initials_reference"):
        letters = _REFERENCE.match(text, match.end())
        if letters:
            yield from _spans(letters, "v", "v2")
    for letters in _LINE.finditer(text):
        yield from _spans(letters, "v", "v2")
    for match in words.matches(language, "initials_signed"):
        letters = _SIGNED.match(text, match.end())
        if letters and ("." in letters["v"] or _person(letters["v"], words, letters.start("v"))):
            yield from _spans(letters, "v")
    for match in words.matches(language, "initials_typed"):
        letters = _LOWER.match(text, match.end())
        if letters and not words.items[words.index(letters.start("v")) or 0].kind & Kind.STOP:
            yield from _spans(letters, "v")
    if words.shouted:
        return
    for pattern in (_CELL, _LAST, _BARE):
        for letters in _bare(words) if pattern is _BARE else pattern.finditer(text):
            if _person(letters["v"], words, letters.start("v")) and (
                pattern is not _LAST or _closes(words, language, letters)
            ):
                yield from _spans(letters, "v")


def _bare(words: Words) -> Iterator[re.Match[str]]:
    """Yield letters with dots, from where a capital with a dot stands."""
    text = words.view.text
    for word in words.items:
        if word.shape == "I" and text[word.end : word.end + 1] == ".":
            match = _BARE.match(text, word.start)
            if match:
                yield match


def _spans(letters: re.Match[str], *groups: str) -> Iterator[Span]:
    for group in groups:
        yield Span(letters.start(group), letters.end(group), Label.INITIALS, 0.8, "initials")


def _person(letters: str, words: Words, start: int) -> bool:
    """Tell whether letters may be a person's: no abbreviation that the language knows."""
    if "." in letters:
        compact = "".join(character for character in letters if character.isalpha()).lower()
        return compact not in words.abbreviations and compact not in _DIPLOMAS
    index = words.index(start)
    return index is not None and not words.items[index].kind & (_NEVER | Kind.STOP)


def _closes(words: Words, language: Language, letters: re.Match[str]) -> bool:
    """Tell whether letters on a line of their own end a note, or follow a closing: ``Bises``, ``Cordialement,``."""
    text = words.view.folded
    if not text[letters.end() :].strip():
        return True
    before = text[: letters.start()].rstrip(" \n,.!")
    return language.compiled("closing").search(before, max(0, len(before) - 40)) is not None
