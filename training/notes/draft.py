"""A text and its marks while it is being written: every change of a sign keeps the marks exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from sosie.notes.document import Label

Piece = tuple[str, Label | None]


@dataclass(frozen=True)
class Annotated:
    """A finished text and its exact spans (start, end, label), in order and without overlap."""

    text: str
    spans: tuple[tuple[int, int, Label], ...]


class Draft:
    """Signs of a text, each with the number of the entity that it belongs to (-1 for none)."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.signs: list[str] = []
        self.owners: list[int] = []
        self.labels: list[Label] = []
        for text, label in pieces:
            if label is not None:
                self.labels.append(label)
            self.signs.extend(text)
            self.owners.extend([len(self.labels) - 1 if label is not None else -1] * len(text))

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(self.signs)

    def rewrite(self, change: Callable[[int, str], str]) -> None:
        """Replace every sign by what `change(place, sign)` returns, which may be empty or longer."""
        new = [change(at, sign) for at, sign in enumerate(self.signs)]
        sizes = [len(part) for part in new]
        if any(size != 1 for size in sizes):
            self.owners = [owner for owner, size in zip(self.owners, sizes, strict=True) for _ in range(size)]
        self.signs = list("".join(new))

    def finish(self) -> Annotated:
        """Spans without white space at their ends; entities that became empty are gone."""
        text = self.text
        spans = []
        at = 0
        for owner, run in groupby(self.owners):
            size = len(list(run))
            inner = text[at : at + size]
            if owner >= 0 and inner.strip():
                start = at + len(inner) - len(inner.lstrip())
                spans.append((start, start + len(inner.strip()), self.labels[owner]))
            at += size
        return Annotated(text, tuple(spans))
