"""Names that nothing announces, told by capitals and lists; and what keeps eponyms, drugs and bacteria from being names.

Words come in, spans of names leave. A run of capitals is weighed: each word adds what its lists and shape say of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Span
from sosie.notes.identify.people import Grammar
from sosie.notes.identify.words import Kind, Word, Words
from sosie.notes.languages import Language

_NAMED = Kind.FIRST | Kind.LAST
_DOSE = re.compile(r"[ ]?(?:\*|®|™|[ ]?\d+([.,]\d+)?[ ]?(?:mg|g|µg|ug|mcg|ui|ml|%|mmol|cp|gel|mui|u)\b)")
_BREAKS = Kind.ROLE | Kind.TITLE | Kind.STOP | Kind.ACRONYM | Kind.DRUG


class Prose:
    """Finds names by their capitals.

    Parameters
    ----------
    words : Words
    grammar : Grammar
    language : Language
    """

    def __init__(self, words: Words, grammar: Grammar, language: Language) -> None:
        self.words, self.grammar = words, grammar
        self._heads = language.vocabulary("eponym_heads")
        self._places = language.vocabulary("place_heads")

    def find(self) -> Iterator[Span]:
        """Yield names."""
        index = 0
        items = self.words.items
        while index < len(items):
            end = self._run(index)
            if end > index:
                yield from self._names(index, end)
            index = max(end, index + 1)

    def eponym(self, index: int) -> bool:
        """Tell whether a word names a thing: it follows ``maladie de``, ``score de``, ``type`` ..."""
        words = self.words
        back = index - 1
        while back >= 0 and index - back <= 6:
            gap = words.view.folded[words.items[back].end : words.items[back + 1].start]
            if gap.strip(" \n'\"(-,/") or "\n\n" in gap:
                return False
            word = words.items[back]
            if word.folded in self._heads or word.folded.rstrip("s") in self._heads:
                return True
            linking = word.kind & (Kind.PARTICLE | Kind.EPONYM) or word.folded in ("et", "ou", "of", "and", "or", "selon", "modifie", "modifiee", "a", "en") or (word.kind & Kind.COMMON and not word.capital and index - back <= 4)
            if not linking or word.kind & Kind.TITLE and len(word.folded) > 1:
                return False
            back -= 1
        return False

    def _run(self, start: int) -> int:
        """Return the end of the run of words that may form a name."""
        words = self.words
        first = words.items[start]
        if words.shouted:
            return self._listed(start)
        if first.shape in "li":
            return self._small(start)
        if first.kind & _BREAKS and not (first.kind & _NAMED and not first.kind & (Kind.ACRONYM | Kind.TITLE | Kind.ROLE)) or first.shape == "m":
            return start
        return self.grammar.read(start, expected=False, small=False)

    def _listed(self, start: int) -> int:
        """In a text of capitals, a name starts with a first name that is no word, or has a foreign look."""
        word = self.words.items[start]
        if word.kind & Kind.FIRST and word.foreign and not word.kind & Kind.CITY:
            return self.grammar.read(start)
        if word.foreign and not word.medical and len(word.folded) > 3 and not _DOSE.match(self.words.view.folded, word.end):
            return self.grammar.read(start, expected=False)if False else start + 1
        return start

    def _small(self, start: int) -> int:
        """In small letters, only a first name that is no word of the language starts a name."""
        word = self.words.items[start]
        if word.shape != "l" or not word.kind & Kind.FIRST or not word.foreign or len(word.folded) < 4 or word.kind & Kind.CITY:
            return start
        return self.grammar.read(start)

    def _names(self, start: int, end: int) -> Iterator[Span]:
        items = self.words.items
        while start < end and not self._weight(start, end):
            start += 1
        while end > start and not self._weight(end - 1, end) and not self._surname(start, end - 1):
            end -= 1
        weights = [self._weight(index, end) for index in range(start, end)]
        if not weights:
            return
        total = sum(weights)
        announced = any(weight >= 2 for weight in weights)
        if self.eponym(start) and not (len(weights) > 1 and items[start].kind & Kind.FIRST and not items[start].kind & Kind.EPONYM):
            return
        if _DOSE.match(self.words.view.folded, items[end - 1].end):
            return
        if announced or (len(weights) > 1 and total >= 2.5):
            yield from self.grammar.spans(start, end, min(0.85, 0.4 + 0.1 * total), "prose")

    def _surname(self, start: int, index: int) -> bool:
        """Tell whether an ordinary word with a capital is the surname after a first name: ``Kevin Grand``."""
        word = self.words.items[index]
        return index > start and bool(self.words.items[index - 1].kind & Kind.FIRST) and word.capital and bool(word.kind & Kind.LAST)

    def _weight(self, index: int, end: int) -> float:
        word = self.words.items[index]
        if len(word.folded) == 1 or self.grammar.particle(index) and not word.foreign:
            return 0.5 if word.shape == "I" and self.grammar.initial(index) else 0.0
        opens = self.words.opens_sentence(index)
        if word.foreign:
            return self._foreign(word, opens)
        if word.kind & (Kind.EPONYM | Kind.DRUG):
            return 1.0 if word.kind & _NAMED and not opens or self._after_first(index) else 0.0
        if word.kind & Kind.FIRST and not word.kind & (Kind.STOP | Kind.ROLE):
            return 1.5 if not opens else 1.0
        if word.kind & Kind.LAST and not word.kind & (Kind.STOP | Kind.ROLE):
            return 1.0 if not opens else 0.5
        return 0.0

    def _after_first(self, index: int) -> bool:
        return index > 0 and bool(self.words.items[index - 1].kind & Kind.FIRST) and self.grammar.joined(index)

    def _foreign(self, word: Word, opens: bool) -> float:
        if word.kind & Kind.FIRST:
            return 2.0
        if word.shape == "U":
            if self.words.shouted:
                return 2.0 if not word.medical else 0.0
            return 1.5 if word.kind & Kind.LAST else 1.0 if len(word.folded) > 3 else 0.5
        if word.shape == "l":
            return 1.0
        if word.medical:
            return 1.5 if word.kind & Kind.LAST else 1.0 if not opens else 0.5
        return 2.0
