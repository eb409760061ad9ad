"""HL7 v2 files as sheets, for a pseudonymised copy: the fields that identify, a row each.

Codes, units, numbers and short results stay where they are; times move; numbers of patients, visits and orders become
others. Every field that is not known to be innocent goes, and every segment that is not of results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from sosie.cohort import Role
from sosie.timelines.source.hl7.messages import END, START, File, Message, Segment
from sosie.timelines.source.reader import Action, Take, Treatment

WINDOW = 2_000
"""Messages that are held at once."""
OWNER = "owner"
CELLS: Mapping[str, Treatment] = {
    "patient": Treatment(Action.PSEUDONYM, "PATIENT_KEY", Role.KEY),
    "visit": Treatment(Action.PSEUDONYM, "VISIT", Role.DIRECT, kind="visit"),
    "order": Treatment(Action.PSEUDONYM, "RECORD_NUMBER", Role.DIRECT, kind="order"),
    "time": Treatment(Action.SHIFT, "DATE", Role.DATE),
    "birth": Treatment(Action.SHIFT, "BIRTH_DATE", Role.QUASI),
    "words": Treatment(Action.BLANK, "FREE_TEXT", Role.FREE_TEXT),
    "removed": Treatment(Action.BLANK, "IDENTIFIER", Role.DIRECT),
}
RESULT = "result"
"""Column of results that stay, in which identifiers may hide."""
_NAMES = (*CELLS, RESULT)
_SCHEMA = {name: pl.String() for name in (OWNER, *_NAMES)}
KEPT: Mapping[str, frozenset[int]] = {
    "MSH": frozenset({1, 2, 3, 5, 9, 11, 12, 15, 16, 17, 18, 19}),
    "PID": frozenset({1, 8, 30}),
    "PV1": frozenset({1, 2, 4, 10, 14, 18}),
    "ORC": frozenset({1, 5}),
    "OBR": frozenset({1, 4, 11, 15, 24, 25}),
    "OBX": frozenset({1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 17}),
    "SPM": frozenset({1, 4, 7, 8}),
    "NTE": frozenset({1, 2}),
}
"""Fields that say nothing of a person, by segment; a segment that is not named goes."""
TIMES: Mapping[str, frozenset[int]] = {
    "MSH": frozenset({7}),
    "PID": frozenset({29}),
    "PV1": frozenset({44, 45}),
    "ORC": frozenset({9, 15}),
    "OBR": frozenset({6, 7, 8, 14, 22, 27, 36}),
    "OBX": frozenset({14, 19}),
    "SPM": frozenset({17, 18}),
}
NUMBERS = {
    ("PID", 3): "patient",
    ("PV1", 19): "visit",
    **dict.fromkeys((("MSH", 10), ("ORC", 2), ("ORC", 3), ("OBR", 2), ("OBR", 3), ("SPM", 2)), "order"),
    ("PID", 7): "birth",
}
PROSE = frozenset({"TX", "FT", "ED", "RP", "XPN", "XAD", "XTN", "XCN", "CX", "PN", "AD", "TN"})
"""Types of results that hold sentences, pictures or persons."""
MOMENTS = frozenset({"DT", "TS", "DTM", "TM"})
LONG = 40


@dataclass(frozen=True)
class Cell:
    """One field that identifies: its segment, its number, what it is, its words."""

    segment: Segment
    number: int
    kind: str
    text: str


@dataclass(frozen=True)
class Hl7Sheet:
    """One file of messages; a row is one field, in the order in which they stand."""

    file: File

    @property
    def name(self) -> str:
        """Path relative to the source."""
        return self.file.name

    @property
    def patient(self) -> str:
        """The patient to whom a field belongs."""
        return OWNER

    @property
    def treatments(self) -> Mapping[str, Treatment]:
        """What identifies; ``owner`` is no field of the file."""
        return CELLS

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield the fields that identify."""
        for some in self._held():
            rows: list[tuple[str | None, ...]] = []
            for message in some:
                owner = message.part(message.first("PID"), 3) or None
                rows += [
                    (owner, *(cell.text if cell.kind == name else None for name in _NAMES)) for cell in _cells(message)
                ]
            yield pl.DataFrame(rows, schema=_SCHEMA, orient="row")

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Open the copy: fields go back where they stood."""
        held = self._held()
        target.parent.mkdir(parents=True, exist_ok=True)
        ending, framed = self.file.ending, self.file.framed
        with target.open("w", encoding="utf-8", newline="") as file:

            def take(frame: pl.DataFrame) -> None:
                new = frame.iter_rows(named=True)
                for message in next(held):
                    cells = list(_cells(message))
                    for cell, row in zip(cells, islice(new, len(cells)), strict=True):
                        _put(message, cell, row[cell.kind])
                    lines = [message.marks.field.join(each.fields) for each in message.segments if each.name in KEPT]
                    text = ending.join(lines) + ending
                    file.write(f"{START}{text}{END}\r" if framed else f"{text}{ending}")

            yield take

    def _held(self) -> Iterator[list[Message]]:
        messages = self.file.messages()
        while some := list(islice(messages, WINDOW)):
            yield some


def _cells(message: Message) -> Iterator[Cell]:
    for segment in message.segments:
        if segment.name not in KEPT:
            continue
        last = len(segment.fields) + (segment.name == "MSH")
        for number in range(3 if segment.name == "MSH" else 1, last):
            text = segment.text(number)
            kind = _kind(message, segment, number) if text else ""
            if kind:
                first = message.part(segment, number)
                yield Cell(segment, number, kind, first if kind not in ("words", "removed", RESULT) else text)


def _kind(message: Message, segment: Segment, number: int) -> str:
    """Return what becomes of a field; nothing of one that stays."""
    name = segment.name
    if (name, number) in NUMBERS:
        return NUMBERS[name, number]
    if number in TIMES.get(name, frozenset()):
        return "time"
    if name == "OBX" and number == 5:
        kind = message.part(segment, 2)
        if kind in MOMENTS:
            return "time"
        return "words" if kind in PROSE or len(segment.text(5)) > LONG else RESULT
    if number in KEPT[name]:
        return ""
    return "words" if name == "NTE" else "removed"


def _put(message: Message, cell: Cell, new: str | None) -> None:
    """Put what stands for a field in its place: of several numbers, the first stays, with who gave it."""
    at = cell.number - 1 if cell.segment.name == "MSH" else cell.number
    marks = message.marks
    if new is None or cell.kind in ("words", "removed", RESULT):
        cell.segment.fields[at] = new or ""
        return
    parts = cell.segment.fields[at].split(marks.repetition)[0].split(marks.component)
    rest = parts[1:] if cell.kind in ("patient", "visit", "order") else []
    cell.segment.fields[at] = marks.component.join([marks.escaped(new), *rest])
