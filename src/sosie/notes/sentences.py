"""The lines of a note, and the sentences of its lines: where one thing is said.

A text comes in, extents leave, in order and without the white space at their ends. An extent that must stay whole (an
identifier, a fact) is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SENTENCE = r"\n|(?<=[.!?;])[ \t\u00a0]+(?=[^\W\d_a-zß-öø-ÿœ]|[-–•\"«(])"
_END = re.compile(_SENTENCE)
_CLAUSE = re.compile(rf"{_SENTENCE}|(?<=[,:])[ \t\u00a0]+(?=[^\W\d_])")
_ABBREVIATED = re.compile(r"(?:^|[\s(.'’-])(?:[^\W\d_]|Mme|Mlle|Mr|Mrs|Ms|Dr|Pr|Prof|St|Ste|vs|cf|env|N°)\.$")

_NUMBER = re.compile(r"\s*(?:\d{1,2}|[A-Za-z])\.")


@dataclass(frozen=True, slots=True)
class Extent:
    """A sentence of a line.

    Parameters
    ----------
    start, end : int
    breaks : int
        Line ends before it: none inside a line, two after a blank line, however high that is.
    """

    start: int
    end: int
    breaks: int


def sentences(text: str, whole: Iterable[tuple[int, int]] = (), *, clauses: bool = False) -> list[Extent]:
    """Cut a text into the sentences of its lines.

    Parameters
    ----------
    text : str
    whole : iterable of (int, int)
        Sorted offsets of what is not to be cut.
    clauses : bool
        Whether sentences are cut at commas and colons too.
    """
    keep = iter(whole)
    kept = next(keep, None)
    found: list[Extent] = []
    start = breaks = 0
    for match in (_CLAUSE if clauses else _END).finditer(text):
        while kept is not None and kept[1] <= match.start():
            kept = next(keep, None)
        if kept is not None and kept[0] < match.end():
            continue
        ends_line = text[match.start()] == "\n"
        if not ends_line and _goes_on(text, start, match.start()):
            continue
        breaks = _put(found, text, start, match.start(), breaks) + ends_line
        start = match.end()
    _put(found, text, start, len(text), breaks)
    return found


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether what ends there is an abbreviation, or the number of an item."""
    return bool(_ABBREVIATED.search(text, max(start - 1, end - 6, 0), end) or _NUMBER.fullmatch(text, start, end))


def _put(found: list[Extent], text: str, start: int, end: int, breaks: int) -> int:
    """Add an extent that holds something; return the line ends that are not yet told."""
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        return breaks
    start += len(piece) - len(piece.lstrip())
    found.append(Extent(start, start + len(inner), min(breaks, 2)))
    return 0
