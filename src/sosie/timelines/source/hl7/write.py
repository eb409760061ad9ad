"""From the event table to messages: one for the results of a patient at a moment, under an identity that is made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from sosie.timelines.events import NONE, Code, Group, TimelinesPart
from sosie.timelines.source.hl7.messages import END, START, Marks
from sosie.timelines.source.hl7.read import VOCABULARIES

MARKS = Marks()
SYSTEMS = {name: system for system, name in VOCABULARIES.items()}
NAME = "SOSIE^DOUBLE"
WITHIN = frozenset({Group.MEASUREMENT, Group.OBSERVATION})


def write(part: TimelinesPart, directory: Path) -> None:
    """Write the messages of those who are present: in one file where one came in, else in one for each."""
    details = part.form.details
    texts: dict[str, list[str]] = {}
    number = 0
    for row in np.flatnonzero(part.present).tolist():
        name = details["file"] or f"patient-{row + 1}.hl7"
        for segments in _messages(part, row):
            number += 1
            texts.setdefault(name, []).append(_framed([_header(number, segments[0], details), *segments[1:]], details))
    for name, some in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(some).encode())


def _framed(segments: list[str], details: Mapping[str, Any]) -> str:
    ending = details["ending"]
    text = ending.join(segments) + ending
    # Without frames a blank line stands between messages.
    return f"{START}{text}{END}\r" if details["framed"] else f"{text}{ending}"


def _header(number: int, moment: str, details: Mapping[str, Any]) -> str:
    charset = "UNICODE UTF-8"
    return f"MSH|^~\\&|SOSIE||||{moment}||ORU^R01|{number}|P|{details['version']}||||||{charset}"


def _messages(part: TimelinesPart, row: int) -> Iterator[list[str]]:
    """Yield the time and the other segments of each message of a patient."""
    events, details = part.events, part.form.details
    first = part.events.first(len(part.keys))
    own = range(int(first[row]), int(first[row + 1]))
    visits = {int(events.visit[at]): at for at in own if part.codes[events.code[at]].group is Group.VISIT}
    results = [at for at in own if part.codes[events.code[at]].group in WITHIN]
    who = _patient(part, row, own)
    told: set[int] = set()
    groups = groupby(results, key=lambda at: (int(events.visit[at]), str(events.time[at])))
    for (visit, _), some in groups:
        members = list(some)
        moment = _moment(float(events.time[members[0]]), details)
        told.add(visit)
        stay = [_visit(part, visit, visits.get(visit))] if visit != NONE else []
        yield [moment, who, *stay, *_results(part, members, moment)]
    for visit, at in visits.items():
        if visit not in told:
            yield [_moment(float(events.time[at]), details), who, _visit(part, visit, at)]
    if not results and not visits:
        yield ["", who]


def _patient(part: TimelinesPart, row: int, own: range) -> str:
    told = part.people.row(row, named=True)
    born = "" if told["birth"] is None or np.isnan(told["birth"]) else _date(told["birth"])
    died = [part.events.time[at] for at in own if part.codes[part.events.code[at]].group is Group.DEATH]
    day = _moment(float(died[0]), part.form.details) if died else ""
    dead = "Y" if told["dead"] else "N" if told["dead"] is not None else ""
    fields = {1: "1", 3: f"D{row + 1:06d}", 5: NAME, 7: born, 8: told["sex"] or "", 29: day, 30: dead}
    return _segment("PID", fields)


def _visit(part: TimelinesPart, visit: int, at: int | None) -> str:
    fields = {1: "1", 19: f"V{visit + 1}"}
    if at is None:
        return _segment("PV1", fields | {2: "U"})
    start, end = float(part.events.time[at]), float(part.events.end[at])
    code = part.codes[part.events.code[at]].code
    details = part.form.details
    return _segment("PV1", fields | {2: MARKS.escaped(code), 44: _moment(start, details), 45: _moment(end, details)})


def _results(part: TimelinesPart, members: list[int], moment: str) -> Iterator[str]:
    """Yield the requests and their results; neighbours of one panel stand under one request."""
    events, details = part.events, part.form.details
    panels = groupby(members, key=lambda at: details["panels"].get(part.codes[events.code[at]], ""))
    for rank, (panel, some) in enumerate(panels, start=1):
        yield _segment("OBR", {1: str(rank), 4: panel, 7: moment})
        for at_, at in enumerate(some, start=1):
            code = part.codes[events.code[at]]
            value = None if np.isnan(events.value[at]) else float(events.value[at])
            text = None if events.text[at] == NONE else part.texts[events.text[at]]
            kind, told = _told(details["kinds"].get(code, "ST"), value, text)
            name = _name(code, details["words"].get(code, ""))
            fields = {1: str(at_), 2: kind, 3: name, 5: told, 6: MARKS.escaped(code.unit), 11: "F", 14: moment}
            yield _segment("OBX", fields)


def _name(code: Code, words: str) -> str:
    parts = (code.code, words, SYSTEMS.get(code.vocabulary, code.vocabulary))
    return MARKS.component.join(MARKS.escaped(each) for each in parts)


def _told(kind: str, value: float | None, text: str | None) -> tuple[str, str]:
    """Return the type of a result and its field."""
    if value is not None:
        number = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return ("SN", f"^{number}") if kind == "SN" else ("NM", number)
    if text is None:
        return kind, ""
    if kind in ("CE", "CWE", "CNE"):
        return kind, f"^{MARKS.escaped(text)}"
    return (kind if kind not in ("NM", "SN") else "ST"), MARKS.escaped(text)


def _segment(name: str, fields: Mapping[int, str]) -> str:
    return MARKS.field.join([name, *(fields.get(number, "") for number in range(1, max(fields) + 1))])


def _date(day: float) -> str:
    return _at(np.floor(day)).strftime("%Y%m%d")


def _moment(day: float, details: Mapping[str, Any]) -> str:
    if np.isnan(day):
        return ""
    return _at(day).strftime("%Y%m%d%H%M%S" if details["moments"] else "%Y%m%d")


def _at(day: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(day * 86400))
