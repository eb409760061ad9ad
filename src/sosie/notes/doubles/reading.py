"""What a note says, found once: who is named in it, what it states, and its lines with slots.

The notes of a patient enter; a `Reading` of each leaves. It is computed by processes, patient by patient, since names
that are certain in one note are found in all of the patient's; everything that is fitted later only counts readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from sosie.engine import Engine, Event, Listener, follow
from sosie.errors import SosieError
from sosie.names import fold
from sosie.notes import facts, frames, languages
from sosie.notes.crew import FEW
from sosie.notes.document import Document, Label, Span
from sosie.notes.redact import dates
from sosie.notes.redact.words import spoken, words
from sosie.notes.worker import search
from sosie.stream import Fact

TASK = 60_000
"""Characters from which a task is large enough."""
NAMED = frozenset({Label.LAST_NAME, Label.FIRST_NAME})
DATED = frozenset({Label.DATE, Label.BIRTH_DATE})
_DATES = frozenset({"DATE", "BIRTH_DATE"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a line that a double fills with what is its own.

    Parameters
    ----------
    kind : str
        A label of identifiers, a kind of fact, or NUMBER, DATE, TIME, DURATION.
    code : str
        Of a fact; empty for the rest.
    status : str
        Of a fact: present, negated ...; empty for the rest.
    text : str
    value : float, optional
        Number; the day of a date, as an ordinal.
    """

    kind: str
    code: str
    status: str
    text: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a sentence, with its slots.

    Parameters
    ----------
    frame : str
        Its own text, slots as ``{0}``, ``{1}`` ...
    slots : tuple of Slot
    gap : int
        Line ends before it: none, one, or a blank line.
    sex : str
        ``F`` or ``M`` where its words are for a patient of that sex only.
    key : str
        What is counted over patients: the frame without case and accents.
    """

    frame: str
    slots: tuple[Slot, ...]
    gap: int
    sex: str
    key: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One note, read.

    Parameters
    ----------
    language : str
    labels : tuple of (str, float, str)
        Label, score and detector of each identifier.
    identifiers : tuple of str
        What identifies, folded; a first and a last name side by side also together.
    facts : tuple of (str, str, str, float or None, str)
        Kind, code, status, value and words of each fact.
    lines : tuple of Line
    day : float
        By which its dates are counted, NaN where it has none.
    number : str
        By which it names its patient; empty where it names none.
    """

    language: str
    labels: tuple[tuple[str, float, str], ...]
    identifiers: tuple[str, ...]
    facts: tuple[tuple[str, str, str, float | None, str], ...]
    lines: tuple[Line, ...]
    day: float
    number: str


Patient = tuple[tuple[Document, ...], Sequence[Fact]]


def read_all(
    patients: Sequence[tuple[Document, ...]], known: Sequence[Sequence[Fact]], jobs: int, listener: Listener
) -> list[list[Reading]]:
    """Read the notes of all patients, in their order.

    Parameters
    ----------
    patients : sequence of tuple of Document
    known : sequence of sequence of Fact
        What other modalities know of each patient.
    jobs : int
        Processes; 0 for one a core.
    listener : callable
        Hears of progress.
    """
    tasks = list(_tasks(list(zip(patients, known, strict=True))))
    total, done = len(patients), 0
    stage = "identify notes"
    listener(Event(stage, 0, total))
    readings: list[list[Reading]] = []
    workers = Engine(jobs).workers
    size = sum(len(document.text) for documents in patients for document in documents)
    if workers == 1 or size <= FEW:
        for task in tasks:
            readings += read_some(task)
            done += len(task)
            listener(Event(stage, done, total))
        return readings
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=follow) as pool:
            for some, task in zip(pool.map(read_some, tasks), tasks, strict=True):
                readings += some
                done += len(task)
                listener(Event(stage, done, total))
    except BrokenProcessPool:
        raise SosieError(
            "a process that reads notes ended unexpectedly, for want of memory perhaps: try --jobs 1"
        ) from None
    return readings


def read_some(patients: Sequence[Patient]) -> list[list[Reading]]:
    """Read the notes of some patients."""
    return [_patient(documents, known) for documents, known in patients]


def _tasks(patients: Sequence[Patient]) -> Iterator[list[Patient]]:
    pending: list[Patient] = []
    size = 0
    for patient in patients:
        pending.append(patient)
        size += sum(len(document.text) for document in patient[0])
        if size >= TASK:
            yield pending
            pending, size = [], 0
    if pending:
        yield pending


def _patient(documents: tuple[Document, ...], known: Sequence[Fact]) -> list[Reading]:
    if not documents:
        return []
    code = spoken(documents[0].text, languages.available())
    language = languages.load(code)
    found = search(documents, language, known)
    return [_note(document, spans, code) for document, spans in zip(documents, found, strict=True)]


def _note(document: Document, spans: Sequence[Span], code: str) -> Reading:
    language, text = languages.load(code), document.text
    stated = facts.extract(text, language, spans)
    lines = frames.lines(text, spans, stated, language)
    days = _days(text, spans, lines, code)
    return Reading(
        code,
        tuple((language.published.get(span.label, span.label.value), span.score, span.detector) for span in spans),
        tuple(sorted(set(_identifiers(text, spans)))),
        tuple((str(m.kind), m.code, str(m.status), m.value, text[m.start : m.end]) for m in stated),
        tuple(_line(line, days) for line in lines),
        _day(document, days, spans),
        _number(text, spans),
    )


def _line(line: frames.Line, days: Mapping[str, float]) -> Line:
    """Put the day of each date into its slot."""
    slots = (
        Slot(
            str(slot.kind),
            slot.code or "",
            str(slot.status or ""),
            slot.text,
            days.get(slot.text) if slot.kind in _DATES else slot.value,
        )
        for slot in line.slots
    )
    return Line(line.frame, tuple(slots), line.breaks, line.sex or "", line.key)


def _days(text: str, spans: Sequence[Span], lines: Sequence[frames.Line], code: str) -> dict[str, float]:
    """Return the dates of a note, by what is written."""
    known = words(code)
    if known is None:
        return {}
    written = {text[span.start : span.end] for span in spans if span.label in DATED}
    written |= {slot.text for line in lines for slot in line.slots if slot.kind == "DATE"}
    days: dict[str, float] = {}
    for each in written:
        day = dates.read(each, known.calendar)
        if day is not None and dates.FIRST <= day.year <= dates.LAST:
            days[each] = float(day.toordinal())
    return days


def _day(document: Document, days: Mapping[str, float], spans: Sequence[Span]) -> float:
    if document.written is not None:
        return float(document.written.toordinal())
    told = [
        days[written]
        for span in spans
        if span.label is Label.DATE and (written := document.text[span.start : span.end]) in days
    ]
    return max(told, default=float("nan"))


def _identifiers(text: str, spans: Sequence[Span]) -> Iterator[str]:
    before: Span | None = None
    for span in spans:
        if not span.label.direct or span.label in DATED:
            before = None
            continue
        folded = fold(text[span.start : span.end])
        if len(folded) > 1:
            yield folded
        named = before is not None and span.label in NAMED and before.label in NAMED
        if before is not None and named and span.start - before.end <= 2:
            pair = sorted((fold(text[before.start : before.end]), folded))
            yield " ".join(pair)
        before = span


def _number(text: str, spans: Sequence[Span]) -> str:
    for label in (Label.PATIENT_NUMBER, Label.NATIONAL_ID):
        for span in spans:
            if span.label is label:
                return fold(text[span.start : span.end])
    return ""
