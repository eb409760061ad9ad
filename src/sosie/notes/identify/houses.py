"""Houses of care whose name stands before what they are: ``the Royal Infirmary``, ``Three Pines Pediatrics``.

Words come in, spans leave. A kind of house is read backwards through the capitals before it, and forwards through
``of`` and ``at``. A name needs a word that is no department: ``Fracture Clinic`` names no house. Kinds that are also
departments or ordinary words (``surgery``, ``practice``) need more than that.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import NAMED, Kind, Word, Words
from sosie.notes.languages import Language

_LONGEST = 7
_LINK = re.compile(r" {1,2}|'|\. | ?& ?|-|/")
_SURE, _WEAK = 0.97, 0.88
"""Scores: above what reads a street or a person in the name of a house whose kind tells."""


def find(words: Words, language: Language) -> Iterator[Span]:
    """Yield the houses of a text."""
    search = _Search(words, language)
    starts = [word.start for word in words.items]
    for kind, match in words.opening(language.compiled("hospital"), language.vocabulary("house_kinds")):
        after = bisect_left(starts, match.end())
        weak = language.compiled("house_weak").fullmatch(match[0]) is not None
        corporate = language.compiled("house_corporate").fullmatch(match[0]) is not None
        extent = search.extent(kind, after, weak=weak, corporate=corporate)
        if language.compiled("house_bare").fullmatch(match[0]) and not (extent and search.bare(*extent)):
            continue
        if extent is not None:
            first, last = extent
            yield Span(
                words.items[first].start,
                words.items[last - 1].end,
                Label.HOSPITAL,
                _WEAK if weak else _SURE,
                "hospital",
            )


class _Search:
    """Reads the names of houses in the words of one text."""

    def __init__(self, words: Words, language: Language) -> None:
        self.words, self.items = words, words.items
        self._departments = language.vocabulary("departments")
        self._kinds = language.vocabulary("hospital_words")
        self._at = language.vocabulary("at_words")

    def extent(self, kind: int, after: int, *, weak: bool, corporate: bool = False) -> tuple[int, int] | None:
        """Return the words of a house whose kind stands from ``kind`` to ``after``; None where it has no name."""
        shouted = self.items[kind].shape == "U" and (self.words.shouted or self._line_shouts(kind))
        small = self.items[kind].shape == "l"
        if small:
            first = self._small(kind)
            return None if first is None else (first, after)
        if not self.items[kind].capital:
            return None
        first = kind
        while first and kind - first < _LONGEST and self._belongs(first - 1, shouted=shouted):
            first -= 1
        while first < kind and self.items[first].folded in ("of", "and", "the", "s", "for"):
            first += 1
        while first < kind and not shouted and self.items[first].shape == "U" and self.items[first].kind & Kind.ACRONYM:
            first += 1
        if 0 < first < kind and self.items[first - 1].folded == "the" and self.items[first - 1].shape == "T":
            first -= 1
        last = self._further(after)
        named = [word for word in self.items[first:kind] if self._names(word)]
        # "Bayou Orthopedic Group": a name, a department, and what kind of company it is.
        company = corporate and named and kind - first > len(named) and not self.words.opens_sentence(first)
        if weak and not company and not self._enough(named, first, kind, shouted=shouted):
            return None
        if shouted and not any(word.foreign or word.kind & (NAMED | Kind.CITY) for word in named):
            return None
        return (first, last) if named or last > after else None

    def bare(self, first: int, last: int) -> bool:
        """Tell whether a name without its kind stands after a word of place: ``at Lakeland Regional``."""
        follows = last < len(self.items) and self.items[last].capital and self.words.before(last) == " "
        return first > 0 and self.items[first - 1].folded in self._at and not follows

    def _belongs(self, index: int, *, shouted: bool) -> bool:
        """Tell whether a word may stand in the name that goes on right after it."""
        word, gap = self.items[index], self.words.after(index)
        if not _LINK.fullmatch(gap) or (gap.startswith(".") and len(word.folded) > 3):
            return False
        if word.folded == "s":
            return gap == " " and self.words.before(index) == "'"
        if word.folded in ("of", "and", "the"):
            return index > 0 and word.shape != "T" and self._linked(index)
        if word.kind & Kind.TITLE and word.folded not in ("st", "saint", "sister", "father", "lady", "mt"):
            return False
        if not word.capital or (word.kind & Kind.KIN and not word.kind & NAMED):
            return False
        if word.kind & Kind.STOP and not (gap == "'" or len(word.folded) == 1):
            return False
        if shouted and word.kind & Kind.ROLE and word.folded not in self._kinds:
            return False
        return not shouted or bool(word.foreign or word.kind & (NAMED | Kind.CITY) or word.folded in self._kinds)

    def _linked(self, index: int) -> bool:
        """Tell whether ``of`` or ``and`` joins two words with a capital, and no word of place leads there."""
        before = self.items[index - 1]
        if self.items[index].folded == "the":
            return before.folded == "of" and index > 1 and self.items[index - 2].capital
        known = not before.kind & (Kind.STOP | Kind.ROLE | Kind.TITLE)
        return before.capital and known and self.items[index + 1].folded != "s"

    def _names(self, word: Word) -> bool:
        return (
            word.capital and len(word.folded) > 1 and word.folded not in self._departments and not word.kind & Kind.STOP
        )

    def _enough(self, named: list[Word], first: int, kind: int, *, shouted: bool) -> bool:
        """Tell whether the name of a kind that is also an ordinary word is long or rare enough."""
        proper = [word for word in named if not word.kind & (Kind.EPONYM | Kind.ROLE) or word.folded == "st"]
        rare = any(word.foreign or (word.kind & (NAMED | Kind.CITY) and not word.kind & Kind.COMMON) for word in proper)
        if rare and (kind - first > 1 or not self.words.opens_sentence(first)):
            return True
        if shouted or not proper:
            return False
        # One ordinary word is a name after "from" or a label, or where the name fills its line.
        gap = self.words.before(first)
        placed = first > 0 and (self.items[first - 1].folded in self._at or gap.rstrip(" ").endswith(":"))
        return len(proper) > 1 or placed or (self._fills(first, kind) and (kind - first > 1 or len(named) == 1))

    def _fills(self, first: int, kind: int) -> bool:
        """Tell whether a name stands alone in its line or cell."""
        before, after = self.words.before(first), self.words.after(kind)
        opens = first == 0 or "\n" in before or "  " in before or before.endswith((" - ", "| "))
        return opens and bool(re.match(r"[ ]*(?:\n|[ ]{2}|,|$|- |\|)", after))

    def _small(self, kind: int) -> int | None:
        """Return where a name in small letters begins: after ``at`` or ``to``, with a word of no list."""
        index, rare = kind, False
        while index and kind - index < 4 and self.words.between(index - 1, index) == " ":
            word = self.items[index - 1]
            if word.folded in self._at or word.folded in ("@", "the"):
                return index if rare else None
            if word.kind & (Kind.STOP | Kind.ROLE | Kind.TITLE) or word.capital:
                return None
            rare = rare or (word.foreign and not word.medical and len(word.folded) > 3)
            index -= 1
        return None

    def _further(self, after: int) -> int:
        """Return the index after what ``of`` or ``at`` adds: ``Children's Hospital of Wexcombe``."""
        if after + 1 >= len(self.items) or self.items[after].folded not in ("of", "at", "for"):
            return after
        index = after + 1
        if self.words.before(after) != " ":
            return after
        if self.items[index].folded == "the":
            index += 1
        end = after
        while (
            index < len(self.items) and index - after < 6 and self.words.between(index - 1, index) in (" ", ". ", "'")
        ):
            word = self.items[index]
            if not word.capital or word.kind & (Kind.STOP | Kind.MONTH) or word.folded in self._departments:
                break
            index += 1
            end = index
        return end

    def _line_shouts(self, index: int) -> bool:
        """Tell whether a line is written in capitals."""
        text, at = self.words.view.text, self.items[index].start
        line = text[text.rfind("\n", 0, at) + 1 : text.find("\n", at) if "\n" in text[at:] else len(text)]
        return line.isupper()
