"""Whether every record has as many fields as the header, and what the file quotes.

The text of a delimited file enters; the first record at fault, or the quoting habit of each column, leaves. Parsers
that are fast enough for millions of rows fill short records with blanks and say nothing: this is the check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.columns.dialect import HEAD, Dialect

_CHUNK = 1 << 24
_BLANKS = frozenset({"", "NA", "NaN", "nan", "NULL", "null", "None", "."})


@dataclass(frozen=True)
class Ragged:
    """A record whose number of fields is not that of the header; ``row`` counts records from 1."""

    row: int
    fields: int


@dataclass(frozen=True)
class Habit:
    """What a column quotes: its values, its blanks."""

    values: bool
    blanks: bool


def first_ragged(text: bytes, dialect: Dialect, width: int) -> Ragged | None:
    """Return the first record of another width than ``width``; blank lines do not count."""
    end = b"\r" if dialect.terminator == "\r" else b"\n"
    quoted = dialect.quote is not None and dialect.quote.encode() in text
    if not quoted and _evidently_regular(text, dialect.delimiter.encode(), end, width):
        return None
    row = 1
    for fields, blank in _records(text, dialect, end, quoted):
        faults = np.flatnonzero((fields != width) & ~blank)
        if len(faults):
            return Ragged(row + int(faults[0]), int(fields[faults[0]]))
        row += len(fields)
    return None


def habits(text: bytes, dialect: Dialect, width: int) -> tuple[bool, list[Habit]]:
    """Return whether the header is quoted, and the habit of each column in the head of the file."""
    quote, edge = dialect.quote, re.escape(dialect.delimiter)
    head = text[:HEAD].decode("utf-8", errors="ignore")
    if quote is None or quote not in head:
        return False, [Habit(False, False)] * width
    field = re.compile(rf"({quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{edge}\r\n]*)({edge}|\r\n|\n|\r|$)")
    counts = np.zeros((width, 5), dtype=np.int64)
    heading, column, first = [], 0, True
    for match in field.finditer(head):
        if match.start() == len(head):
            break
        cell, end = match.groups()
        if first:
            heading.append(cell.startswith(quote))
        elif column < width:
            counts[column, _class_of(cell, quote, dialect.delimiter)] += 1
        column = column + 1 if end == dialect.delimiter else 0
        first = first and end == dialect.delimiter
    every = counts[:, 1].sum() == 0 and counts[:, 0].sum() > 0
    found = [Habit(bool(q and not bare) or (every and not bare), bool(qb and not b)) for q, bare, qb, b, _ in counts]
    return all(heading), found


def _class_of(cell: str, quote: str, delimiter: str) -> int:
    """Return 0 for a quoted value, 1 for a bare one, 2 for a quoted blank, 3 for a bare one, 4 for quotes by need."""
    if not cell.startswith(quote):
        return 3 if cell in _BLANKS else 1
    inside = cell[1:-1]
    if inside in _BLANKS:
        return 2
    return 4 if any(mark in inside for mark in (delimiter, quote, "\n", "\r")) else 0


def _evidently_regular(text: bytes, delimiter: bytes, end: bytes, width: int) -> bool:
    """Tell by counting whether no record can be short without another being long (which the parser refuses)."""
    lines = text.count(end) + (not text.endswith(end))
    return text.count(delimiter) == lines * (width - 1)


def _records(
    text: bytes, dialect: Dialect, end: bytes, quoted: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield, chunk by chunk, the number of fields of each record and whether it is a blank line."""
    whole = np.frombuffer(text, dtype=np.uint8)
    inside, pending, length = np.uint8(0), 0, 0
    for start in range(0, len(whole), _CHUNK):
        chunk = whole[start : start + _CHUNK]
        outside = np.ones(len(chunk), dtype=bool)
        if quoted:
            marks = (chunk == ord(dialect.quote or '"')).view(np.uint8)
            parity = (np.add.accumulate(marks, dtype=np.uint8) + inside) & np.uint8(1)
            inside, outside = parity[-1], parity == 0
        ends = np.flatnonzero((chunk == end[0]) & outside)
        cuts = np.flatnonzero((chunk == ord(dialect.delimiter)) & outside)
        before = np.searchsorted(cuts, ends)
        fields = np.diff(before, prepend=0)
        sizes = np.diff(ends, prepend=-1) - 1
        if len(ends):
            fields[0] += pending
            sizes[0] += length
            pending, length = len(cuts) - int(before[-1]), len(chunk) - int(ends[-1]) - 1
            bare = (sizes == 0) | ((sizes == 1) & (chunk[np.maximum(ends - 1, 0)] == 13))
            yield fields + 1, bare
        else:
            pending, length = pending + len(cuts), length + len(chunk)
    if length:
        yield np.array([pending + 1]), np.array([False])
