"""From overlapping candidates to spans that are sorted and do not overlap.

The surer candidate wins, then the longer one; what a loser covers beyond the winners is kept, so that joining detectors
never uncovers a word.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from sosie.notes.document import Span


def merge(spans: Iterable[Span], text: str) -> list[Span]:
    """Return spans that are sorted and do not overlap.

    Parameters
    ----------
    spans : iterable of Span
    text : str
        What they point into: a piece without a letter or a figure is dropped.
    """
    kept: list[tuple[int, int]] = []
    result: list[Span] = []
    for span in sorted(set(spans), key=lambda span: (-span.score, span.start - span.end, span.start)):
        for start, end in _free(kept, span.start, span.end):
            start, end = _trimmed(text, start, end)
            if start < end:
                insort(kept, (start, end))
                whole = start == span.start and end == span.end
                result.append(span if whole else replace(span, start=start, end=end))
    return sorted(result, key=lambda span: span.start)


def _free(kept: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the pieces of an interval that nothing covers yet."""
    pieces = []
    index = max(0, bisect_left(kept, (start, start)) - 1)
    for taken_start, taken_end in islice(kept, index, None):
        if taken_start >= end:
            break
        if taken_end <= start:
            continue
        if taken_start > start:
            pieces.append((start, taken_start))
        start = taken_end
    return [*pieces, (start, end)] if start < end else pieces


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not (text[start].isalnum() or text[start] in "+("):
        start += 1
    while start < end and not (text[end - 1].isalnum() or text[end - 1] in '.)"»'):
        end -= 1
    # A dot belongs to an initial, not to a word or a date that ends a sentence.
    if end - start > 2 and text[end - 1] == "." and text[end - 3 : end - 1].isalnum() and not text[start:end].istitle():
        end -= 1
    if start < end and text[start].isalnum():
        return start, end
    return (start, end) if any(character.isalnum() for character in text[start:end]) else (start, start)
