"""A text of a header, cleaned: what identifies in it is replaced, what it says of the image stays.

Known identifiers are looked for in any text. Descriptors and free text are read by the notes' rules too. Rules written
for prose take words of technique for names, so that of what they guess only what a list knows as a name counts; what
somebody announces (``Mme``, ``Dr``) always does. The learned detector is left out: it reads prose, and slowly.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache

from sosie.images.charset import decoded
from sosie.images.identify.collect import day
from sosie.images.identify.folding import plain
from sosie.images.redact import guesses
from sosie.images.redact.case import Case
from sosie.images.standard import is_technical
from sosie.names import LANGUAGES
from sosie.notes import identify, languages
from sosie.notes.document import Document, Label, Span
from sosie.notes.redact import redact
from sosie.notes.redact.words import spoken

SURE = 0.9
"""Score from which the notes' rules are believed whatever words they found."""
_GUESSED = frozenset({"prose", "gazetteer", "propagation", "places"})
_NAMED = frozenset({Label.LAST_NAME, Label.FIRST_NAME})
_PLACED = frozenset({Label.CITY, Label.POSTCODE, Label.PLACE, Label.ADDRESS, Label.HOSPITAL})
_WORD = re.compile(r"[^\W\d_]+")
_UID = re.compile(r"(?<![\d.])[0-2](?:\.(?:0|[1-9]\d*)){5,}(?![\d.])")
_DICOM = "1.2.840.10008."
_COMPACT = re.compile(r"(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=\D|$|(?:[01]\d|2[0-3])[0-5]\d)")
_APART = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:(?:19|20)\d\d))(?![\d]|[-/.]\d)"
)
_CODED = re.compile(r"(?:[A-Za-z0-9+/]{4}){5,}[A-Za-z0-9+/]{0,4}={0,2}|(?:[0-9A-Fa-f]{2}){8,}")
_QUOTED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_NAME_LEAST = 4
_CODES = languages.available()


class Texts:
    """Cleans the texts of one case.

    Parameters
    ----------
    case : Case
    keeps_uids : bool
    """

    def __init__(self, case: Case, keeps_uids: bool = False) -> None:
        self.case = case
        self.keeps_uids = keeps_uids

    def swept(self, text: str) -> str:
        """Return a text of any attribute without known identifiers."""
        return self._once("swept", text)

    def coded(self, text: str) -> str:
        """Return a coded value without known identifiers; words of imaging stay, whoever bears them."""
        return self._once("coded", text)

    def cleaned(self, text: str) -> str:
        """Return a descriptor cleaned."""
        return self._once("descriptor", text)

    def prose(self, text: str) -> str:
        """Return free text cleaned."""
        return self._once("prose", text)

    def _once(self, way: str, text: str) -> str:
        if not text or text.isspace() or (way in ("coded", "swept") and not self.case.finder.may_hold(text)):
            return text
        done = self.case.texts.get((way, text))
        if done is None:
            done = self.case.texts[way, text] = self._done(way, text)
        return done

    def _done(self, way: str, text: str) -> str:
        text = self._opened(text)
        if way not in ("descriptor", "prose"):
            return self._redacted(way, text)
        text, moved = guesses.hidden(text, self.case)
        return guesses.shown(self._redacted(way, text), moved)

    def _redacted(self, way: str, text: str) -> str:
        guarded = way == "coded"
        spans = list(self.case.finder.find(text, guarded))
        others = [*self._uids(text), *self._dates(text, every=way in ("descriptor", "prose"))]
        if way in ("descriptor", "prose"):
            spans += self._read(text, way)
        spans = apart([*spans, *others])
        new = (
            text
            if not spans
            else redact(
                Document("header", text, self.case.key),
                spans,
                self.case.pseudonyms,
                self.case.language,
                double=self.case.double,
            ).text
        )
        return self._without(new, guarded)

    def _without(self, text: str, guarded: bool) -> str:
        """Return a text without the identifiers that surrogates brought back: another's town, a name joined anew."""
        for span in reversed(self.case.finder.find(text, guarded)):
            text = text[: span.start] + text[span.end :]
        return text

    def _dates(self, text: str, every: bool) -> Iterator[Span]:
        if not self.case.shift:
            return
        for pattern in (_COMPACT, _APART):
            for found in pattern.finditer(text):
                read = day(found[0])
                if every or (read is not None and read in self.case.known.dates) or self._born(found[0]):
                    yield Span(found.start(), found.end(), Label.DATE, 0.97, "header")

    def _born(self, written: str) -> bool:
        born = self.case.known.born
        return born is not None and written in {f"{born:%d/%m/%Y}", f"{born:%d-%m-%Y}", f"{born:%d.%m.%Y}"}

    def _read(self, text: str, way: str) -> Iterator[Span]:
        """Yield what the notes' rules find, but for technique taken for names."""
        if not any(character.isalpha() for character in text) and len(text) < len("0601020304"):
            return
        found = rules(text, self._spoken(text) if way == "prose" else self.case.language.code)
        for span in found:
            if span.label in (Label.DATE, Label.BIRTH_DATE) and not self.case.shift:
                continue
            if self._counts(span, text, way):
                yield span
        yield from self._listed(text, found)
        yield from guesses.telephones(text)
        yield from guesses.names(text)

    def _spoken(self, text: str) -> str:
        """Return the language of a text that shows another than that of the descriptors."""
        heard = spoken(text, _CODES)
        return self.case.language.code if heard == LANGUAGES[0] else heard

    def _counts(self, span: Span, text: str, way: str) -> bool:
        words = _WORD.findall(plain(text[span.start : span.end]))
        if not span.label.direct:
            return way == "prose" or span.label is Label.AGE
        if span.label in _NAMED:
            if span.detector not in _GUESSED and span.score >= SURE:
                return True
            words = [word for word in words if len(word) > 1]
            surnames = self.case.language.gazetteer("last_names")
            return all(map(self._is_name, words)) and any(word in surnames for word in words)
        if span.label in _PLACED:
            technical = all(is_technical(word) for word in words)
            return bool(words) and not technical and (way == "prose" or span.label in (Label.ADDRESS, Label.HOSPITAL))
        return True

    def _listed(self, text: str, found: Iterable[Span]) -> Iterator[Span]:
        """Yield the words that are family names and nothing else, wherever they stand in a short text."""
        taken = [(span.start, span.end) for span in found]
        for word in _WORD.finditer(text):
            if len(word[0]) < _NAME_LEAST or not word[0][0].isupper():
                continue
            if any(start < word.end() and word.start() < end for start, end in taken):
                continue
            if self._is_name(plain(word[0])) and plain(word[0]) in self.case.language.gazetteer("last_names"):
                yield Span(word.start(), word.end(), Label.LAST_NAME, 0.6, "gazetteer")

    def _is_name(self, word: str) -> bool:
        language = self.case.language
        if not (word in language.gazetteer("last_names") or word in language.gazetteer("first_names")):
            return False
        others = ("common_words", "medical_words", "eponyms", "drugs", "cities")
        return not is_technical(word) and not any(word in language.gazetteer(name) for name in others)

    def _uids(self, text: str) -> Iterator[Span]:
        if self.keeps_uids or "." not in text:
            return
        for found in _UID.finditer(text):
            if not found[0].startswith(_DICOM):
                yield Span(found.start(), found.end(), Label.IDENTIFIER, 0.99, "header")

    def _opened(self, text: str) -> str:
        """Return a text without the pieces that hide an identifier: in base64, in hexadecimal, quoted as in URLs."""
        if "%" in text and (open_ := _unquoted(text)) != text and self.case.finder.find(open_):
            text = open_
        return _CODED.sub(lambda found: "" if self._hides(found[0]) else found[0], text)

    def _hides(self, written: str) -> bool:
        return any(self.case.finder.inside(raw) or _is_text(raw) for raw in _bytes(written))


@lru_cache(maxsize=20_000)
def rules(text: str, code: str) -> tuple[Span, ...]:
    """Return what the notes' rules find in a text; descriptors come back in every instance of a series."""
    return tuple(identify.find(text, languages.load(code)))


def _unquoted(text: str) -> str:
    return _QUOTED.sub(lambda found: decoded(bytes.fromhex(found[0].replace("%", ""))), text)


def _is_text(raw: bytes) -> bool:
    """Tell whether bytes are words that somebody encoded: what cannot be examined as it stands."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.isprintable() and any(len(word) >= _NAME_LEAST for word in _WORD.findall(text))


def _bytes(written: str) -> Iterator[bytes]:
    with suppress(binascii.Error, ValueError):
        yield base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    if len(written) % 2 == 0:
        with suppress(ValueError):
            yield bytes.fromhex(written)


def apart(spans: Iterable[Span]) -> list[Span]:
    """Return spans sorted and without overlap: the surest stay whole, of others what they leave."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda each: (-each.score, each.start - each.end)):
        for start, end in _left(span, kept):
            kept.append(replace(span, start=start, end=end))
    return sorted(kept, key=lambda span: span.start)


def _left(span: Span, kept: Iterable[Span]) -> list[tuple[int, int]]:
    pieces = [(span.start, span.end)]
    for other in kept:
        pieces = [
            piece
            for start, end in pieces
            for piece in ((start, min(end, other.start)), (max(start, other.end), end))
            if piece[0] < piece[1]
        ]
    return pieces
