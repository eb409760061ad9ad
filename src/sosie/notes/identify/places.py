"""Towns with their postcodes.

Words come in, spans leave. A town is read after a postcode or a word of place, or known from the list of towns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sosie.notes.document import Label, Span
from sosie.notes.identify.view import View
from sosie.notes.identify.words import Kind, Words
from sosie.notes.languages import Language

_POSTCODE = re.compile(r"[ ,.(\n-]{1,4}(?P<v>\d{5})(?!\d)")
_LINE_END = re.compile(r"[ ]*(?:[\n,;(]|cedex|$)")
_SURE = 0.7
_CELL = re.compile(r"[*|¦│]|[ ]{4}")
_JOIN = re.compile(r"[ ]{1,2}|'|-|[ ]?-[ ]?|/")


class Places:
    """Finds places in the words of one text.

    Parameters
    ----------
    words : Words
    language : Language
    """

    def __init__(self, words: Words, language: Language) -> None:
        self.words, self.language = words, language
        self._at = {word.start: index for index, word in enumerate(words.items)}
        self._cities = language.gazetteer("cities")
        self._heads = language.vocabulary("place_heads")
        self._kinds_of_house = language.vocabulary("hospital_words")
        self._at_words = language.vocabulary("at_words")
        self._placed = language.number("placed_town", 0.65)
        self._reach = language.vocabulary("reach_words") or frozenset(("a", "in", "at"))

    def find(self) -> Iterator[Span]:
        """Yield towns and postcodes."""
        yield from self._postcodes()
        yield from self._towns()
        yield from self._listed()

    def _postcodes(self) -> Iterator[Span]:
        for match in self.words.view.at_figures(self.language.compiled("postcode_town")):
            start = self._at.get(match.end())
            if start is None:
                continue
            end = self.town(start, sure=True, after_code=True)
            if end > start:
                yield Span(match.start("v"), match.end("v"), Label.POSTCODE, 0.95, "rule:postcode")
                yield self._span(start, end, Label.CITY, 0.93, "rule:postcode")
        for match in self.language.compiled("postcode_alone").finditer(self.words.view.folded):
            # One group a form; the one that matched last is the postcode.
            yield Span(*match.span(match.lastgroup or 0), Label.POSTCODE, 0.9, "rule:postcode")

    def _towns(self) -> Iterator[Span]:
        for name in ("town_after", "town_born"):
            for match in self.language.compiled(name).finditer(self.words.view.folded):
                start = self._at.get(match.end())
                end = start if start is None else self.town(start, sure=name == "town_born")
                if start is not None and end is not None and end > start and len(self.words.items[start].folded) > 1:
                    yield self._span(start, end, Label.CITY, 0.88, "place")

    def _listed(self) -> Iterator[Span]:
        """Yield towns of the list: those with a capital, or after ``à`` where capitals tell nothing."""
        ordinary = (
            Kind.COMMON | Kind.STOP | Kind.ROLE | Kind.EPONYM | Kind.FIRST | Kind.LAST | Kind.ACRONYM | Kind.MEDICAL
        )
        blind = self.words.shouted or self.words.lowered
        for index, word in enumerate(self.words.items):
            if not word.kind & Kind.CITY or len(word.folded) < 4:
                continue
            if self.words.opens_sentence(index):
                if word.shape == "U" and not word.kind & ordinary and self._fills_cell(index):
                    yield self._span(index, index + 1, Label.CITY, 0.6, "gazetteer")
                continue
            closing = (
                self._placed > _SURE and self.words.before(index) == ", " and self.words.followed(index, _LINE_END)
            )
            told = closing or self._reached(index) or ("-" in word.folded and word.capital)
            if word.kind & ordinary and not (word.shape == "T" and not blind and told):
                continue
            bracketed = self.words.before(index).endswith("(") and self.words.after(index).startswith(")")
            placed = bracketed or closing or (index > 0 and self.words.items[index - 1].folded in self._at_words)
            if placed if blind else word.capital:
                yield self._span(index, index + 1, Label.CITY, self._placed if placed else 0.55, "gazetteer")

    def _fills_cell(self, index: int) -> bool:
        """Tell whether a word stands alone between stars or bars."""
        return bool(_CELL.search(self.words.before(index)) and _CELL.search(self.words.after(index)))

    def _reached(self, index: int) -> bool:
        """Tell whether ``à`` stands before a word with a capital that is no word of letters and forms."""
        barred = Kind.STOP | Kind.ROLE | Kind.ACRONYM | Kind.EPONYM | Kind.MONTH
        return self.words.items[index - 1].folded in self._reach and not self.words.items[index].kind & barred

    def town(self, start: int, *, sure: bool, after_code: bool = False) -> int:
        """Return the index after the town that begins at a word."""
        end = self._longest(start)
        if self.words.items[start].folded in self._kinds_of_house or (
            self.words.before(start).endswith("'") and end == start
        ):
            return start
        if (self.words.items[start].kind & (Kind.TITLE | Kind.STOP) and end == start) or (
            self.words.items[start].kind & Kind.ROLE and end == start
        ):
            return start
        if end == start and sure:
            end = self._up_to_end(start) if after_code else start + bool(self.words.items[start].foreign)
        if (
            end > start
            and self.words.items[end - 1].folded in self._kinds_of_house
            and not self.words.items[end - 1].capital
        ):
            return start
        if end > start and not sure:
            first = self.words.items[start]
            known = end - start > 1 or "-" in first.folded or not first.kind & (Kind.COMMON | Kind.STOP | Kind.ROLE)
            if not (known or (first.capital and not self.words.shouted and not first.kind & (Kind.STOP | Kind.ROLE))):
                end = start
        index = start
        if self.words.shouted:
            return end if end > start or not self._unknown(start) else start + 1
        while (
            index < len(self.words.items)
            and index - start < 7
            and (index == start or _JOIN.fullmatch(self.words.between(index - 1, index)))
        ):
            word = self.words.items[index]
            if word.kind & Kind.ROLE and index > start:
                break
            if (
                word.capital
                or (index > start and word.kind & Kind.PARTICLE)
                or word.folded in ("sur", "sous", "en", "aux", "les", "lez", "et", "au", "pres")
            ):
                index += 1
            else:
                break
        while index > start and not self.words.items[index - 1].capital:
            index -= 1
        first = self.words.items[start]
        if not sure and (
            first.kind & (Kind.STOP | Kind.ROLE | Kind.TITLE | Kind.ACRONYM | Kind.MONTH)
            or first.folded in self._kinds_of_house
            or (first.kind & Kind.COMMON and not first.kind & Kind.CITY)
        ):
            return end
        return max(end, index)

    def _unknown(self, index: int) -> bool:
        """Tell whether a word may be a town of no list."""
        word = self.words.items[index]
        return word.foreign and not word.medical and not word.kind & Kind.FIRST and len(word.folded) > 3

    def _up_to_end(self, start: int) -> int:
        """Return the end of an unknown town that fills the rest of its line, or of one unknown word."""
        index = start
        while (
            index < len(self.words.items)
            and index - start < 5
            and (index == start or _JOIN.fullmatch(self.words.between(index - 1, index)))
        ):
            if self.words.items[index].kind & (Kind.TITLE | Kind.ROLE):
                break
            index += 1
        if index > start and self.words.followed(index - 1, _LINE_END):
            return index
        return start + 1 if self.words.items[start].foreign else start

    def _longest(self, start: int) -> int:
        """Return the end of the longest town of the list."""
        name = ""
        best = start
        for index in range(start, min(start + 7, len(self.words.items))):
            if index > start and not _JOIN.fullmatch(self.words.between(index - 1, index)):
                break
            name = f"{name}-{self.words.items[index].folded}" if name else self.words.items[index].folded
            if (
                name in self._cities
                or name.replace("st-", "saint-", 1) in self._cities
                or name.replace("ste-", "sainte-", 1) in self._cities
            ):
                best = index + 1
        return best

    def _span(self, start: int, end: int, label: Label, score: float, detector: str) -> Span:
        return Span(self.words.items[start].start, self.words.items[end - 1].end, label, score, detector)


def postcodes_beside(view: View, found: Sequence[Span]) -> Iterator[Span]:
    """Yield the postcodes that stand right after an address or a town."""
    for span in found:
        if span.label in (Label.ADDRESS, Label.CITY, Label.HOSPITAL):
            match = _POSTCODE.match(view.folded, span.end)
            if match:
                yield Span(match.start("v"), match.end("v"), Label.POSTCODE, 0.9, "rule:postcode")
