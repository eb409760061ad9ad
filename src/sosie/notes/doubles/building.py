"""From readings to a corpus: everything that comes gets a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats
from sosie.notes.document import Document
from sosie.notes.doubles.coordinates import coordinates
from sosie.notes.doubles.corpus import Corpus, Facts, Frame, Site, Style
from sosie.notes.doubles.grams import Grams, Numbers
from sosie.notes.doubles.profile import PROBLEM, TREATMENT
from sosie.notes.doubles.reading import Line, Reading

Entry = TypeVar("Entry", bound=Hashable)


def build(documents: Sequence[Sequence[Document]], readings: Sequence[Sequence[Reading]]) -> Corpus:
    """Number everything in the readings of each patient's documents."""
    builder = _Builder()
    for patient, (notes, read) in enumerate(zip(documents, readings, strict=True)):
        for document, reading in zip(notes, read, strict=True):
            builder.add(patient, document, reading)
    return builder.built([[document.text for document in notes] for notes in documents])


class Numbering(Generic[Entry]):
    """Numbers for things, in the order in which they come."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._numbers: dict[Entry, int] = {}

    def __call__(self, entry: Entry) -> int:
        """Return the number of a thing."""
        number = self._numbers.get(entry)
        if number is None:
            number = self._numbers[entry] = len(self.entries)
            self.entries.append(entry)
        return number


class _Builder:
    """A corpus in the making."""

    def __init__(self) -> None:
        self.styles, self.frames = Numbering[Style](), Numbering[tuple[str, tuple[Site, ...], str]]()
        self.gaps: list[list[int]] = []
        self.texts: list[Counter[str]] = []
        self.strings, self.known, self.identifiers = Numbering[str](), Numbering[Site](), Numbering[str]()
        self.notes: list[tuple[int, int, float]] = []
        self.lines: list[tuple[int, int]] = []
        self.slots: list[tuple[int, int, int, float]] = []
        self.facts: list[tuple[int, int, int, float]] = []
        self.pairs: dict[tuple[int, int], None] = {}
        self.labels: dict[str, list[tuple[float, str]]] = {}
        self.dated = 0

    def add(self, patient: int, document: Document, reading: Reading) -> None:
        note = len(self.notes)
        self.dated += document.written is not None
        self.notes.append((patient, self.styles(Style(reading.language, document.kind or "")), reading.day))
        for at, line in enumerate(reading.lines):
            self._line(note, line if at else replace(line, gap=1))
        for kind, code, status, value, text in reading.facts:
            number = self.known(Site(kind, code, status))
            self.facts.append((number, patient, self.strings(text), _number(value)))
        self.pairs |= dict.fromkeys((self.identifiers(each), patient) for each in reading.identifiers)
        for label, score, detector in reading.labels:
            self.labels.setdefault(label, []).append((score, detector))

    def _line(self, note: int, line: Line) -> None:
        sites = tuple(Site(slot.kind, _code(slot.kind, slot.code), slot.status) for slot in line.slots)
        frame = self.frames((line.key, sites, line.sex))
        if frame == len(self.gaps):
            self.gaps.append([0, 0, 0])
            self.texts.append(Counter())
        self.gaps[frame][min(line.gap, 2)] += 1
        self.texts[frame][line.frame] += 1
        at = len(self.lines)
        self.lines.append((note, frame))
        for place, slot in enumerate(line.slots):
            self.slots.append((at, place, self.strings(slot.text), _number(slot.value)))

    def built(self, texts: Sequence[Sequence[str]]) -> Corpus:
        # Lines that differ in case and accents alone are one: it is written as most are.
        frames = tuple(
            Frame(texts.most_common(1)[0][0], sites, int(np.argmax(gaps)), sex)
            for (_, sites, sex), gaps, texts in zip(self.frames.entries, self.gaps, self.texts, strict=True)
        )
        first = np.concatenate([[0], np.cumsum([len(frame.sites) for frame in frames])]).astype(np.int32)
        notes, lines, slots, facts = (_columns(rows) for rows in (self.notes, self.lines, self.slots, self.facts))
        slot_line = _whole(slots, 0)
        line_frame = _whole(lines, 1)
        pairs = _columns(list(self.pairs))
        return Corpus(
            patients=len(texts),
            styles=tuple(self.styles.entries),
            note_patient=_whole(notes, 0),
            note_style=_whole(notes, 1),
            note_day=_floats(notes, 2),
            frames=frames,
            line_note=_whole(lines, 0),
            line_frame=line_frame,
            first_site=first,
            slot_line=slot_line,
            slot_site=(first[line_frame[slot_line]] + _whole(slots, 1)).astype(np.int32),
            slot_text=_whole(slots, 2),
            slot_value=_floats(slots, 3),
            strings=tuple(self.strings.entries),
            facts=Facts(
                tuple(self.known.entries), _whole(facts, 0), _whole(facts, 1), _whole(facts, 2), _floats(facts, 3)
            ),
            identifiers=tuple(self.identifiers.entries),
            identifier=_whole(pairs, 0),
            identifier_patient=_whole(pairs, 1),
            grams=Grams.of(texts),
            coordinates=coordinates(texts),
            written=2 * self.dated > len(self.notes),
            labels={
                label: (len(found), float(np.mean([score for score, _ in found])), _usual([one for _, one in found]))
                for label, found in self.labels.items()
            },
        )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _code(kind: str, code: str) -> str:
    """Keep the code where a line is about one thing alone: what is measured, the unit of a figure."""
    return "" if kind in (PROBLEM, TREATMENT) else code


def _usual(names: Sequence[str]) -> str:
    found, counts = np.unique(names, return_counts=True)
    return str(found[counts.argmax()])


def _columns(rows: Sequence[tuple[float, ...]]) -> list[NDArray[np.float64]]:
    return [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]


def _whole(columns: Sequence[NDArray[np.float64]], at: int) -> Numbers:
    return columns[at].astype(np.int32) if columns else np.zeros(0, dtype=np.int32)


def _floats(columns: Sequence[NDArray[np.float64]], at: int) -> Floats:
    return columns[at] if columns else np.zeros(0)
