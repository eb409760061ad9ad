"""What must not leave: rows of eight words that only a few patients' notes hold, identifiers of the cohort.

Lines that take part in such a row are written anew once, then left out, until none is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sosie.cohort import Mask
from sosie.notes import languages
from sosie.notes.doubles.corpus import Corpus
from sosie.notes.doubles.grams import Hashes, Lines, offending
from sosie.notes.doubles.part import NotesPart
from sosie.notes.doubles.person import Names
from sosie.notes.doubles.writing import OWN, Pattern, Text, Writer

PASSES = 60
"""Times that notes are looked at again."""
ENDS = (".", "!", "?", ";")


@dataclass(frozen=True)
class Author:
    """Who writes a note.

    Parameters
    ----------
    writer : Writer
    patterns : sequence of Pattern
    day : float
        When.
    """

    writer: Writer
    patterns: Sequence[Pattern | None]
    day: float


@dataclass(frozen=True)
class Checker:
    """What must not leave.

    Parameters
    ----------
    rare : ndarray of uint64, shape (grams,)
        Rows of words that 1 to k - 1 patients have, sorted.
    taken : frozenset of str
        Identifiers of the cohort, folded.
    lines : Lines
        Words of lines that were seen.
    """

    rare: Hashes = field(repr=False)
    taken: frozenset[str] = field(repr=False)
    lines: Lines = field(repr=False)
    _names: dict[str, Names] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, corpus: Corpus, present: Mask, k: int) -> Checker:
        """Gather what the patients who are present have."""
        mine = np.unique(corpus.identifier[present[corpus.identifier_patient]])
        taken = frozenset(corpus.identifiers[at] for at in mine)
        return cls(corpus.grams.rare(present, k), taken, corpus.seen)

    def names(self, language: str) -> Names:
        """Return the names that doubles may bear."""
        if language not in self._names:
            self._names[language] = Names(languages.load(language), self.taken)
        return self._names[language]

    def mend(self, notes: Sequence[list[Text]], asked: Sequence[int], writers: Sequence[Author], *, anew: int) -> None:
        """Write anew, then leave out, the lines that must not leave; in place.

        Parameters
        ----------
        notes : sequence of list of Text
        asked : sequence of int
            Notes to look at.
        writers : sequence of Author
            Of each note.
        anew : int
            Times that a line is written anew.
        """
        for attempt in range(PASSES):
            bad = offending([[line.text for line in notes[at]] for at in asked], self.rare, self.lines)
            touched = [(at, lines) for at, lines in zip(asked, bad, strict=True) if lines]
            if not touched:
                return
            for at, lines in touched:
                for place in reversed(lines):
                    line = notes[at].pop(place)
                    if attempt < anew:
                        _again(notes[at], place, line, writers[at])
                    elif line.node != OWN:
                        # What a line of the cohort's must not tell, a sentence of its own does.
                        notes[at][place:place] = writers[at].writer.sentences(line.facts)
            asked = [at for at, _ in touched]
        for at in asked:
            notes[at].clear()

    def sound(self, part: NotesPart) -> Mask:
        """Tell which doubles' notes are free of both."""
        texts = [document.text.split("\n") for documents in part.documents for document in documents]
        bad = offending(texts, self.rare, self.lines)
        owner = np.repeat(np.arange(len(part.keys)), [len(documents) for documents in part.documents])
        sound = np.ones(len(part.keys), dtype=bool)
        sound[owner[[bool(lines) for lines in bad]]] = False
        for at, filled in enumerate(part.filled):
            sound[at] &= self.taken.isdisjoint(filled)
        return sound


def places(lines: Sequence[Text]) -> list[int]:
    """Return where a sentence may be put: behind another one, since behind a salutation it would look like a name."""
    return [at for at, line in enumerate(lines, start=1) if line.text.endswith(ENDS)] or [len(lines)]


def _again(lines: list[Text], place: int, line: Text, author: Author) -> None:
    """Put back a line that was taken out of a note: elsewhere, or with other figures."""
    if line.node == OWN:
        # A sentence of its own may stand anywhere: what is rare is what it stands beside.
        offered = places(lines)
        lines.insert(offered[place % len(offered)], line)
        return
    new = author.writer.anew(line, author.patterns[line.node], lines, author.day)
    if new is not None:
        lines.insert(place, new)
