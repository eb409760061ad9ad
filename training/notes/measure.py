"""Scores a detector on annotated notes: entities found whole by label, and words marked for nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sosie.notes.tagger import Lists, Tagger
from sosie.notes.tokens import tokenize
from training.notes.draft import Annotated

_WORD = re.compile(r"\w+")


@dataclass
class Score:
    """Counts over notes: entities and those found, by label; words marked and those marked rightly; notes and clean ones."""

    entities: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    marked: int = 0
    right: int = 0
    notes: int = 0
    clean: int = 0

    def lines(self) -> list[str]:
        """Rows of a table in Markdown: label, entities, found, found under their own label."""
        rows = ["| label | entities | found | with its label |", "|---|---|---|---|"]
        for label, count in self.entities.most_common():
            rows.append(f"| {label} | {count} | {self.found[label] / count:.1%} | {self.named[label] / count:.1%} |")
        total, found = sum(self.entities.values()), sum(self.found.values())
        rows.append(f"| all | {total} | {found / max(1, total):.1%} | {sum(self.named.values()) / max(1, total):.1%} |")
        return [
            *rows,
            "",
            f"Words marked that are part of an entity: {self.right / max(1, self.marked):.1%}. Notes in which nothing that "
            f"identifies was missed: {self.clean / max(1, self.notes):.1%} of {self.notes}.",
        ]


def score(tagger: Tagger, notes: Iterable[Annotated], language: Lists) -> Score:
    """Counts of a detector on notes."""
    counts = Score()
    for note in notes:
        spans = tagger.tag(note.text, tokenize(note.text), language)
        marked = {at for span in spans for at in range(span.start, span.end)}
        true = {at for start, end, _ in note.spans for at in range(start, end)}
        missed = 0
        for start, end, label in note.spans:
            whole = all(at in marked for word in _WORD.finditer(note.text, start, end) for at in range(*word.span()))
            counts.entities[label.name] += 1
            counts.found[label.name] += whole
            counts.named[label.name] += any(
                span.label == label and span.start < end and span.end > start for span in spans
            )
            missed += not whole
        for word in _WORD.finditer(note.text):
            if any(at in marked for at in range(*word.span())):
                counts.marked += 1
                counts.right += any(at in true for at in range(*word.span()))
        counts.notes += 1
        counts.clean += missed == 0
    return counts
