"""The text of one double's notes: lines filled with what is its own.

The nodes of its notes, its person and its facts enter; lines leave. A line that cannot be filled is left out, and what
no line told is told by a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sosie.notes.document import Label
from sosie.notes.doubles.corpus import Site
from sosie.notes.doubles.figures import Spelling, write_day
from sosie.notes.doubles.person import Person
from sosie.notes.doubles.profile import MEASUREMENT, PROBLEM, TREATMENT
from sosie.notes.doubles.shape import Shape
from sosie.notes.doubles.sites import AGES, DATES, FIGURES, Filler, chosen
from sosie.notes.doubles.statement import WITHIN
from sosie.notes.doubles.template import Template
from sosie.notes.doubles.wording import decimal_mark, fits, plain, sentence, unit, usual_word
from sosie.notes.redact.calendar import Calendar

Told = tuple[str, str, str]
OWN = -1
"""Node of a sentence that is no line of the cohort's."""
_PLAIN = Calendar((), (), {}, frozenset())


class Text(NamedTuple):
    """One line of a note that is being written.

    Parameters
    ----------
    node : int
        -1 for a sentence of its own.
    text : str
    gap : int
    facts : tuple of (str, str, str)
        Kind, status and code of what it tells.
    """

    node: int
    text: str
    gap: int
    facts: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Pattern:
    """A node, ready to be written."""

    template: Template
    fillers: tuple[Filler, ...]
    gap: int


@dataclass
class Writer:
    """Writes the notes of one double.

    Parameters
    ----------
    language : str
    calendar : Calendar, optional
    person : Person
    age : float
        Years.
    facts : mapping of (str, str) to list of str
        Codes of the facts of each kind and status.
    values : mapping of str to float
        Measurements.
    shapes : mapping of str to Shape
    words : mapping of str to sequence of str
        Of each fact.
    shares : iterator of float
        Random, in [0, 1).
    quoted : frozenset of str
        Measurements whose values are results that stand elsewhere: they are told as they are.
    """

    language: str
    calendar: Calendar | None
    person: Person
    age: float
    facts: Mapping[tuple[str, str], Sequence[str]]
    values: Mapping[str, float]
    shapes: Mapping[str, Shape]
    words: Mapping[str, Sequence[str]]
    shares: Iterator[float]
    quoted: frozenset[str] = frozenset()
    wrote: set[str] = field(default_factory=set)
    """What was filled in and is no fact: invented names and numbers, dates, figures."""
    _told: set[Told] = field(default_factory=set)
    _here: set[Told] = field(default_factory=set)
    _line: list[Told] = field(default_factory=list)
    _day: float = float("nan")

    def note(self, nodes: Sequence[int], patterns: Sequence[Pattern | None], day: float) -> list[Text]:
        """Write the lines of one note."""
        self._here, self._day = set(), day
        written = (self._written(node, patterns[node]) for node in nodes)
        return [line for line in written if line is not None]

    def anew(self, line: Text, pattern: Pattern | None, note: Sequence[Text], day: float) -> Text | None:
        """Write a line of a note again, with other figures; None where there is nothing to draw again."""
        if pattern is None or not pattern.fillers:
            return None
        self._here, self._day = {fact for other in note for fact in other.facts}, day
        self._told -= set(line.facts)
        return self._written(line.node, pattern)

    def untold(self, notes: Sequence[Sequence[Text]]) -> list[Text]:
        """Return sentences for the facts that no line of the double's notes tells."""
        told = {fact for note in notes for line in note for fact in line.facts}
        wanted = [(kind, status, code) for (kind, status), codes in self.facts.items() for code in codes]
        wanted += [(MEASUREMENT, "", code) for code in self.values]
        return self.sentences([fact for fact in wanted if fact not in told])

    def sentences(self, facts: Sequence[Told]) -> list[Text]:
        """Return a sentence of the language for each fact that it can tell."""
        found: list[Text] = []
        for kind, status, code in facts:
            if kind == MEASUREMENT:
                name, decimals = unit(code)
                mark = decimal_mark(self.language)
                figure = Spelling("", f" {name}".rstrip(), mark, decimals).write(self._measured(code))
                self.wrote.add(figure)
                word: str | None = figure
                status_ = "PRESENT"
            else:
                word, status_ = next(iter(self._words(code)), None), status
            said = None if word is None else sentence(Site(kind, code, status_), word, self.language)
            if said is not None and plain(Site(kind, code, status_), word or "", self.language):
                found.append(Text(OWN, said, 1, ((kind, status, code),)))
        return found

    def _written(self, node: int, pattern: Pattern | None) -> Text | None:
        """Fill one line; None where the double has nothing to fill it with."""
        if pattern is None:
            return None
        if not pattern.fillers:
            return Text(node, pattern.template.pieces[0], pattern.gap)
        self._line = []
        texts: list[str] = []
        for at, filler in enumerate(pattern.fillers):
            text = self._text(filler, pattern.template, at)
            if text is None:
                self._here -= set(self._line)
                return None
            texts.append(text)
        self._told.update(self._line)
        for text, filler in zip(texts, pattern.fillers, strict=True):
            if filler.site.kind not in (PROBLEM, TREATMENT):
                self.wrote.add(text)
        return Text(node, pattern.template.fill(texts), pattern.gap, tuple(self._line))

    def _text(self, filler: Filler, template: Template, at: int) -> str | None:
        site = filler.site
        if site.kind in (PROBLEM, TREATMENT):
            return self._fact(filler, template.pieces[at])
        if site.kind == MEASUREMENT:
            if site.code not in self.values:
                return None
            self._line.append((MEASUREMENT, "", site.code))
            return self._figure(filler, self._measured(site.code))
        if site.kind in AGES:
            return self._figure(filler, self.age)
        if site.kind in FIGURES:
            return self._figure(filler, filler.shape.at(next(self.shares)))
        if site.kind in DATES:
            return self._date(filler)
        if filler.words:
            return chosen(filler.odds, filler.words, next(self.shares))
        text = self.person.text(Label(site.kind), template.who[at])
        return text.upper() if filler.capitals else text

    def _fact(self, filler: Filler, before: str) -> str | None:
        site = filler.site
        mine = self.facts.get((site.kind, site.status), ())
        left = [code for code in mine if (site.kind, site.status, code) not in self._here]
        known = [code for code in left if code in filler.codes]
        for code in self._mixed(known, site) + self._mixed([code for code in left if code not in filler.codes], site):
            words = filler.codes.get(code) or [word for word in self._words(code) if fits(word, before)]
            if words:
                self._here.add((site.kind, site.status, code))
                self._line.append((site.kind, site.status, code))
                word = words[int(next(self.shares) * len(words))]
                if filler.capitals:
                    return word.upper()
                return word[:1].upper() + word[1:] if filler.capital else _plain(word)
        return None

    def _mixed(self, codes: Sequence[str], site: Site) -> list[str]:
        """Return codes, those that were not told yet first, from a random one on."""
        fresh = [code for code in codes if (site.kind, site.status, code) not in self._told]
        old = [code for code in codes if code not in fresh]
        turned = []
        for some in (fresh, old):
            at = int(next(self.shares) * len(some)) if some else 0
            turned += [*some[at:], *some[:at]]
        return turned

    def _words(self, code: str) -> Sequence[str]:
        usual = usual_word(code, self.language)
        return self.words.get(code) or ([usual] if usual else [])

    def _measured(self, code: str) -> float:
        shape, value = self.shapes[code], self.values[code]
        if code in self.quoted:
            return value
        spread = shape.spread * WITHIN
        return shape.near(value + spread * (next(self.shares) + next(self.shares) + next(self.shares) - 1.5) * 2.0)

    def _figure(self, filler: Filler, value: float) -> str:
        shape = filler.shape
        held = value if filler.site.kind in AGES or filler.site.code in self.quoted else shape.near(value)
        return chosen(filler.odds, filler.spellings, next(self.shares)).write(held * filler.ratio)

    def _date(self, filler: Filler) -> str:
        name = chosen(filler.odds, filler.orders, next(self.shares))
        if filler.site.kind == str(Label.BIRTH_DATE):
            day = self.person.born
        else:
            ago = filler.shape.at(next(self.shares)) if filler.shape else 0.0
            day = self._day - ago
        return write_day(day, name, self.calendar or _PLAIN)


def _plain(word: str) -> str:
    """Return a word with a small letter in front, unless it is an abbreviation."""
    return word[:1].lower() + word[1:] if len(word) > 1 and word[1:2].islower() else word
