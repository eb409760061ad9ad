"""Where each piece of a text stands in its file, and what becomes of it when the text changes.

A file with a layout (DOCX, CDA, FHIR, HTML, a row of columns) is read as one text: its pieces, and between them gaps
that the file does not hold (a line end between two paragraphs, the caption of a field). The new text is compared with
the old one; each change goes to the piece where it begins. Every character that is written comes from the new text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import accumulate, takewhile

from sosie.notes.document import Label, Span
from sosie.notes.source.fields import Person, told

_TOKEN = re.compile(r"[^\W_]+|\s+|.", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_COMPARED = 4_000_000


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters ``start`` to ``end`` of the old text give way to other ones."""

    start: int
    end: int
    text: str


@dataclass
class Layout:
    """A text made of pieces and gaps; ``put`` of a piece takes what replaces it."""

    _texts: list[str] = field(default_factory=list)
    _slots: list[tuple[int, int, Callable[[str], object]]] = field(default_factory=list)
    _known: list[Span] = field(default_factory=list)
    _length: int = 0

    def piece(self, text: str, put: Callable[[str], object], spans: Iterable[Span] = ()) -> None:
        """Add a piece; with spans where the source says what it is."""
        if text:
            at = self._length
            self._slots.append((at, at + len(text), put))
            self._known += [replace(span, start=at + span.start, end=at + span.end) for span in spans]
        self.gap(text)

    def gap(self, text: str) -> None:
        """Add what only the text has."""
        self._texts.append(text)
        self._length += len(text)

    def entry(self, caption: str, text: str, put: Callable[[str], object], label: Label | Person | None = None) -> None:
        """Add a line of a header: its caption and its value."""
        if text.strip():
            self.gap(f"{caption}: ")
            self.piece(text, put, told(text, label))
            self.gap("\n")

    def break_line(self) -> None:
        """End the line, unless it just ended."""
        if self._length and not next((t for t in reversed(self._texts) if t), "\n").endswith("\n"):
            self.gap("\n")

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self._texts)

    @property
    def known(self) -> tuple[Span, ...]:
        """What the source says of its pieces."""
        return tuple(self._known)

    def __len__(self) -> int:
        return len(self._slots)

    def fill(self, new: str) -> bool:
        """Put a new text into the pieces that it changes; tell whether there was any."""
        old = self.text
        starts = [start for start, _, _ in self._slots]
        changed: dict[int, list[Edit]] = {}
        for edit in edits(old, new):
            for at, part in self._parts(edit, starts):
                changed.setdefault(at, []).append(part)
        for at, parts in changed.items():
            start, end, put = self._slots[at]
            pieces, done = [], start
            for part in parts:
                pieces += [old[done : part.start], part.text]
                done = part.end
            put("".join([*pieces, old[done:end]]))
        return bool(changed)

    def _parts(self, edit: Edit, starts: list[int]) -> Iterator[tuple[int, Edit]]:
        """Cut an edit at the borders of pieces; the first piece gets its text, the others lose theirs."""
        at, text = max(bisect_right(starts, edit.start) - 1, 0), edit.text
        while at < len(self._slots) and (self._slots[at][0] < edit.end or text):
            start, end, _ = self._slots[at]
            low, high = max(edit.start, start), min(edit.end, end)
            if low < high or (edit.start == edit.end and start <= edit.start <= end):
                yield at, Edit(low, high, text)
                text = ""
            elif start > edit.end:
                break
            at += 1


def edits(old: str, new: str) -> list[Edit]:
    """Return what makes a text another: whole words, line by line where the lines are as many."""
    if old == new:
        return []
    before, after = _LINE.findall(old), _LINE.findall(new)
    places = list(accumulate((len(line) for line in before), initial=0))
    found: list[Edit] = []
    for first, last, theirs in _blocks(before, after):
        start = places[first]
        found += [Edit(start + e.start, start + e.end, e.text) for e in _words("".join(before[first:last]), theirs)]
    return found


def _blocks(before: list[str], after: list[str]) -> Iterator[tuple[int, int, str]]:
    """Return the runs of lines that differ, and what they become."""
    if len(before) == len(after):
        for at, (mine, theirs) in enumerate(zip(before, after, strict=True)):
            if mine != theirs:
                yield at, at + 1, theirs
        return
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield i, j, "".join(after[k:m])


def _words(old: str, new: str) -> Iterator[Edit]:
    mine, theirs = _TOKEN.findall(old), _TOKEN.findall(new)
    same = list(takewhile(lambda pair: pair[0] == pair[1], zip(mine, theirs, strict=False)))
    place = sum(len(token) for token, _ in same)
    mine, theirs = mine[len(same) :], theirs[len(same) :]
    while mine and theirs and mine[-1] == theirs[-1]:
        mine.pop()
        theirs.pop()
    if len(mine) * len(theirs) > _MOST_COMPARED:
        yield Edit(place, place + sum(map(len, mine)), "".join(theirs))
        return
    places = list(accumulate((len(token) for token in mine), initial=place))
    for kind, i, j, k, m in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Edit(places[i], places[j], "".join(theirs[k:m]))
