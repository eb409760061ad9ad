"""Hospitals by their names.

Words come in, spans leave. A hospital starts with what kind of house it is and goes on through its name (``Clinique
Saint-Yves``), or ends with it where the language puts names first (``the Royal Infirmary``); a label, brackets or a
line of its own tell where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify import houses
from sosie.notes.identify.words import NAMED, Kind, Word, Words
from sosie.notes.languages import Language

_PARTED = re.compile(r"[ ]-[ ]|,[ ]|[ ]/[ ]")


class Hospitals:
    """Finds hospitals in the words of one text.

    Parameters
    ----------
    words : Words
    language : Language
    """

    def __init__(self, words: Words, language: Language) -> None:
        self.words, self.language = words, language
        self._at = {word.start: index for index, word in enumerate(words.items)}
        self._kinds_of_house = language.vocabulary("hospital_words")
        self._name_first = "before" in language.vocabulary("house_order")
        self._hospital_names = language.vocabulary("hospitals")
        self._at_words = language.vocabulary("at_words")
        self._plain_houses = language.vocabulary("plain_houses")

    def find(self) -> Iterator[Span]:
        """Yield hospitals."""
        yield from (span for span in self._hospitals() if self._bears_name(span))
        yield from self._famous()
        yield from self._short()

    def _span(self, start: int, end: int, label: Label, score: float, detector: str) -> Span:
        return Span(self.words.items[start].start, self.words.items[end - 1].end, label, score, detector)

    def _hospitals(self) -> Iterator[Span]:
        text = self.words.view.folded
        for name, score in (("hospital_label", 0.9), ("hospital_bracketed", 0.9), ("hospital_line", 0.88)):
            for match in self.language.compiled(name).finditer(text):
                if name != "hospital_line" or self._heads_line(match.start("v")):
                    stop = self._without_wards(match.start("v"), match.end("v"))
                    if match[0].startswith("clinique") and not self._told(match.start("v"), stop):
                        continue
                    yield Span(match.start("v"), stop, Label.HOSPITAL, score, "hospital")
        if self._name_first:
            yield from houses.find(self.words, self.language)
            return
        for match in self.language.compiled("hospital").finditer(text):
            start = self._at.get(match.start())
            if start is None:
                continue
            end = self._house(start)
            if end is not None:
                yield self._span(start, end, Label.HOSPITAL, 0.87, "hospital")

    def _bears_name(self, span: Span) -> bool:
        """Tell whether a house has a name, where its kind is also that of a ward: ``SSR gériatrique`` has none."""
        words = self.words.within(span.start, span.end)
        if not words or words[0].folded not in self._plain_houses:
            return True
        if self.words.view.text[span.start : span.end].isupper():
            return any(self._proper(word) or word.kind & (NAMED | Kind.CITY) for word in words[1:])
        return any(self._proper(word) or (word.shape == "T" and not self._generic(word)) for word in words[1:])

    def _told(self, start: int, end: int) -> bool:
        """Tell whether what follows ``Clinique :`` is a house, not what was seen at the bedside."""
        words = self.words.within(start, end)
        return any(self._proper(word) for word in words[:4]) and not any(word.kind & Kind.ACRONYM for word in words[:2])

    def _proper(self, word: Word) -> bool:
        """Tell whether a word is a name or may be one."""
        if word.folded in self._kinds_of_house or len(word.folded) < 3:
            return False
        return (word.foreign and not word.medical) or bool(
            word.kind & (NAMED | Kind.CITY) and not word.kind & (Kind.STOP | Kind.ROLE | Kind.COMMON | Kind.MEDICAL)
        )

    def _generic(self, word: Word) -> bool:
        return bool(word.kind & (Kind.ROLE | Kind.STOP | Kind.MEDICAL)) or word.folded in self._kinds_of_house

    def _without_wards(self, start: int, end: int) -> int:
        """Return where a house ends before its wards: ``CHU Le Goff - Consultation mémoire``."""
        if not self._plain_houses:
            return end
        text = self.words.view.folded
        for cut in reversed([match.start() for match in _PARTED.finditer(text, start, end)]):
            words = self.words.within(cut, end)
            if not words or words[0].folded in self._kinds_of_house or any(self._proper(word) for word in words):
                break
            end = cut
        return end

    def _short(self) -> Iterator[Span]:
        """Yield hospitals that go by their initials: ``transféré au CHOR``."""
        stem = self.language.compiled("house_initials")
        for index, word in enumerate(self.words.items):
            if word.shape == "U" and word.foreign and not self.words.shouted and stem.fullmatch(word.folded):
                before = self.words.items[index - 1].folded if index else ""
                if before in self._at_words or self.words.opens_sentence(index):
                    yield self._span(index, index + 1, Label.HOSPITAL, 0.75, "hospital")

    def _heads_line(self, offset: int) -> bool:
        """Tell whether a line starts as a name does: with a capital, or with the kind of house."""
        index = self._at.get(offset)
        return index is not None and (
            self.words.items[index].capital or self.words.items[index].folded in self._kinds_of_house
        )

    def _famous(self) -> Iterator[Span]:
        """Hospitals that everyone calls by their names: ``suivi à Bichat``."""
        for index, word in enumerate(self.words.items):
            if (
                word.folded in self._hospital_names
                and word.capital
                and not self.words.shouted
                and index
                and self.words.items[index - 1].folded in self._at_words
                and (self.words.items[index - 1].folded not in ("de", "d", "du") or self._housed(index - 2))
            ):
                yield self._span(index, index + 1, Label.HOSPITAL, 0.8, "gazetteer")

    def _housed(self, index: int) -> bool:
        """Tell whether a word is a ward or a role, so that ``de`` leads from it to a hospital: not ``aphasie de``."""
        word = self.words.items[index] if index >= 0 else None
        return word is not None and (bool(word.kind & Kind.ROLE) or word.folded in self._kinds_of_house)

    def _house(self, start: int) -> int | None:
        """Return the index after a hospital's name, None where a house has no name: ``à l'hôpital``."""
        items, shouted = self.words.items, self.words.shouted
        adjective = start and items[start].folded == "clinique" and self.words.before(start) == " "
        if adjective and not shouted and not items[start - 1].kind & Kind.STOP:
            return None
        index, named = start + 1, 0
        while index < len(items) and index - start < 14:
            gap = self.words.between(index - 1, index)
            if (
                not re.fullmatch(
                    r"[ ]{1,3}\"?|'|-|[ ]?-[ ]?|/|[ ]?\n[ ]?|[ ]?\(|\"[ ]?|[ ]?[a-z]?\d{1,3}[ ]?|\.[ ]?(?=$)", gap
                )
                or (gap[:1] == "." and len(items[index - 1].folded) > 3)
                or ("\n" in gap and not self._wraps(index, start))
            ):
                break
            word = items[index]
            if word.folded in self._kinds_of_house:
                if "\n" in gap and word.capital:
                    break
                blind = shouted or self.words.lowered
                named = index if (word.capital and not shouted) or (blind and len(word.folded) > 5) else named
            elif (
                (word.kind & (Kind.TITLE | Kind.KIN) and not word.capital)
                or (("\n" in gap or gap.strip() == "-") and word.kind & Kind.ROLE)
                or (named and word.kind & Kind.TITLE and word.folded not in ("st", "ste") and len(word.folded) < 4)
            ):
                break
            elif word.kind & Kind.PARTICLE or word.folded in ("sur", "sous", "en", "pour", "et", "aux", "les"):
                pass
            elif (
                (word.capital and not shouted and not (word.kind & Kind.ROLE and index > start + 1 and not named))
                or word.foreign
                or (gap == "'" and named == index - 1)
                or (
                    word.kind & (NAMED | Kind.CITY)
                    and not word.kind & (Kind.STOP | Kind.ROLE)
                    and (shouted or not word.kind & Kind.COMMON)
                )
            ):
                named = index
            else:
                break
            index += 1
        return named + 1 if named else None

    def _wraps(self, index: int, start: int) -> bool:
        """Tell whether a hospital goes on in the next line: the line was wrapped, and did not begin with it."""
        text = self.words.view.folded
        cut = text.rfind("\n", 0, self.words.items[index].start)
        opening = text.rfind("\n", 0, cut) + 1
        return cut - opening > 52 and self.words.items[start].start - opening > 20
