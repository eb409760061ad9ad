"""What identifies in doubles' notes, other than what was invented: our own detector reads them.

What it finds is ours when every word of it is a word that was filled in for that very double: an invented name or
number, a date, a figure. A word of a line, or of a fact, that looks like a name to the detector is not ours: it
counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from sosie.names import fold
from sosie.notes import languages
from sosie.notes.document import Document, Span
from sosie.notes.doubles.part import NotesPart
from sosie.notes.redact.words import spoken
from sosie.notes.worker import search

MOST = 300
"""Doubles who are read."""
_WORD = re.compile(r"[^\W\d_]+|\d+")


def residual(doubles: NotesPart, rng: np.random.Generator, most: int = MOST) -> dict[str, int]:
    """Count the direct identifiers that nobody invented in the notes of some doubles.

    Returns
    -------
    dict
        ``notes`` that were read, and ``found``.
    """
    rows = np.arange(len(doubles.keys))
    if len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    notes = found = 0
    for row in rows:
        own = doubles.wrote[row] if doubles.wrote else frozenset()
        notes += len(doubles.documents[row])
        found += sum(map(len, strays(doubles.documents[row], own)))
    return {"notes": notes, "found": found}


def strays(documents: Sequence[Document], own: Collection[str]) -> list[list[Span]]:
    """Return what the detector finds in each note of a double and nobody invented."""
    if not documents:
        return []
    language = languages.load(spoken(documents[0].text, languages.available()))
    words = frozenset(token for text in own for token in tokens(text))
    return [
        [span for span in spans if span.label.direct and not invented(document.text[span.start : span.end], words)]
        for document, spans in zip(documents, search(documents, language), strict=True)
    ]


def invented(text: str, words: Collection[str]) -> bool:
    """Tell whether every word of a text is among those that were filled in for a double."""
    return all(token in words for token in tokens(text))


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text as they are compared: months and names without case and accents."""
    return [word if word.isdigit() else fold(word) or word for word in _WORD.findall(text)]
