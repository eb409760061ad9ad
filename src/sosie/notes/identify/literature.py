"""References to the literature: their authors are no one that a note is about.

A view comes in, the extents of its references leave; names that only capitals told are dropped inside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sosie.notes.identify.view import View

_AUTHOR = re.compile(r"(?<![\w.])(?:[A-ZÀ-Þ][\w'’-]+,? [A-Z]{1,3}(?=[,.;])|(?:[A-Z]\.[ -]?){1,3}[A-ZÀ-Þ]{3,}(?=[,.;]))")
_SOURCE = re.compile(
    r"\bet al\b|\bdoi\b|\bedition\b|\bverlag\b|\bvol\.|\bjournal\b|\bpmid\b|\bj\.? (?:med|clin|exp)\b"
    r"|(?:19|20)\d\d[^.\n]{0,16};|\d+\(\d+\)"
)
_SIGNS = ("et al", "doi", "edition", "verlag", "vol.", "journal", "pmid", ";", " j ", "j. ")
_FEWEST, _NEAR, _WITHIN = 4, 40, 160


def find(view: View) -> list[tuple[int, int]]:
    """Return the extents of the lists of authors that a source follows, with the title up to it."""
    if not any(sign in view.folded for sign in _SIGNS):
        return []
    found = []
    source = _SOURCE.search(view.folded)
    while source is not None:
        start = source.start()
        authors = [match.span() for match in _AUTHOR.finditer(view.text, max(0, start - 900), source.end())]
        first, count = source.end(), 0
        for left, right in reversed(authors):
            if first - right > (_NEAR if count else _WITHIN):
                break
            first, count = left, count + 1
        if count >= _FEWEST:
            found.append((first, source.end()))
        source = _SOURCE.search(view.folded, source.end())
    return found


def inside(extents: Sequence[tuple[int, int]], offset: int) -> bool:
    """Tell whether an offset lies in one of the extents."""
    return any(start <= offset < end for start, end in extents)
