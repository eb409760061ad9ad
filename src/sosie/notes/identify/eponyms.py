"""Tells a person's name from what bears it: ``maladie de Crohn``, ``score de Glasgow``, ``Parkinson's disease``.

Words come in, a yes or no for each leaves. A capital is a thing's where a noun of the language's list leads to it, or
follows it.
"""

from __future__ import annotations

from sosie.notes.identify.words import Kind, Words
from sosie.notes.languages import Language


class Eponyms:
    """Tells eponyms in the words of one text.

    Parameters
    ----------
    words : Words
    language : Language
    """

    def __init__(self, words: Words, language: Language) -> None:
        self.words = words
        self._heads = language.vocabulary("eponym_heads")
        self._tails = language.vocabulary("eponym_tails")
        self._links = language.vocabulary("eponym_links")

    def named(self, index: int) -> bool:
        """Tell whether a word names a thing: it follows ``maladie de``, ``score de``, ``type`` ..."""
        words = self.words
        if self._tails and self._followed(index):
            return True
        back, adjectives = index - 1, 0
        while back >= 0 and index - back <= 6:
            gap = words.view.folded[words.items[back].end : words.items[back + 1].start]
            if gap.strip(" \n'\"(-,/") or "\n\n" in gap:
                return False
            word = words.items[back]
            if word.folded in self._heads or word.folded[:-1] in self._heads:
                return True
            if word.kind & (Kind.EPONYM | Kind.ACRONYM) or word.folded in self._links:
                pass
            elif (
                word.kind & (Kind.COMMON | Kind.MEDICAL)
                and not word.capital
                and not word.kind & Kind.STOP
                and adjectives < 2
            ):
                adjectives += 1
            else:
                return False
            back -= 1
        return False

    def _followed(self, index: int) -> bool:
        """Tell whether what a word names follows it: ``Parkinson's disease``."""
        after = index + 1
        while after < len(self.words.items) and self.words.items[after].folded in ("s", "and") and after - index < 3:
            after += 1
        return (
            after < len(self.words.items)
            and self.words.items[after].folded in self._tails
            and self.words.between(after - 1, after).strip(" '-") == ""
        )
