"""Notes whose identifiers are marked, ``{NOM|Le Goff}``, and how much of them a detector finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sosie.notes.document import Span
from sosie.notes.identify import find
from sosie.notes.languages import load

_MARK = re.compile(r"\{([A-Z_]+)\|([^{}|]+)(?:\|([^{}|]+))?\}")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Marked:
    """A note and its identifiers: offsets and labels."""

    name: str
    text: str
    marks: tuple[tuple[int, int, str], ...]

    @classmethod
    def of(cls, name: str, source: str) -> Marked:
        """Take the marks out of a text: a second part of a mark is the identifier inside the first."""
        text, marks, last = "", [], 0
        for match in _MARK.finditer(source):
            text += source[last : match.start()]
            inner = match[3] or match[2]
            start = len(text) + match[2].index(inner)
            marks.append((start, start + len(inner), match[1]))
            text += match[2]
            last = match.end()
        return cls(name, text + source[last:], tuple(marks))

    def covered(self, spans: Sequence[Span]) -> list[tuple[int, int, str]]:
        """Return the identifiers every word of which is in a span."""
        inside = {offset for span in spans for offset in range(span.start, span.end)}
        return [
            (start, end, label)
            for start, end, label in self.marks
            if all(
                start + offset in inside
                for word in _WORD.finditer(self.text[start:end])
                for offset in range(word.start(), word.end())
            )
        ]

    def excess(self, spans: Sequence[Span]) -> int:
        """Return how many characters are covered for nothing."""
        wanted = {offset for start, end, _ in self.marks for offset in range(start, end)}
        given = {offset for span in spans for offset in range(span.start, span.end)}
        return sum(not self.text[offset].isspace() for offset in given - wanted)


def notes(language: str = "fr") -> Iterator[Marked]:
    """Yield the marked notes of a language."""
    source = Path(__file__).with_name(f"notes_{language}.txt").read_text(encoding="utf-8")
    for part in source.split("### ")[1:]:
        name, body = part.split("\n", 1)
        yield Marked.of(name, body.rstrip("\n"))


def found(text: str, language: str = "fr") -> dict[str, str]:
    """Return what is found in a text: each piece of it and its label."""
    return {text[span.start : span.end]: span.label.name for span in find(text, load(language))}


def covers(text: str, piece: str, language: str = "fr") -> bool:
    """Tell whether every word of a piece of a text is found."""
    start = text.index(piece)
    note = Marked("", text, ((start, start + len(piece), ""),))
    return bool(note.covered(find(text, load(language))))
