"""Tables inside a text: a line of column names, then lines with as many cells.

A view comes in, spans of the cells of identifying columns leave. Which column names identify is data of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify.view import View
from sosie.notes.languages import Language

_SEPARATORS = ("|", ";", "\t", "¦", "│")
_FEWEST = 3


def find(view: View, language: Language) -> Iterator[Span]:
    """Yield the cells under identifying column names."""
    for separator in _SEPARATORS:
        # Tabs are blanks in the folded text; its length is that of the text.
        if view.text.count(separator) < 2 * (_FEWEST - 1):
            continue
        columns: tuple[Label | None, ...] = ()
        start = 0
        for line in view.text.split("\n"):
            cells = _cells(line, separator)
            header = tuple(language.column(view.folded[start + left : start + right]) for left, right in cells)
            if len(cells) >= _FEWEST and sum(label is not None for label in header) >= 2:
                columns = header
            elif len(cells) == len(columns):
                for (left, right), label in zip(cells, columns, strict=True):
                    if label is not None and re.search(r"\w", line[left:right]):
                        yield Span(start + left, start + right, label, 0.97, "table")
            elif line.strip():
                columns = ()
            start += len(line) + 1


def _cells(line: str, separator: str) -> list[tuple[int, int]]:
    """Return the offsets of the cells of a line, without their blanks."""
    if separator not in line:
        return []
    cells, start = [], 0
    for cell in line.split(separator):
        left = start + len(cell) - len(cell.lstrip())
        cells.append((left, max(left, start + len(cell.rstrip()))))
        start += len(cell) + 1
    return cells
