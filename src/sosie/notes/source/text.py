"""Plain text: one note a file."""

from __future__ import annotations

from sosie.manifest import NotesManifest
from sosie.notes.source.charset import decode
from sosie.notes.source.record import Body

_UNDECLARED = NotesManifest()


def open_body(data: bytes, declared: NotesManifest = _UNDECLARED) -> Body:
    """Read a text; line ends, marks and encoding are those of the file when it is written again."""
    text, charset = decode(data, declared.encoding)
    notices = []
    if not text.strip():
        notices.append("the file is empty")
    if charset.lines:
        notices.append("lines of different encodings; each is written in its own")

    def render(new: str) -> bytes:
        return data if new == text else charset.encode(new)

    return Body(text, render, (), tuple(notices))
