"""From messages of results to the event table: each OBX is an event, each visit that is dated is one too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.checks import Fault, Problem
from sosie.timelines.events import Clock, Code, Group, TimelinesPart
from sosie.timelines.form import Form
from sosie.timelines.source.gathering import Batch, gather, people_of
from sosie.timelines.source.hl7.messages import File, Message, Segment

VOCABULARIES = {"LN": "LOINC", "SCT": "SNOMED CT", "I10": "CIM-10", "I9C": "ICD-9-CM"}
"""Names of code systems (HL7 table 0396); any other goes by its own."""
CLASS = "HL70004"
"""The table of classes of visits."""
DEATH = Code(Group.DEATH, "death")
SKIPPED = "{file}: {count} messages are no results (ORU) and were left out"
_MOMENT = re.compile(r"^(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?(?:\.\d+)?)?(?:[+-]\d{4})?$")
_FINAL = frozenset({"D", "X", "W"})
"""Status of results that were withdrawn or never made."""


@dataclass
class _Reading:
    """What reading gathers on the way; all but ``people`` is of no one patient."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    panels: dict[Code, Counter[str]] = field(default_factory=dict)
    kinds: dict[Code, Counter[str]] = field(default_factory=dict)
    words: dict[Code, str] = field(default_factory=dict)
    versions: Counter[str] = field(default_factory=Counter)
    visits: set[tuple[str, str]] = field(default_factory=set)
    widths: Counter[int] = field(default_factory=Counter)


def days(text: str) -> float | None:
    """Return days since 1970 by the clock of the place; None of what is no time of HL7."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(each) if each else None for each in found.groups())
    try:
        told = (date(year or 0, month or 1, day or 1) - date(1970, 1, 1)).days
    except ValueError:
        return None
    clock = (hour or 0) * 3600 + (minute or 0) * 60 + (second or 0)
    return told + clock / 86400 if clock < 86400 else None


def read(files: Sequence[File], name: str, manifest: Manifest) -> TimelinesPart:
    """Read every result.

    Raises
    ------
    UnreadableError
        When no message is of a patient, or a time is none of HL7; it names the file, the field and the line.
    """
    reading = _Reading()
    notices: list[str] = []
    batches = [_batch(file, reading, notices) for file in files]
    if not reading.people:
        raise UnreadableError(name, "no message of results (ORU) with a patient (PID-3)")
    died = [(key, told["died"]) for key, told in reading.people.items() if told["died"] is not None]
    if died:
        rows = {"key": [key for key, _ in died], "time": [day for _, day in died], "code": [0] * len(died)}
        batches.append(Batch(files[0].name, [DEATH], pl.DataFrame(rows), {"time": "PID-29"}))
    people = people_of(reading.people)
    details = {
        "file": files[0].name if len(files) == 1 else "",
        "framed": files[0].framed,
        "ending": files[0].ending,
        "version": reading.versions.most_common(1)[0][0] if reading.versions else "2.5",
        "panels": {code: told.most_common(1)[0][0] for code, told in reading.panels.items()},
        "kinds": {code: told.most_common(1)[0][0] for code, told in reading.kinds.items()},
        "words": reading.words,
        "moments": bool(reading.widths) and max(reading.widths) > 8,
    }
    return gather(batches, Clock.CALENDAR, Form("hl7", name, details), manifest, people, notices)


def _batch(file: File, reading: _Reading, notices: list[str]) -> Batch:
    codes: dict[Code, int] = {}
    rows: list[dict[str, Any]] = []
    strays: list[int] = []
    skipped = 0
    for message in file.messages():
        if message.part(message.first("MSH"), 9) != "ORU":
            skipped += 1
            continue
        key = message.part(message.first("PID"), 3)
        if not key:
            strays.append(message.segments[0].row)
            continue
        _patient(file, message, key, reading)
        for code, row in _events(file, message, key, reading):
            rows.append({**row, "key": key, "code": codes.setdefault(code, len(codes))})
    if skipped:
        notices.append(SKIPPED.format(file=file.name, count=skipped))
    faults = [Fault(Problem.NO_PATIENT, file.name, "PID-3", strays[0], len(strays))] if strays else []
    schema = {"row": pl.Int64, "key": pl.String, "time": pl.Float64, "end": pl.Float64, "code": pl.Int32}
    frame = pl.DataFrame(rows, schema={**schema, "value": pl.Float64, "text": pl.String, "visit": pl.String})
    return Batch(file.name, list(codes), frame, {"patient": "PID-3", "time": "OBX-14"}, faults)


def _patient(file: File, message: Message, key: str, reading: _Reading) -> None:
    """Remember who a patient is; what a later message tells more is added."""
    who = message.first("PID")
    known = reading.people.setdefault(key, {"sex": None, "birth": None, "died": None, "dead": None})
    sex = message.part(who, 8).upper()
    told = {
        "sex": sex if sex in ("F", "M") else None,
        "birth": _day(file, message, who, 7),
        "died": _day(file, message, who, 29),
        "dead": {"Y": True, "N": False}.get(message.part(who, 30).upper()),
    }
    told["dead"] = True if told["died"] is not None else told["dead"]
    known.update({name: value for name, value in told.items() if value is not None})
    reading.versions[message.part(message.first("MSH"), 12) or "2.5"] += 1


def _day(
    file: File, message: Message, segment: Segment | None, number: int, reading: _Reading | None = None
) -> float | None:
    text = message.part(segment, number)
    if not text or segment is None:
        return None
    found = days(text)
    if found is None:
        problem = "not a time of HL7, as 20201231 or 20201231235959"
        raise UnreadableError(file.name, problem, column=f"{segment.name}-{number}", row=segment.row)
    if reading is not None:
        reading.widths[len(text)] += 1
    return found


def _events(file: File, message: Message, key: str, reading: _Reading) -> list[tuple[Code, dict[str, Any]]]:
    found: list[tuple[Code, dict[str, Any]]] = []
    stay = message.first("PV1")
    visit = message.part(stay, 19) or None
    began = _day(file, message, stay, 44, reading)
    if stay is not None and visit is not None and began is not None and (key, visit) not in reading.visits:
        reading.visits.add((key, visit))
        code = Code(Group.VISIT, message.part(stay, 2) or "U", CLASS)
        ended = _day(file, message, stay, 45, reading)
        found.append((code, {"row": stay.row, "time": began, "end": ended, "visit": visit}))
    drawn, panel = None, ""
    for segment in message.segments:
        if segment.name == "OBR":
            drawn, panel = _day(file, message, segment, 7, reading), segment.text(4)
        if segment.name != "OBX" or message.part(segment, 11) in _FINAL or not message.part(segment, 3):
            continue
        system = message.part(segment, 3, 3)
        code = Code(
            Group.MEASUREMENT,
            message.part(segment, 3),
            VOCABULARIES.get(system, system),
            message.part(segment, 6),
        )
        value, text = _result(message, segment)
        moment = _day(file, message, segment, 14, reading)
        reading.panels.setdefault(code, Counter())[panel] += 1
        reading.kinds.setdefault(code, Counter())[message.part(segment, 2) or "ST"] += 1
        reading.words.setdefault(code, message.part(segment, 3, 2))
        row = {"row": segment.row, "time": drawn if moment is None else moment, "value": value, "text": text}
        found.append((code, {**row, "visit": visit}))
    return found


def _result(message: Message, segment: Segment) -> tuple[float | None, str | None]:
    """Return the number, or the words, of a result."""
    kind = message.part(segment, 2)
    if kind == "SN":
        # A comparator stands before the number.
        told = message.part(segment, 5, 2)
    elif kind in ("CE", "CWE", "CNE"):
        return None, message.part(segment, 5, 2) or message.part(segment, 5) or None
    else:
        told = message.part(segment, 5)
    try:
        number = float(told.replace(",", ".")) if kind in ("NM", "SN", "ST") and told else None
    except ValueError:
        number = None
    if number is not None and number - number == 0:
        return number, None
    return None, told or None
