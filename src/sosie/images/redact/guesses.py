"""What looks like a name, a telephone or a date in a text that no rule of prose reads: by its shape, in any language.

A word counts as one of a name where no list of words (common, of medicine, of drugs, of imaging) holds it and the shape
of the text is that of a name: ``RIVOLLET Aurèle``, ``T. Rivollet``, ``Rivollet^Aurèle``, ``aurele.rivollet``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise, repeat
from typing import TYPE_CHECKING

from sosie.images import charset
from sosie.images.identify import Person
from sosie.images.identify.collect import texts as strings
from sosie.images.identify.folding import plain
from sosie.images.reading import items_of, value_of
from sosie.images.redact.case import Case
from sosie.images.redact.values import keyword
from sosie.images.standard import is_technical
from sosie.notes import languages
from sosie.notes.document import Label, Span
from sosie.notes.redact import dates
from sosie.notes.redact.words import words as words_of

if TYPE_CHECKING:
    from pydicom import Dataset

SHORT, LONG = 3, 5
"""Letters of a name beside a known one; of one that stands beside what no list knows either."""
FIGURES = 9
"""Of the shortest telephone number."""
_SCORE = 0.9
_HIDDEN = 0xE000
"""A character of no script: those from it hold the places of dates."""
_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BETWEEN = re.compile(r" |\^|, ?|=")
_INITIAL = re.compile(r"(?<![\w.'’-])[^\W\d_]\. ?(?=[^\W\d_])")
_DOTTED = re.compile(r"(?<![\w@.-])([^\W\d_]{3,}(?:-[^\W\d_]+)*)[._]([^\W\d_]{4,}(?:-[^\W\d_]+)*)(?![\w.-])")
_ANNOUNCED = re.compile(r"\b(?:by|par|chez|patiente?|pt|for|pour|vue?|seen)[ :]{1,2}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.+/-])(?:\+\d{1,3}[ .-])?\(?\d{2,5}\)?[ .-]{1,2}\d{3,4}[ .-]\d{4}(?![\w/-]|\.\d)")
_LOCAL = re.compile(r"\d{3}([-.])\d{3}\1\d{4}")
_MADE = re.compile(r"(?!(?:[Mm]a?c|[Dd][eiu]|[Ll][ae]|[Ff]itz|[Vv]an|[Oo])[A-Z])[^\W\d_]*[a-zà-ÿ][A-Z]")
"""Capitals inside a word: it was made for a product."""
_TEXTS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
_DEVICE = re.compile(r"Manufacturer|Model|Software|Device|Product|Brand|Coil|Kernel|Sequence|CodeMeaning|Private")
_INSTITUTION = re.compile(r"Institution|Address|Issuer|Location")
_JOINTS = re.compile(rb"[A-Za-z\x80-\xff][ .,^=]")
"""Without which no text holds two words of a name."""
_WORDS = re.compile(r"[^\W\d_]+")
_LISTS = ("common_words", "medical_words", "eponyms", "drugs")


def names(text: str) -> Iterator[Span]:
    """Yield the names that the shape of a text tells."""
    words = list(_WORD.finditer(text))
    for one, other in pairwise(words):
        between = text[one.end() : other.start()]
        if _BETWEEN.fullmatch(between) and _paired(one[0], other[0], between):
            last, first = (
                (other, one) if _is_first(one[0]) and not one[0].isupper() and between == " " else (one, other)
            )
            yield Span(last.start(), last.end(), Label.LAST_NAME, _SCORE, "shape")
            yield Span(first.start(), first.end(), Label.FIRST_NAME, _SCORE, "shape")
    for found in (*_INITIAL.finditer(text), *_ANNOUNCED.finditer(text)):
        word = _WORD.match(text, found.end())
        known = word is None or not (_strange(word[0]) or (found[0][1] == "." and _compound(word[0])))
        if word is not None and not known and word[0][0].isupper() and len(word[0]) > SHORT:
            shouted = word[0].isupper() and text.isupper()
            if not (shouted and len(found[0]) > SHORT):
                yield Span(word.start(), word.end(), Label.LAST_NAME, _SCORE, "shape")
    for found in _DOTTED.finditer(text):
        if (_strange(found[1]) or _is_first(found[1])) and _strange(found[2]):
            yield Span(found.start(1), found.end(1), Label.FIRST_NAME, _SCORE, "shape")
            yield Span(found.start(2), found.end(2), Label.LAST_NAME, _SCORE, "shape")


def people(dataset: Dataset) -> frozenset[Person]:
    """Return the people whom the texts of a dataset name, but for words that name devices."""
    found: set[Person] = set()
    devices: set[str] = set()
    for tag, text in _texts(dataset):
        if _DEVICE.search(keyword(tag)):
            devices.update(_WORDS.findall(plain(text)))
        elif not _INSTITUTION.search(keyword(tag)):
            found.update(_people(text))
    words = {person: _WORDS.findall(plain(" ".join(person.last + person.first))) for person in found}
    return frozenset(person for person in found if not devices.intersection(words[person]))


def _texts(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """Yield the public texts of a dataset that may name somebody, or a device; what cannot is not decoded."""
    for tag, element in list(dataset.items()):
        kind = charset.representation(int(tag), element.VR)
        if (int(tag) >> 16) & 1 or (kind not in _TEXTS and kind != "SQ") or not element.value:
            continue
        raw = element.value
        if (
            isinstance(raw, bytes)
            and kind != "SQ"
            and not _JOINTS.search(raw)
            and not _DEVICE.search(keyword(int(tag)))
        ):
            continue
        value = value_of(dataset, tag)
        if kind == "SQ":
            for item in items_of(value):
                yield from _texts(item)
        elif value is not None:
            yield from ((int(tag), text) for text in strings(value))


@lru_cache(maxsize=20_000)
def _people(text: str) -> frozenset[Person]:
    spans = sorted(names(text), key=lambda span: span.start)
    found = set()
    for at, span in enumerate(spans):
        if span.label is Label.LAST_NAME and _strange(text[span.start : span.end]):
            beside = [other for other in spans[max(at - 1, 0) : at + 2] if other.label is Label.FIRST_NAME]
            near = [other for other in beside if -2 <= other.start - span.end <= 2 or -2 <= span.start - other.end <= 2]
            first = tuple(text[other.start : other.end] for other in near[:1])
            found.add(Person((text[span.start : span.end],), first))
    return frozenset(found)


def telephones(text: str) -> Iterator[Span]:
    """Yield what is grouped as telephone numbers are."""
    for found in _PHONE.finditer(text):
        marked = found[0][0] in "+(0" or _LOCAL.fullmatch(found[0]) is not None
        if marked and sum(character.isdigit() for character in found[0]) >= FIGURES:
            yield Span(found.start(), found.end(), Label.PHONE, _SCORE, "shape")


def hidden(text: str, case: Case) -> tuple[str, dict[str, str]]:
    """Return a text whose dates in words of another language are held by signs, and what each sign stands for, moved.

    The text keeps its length, so that what was found in it stays where it is.
    """
    moved: dict[str, str] = {}
    if not case.shift or any(_HIDDEN <= ord(character) < _HIDDEN + 0x1900 for character in text):
        return text, moved
    near = max(case.known.dates, default=date(2015, 1, 1))
    for code in languages.available():
        known = words_of(code)
        if code == case.language.code or known is None:
            continue
        for found in list(_worded(code).finditer(text)):
            new = dates.moved(found[0], case.shift, known.calendar, near, repeat(0))
            if new is not None:
                sign = chr(_HIDDEN + len(moved))
                moved[sign] = new
                text = text[: found.start()] + sign * len(found[0]) + text[found.end() :]
    return text, moved


def shown(text: str, moved: dict[str, str]) -> str:
    """Return a text with the dates for which signs stand."""
    for sign, new in moved.items():
        text = re.sub(f"{sign}+", lambda _, new=new: new, text)  # type: ignore[misc]
    return text


@lru_cache(maxsize=8)
def _worded(code: str) -> re.Pattern[str]:
    known = words_of(code)
    months = {name for names in known.calendar.months for name in names} if known is not None else set()
    month = "|".join(sorted(map(re.escape, months), key=lambda name: (-len(name), name)))
    month = rf"(?:{month})(?![^\W\d_])\.?"
    year, day, ending = r"(?:1[89]|20)\d\d(?!\d)", r"(?<!\d)[0-3]?\d", r"(?:st|nd|rd|th)?"
    return re.compile(
        rf"(?<!\w){day}{ending}(?: of)?[ ./-]{{0,2}}{month}[ .,/-]{{0,2}}{year}"
        rf"|(?<![^\W\d_]){month}[ -]?{day}{ending}[ ,-]{{1,2}}{year}"
        rf"|(?<!\w){year}[ -]{month}[ -]?[0-3]?\d(?!\d)"
        rf"|(?<![^\W_]){month}[ -]{year}",
        re.IGNORECASE,
    )


def _paired(one: str, other: str, between: str) -> bool:
    if between == "^":
        return not (is_technical(plain(one)) or is_technical(plain(other))) and min(len(one), len(other)) > 1
    if not (one[0].isupper() and other[0].isupper()) or min(len(one), len(other)) < SHORT:
        return False
    if one.isupper() and other.isupper():
        return any(_is_first(a) and len(a) > SHORT and _strange(b) and len(b) > LONG for a, b in _both(one, other))
    if any(_is_first(a) and _strange(b) and not (a.isupper() and between == " ") for a, b in _both(one, other)):
        return True
    if any(not a.isupper() and _is_name(a) and _compound(b) for a, b in _both(one, other)):
        return True
    return _strange(one) and _strange(other) and min(len(one), len(other)) >= LONG


def _compound(word: str) -> bool:
    """Tell whether a word is made of two with capitals, none of them of medicine, one of them a family name."""
    parts = word.split("-")
    if len(parts) < 2 or not all(part[:1].isupper() and not _medical(plain(part)) for part in parts):
        return False
    spoken = [languages.load(code) for code in languages.available()]
    return any(plain(part) in each.gazetteer("last_names") for each in spoken for part in parts)


def _medical(word: str) -> bool:
    spoken = [languages.load(code) for code in languages.available()]
    return any(word in each.gazetteer(name) for each in spoken for name in ("medical_words", "drugs"))


def _is_name(word: str) -> bool:
    """Tell whether a word is a first name, or none that prose or technique uses."""
    return _is_first(word) or _strange(word)


def _both(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (one, other), (other, one)


@lru_cache(maxsize=8192)
def _strange(word: str) -> bool:
    """Tell whether no list of words holds some part of a word, which has no part of technique."""
    if _MADE.match(word):
        return False
    parts = [part for part in re.split(r"['’-]", plain(word)) if len(part) >= SHORT]
    return any(not _known(part) for part in parts) and not any(is_technical(part) for part in parts)


def _known(word: str) -> bool:
    spoken = [languages.load(code) for code in languages.available()]
    return is_technical(word) or any(word in each.gazetteer(name) for each in spoken for name in _LISTS)


@lru_cache(maxsize=8192)
def _is_first(word: str) -> bool:
    spoken = [languages.load(code) for code in languages.available()]
    parts = [part for part in re.split(r"['’-]", plain(word)) if part]
    return all(any(part in each.gazetteer("first_names") for each in spoken) for part in parts) and not any(
        is_technical(part) for part in parts
    )
