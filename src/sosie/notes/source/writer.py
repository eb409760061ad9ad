"""Write the notes of a source again, each with its new text, in the format that came in.

Texts may come in any order, as patients are dealt with one after the other. A file of one note is written at once; a
file of many is written as its records are complete, and texts that wait are kept on disk when they are too many for
memory. A document that never comes is left without text: nothing is copied that nobody looked at.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from sosie.manifest import Manifest
from sosie.notes.document import Document
from sosie.notes.source.choose import format_of, origin_of
from sosie.notes.source.record import NotReadable, Origin, Problem, Record, Single, Sink

_MOST_WAITING = 32 << 20
"""Characters of texts that wait in memory."""
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\]')


class Waiting:
    """Texts by name, the first in memory, the rest in a temporary file."""

    def __init__(self) -> None:
        self._near: dict[str, str] = {}
        self._size = 0
        self._far: sqlite3.Connection | None = None
        self._file: tempfile._TemporaryFileWrapper[bytes] | None = None

    def put(self, name: str, text: str) -> None:
        """Keep a text."""
        if self._size + len(text) <= _MOST_WAITING or not self._near:
            self._near[name] = text
            self._size += len(text)
            return
        if self._far is None:
            self._file = tempfile.NamedTemporaryFile(prefix="sosie-")  # noqa: SIM115 - lives as long as this object
            self._far = sqlite3.connect(self._file.name, isolation_level=None)
            self._far.execute("PRAGMA synchronous = OFF")
            self._far.execute("PRAGMA journal_mode = OFF")
            self._far.execute("CREATE TABLE texts (name TEXT PRIMARY KEY, text BLOB)")
        self._far.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (name, text.encode("utf-8", "surrogatepass")))

    def __contains__(self, name: str) -> bool:
        if name in self._near:
            return True
        return self._far is not None and bool(
            self._far.execute("SELECT 1 FROM texts WHERE name = ?", (name,)).fetchone()
        )

    def take(self, name: str) -> str:
        """Give a text back, and forget it."""
        if name in self._near:
            text = self._near.pop(name)
            self._size -= len(text)
            return text
        assert self._far is not None
        (data,) = self._far.execute("SELECT text FROM texts WHERE name = ?", (name,)).fetchone()
        self._far.execute("DELETE FROM texts WHERE name = ?", (name,))
        return bytes(data).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Delete the temporary file."""
        if self._far is not None and self._file is not None:
            self._far.close()
            self._file.close()


class _Copy:
    """One file being written."""

    def __init__(self, origin: Origin, records: Iterator[Record | Problem], sink: Sink) -> None:
        self._origin, self._records, self._sink = origin, records, sink
        self.waiting = Waiting()
        self._current: Record | None = None
        self.done = False
        self._next()

    def put(self, name: str, text: str) -> None:
        self.waiting.put(name, text)
        while self._current is not None and all(d.name in self.waiting for d in self._current.documents):
            self._write(self._current, {d.name: self.waiting.take(d.name) for d in self._current.documents})
            self._next()

    def finish(self) -> list[str]:
        """Write what remains, without the texts that never came; return their names."""
        missing: list[str] = []
        while self._current is not None:
            absent = [d.name for d in self._current.documents if d.name not in self.waiting]
            missing += absent
            names = [d.name for d in self._current.documents]
            self._write(self._current, {n: "" if n in absent else self.waiting.take(n) for n in names})
            self._next()
        return missing

    def abandon(self) -> None:
        self._sink.close()
        self.waiting.close()

    def _write(self, record: Record, texts: dict[str, str]) -> None:
        self._sink.write(record.render(texts))

    def _next(self) -> None:
        """Go to the next record that waits for texts; write those between."""
        for record in self._records:
            if isinstance(record, Problem):
                continue
            if record.documents:
                self._current = record
                return
            self._write(record, {})
        self._current = None
        self.done = True
        self.abandon()


class Writer:
    """Writes the documents of a source under a folder.

    Parameters
    ----------
    source : Path
        One file or a folder, as it was read.
    out : Path
        Folder of the copy; created if need be.
    manifest : Manifest, optional
    """

    def __init__(self, source: Path, out: Path, manifest: Manifest | None = None) -> None:
        self._root = source if source.is_dir() else source.parent
        self._out, self._manifest = out, manifest or Manifest()
        self._open: dict[str, _Copy] = {}
        self._taken: set[str] = set()
        self.paths: dict[str, str] = {}
        """The file written for each file read, both relative."""

    def write(self, document: Document, new_text: str, name: str | None = None) -> None:
        """Write a document with its new text.

        Parameters
        ----------
        document : Document
        new_text : str
        name : str, optional
            Path of the new file, relative and with ``/``, where the old one identifies; the first document of a file
            decides. Two files never share one: the second gets a number.
        """
        file = file_of(document.name, self._root)
        copy = self._open.get(file)
        if copy is None:
            if file in self.paths:
                raise ValueError(f"{file}: all its documents are written already")
            begun = self._begin(file, name, new_text)
            if begun is None:
                return
            copy = begun
        copy.put(document.name, new_text)
        if copy.done:
            self._open.pop(file, None)

    def close(self) -> tuple[Problem, ...]:
        """Finish the files that are not complete; tell which documents of theirs never came."""
        problems = []
        for copy in self._open.values():
            missing = copy.finish()
            problems += [Problem(name, "no new text was given; it is left empty") for name in missing]
        self._open.clear()
        return tuple(problems)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        for copy in self._open.values():
            copy.abandon()

    def _begin(self, file: str, name: str | None, new_text: str) -> _Copy | None:
        """Open the copy of a file; None where it is written already."""
        origin = origin_of(self._root / file, file, self._manifest)
        form = format_of(origin, self._manifest)
        if form is None:
            raise NotReadable(f"{file}: no longer what it was when it was read")
        target = self._out / self._free(clean(name) if name else file)
        self.paths[file] = target.relative_to(self._out).as_posix()
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(form, Single) and form.rewrite:
            target.write_bytes(form.rewrite(origin.path.read_bytes(), new_text))
            return None
        copy = self._open[file] = _Copy(origin, form.records(origin), form.sink(origin, target))
        return copy

    def _free(self, name: str) -> str:
        """Return a name that no other file has, on file systems without case too."""
        stem, dot, suffix = name.rpartition(".") if "." in name.rsplit("/", 1)[-1][1:] else (name, "", "")
        number, free = 1, name
        while free.casefold() in self._taken:
            number += 1
            free = f"{stem}-{number}{dot}{suffix}"
        self._taken.add(free.casefold())
        return free


def file_of(name: str, root: Path) -> str:
    """Return the file that a document is in; ``#`` may be part of a file's name."""
    file = name
    while "#" in file and not (root / file).is_file():
        file = file.rpartition("#")[0]
    return file


def clean(name: str) -> str:
    """Return a relative path that every file system takes and that stays inside its folder."""
    steps = [_FORBIDDEN.sub("_", step).strip(" .")[:200] for step in name.split("/")]
    return "/".join(step for step in steps if step) or "note"
