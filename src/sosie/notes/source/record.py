"""What the formats of notes have in common: a body of text, a record of a file, a problem.

A format turns a file into records; a record holds documents and can be written again with other texts in their place.
Reading and writing go through the same records, so that what was read is what is written back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from sosie.manifest import NotesManifest
from sosie.notes.document import Document, Span


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a source that could not be read, or not wholly; never a value of it.

    Parameters
    ----------
    name : str
        File relative to the source, with the row where there is one.
    reason : str
        What was found, and what becomes of it.
    lost : bool
        Whether nothing is written in its place; otherwise a document of that name comes too.
    """

    name: str
    reason: str
    lost: bool = True


class NotReadable(Exception):  # noqa: N818 - the room's own word for a reason, turned into a Problem at its border
    """Bytes are not what they claim to be; the message is the reason of a `Problem`."""


@dataclass(frozen=True, slots=True)
class Body:
    """One note out of bytes of some format.

    Parameters
    ----------
    text : str
    render : callable
        The bytes of the same format with another text.
    known : tuple of Span
    notices : tuple of str
        Reasons of problems that do not stop the reading.
    """

    text: str
    render: Callable[[str], bytes]
    known: tuple[Span, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A piece of a file: what is between two documents, or documents that are written together.

    Parameters
    ----------
    documents : tuple of Document
        None for a header line.
    render : callable
        What the sink of the format takes, given the texts of all documents by their names.
    problems : tuple of Problem
    """

    documents: tuple[Document, ...]
    render: Callable[[Mapping[str, str]], Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """A file of a source, and what is declared about it.

    Parameters
    ----------
    path : Path
    name : str
        Relative to the source, with ``/``.
    declared : NotesManifest
    patient_column : str, optional
        The column that the manifest names for the whole source.
    facts : tuple
        Patient, date and kind that the file's name tells.
    """

    path: Path
    name: str
    declared: NotesManifest
    patient_column: str | None = None
    facts: tuple[str | None, date | None, str | None] = (None, None, None)

    def document(self, text: str, known: tuple[Span, ...] = (), part: str = "") -> Document:
        """Return a document of this file, or of a part of it."""
        patient, written, kind = self.facts
        name = f"{self.name}#{part}" if part else self.name
        return Document(name, text, patient, written, kind, known)

    def of(self, patient: str | None, written: date | None, kind: str | None) -> Origin:
        """Return this file with what one of its records says; what its name tells goes first."""
        told = self.facts
        return replace(self, facts=(told[0] or patient or None, told[1] or written, told[2] or kind or None))


class Sink(Protocol):
    """Where rendered records go."""

    def write(self, rendered: Any) -> object:
        """Add a record."""
        ...

    def close(self) -> None:
        """End the file."""
        ...


class Format(Protocol):
    """A way of keeping notes in files."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read a file, a record at a time."""
        ...

    def sink(self, origin: Origin, target: Path) -> Sink:
        """Open the file that is written in its place."""
        ...


class BinaryFormat:
    """A format whose records are bytes, one after the other."""

    def sink(self, origin: Origin, target: Path) -> Sink:
        """Open the file that is written in its place."""
        return target.open("wb")


@dataclass(frozen=True)
class Single(BinaryFormat):
    """A format with one note in a file.

    Parameters
    ----------
    open_body : callable
        Reads the bytes of the file.
    rewrite : callable, optional
        Spells a new text from the bytes of the file, where that takes less than reading it again.
    """

    open_body: Callable[[bytes, NotesManifest], Body]
    rewrite: Callable[[bytes, str], bytes] | None = None

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read the only record."""
        body = self.open_body(origin.path.read_bytes(), origin.declared)
        document = origin.document(body.text, body.known)
        problems = tuple(Problem(origin.name, notice, lost=False) for notice in body.notices)
        yield Record((document,), lambda texts: body.render(texts[document.name]), problems)
