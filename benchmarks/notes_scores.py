"""How much of what identifies people in notes a detector finds, and how much else it takes.

Rules of the published scorer of the French development notes: an entity is found when every word of it is in a span,
whatever the span's label; a document is clean when no direct entity is left; precision counts words, over-redaction
counts characters that are not white space. Intervals are 95 % percentile bootstraps over documents (Efron 1979).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DIRECT = (
    *("NOM", "PRENOM", "DATE", "DATE_NAISSANCE", "SECU", "ADRESSE", "ZIP"),
    *("VILLE", "HOPITAL", "TEL", "MAIL", "IPP", "NDA", "RPPS"),
)
_WORD = re.compile(r"\w+")
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Row:
    """What was counted in one document: found and total by label, words and characters taken, right and wrong."""

    noise: str
    family: str
    found: Mapping[str, int]
    total: Mapping[str, int]
    words: int
    right_words: int
    plain: int
    taken: int

    @property
    def clean(self) -> bool:
        """Whether no direct identifier is left."""
        return all(self.found[label] == self.total[label] for label in self.total if label in DIRECT)


@dataclass(frozen=True)
class Figures:
    """The figures of a set of documents, in [0, 1]."""

    direct: float
    indirect: float
    clean: float
    precision: float
    excess: float


def count(document: Mapping[str, Any], spans: Spans) -> Row:
    """Count one document."""
    text = document["text"]
    taken, wanted = bytearray(len(text)), bytearray(len(text))
    for start, end in spans:
        taken[start:end] = b"\1" * (end - start)
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for entity in document["entities"]:
        start, end = entity["start"], entity["end"]
        wanted[start:end] = b"\1" * (end - start)
        total[entity["label"]] += 1
        found[entity["label"]] += _covered(taken, text, start, end)
    words = [match.span() for match in _WORD.finditer(text)]
    touched = [(start, end) for start, end in words if any(taken[start:end])]
    plain = [i for i, character in enumerate(text) if not wanted[i] and not character.isspace()]
    return Row(
        noise=document.get("noise", "?"),
        family=document.get("family", "?"),
        found=found,
        total=total,
        words=len(touched),
        right_words=sum(any(wanted[start:end]) for start, end in touched),
        plain=len(plain),
        taken=sum(taken[i] for i in plain),
    )


def _covered(taken: bytearray, text: str, start: int, end: int) -> bool:
    return all(all(taken[start + match.start() : start + match.end()]) for match in _WORD.finditer(text[start:end]))


def figures(rows: Iterable[Row]) -> Figures:
    """Return the figures of some documents."""
    rows = list(rows)
    indirect = [label for row in rows for label in row.total if label.startswith("QI_")]
    return Figures(
        direct=_recall(rows, DIRECT),
        indirect=_recall(rows, sorted(set(indirect))),
        clean=_share(sum(row.clean for row in rows), len(rows)),
        precision=_share(sum(row.right_words for row in rows), sum(row.words for row in rows)),
        excess=_share(sum(row.taken for row in rows), sum(row.plain for row in rows)),
    )


def recall(rows: Iterable[Row], label: str) -> float:
    """Return the share of a label's entities that were found."""
    return _recall(list(rows), (label,))


def interval(
    rows: Sequence[Row], rng: np.random.Generator, draws: int = 500
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return 95 % intervals of the direct recall and of the share of clean documents."""
    found = np.array([sum(row.found[label] for label in DIRECT) for row in rows])
    total = np.array([sum(row.total[label] for label in DIRECT) for row in rows])
    clean = np.array([row.clean for row in rows])
    chosen = rng.integers(0, len(rows), (draws, len(rows)))
    recalls = found[chosen].sum(1) / np.maximum(total[chosen].sum(1), 1)
    return _ends(recalls), _ends(clean[chosen].mean(1))


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _recall(rows: Sequence[Row], labels: Sequence[str]) -> float:
    return _share(
        sum(row.found[label] for row in rows for label in labels),
        sum(row.total[label] for row in rows for label in labels),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
