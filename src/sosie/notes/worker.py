"""What one process does with the notes of some patients: find what identifies, replace it, say what was found.

A task comes in, an answer for each of its notes leaves: the new text, the findings as they are published, and where
they stand in the new text. A note that makes a detector fail is left empty and told as a problem; it is never copied as
it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sosie import names
from sosie.engine import single_threaded_libraries
from sosie.errors import SosieError
from sosie.notes import identify, languages
from sosie.notes.document import Document, Label, Span
from sosie.notes.redact import Double, Redacted, Style, paths, redact
from sosie.notes.redact.words import spoken
from sosie.notes.windows import Notes, Task
from sosie.pseudonyms import NAMES, Pseudonyms
from sosie.stream import Fact

PIECE = 200_000
"""Characters from which a note is searched in pieces."""
TOGETHER = 20
"""Notes, or pieces, of a patient that are searched together; what is found in one is looked for in the others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding as it is published, and where it stands in the new text."""

    start: int
    end: int
    label: str
    score: float
    detector: str
    new_start: int = 0
    new_end: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one note.

    Parameters
    ----------
    position : int
        Of the note in its window.
    text : str
    findings : tuple of Finding
    path : str
        Of its file in the copy; empty where it stays.
    problem : str
        Kind of the error for which the note could not be treated; empty where it was.
    """

    position: int
    text: str
    findings: tuple[Finding, ...]
    path: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Worker:
    """Treats tasks; the same for all processes.

    Parameters
    ----------
    pseudonyms : Pseudonyms
    style : Style
    taken : collection of str
        Folded names of everyone in the tables.
    """

    pseudonyms: Pseudonyms = field(repr=False)
    style: Style
    taken: Collection[str] = field(default=frozenset(), repr=False)

    def __call__(self, task: tuple[Task, Mapping[str, Sequence[Fact]]]) -> list[Answer]:
        """Treat the notes of some patients, each by what the tables know of them."""
        patients, facts = task
        with single_threaded_libraries():
            return [answer for notes in patients for answer in self._treated(notes, facts.get(notes.key, ()))]

    def _treated(self, notes: Notes, facts: Sequence[Fact]) -> list[Answer]:
        try:
            return self._answers(notes, facts)
        except SosieError:
            raise
        except Exception as error:
            if len(notes.documents) > 1:
                alone = (
                    Notes(notes.key, (document,), (position,))
                    for document, position in zip(notes.documents, notes.positions, strict=True)
                )
                return [answer for one in alone for answer in self._treated(one, facts)]
            # The kind of the error alone: its words may quote the note.
            return [Answer(notes.positions[0], "", (), problem=type(error).__name__)]

    def _answers(self, notes: Notes, facts: Sequence[Fact]) -> list[Answer]:
        code = self.style.language or spoken(notes.documents[0].text, languages.available())
        language = languages.load(code)
        found = search(notes.documents, language, facts, self.style.model)
        pairs = list(zip(notes.documents, found, strict=True))
        told = bool(facts) or notes.documents[0].patient is not None
        key = notes.key if told else _key(pairs) or notes.key
        pseudonyms = replace(self.pseudonyms, language=code)
        double = Double(key, pairs, pseudonyms, language, self.style, facts, self.taken, told)
        answers = []
        for (document, spans), position in zip(pairs, notes.positions, strict=True):
            done = redact(document, spans, pseudonyms, language, self.style, double)
            path = paths.redacted(document.name, double) if is_file(document.name) else document.name
            changed = path if path != document.name else ""
            answers.append(Answer(position, done.text, _published(done, language.published), changed))
        return answers


def search(
    documents: Sequence[Document], language: languages.Language, facts: Sequence[Fact] = (), model: str | None = None
) -> list[list[Span]]:
    """Search the notes of a patient, long ones in pieces, and add what the source itself says."""
    pieces = [(at, start, piece) for at, each in enumerate(documents) for start, piece in _pieces(each)]
    known, tagger = _known(facts), _tagger(model)
    found: list[list[Span]] = [[] for _ in documents]
    for first in range(0, len(pieces), TOGETHER):
        some = pieces[first : first + TOGETHER]
        spans = identify.find_all([piece for _, _, piece in some], language, known, tagger)
        for (at, start, _), there in zip(some, spans, strict=True):
            found[at] += [replace(span, start=start + span.start, end=start + span.end) for span in there]
    return [_merged(document.known, some) for document, some in zip(documents, found, strict=True)]


def is_file(name: str) -> bool:
    """Tell a note that is a file from a row of one."""
    return not name.rpartition("#")[2].partition("/")[0].isdecimal() or "#" not in name


@cache
def _tagger(model: str | None) -> Any:
    """Load the learned detector once a process."""
    from sosie.notes.tagger import Tagger

    return Tagger.load(Path(model) if model else None)


def _key(pairs: Sequence[tuple[Document, Sequence[Span]]]) -> str:
    """Return the number by which notes name their patient: that of the hospital, else the national one."""
    for label in (Label.PATIENT_NUMBER, Label.NATIONAL_ID):
        found = Counter(
            "".join(character for character in document.text[span.start : span.end].upper() if character.isalnum())
            for document, spans in pairs
            for span in spans
            if span.label is label
        )
        if found:
            return min(found, key=lambda number: (-found[number], number))
    return ""


def _published(done: Redacted, names: Mapping[Label, str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            each.source.start,
            each.source.end,
            names.get(each.source.label, each.source.label.value),
            round(each.source.score, 3),
            each.source.detector,
            each.start,
            each.end,
        )
        for each in done.spans
    )


def _pieces(document: Document) -> list[tuple[int, Document]]:
    """Cut a long note at ends of lines, else at spaces."""
    text, at = document.text, 0
    if len(text) <= PIECE:
        return [(0, document)]
    pieces = []
    while at < len(text):
        end = len(text)
        if end - at > PIECE:
            cut = text.rfind("\n", at, at + PIECE)
            cut = cut if cut > at else text.rfind(" ", at, at + PIECE)
            end = cut + 1 if cut > at else at + PIECE
        pieces.append((at, replace(document, text=text[at:end], known=())))
        at = end
    return pieces


def _merged(known: Sequence[Span], found: Sequence[Span]) -> list[Span]:
    """Put together what the source says and what was found; the source is right where they overlap."""
    merged: list[Span] = []
    told = frozenset(known)
    for span in sorted([*known, *found], key=lambda span: (span.start, span not in told, -span.end)):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
        elif span in told and merged[-1] not in told:
            merged[-1] = replace(merged[-1], end=span.start)
            if merged[-1].start >= merged[-1].end:
                merged.pop()
            merged.append(span)
        elif span.end > merged[-1].end:
            merged.append(replace(span, start=merged[-1].end))
    return merged


def _known(facts: Sequence[Fact]) -> Any:
    """Return what the tables know of a patient, as the detectors want it."""
    if not facts:
        return None
    units = [unit for fact in facts if fact.label in NAMES for unit in names.units(fact.value, fact.label)]
    born = next((fact.value[:10] for fact in facts if fact.label == "BIRTH_DATE"), None)
    texts = {fact.label: fact.value for fact in facts}
    return identify.Known(
        last_names=tuple(unit.text for unit in units if unit.kind is names.Kind.LAST),
        first_names=tuple(unit.text for unit in units if unit.kind is names.Kind.FIRST),
        birth_date=date.fromisoformat(born) if born else None,
        numbers=tuple(
            fact.value
            for fact in facts
            if any(character.isdigit() for character in fact.value)
            and fact.label not in ("BIRTH_DATE", "ADDRESS", "CITY", "POSTCODE", *NAMES)
        ),
        town=texts.get("CITY"),
        address=texts.get("ADDRESS"),
        email=texts.get("EMAIL"),
    )
