"""The notes' own line: read, find, replace, write; a window of them at a time, so that memory stays flat.

A source of notes and an order come in; a copy in the same formats, lines of findings and pages for a human reader
leave. Nothing is held but counts, and the names of the files that were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sosie.checkpoint import Checkpoint
from sosie.counting import Count
from sosie.engine import Engine, Event, Listener
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.notes import languages, source
from sosie.notes.crew import Crew
from sosie.notes.document import Document, Label
from sosie.notes.kept import Kept
from sosie.notes.redact import style
from sosie.notes.redact.style import Style
from sosie.notes.review import Review
from sosie.notes.windows import windows
from sosie.notes.worker import Answer, Finding, Worker
from sosie.stream import Order, Tally

SHOWN = 200
"""Problems that are told one by one."""


class Notes:
    """Clinical text, in files of one note or of many."""

    name = "notes"

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file or a folder holds notes."""
        return source.recognises(place, manifest)

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the tables of notes."""
        if isinstance(place, str) and "://" in place:
            return frozenset()
        root = Path(place)
        found = [root] if root.is_file() else [path for path in root.rglob("*") if path.is_file()]
        return frozenset(path for path in found if source.is_notes_table(path, manifest))

    def order(self, order: Order) -> Order:
        """Return an order whose pseudonyms follow its profile."""
        asked = _style(order)
        pseudonyms = replace(order.pseudonyms, weekdays=asked.weekdays)
        if asked.language is not None:
            pseudonyms = replace(pseudonyms, language=asked.language)
        return replace(order, pseudonyms=pseudonyms)

    def inspect(self, place: Path, manifest: Manifest, order: Order, listener: Listener) -> Tally:
        """Count what identifies."""
        count = _Count()
        stage = "identify notes"
        for window, answers in _answers(place, manifest, order, None, count):
            for answer in answers:
                count.add(answer.findings)
            listener(Event(stage, count.documents))
            count.missed(window, answers)
        return count.tally({})

    def copy(
        self, place: Path, manifest: Manifest, out: Path, order: Order, kept: Checkpoint, listener: Listener
    ) -> Tally:
        """Write the copy, the findings and the pages."""
        count = _Count()
        (out / "data").mkdir(exist_ok=True)
        with ExitStack() as stack:
            writer = stack.enter_context(source.open_writer(place, out / "data", manifest))
            lines = stack.enter_context((out / "findings.jsonl").open("a", encoding="utf-8"))
            pages = stack.enter_context(Review(out / "review", order.words)) if order.review else None
            for window, answers in _answers(place, manifest, order, kept, count):
                for document, answer in zip(window, answers, strict=True):
                    name = answer.path or document.name
                    writer.write(document, answer.text, answer.path.partition("#")[0] or None)
                    lines.writelines(_line(name, finding) for finding in answer.findings)
                    if pages is not None:
                        pages.add(name, answer.text, answer.findings)
                    count.add(answer.findings)
                count.missed(window, answers)
                listener(Event("redact notes", count.documents))
            for each in writer.close():
                count.trouble(each.name, each.reason)
        if count.documents == count.failed:
            raise UnreadableError(place.name, count.nothing("note"))
        return count.tally(dict(writer.paths))


@dataclass
class _Count(Count):
    shown: int = SHOWN
    failed: int = 0

    def add(self, findings: tuple[Finding, ...]) -> None:
        self.documents += 1
        self.touched += bool(findings)
        self.labels.update(finding.label for finding in findings)
        self.detectors.update(finding.detector for finding in findings)

    def missed(self, window: list[Document], answers: list[Answer]) -> None:
        for answer in answers:
            if answer.problem:
                self.failed += 1
                reason = f"could not be treated ({answer.problem}); it is left empty"
                self.trouble(window[answer.position].name, reason)


def _answers(
    place: Path, manifest: Manifest, order: Order, kept: Checkpoint | None, count: _Count
) -> Iterator[tuple[list[Document], list[Answer]]]:
    worker = Worker(order.pseudonyms, _style(order), order.knowledge.taken)
    folder = kept.folder if kept is not None else None
    crew = Crew(worker, order.knowledge.facts, Engine(order.jobs).workers, Kept(folder, order.pseudonyms))
    return crew.answers(windows(_documents(place, manifest, count)))


def _documents(place: Path, manifest: Manifest, count: _Count) -> Iterator[Document]:
    for found in source.read(place, manifest):
        if isinstance(found, Document):
            yield found
        else:
            count.trouble(found.name, found.reason)


def _style(order: Order) -> Style:
    if order.profile is None:
        return Style()
    return style.load(order.profile, {code: partial(_published, code) for code in languages.available()})


def _published(code: str) -> dict[Label, str]:
    return dict(languages.load(code).published)


def _line(name: str, finding: Finding) -> str:
    told = {
        "document": name,
        "start": finding.start,
        "end": finding.end,
        "label": finding.label,
        "score": finding.score,
        "detector": finding.detector,
    }
    return f"{json.dumps(told, ensure_ascii=False)}\n"
