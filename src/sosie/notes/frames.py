"""The lines of a note as frames with slots: what many patients' notes have in common, and what is one's own.

A text, its identifiers and its facts come in; lines leave. The frame of a line is its text with a numbered place for
each identifier, fact and figure: nothing of an identifier remains in it. `Line.key` is what is counted over patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sosie.notes.document import Label, Span
from sosie.notes.facts.lexicon import lexicon
from sosie.notes.facts.mention import FactKind, Mention, Status
from sosie.notes.figures import Figures
from sosie.notes.languages import Language
from sosie.notes.languages.folding import fold
from sosie.notes.sentences import Extent, sentences

_PLACE = re.compile(r"\{(?:(\d+)\}|\{)|\}\}")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Slot:
    """What stood in one place of a line.

    Parameters
    ----------
    kind : str
        A `Label`, a `FactKind`, or ``NUMBER``, ``DATE``, ``TIME``, ``DURATION``.
    code : str, optional
        Of the fact; of a duration its unit; of a number the word after it.
    text : str
        As it was written.
    value : float, optional
        Of the fact or figure; of a duration in days.
    status : Status, optional
        Of the fact.
    """

    kind: str
    code: str | None
    text: str
    value: float | None = None
    status: Status | None = None

    @property
    def name(self) -> str:
        """How the place is told in a key: its kind and, where it is not plainly so, the status of its fact."""
        plain = self.status is None or self.status is Status.PRESENT
        return self.kind.lower() if plain else f"{self.kind}:{self.status}".lower()


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a sentence or a clause of one.

    Parameters
    ----------
    frame : str
        Its text with ``{0}``, ``{1}`` ... for its slots, and doubled braces for braces.
    slots : tuple of Slot
    breaks : int
        Line ends before it: none where it follows another sentence, two after a blank line.
    sex : str, optional
        ``F`` or ``M`` where its words are for a patient of that sex only.
    key : str
        The frame with its slots' kinds, folded.
    """

    frame: str
    slots: tuple[Slot, ...]
    breaks: int = 1
    sex: str | None = None
    key: str = ""


def lines(text: str, spans: Sequence[Span], mentions: Sequence[Mention], language: Language) -> tuple[Line, ...]:
    """Cut a note into lines with slots: what stands between commas is shared by more patients than whole sentences.

    Parameters
    ----------
    text : str
    spans : sequence of Span
        Its identifiers, sorted, not overlapping.
    mentions : sequence of Mention
        Its facts, sorted, overlapping nothing.
    language : Language

    Returns
    -------
    tuple of Line
        In the order of the text; blank ones are told by the `breaks` of the next.
    """
    held = [
        (mention.start, mention.end, _of_mention(mention, text))
        for mention in mentions
        if mention.kind is not FactKind.SEX
    ]
    held += [(span.start, span.end, _of_span(span, text)) for span in spans if span.start < span.end]
    held.sort(key=lambda place: place[0])
    figures, sexes = Figures.of(language.code), _Sexes.of(language.code)
    found = []
    first = 0
    for extent in sentences(text, [(start, end) for start, end, _ in held], clauses=True):
        while first < len(held) and held[first][1] <= extent.start:
            first += 1
        last = first
        while last < len(held) and held[last][0] < extent.end:
            last += 1
        places = [_clipped(text, place, extent) for place in held[first:last]]
        found.append(_line(text, extent.start, extent.end, places, extent.breaks, figures, sexes))
        first = last
    return tuple(found)


def fill(frame: str, texts: Sequence[str]) -> str:
    """Put texts into the places of a frame: with a line's own texts, the line comes back."""

    def put(match: re.Match[str]) -> str:
        return texts[int(match[1])] if match[1] is not None else match[0][:1]

    return _PLACE.sub(put, frame)


Place = tuple[int, int, Slot]


def _line(text: str, start: int, end: int, held: list[Place], breaks: int, figures: Figures, sexes: _Sexes) -> Line:
    pieces: list[str] = []
    named: list[str] = []
    slots: list[Slot] = []
    at = start
    for place in _all(text, start, end, held, figures):
        between = text[at : place[0]].replace("{", "{{").replace("}", "}}")
        pieces += (between, f"{{{len(slots)}}}")
        named += (between, f"{{{place[2].name}}}")
        slots.append(place[2])
        at = place[1]
    rest = text[at:end].replace("{", "{{").replace("}", "}}")
    frame = "".join([*pieces, rest])
    key = _BLANK.sub(" ", fold("".join([*named, rest])))
    return Line(frame, tuple(slots), breaks, sexes.tell(key), key)


def _all(text: str, start: int, end: int, held: list[Place], figures: Figures) -> Iterator[Place]:
    """Yield the places of an extent: what it holds already, and the figures between."""
    at = start
    for place in held:
        yield from _between(text, at, place[0], figures)
        yield place
        at = place[1]
    yield from _between(text, at, end, figures)


def _between(text: str, start: int, end: int, figures: Figures) -> Iterator[Place]:
    for figure in figures.find(text, start, end):
        written = text[figure.start : figure.end]
        yield figure.start, figure.end, Slot(figure.kind, figure.code, written, figure.value)


def _clipped(text: str, place: Place, extent: Extent) -> Place:
    """Return what of a place is in an extent, which has no white space at its ends."""
    start, end = max(place[0], extent.start), min(place[1], extent.end)
    return place if (start, end) == place[:2] else (start, end, replace(place[2], text=text[start:end]))


def _of_mention(mention: Mention, text: str) -> Slot:
    written = text[mention.start : mention.end]
    return Slot(mention.kind.value, mention.code, written, mention.value, mention.status)


def _of_span(span: Span, text: str) -> Slot:
    written = text[span.start : span.end]
    figure = re.search(r"\d+", written) if span.label is Label.AGE else None
    return Slot(span.label.value, None, written, float(figure[0]) if figure else None)


class _Sexes:
    """The words of a language that are for a patient of one sex only."""

    def __init__(self, code: str) -> None:
        people = lexicon(code).grammar["people"]
        self._words = re.compile(rf"(?<!\w)(?:({people['feminine']})|{people['masculine']})(?!\w)")

    @staticmethod
    @cache
    def of(code: str) -> _Sexes:
        """Return those of a language by its code."""
        return _Sexes(code)

    def tell(self, key: str) -> str | None:
        """Tell of which sex the words of a folded line are."""
        found = {bool(match[1]) for match in self._words.finditer(key)}
        return ("F" if found.pop() else "M") if len(found) == 1 else None
