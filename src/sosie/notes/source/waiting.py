"""Texts that wait for their turn to be written, on disk when they are too many for memory."""

from __future__ import annotations

import sqlite3
import tempfile

MOST = 32 << 20
"""Characters of texts that wait in memory."""


class Waiting:
    """Texts by name, the first in memory, the rest in a temporary file."""

    def __init__(self) -> None:
        self._near: dict[str, str] = {}
        self._size = 0
        self._far: sqlite3.Connection | None = None
        self._file: tempfile._TemporaryFileWrapper[bytes] | None = None

    def put(self, name: str, text: str) -> None:
        """Keep a text."""
        if self._size + len(text) <= MOST or not self._near:
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
