"""Names that nothing announces, told by capitals and lists; eponyms, drugs and bacteria are kept apart.

Words come in, spans of names leave. A run of capitals is weighed: each word adds what its lists, its shape and its
neighbours say of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify.eponyms import Eponyms
from sosie.notes.identify.people import Grammar
from sosie.notes.identify.weights import BREAKS, ENOUGH, Weights
from sosie.notes.identify.words import NAMED, Kind, Word, Words
from sosie.notes.languages import Language

_DOSE = re.compile(r"[ ]?(?:\*|®|™|[ ]?\d+([.,]\d+)?[ ]?(?:mg|g|µg|ug|mcg|ui|ml|%|mmol|cp|gel|mui|u|gy)\b)")
_TERM_PART = re.compile(r"o$|(?:ase|ique|ale?|ienne|aire|ite|eux|euse)s?$")
_LISTED = re.compile(r"(?:^|[\n,:;][ ]?\n?)[a-z]\.(?:-[a-z]\.)?[ ]?[^,;:.\n]{2,30},[ ]?\n?$")
_CELL_END = re.compile(r"[ ]*(?:[\n|¦│(]|$)|[ ]{2}|[ ]?\d")


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
        self.eponyms = Eponyms(words, language)
        self._ordinary = language.gazetteer("common_words")
        self._weights = Weights(words, grammar, language)

    def find(self) -> Iterator[Span]:
        """Yield names."""
        index = 0
        items = self.words.items
        while index < len(items):
            end = self._run(index)
            if end > index:
                yield from self._names(index, end)
            index = max(end, index + 1)

    def _run(self, start: int) -> int:
        """Return the end of the run of words that may form a name."""
        words = self.words
        first = words.items[start]
        if first.shape == "l" and not (first.foreign or words.lowered or words.shouted):
            return start
        if self._glued(first):
            return start
        if words.shouted:
            return self._listed(start)
        if first.shape in "li":
            return self._small(start)
        if self._leading(start, first):
            return self.grammar.read(start, expected=False, small=False)
        if first.shape == "m" or (first.kind & BREAKS and not self._despite(first, start)):
            return start
        return self.grammar.read(start, expected=False, small=False)

    def _leading(self, index: int, word: Word) -> bool:
        """Tell whether a particle in capitals opens a name: ``LE BIHAN``, and ``Le Bihan`` inside a sentence."""
        return (
            bool(word.kind & Kind.PARTICLE)
            and len(word.folded) > 1
            and (word.shape == "U" or (word.shape == "T" and not self.words.opens_sentence(index)))
        )

    def _despite(self, word: Word, index: int) -> bool:
        """Tell whether a word that breaks names may still start one: a first name that is a drug, an initial M."""
        text = self.words.view.folded
        if word.shape == "I" and re.match(r"\.-[a-z]\.", text[word.end : word.end + 4]):
            return True
        if len(word.folded) == 2 and word.shape == "T" and self.grammar.initial(index):
            return self.words.opens_sentence(index)
        if len(word.folded) == 1 or word.folded[1:2] == "-":
            return (
                word.shape in "IUT"
                and self.grammar.initial(index)
                and (
                    not word.kind & Kind.TITLE
                    or bool(_LISTED.search(self.words.view.folded, max(0, word.start - 50), word.start))
                )
            )
        return bool(word.kind & NAMED) and not word.kind & (
            Kind.ACRONYM | Kind.TITLE | Kind.ROLE | Kind.STOP | Kind.KIN
        )

    def _glued(self, word: Word) -> bool:
        """Tell whether figures touch a word: a dose, a stage, a molecule."""
        text = self.words.view.folded
        return text[word.end : word.end + 1].isdigit() or (word.start > 0 and text[word.start - 1].isdigit())

    def _listed(self, start: int) -> int:
        """In a text of capitals, a name starts with a word that is foreign to the language, or an initial."""
        word = self.words.items[start]
        if len(word.folded) == 1:
            lone = not self.grammar.initial(start) or self.words.after(start)[:1] != "." or word.kind & Kind.TITLE
            end = start if lone else self.grammar.read(start)
            return end if end > start + 1 else start
        after = start + 1
        if word.kind & Kind.PARTICLE and len(word.folded) > 1 and after < len(self.words.items):
            name = self.words.items[after]
            if self.words.between(start, after) == " " and name.foreign and len(name.folded) > 3 and not name.medical:
                return self.grammar.read(start)
        named = (
            word.kind & Kind.FIRST
            and len(word.folded) > 2
            and not word.kind & (Kind.STOP | Kind.ROLE | Kind.DRUG | Kind.EPONYM)
        )
        if named or (word.foreign and len(word.folded) > 2 and not word.medical):
            return self.grammar.read(start)
        return start

    def _small(self, start: int) -> int:
        """In small letters, a name starts with a foreign first name, a sentence without its capital, or an initial."""
        word = self.words.items[start]
        if word.shape == "i":
            return self._initials(start)
        if len(word.folded) < 3 or (word.kind & Kind.CITY and not word.kind & Kind.FIRST) or self._term(word):
            return start
        if not word.foreign:
            return (
                self.grammar.read(start)
                if self.words.lowered and word.kind & Kind.FIRST and not word.kind & BREAKS and self._opens(start)
                else start
            )
        if (
            (word.kind & Kind.FIRST and len(word.folded) > 3)
            or self._opens(start)
            or (self.words.lowered and not word.medical)
        ):
            return self.grammar.read(start)
        return start

    def _initials(self, start: int) -> int:
        """Return the end of a name that starts with an initial in small letters: in a list, or as a signature."""
        if self.words.after(start)[:1] == ".":
            end = self.grammar.read(start) if self._listing(start) else start
            return end if end > start + 1 else start
        if not self.words.lowered or not self.words.before(start).endswith("\n") or self.words.after(start) != " ":
            return start
        end = self.grammar.read(start + 1)
        return end if end > start + 1 and self._whole_line(start, end) else start

    def _term(self, word: Word) -> bool:
        """Tell whether a word in small letters is a unit after a stroke, or a compound of a term."""
        if word.start and self.words.view.folded[word.start - 1] == "/":
            return True
        return (
            "-" in word.folded
            and not word.kind & NAMED
            and any(_TERM_PART.search(part) or part in self._ordinary for part in word.folded.split("-"))
        )

    def _opens(self, index: int) -> bool:
        gap = self.words.before(index)
        return (
            index == 0
            or gap in (". ", ".\n", ".  ")
            or "\n\n" in gap
            or (self.words.lowered and gap.strip(" ") == "\n")
        )

    def _listing(self, index: int) -> bool:
        """Tell whether an initial in small letters stands in a list of people."""
        gap = self.words.before(index)
        return (
            index == 0
            or gap.strip(" ") in (",", ":", "\n", ":\n", "\n\n", ";", ",\n")
            or bool(self.words.items[index - 1].kind & (Kind.TITLE | Kind.ROLE))
        )

    def _names(self, start: int, end: int) -> Iterator[Span]:
        items = self.words.items
        weights = [self._weights.of(index, start, end) for index in range(start, end)]
        if len(weights) > 1 and self._whole_line(start, end):
            weights = [weight + 0.75 if weight else weight for weight in weights]
        while weights and not weights[0]:
            weights.pop(0)
            start += 1
        while weights and not weights[-1]:
            weights.pop()
            end -= 1
        if not weights or (max(weights) < ENOUGH and (len(weights) == 1 or sum(weights) < ENOUGH + 0.5)):
            return
        if self._thing(start, end) or _DOSE.match(self.words.view.folded, items[end - 1].end):
            return
        # One word in running text is a first name rather than a surname: "avec Pierre".
        lone = end - start == 1 and (items[start].kind & Kind.FIRST or items[start].shape == "T")
        hint = Label.FAMILY if lone else None
        yield from self.grammar.spans(start, end, min(0.85, 0.4 + 0.1 * sum(weights)), "prose", hint)

    def _whole_line(self, start: int, end: int) -> bool:
        """Tell whether a run fills a line or a cell of a table."""
        before = self.words.before(start)
        return (start == 0 or bool(re.search(r"[\n|¦│:][ ]*$|[ ]{2}$", before))) and self.words.followed(
            end - 1, _CELL_END
        )

    def _thing(self, start: int, end: int) -> bool:
        """Tell whether a run is an eponym; a first name and a surname are a person even there."""
        if not self.eponyms.named(start):
            return False
        items = self.words.items[start:end]
        if (
            items[0].kind & Kind.LAST
            and items[0].foreign
            and self.words.items[start - 1].folded in self._weights.introducers
        ):
            return False
        shapes = {word.shape for word in items if len(word.folded) > 1}
        return not (
            len(items) > 1
            and (shapes == {"U", "T"} or (items[0].kind & Kind.FIRST and not items[0].kind & Kind.EPONYM))
        )
