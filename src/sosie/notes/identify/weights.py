"""How far each word of a run speaks for a name: its lists, its shape, the words before and after it.

The index of a word comes in, its weight leaves: 2 is enough by itself, two words that add up to 2.5 are enough
together, 0 speaks against.
"""

from __future__ import annotations

import re

from sosie.notes.identify.people import Grammar
from sosie.notes.identify.words import NAMED, Kind, Word, Words
from sosie.notes.languages import Language

ENOUGH = 2.0
BREAKS = Kind.ROLE | Kind.KIN | Kind.TITLE | Kind.STOP | Kind.ACRONYM | Kind.DRUG
"""Words that end a name, or are none."""

_GRADE = re.compile(r"[ ]\d{1,2}(?![\d/.-])")
_ENDS = re.compile(r"[ ]{0,2}[,.;:)\n]|$|[ ]{1,2}(?:et|and)\b")


class Weights:
    """Weighs the words of one text.

    Parameters
    ----------
    words : Words
    grammar : Grammar
    language : Language
    """

    def __init__(self, words: Words, grammar: Grammar, language: Language) -> None:
        self.words, self.grammar = words, grammar
        self.introducers = language.vocabulary("introducers")
        self._speech = language.vocabulary("speech")
        self._verbs = language.vocabulary("verbs_after_names")
        self._capital_names = bool(language.number("capital_names", 1.0))

    def of(self, index: int, start: int, end: int) -> float:
        """Return the weight of a word in the run from ``start`` to ``end``."""
        word = self.words.items[index]
        if len(word.folded) == 1:
            return 0.5 if self.grammar.initial(index) or word.shape == "i" else 0.0
        if self.grammar.particle(index) and not (word.capital and word.foreign):
            following = self.words.items[index + 1] if index + 1 < end else None
            if self.words.shouted and following and word.folded in ("le", "la") and following.kind & Kind.LAST:
                return 1.0 if following.foreign else 0.1
            return 0.1 if word.capital and index + 1 < end else 0.0
        return self._alone(word, index) + (self._bonus(word, index) if index > start else 0.0)

    def introduced(self, index: int) -> bool:
        """Tell whether a word before announces a person: ``avec``, ``par``, ``parle de``."""
        if index == 0 or self.words.before(index) not in (" ", "  ", "\n", "'"):
            return False
        if self.words.between(index - 1, index) == "'" and index > 1:
            index -= 1
        previous = self.words.items[index - 1].folded
        if previous in self.introducers:
            return True
        return previous in ("de", "of", "to", "a") and index > 1 and self.words.items[index - 2].folded in self._speech

    def acts(self, index: int) -> bool:
        """Tell whether a verb that people do follows: ``Maël refuse``."""
        after = index + 1
        return (
            after < len(self.words.items)
            and self.words.items[after].folded in self._verbs
            and self.words.after(index).strip(" \n") == ""
        )

    def _bonus(self, word: Word, index: int) -> float:
        """Return what the word before adds: an initial, a first name, a surname in capitals."""
        if word.kind & (Kind.STOP | Kind.ROLE) and not word.kind & NAMED:
            return 0.0
        before = index - 1
        while before > 0 and self.grammar.particle(before) and self.grammar.joined(before):
            before -= 1
        previous = self.words.items[before]
        if self.grammar.initial(before):
            return 2.0 if self.words.after(before)[:1] == "." or self.words.opens_sentence(before) else 0.5
        if previous.kind & Kind.FIRST and (word.capital or word.foreign or word.kind & Kind.LAST):
            return 1.5
        long = len(previous.folded) > 3
        known = word.kind & (NAMED | Kind.MONTH | Kind.EPONYM | Kind.CITY)
        if previous.foreign and long and (word.shape == "T" or known):
            return 1.0
        return 1.0 if word.foreign and long and {previous.shape, word.shape} == {"U", "T"} else 0.0

    def _alone(self, word: Word, index: int) -> float:
        opens = self.words.opens_sentence(index)
        if self.introduced(index):
            weight = self._after_introduction(word, index)
            if weight:
                return weight
        if word.foreign:
            person = opens and self.acts(index) and len(word.folded) > 2 and not word.medical
            return ENOUGH if person else self._foreign(word, opens=opens)
        if word.kind & (Kind.STOP | Kind.ROLE):
            return 0.0
        if word.kind & (Kind.EPONYM | Kind.DRUG | Kind.MONTH):
            return 1.0 if word.kind & NAMED and not opens and word.capital else 0.0
        if word.kind & Kind.FIRST:
            return ENOUGH if (opens and self.acts(index)) or (word.shape == "T" and not opens) else 1.0
        return (0.5 if opens else 1.0) if word.kind & Kind.LAST else 0.0

    def _after_introduction(self, word: Word, index: int) -> float:
        """Return the weight of a word with a capital after ``avec`` or ``parle de``; 0 where that tells nothing."""
        if not word.capital or word.kind & (BREAKS | Kind.EPONYM | Kind.MEDICAL) or len(word.folded) < 3:
            return 0.0
        ends = self.words.followed(index, _ENDS)
        if (word.foreign and not word.medical) or (word.kind & Kind.FIRST and (ends or not self.words.shouted)):
            return ENOUGH
        if not self.words.shouted and word.kind & (Kind.COMMON | Kind.LAST):
            return 1.5
        return 1.5 if word.kind & NAMED else 0.0

    def _foreign(self, word: Word, *, opens: bool) -> float:
        if len(word.folded) < 3:
            return 0.5
        if word.kind & Kind.FIRST:
            short = word.shape == "U" and len(word.folded) < 5 and not self.words.shouted
            return 1.0 if short and not self._capital_names else ENOUGH
        if word.shape == "T" and _GRADE.match(self.words.view.folded, word.end):
            return 1.0
        if word.shape == "U" and not self.words.shouted:
            return 1.5 if word.kind & Kind.LAST else 1.0 if len(word.folded) > 3 else 0.5
        if word.medical or "-" in (word.folded[1:2], word.folded[-2:-1]):
            return 1.5 if word.kind & Kind.LAST else 0.5 if opens else 1.0
        if self.words.shouted:
            return 1.5 if word.kind & Kind.LAST or len(word.folded) > 4 else 1.0
        return ENOUGH
