"""Towns and places told by what stands after them: ``Harrow Creek, OH``, ``Milverton TA4 1ZX``, ``Carr Mill Pottery``.

Words come in, spans leave. Each mark is looked for first and the name is read backwards from it, which costs less than
trying every capital. A language without the patterns has nothing of the kind.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import NAMED, Kind, Words
from sosie.notes.languages import Language

_JOIN = re.compile(r"[ ]{1,2}|-|'|\. ")
_STREET = re.compile(r"[ ]{0,3},[ ]{0,2}\n?[ ]*|[ ]*\n[ ]*")
_LONGEST, _REACH = 4, 60


def find(words: Words, language: Language, found: Sequence[Span]) -> Iterator[Span]:
    """Yield towns before a state or a postcode, postcodes after a state, and places by their kinds.

    Parameters
    ----------
    words : Words
    language : Language
    found : sequence of Span
        What patterns found: a house or flat may stand before an address.
    """
    if not language.number("names_first", 0.0):
        return
    search = _Search(words, language)
    yield from search.towns()
    yield from search.postcodes()
    yield from search.places()
    text, before = words.view.text, language.compiled("before_address")
    for span in found:
        if span.label is Label.ADDRESS:
            match = before.search(text, max(0, span.start - _REACH), span.start)
            if match:
                yield Span(match.start(), span.start, Label.ADDRESS, 0.88, "place")


class _Search:
    """Reads names backwards in the words of one text."""

    def __init__(self, words: Words, language: Language) -> None:
        self.words, self.items, self.language = words, words.items, language
        self._linking = language.vocabulary("town_links")
        self._place_links = language.vocabulary("place_links")
        self._at = language.vocabulary("at_words")
        self._tails = language.vocabulary("eponym_tails")
        self._kinds = language.vocabulary("place_kinds")
        self._degrees = language.vocabulary("degrees")
        self._streets = language.vocabulary("street_words")

    def towns(self) -> Iterator[Span]:
        """Yield the towns that a state, a county or a postcode follows."""
        after, text = self.language.compiled("after_town"), self.words.view.text
        for last, word in enumerate(self.items):
            match = after.match(text, word.end) if word.capital and len(word.folded) > 2 else None
            if match is None:
                continue
            first = self._town(last)
            if first > last:
                continue
            placed = first > 0 and self.items[first - 1].folded in self._at
            if match["doubtful"] and not placed and not self._listed(last, match["doubtful"]):
                continue
            end = max(match.start(), *(match.end(name) for name in ("state", "doubtful", "state2")))
            yield Span(self.items[first].start, end, Label.CITY, 1.0, "place")

    def _listed(self, last: int, state: str) -> bool:
        """Tell whether a town of the list stands before a state whose letters are no degree of a physician."""
        return bool(self.items[last].kind & Kind.CITY) and state.lower() not in self._degrees

    def postcodes(self) -> Iterator[Span]:
        """Yield the postcodes of figures that a state, or a street and a town, lead to."""
        view, pattern = self.words.view, self.language.compiled("figures_of_postcode")
        leads = {5: "before_five", 4: "before_four", 6: "before_six"}
        for match in view.at_figures(pattern, view.text):
            figures = sum(character.isdigit() for character in match[0].split("-")[0])
            lead, start = self.language.compiled(leads[figures]), match.start()
            if figures == 4 and match[0][:2] in ("19", "20"):
                continue
            if lead.search(view.text, max(0, start - _REACH), start):
                yield Span(start, match.end(), Label.POSTCODE, 0.95, "rule:postcode")

    def _town(self, last: int) -> int:
        """Return the index of the first word of the town that ends at a word; beyond it where there is none."""
        index = last + 1
        while index and last - index < _LONGEST:
            word = self.items[index - 1]
            if index <= last and not _JOIN.fullmatch(self.words.between(index - 1, index)):
                break
            if index <= last and word.folded in self._streets:
                break
            if word.folded in self._linking and index <= last and index > 1 and self.items[index - 2].capital:
                index -= 1
                continue
            if (
                not word.capital
                or word.kind & (Kind.STOP | Kind.MONTH)
                or (word.kind & Kind.TITLE and word.folded != "st")
            ):
                break
            if word.kind & Kind.ROLE and not word.kind & (NAMED | Kind.CITY) and word.folded not in self._linking:
                break
            if (
                self.items[last].shape == "U"
                and index <= last
                and not word.kind & (Kind.CITY | NAMED)
                and not word.foreign
            ):
                break
            index -= 1
        return index

    def places(self) -> Iterator[Span]:
        """Yield the places whose kind ends their name: a school, a lodge, a club."""
        starts = [word.start for word in self.items]
        weak = self.language.compiled("place_weak")
        for kind, match in self.words.opening(self.language.compiled("place_kind"), self._kinds):
            shouted = self.items[kind].shape == "U"
            first = kind
            while first and kind - first < _LONGEST + 1 and self._belongs(first - 1, shouted=shouted):
                first -= 1
            while first < kind and (self.items[first].folded in self._place_links or self.items[first].folded == "s"):
                first += 1
            if first == kind or not (self.items[kind].capital or self.items[first].foreign):
                continue
            if not self._tells(first, kind, weak=weak.fullmatch(match[0]) is not None):
                continue
            after = bisect_left(starts, match.end())
            if after < len(self.items) and self.items[after].folded in self._tails and self.words.before(after) == " ":
                continue
            if first and self.items[first - 1].folded == "the" and self.words.before(first) == " ":
                first -= 1
            yield Span(self.items[first].start, self.items[after - 1].end, Label.PLACE, 0.99, "place")

    def _tells(self, first: int, kind: int, *, weak: bool) -> bool:
        """Tell whether the words before a kind of place are a name; a kind of every day needs a word of place."""
        named = [word for word in self.items[first:kind] if len(word.folded) > 2 and not word.kind & Kind.ROLE]
        if not weak:
            return bool(named)
        before = self.items[first - 1].folded if first else ""
        placed = before in self._at or before in ("the", "for", "of", "with")
        return bool(named) and placed and not (before == "the" and len(named) == 1 and not named[0].foreign)

    def _belongs(self, index: int, *, shouted: bool) -> bool:
        word, gap = self.items[index], self.words.after(index)
        if gap not in (" ", "'", "-", " & ", ". ") or (gap == ". " and len(word.folded) > 2):
            return False
        if word.folded == "s":
            return gap == " "
        if word.folded in self._place_links:
            return index > 0 and word.folded != "the" and self.items[index - 1].capital
        if not word.capital or word.kind & (Kind.STOP | Kind.TITLE | Kind.MONTH | Kind.ACRONYM | Kind.KIN):
            return False
        return not shouted or bool(word.foreign or word.kind & (NAMED | Kind.CITY))
