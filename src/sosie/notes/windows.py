"""From a stream of notes to windows of them, each cut into the tasks of one process.

Notes come in the order of the source. A window holds as many as fit in a bounded memory; inside it, the notes of one
patient stay together whatever their order, so that what is found in one is found in all. Notes without a patient are
each one's own. What one task returns is put back in the order of the source.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sosie.notes.document import Document

DOCUMENTS, CHARACTERS = 2_048, 16_000_000
"""At most in a window; a single longer note is a window of its own."""
TASK = 100_000
"""Characters from which a task is large enough."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one patient in a window.

    Parameters
    ----------
    key : str
        Patient key, or the name of the only note.
    documents : tuple of Document
    positions : tuple of int
        Of the documents in the window.
    """

    key: str
    documents: tuple[Document, ...]
    positions: tuple[int, ...]


Task = tuple[Notes, ...]
HEAD, LEAST = 20_000, 4
"""Characters of a note in which a patient key of so many characters is looked for."""
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def windows(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut a stream of notes where the next one would not fit."""
    window: list[Document] = []
    size = 0
    for document in documents:
        if window and (len(window) >= DOCUMENTS or size + len(document.text) > CHARACTERS):
            yield window
            window, size = [], 0
        window.append(document)
        size += len(document.text)
    if window:
        yield window


def tasks(window: Sequence[Document], patients: Container[str] = frozenset()) -> list[Task]:
    """Put the notes of each patient together, and patients into tasks of about the same size.

    Parameters
    ----------
    window : sequence of Document
    patients : container of str
        Keys that the tables know: a note whose source names nobody is of the patient whose key stands in it.
    """
    grouped: dict[str, list[int]] = defaultdict(list)
    for position, document in enumerate(window):
        grouped[owner(document, patients)].append(position)
    made: list[Task] = []
    pending: list[Notes] = []
    size = 0
    for key, positions in grouped.items():
        notes = Notes(key, tuple(window[position] for position in positions), tuple(positions))
        pending.append(notes)
        size += sum(len(document.text) for document in notes.documents)
        if size >= TASK:
            made.append(tuple(pending))
            pending, size = [], 0
    return [*made, tuple(pending)] if pending else made


def owner(document: Document, patients: Container[str] = frozenset()) -> str:
    """Return the key of whose a note is: its patient, or the record that it is a part of."""
    if document.patient:
        return document.patient
    if patients:
        words = _WORD.findall(f"{document.name} {document.text[:HEAD]}")
        for word in words:
            if len(word) >= LEAST and word in patients:
                return str(word)
    return document.name.partition("#")[0] + _row(document.name)


def _row(name: str) -> str:
    """Return the row of a record in its file, so that a row and its header are one's."""
    part = name.partition("#")[2].partition("/")[0]
    return f"#{part}" if part.isdecimal() else ""
