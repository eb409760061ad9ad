"""References to the literature: their authors are no one that a note is about.

A view comes in, the extents of its references leave; names that only capitals told are dropped inside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sosie.notes.identify.view import View

_AUTHOR = re.compile(r"(?<![\w.])(?:[A-ZÀ-Þ][\w'’-]+,? [A-Z]{1,3}(?=[,.;])|(?:[A-Z]\.[ -]?){1,3}[A-ZÀ-Þ]{3,}(?=[,.;]))")
_SOURCE = re.compile(
    r"\bet al\b|\bdoi\b|\bedition\b|\bverlag\b|\bvol\.|\bjournal\b|\bpmid\b|\bj\.? (?:med|clin|exp)\b|(?:19|20)\d\d[^.\n]{0,16};|\d+\(\d+\)"
)
_FEWEST = 3


def find(view: View) -> list[tuple[int, int]]:
    """Return the extents of the paragraphs that are references."""
    if not _SOURCE.search(view.folded):
        return []
    found, start = [], 0
    for paragraph in re.split(r"(\n[ ]*\n)", view.text):
        end = start + len(paragraph)
        if _SOURCE.search(view.folded, start, end) and len(_AUTHOR.findall(paragraph)) >= _FEWEST:
            found.append((start, end))
        start = end
    return found


def inside(extents: Sequence[tuple[int, int]], offset: int) -> bool:
    """Tell whether an offset lies in one of the extents."""
    return any(start <= offset < end for start, end in extents)
