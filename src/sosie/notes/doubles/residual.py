"""What identifies in doubles' notes, other than what was invented: our own detector reads them."""

from __future__ import annotations

import numpy as np

from sosie.names import fold
from sosie.notes import languages
from sosie.notes.document import Label
from sosie.notes.doubles.part import NotesPart
from sosie.notes.redact.words import spoken
from sosie.notes.worker import search

MOST = 300
"""Doubles who are read."""
_DATES = frozenset({Label.DATE, Label.BIRTH_DATE})
_SHORT = 2


def residual(doubles: NotesPart, rng: np.random.Generator, most: int = MOST) -> dict[str, int]:
    """Count the direct identifiers that nobody invented, dates aside, in the notes of some doubles.

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
        documents = doubles.documents[row]
        if not documents:
            continue
        language = languages.load(spoken(documents[0].text, languages.available()))
        own = doubles.filled[row] if doubles.filled else ()
        for document, spans in zip(documents, search(documents, language), strict=True):
            notes += 1
            found += sum(
                span.label.direct
                and span.label not in _DATES
                and not invented(document.text[span.start : span.end], own)
                for span in spans
            )
    return {"notes": notes, "found": found}


def invented(text: str, own: tuple[str, ...]) -> bool:
    """Tell whether a text is, holds, or is part of what was invented for a double."""
    folded = fold(text)
    if len(folded) <= _SHORT:
        return True
    parts = [part for each in own for part in each.split()]
    return any(folded in part or (len(part) > _SHORT and part in folded) for part in parts)
