"""Write the notes of a source again, each with its new text, in the format that came in.

Texts may come in any order, as patients are dealt with one after the other. A file of one note is written at once; a
file of many is written as its records are complete, and texts that wait are kept on disk when they are too many for
memory. A document that never comes is left without text: nothing is copied that nobody looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from sosie.manifest import Manifest
from sosie.notes.document import Document
from sosie.notes.source.choose import format_of, origin_of
from sosie.notes.source.record import Format, NotReadable, Origin, Problem, Record, Single, Sink
from sosie.notes.source.waiting import Waiting

_MOST_OPEN = 100
"""Files of many notes that are written at a time; the texts of others wait."""
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\]')


class _Copy:
    """One file being written."""

    def __init__(self, records: Iterator[Record | Problem], sink: Sink, target: Path, waiting: Waiting) -> None:
        self._records, self._sink, self._target, self._waiting = records, sink, target, waiting
        self._current: Record | None = None
        self._empty = True
        self.done = False
        self.failed: list[Problem] = []
        self._next()

    def put(self, name: str, text: str) -> None:
        self._waiting.put(name, text)
        self.advance()

    def advance(self) -> None:
        """Write the records whose texts are all there."""
        while self._current is not None and all(d.name in self._waiting for d in self._current.documents):
            self._write(self._current, {d.name: self._waiting.take(d.name) for d in self._current.documents})
            self._next()

    def finish(self) -> list[str]:
        """Write what remains, without the texts that never came; return their names."""
        missing: list[str] = []
        while self._current is not None:
            absent = [d.name for d in self._current.documents if d.name not in self._waiting]
            missing += absent
            names = [d.name for d in self._current.documents]
            self._write(self._current, {n: "" if n in absent else self._waiting.take(n) for n in names})
            self._next()
        return missing

    def abandon(self) -> None:
        self._sink.close()

    def _write(self, record: Record, texts: dict[str, str]) -> None:
        try:
            rendered = record.render(texts)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # one document must not end the run; the words of an error could quote it
            reason = f"the new text cannot be written in this format ({type(error).__name__}); not copied"
            self.failed += [Problem(name, reason) for name in texts]
            return
        self._sink.write(rendered)
        self._empty = False

    def _next(self) -> None:
        """Go to the next record that waits for texts; write those between."""
        while (record := self._read()) is not None:
            if record.documents:
                self._current = record
                return
            self._write(record, {})
        self._current = None
        self.done = True
        self._sink.close()
        if self._empty and self.failed:
            self._target.unlink(missing_ok=True)

    def _read(self) -> Record | None:
        while True:
            try:
                found = next(self._records, None)
            except Exception:  # the reader told of it, and gave nothing of what follows
                return None
            if not isinstance(found, Problem):
                return found


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
        self._waiting = Waiting()
        self._later: dict[str, str | None] = {}
        self._failed: list[Problem] = []
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
        if file in self._later:
            self._waiting.put(document.name, new_text)
            return
        copy = self._open.get(file)
        if copy is None:
            if file in self.paths:
                raise ValueError(f"{file}: all its documents are written already")
            copy = self._begin(file, name, document.name, new_text)
        else:
            copy.put(document.name, new_text)
        if copy is not None and copy.done:
            self._failed += copy.failed
            self._open.pop(file, None)

    def close(self) -> tuple[Problem, ...]:
        """Finish the files that are not complete; tell which documents never came, or could not be written."""
        missing: list[str] = []
        for copy in self._open.values():
            missing += copy.finish()
            self._failed += copy.failed
        self._open.clear()
        for file, name in self._later.items():
            origin = origin_of(self._root / file, file, self._manifest)
            copy = self._copy(origin, self._format(origin), name)
            copy.advance()
            missing += copy.finish()
            self._failed += copy.failed
        self._later.clear()
        self._waiting.close()
        return *self._failed, *(Problem(name, "no new text was given; it is left empty") for name in missing)

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
        self._waiting.close()

    def _begin(self, file: str, name: str | None, document: str, new_text: str) -> _Copy | None:
        """Write the first document of a file; return its copy where others may follow at once."""
        origin = origin_of(self._root / file, file, self._manifest)
        form = self._format(origin)
        if isinstance(form, Single) and form.rewrite:
            self._target(origin, name).write_bytes(form.rewrite(origin.path.read_bytes(), new_text))
            return None
        if len(self._open) >= _MOST_OPEN and not isinstance(form, Single):
            self._later[file] = name
            self._waiting.put(document, new_text)
            return None
        copy = self._open[file] = self._copy(origin, form, name)
        copy.put(document, new_text)
        return copy

    def _format(self, origin: Origin) -> Format:
        form = format_of(origin, self._manifest)
        if form is None:
            raise NotReadable(f"{origin.name}: no longer what it was when it was read")
        return form

    def _copy(self, origin: Origin, form: Format, name: str | None) -> _Copy:
        target = self._target(origin, name)
        return _Copy(form.records(origin), form.sink(origin, target), target, self._waiting)

    def _target(self, origin: Origin, name: str | None) -> Path:
        target = self._out / self._free(clean(name) if name else origin.name)
        self.paths[origin.name] = target.relative_to(self._out).as_posix()
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

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
