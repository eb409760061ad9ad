"""The notes of some patients: their documents, and where they stand in the corpus of their cohort."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from sosie.cohort import Rows
from sosie.notes.document import Document
from sosie.notes.doubles.corpus import Corpus
from sosie.notes.doubles.form import Form
from sosie.stream import Described


@dataclass(frozen=True)
class NotesPart:
    """The notes of some patients.

    Parameters
    ----------
    keys : tuple of str
    documents : tuple of tuple of Document
        Of each patient, in the order of the source.
    form : Form
        How the source keeps notes.
    corpus : Corpus, optional
        Where they were read; None for doubles.
    rows : ndarray of int64, shape (patients,)
        Patients of the corpus, -1 for one without notes.
    filled : tuple of tuple of str
        Of each double, what was invented to stand for identifiers, folded.
    wrote : tuple of frozenset of str
        Of each double, everything that was filled in and is no fact: invented identifiers, dates and figures.
    notices : tuple of str
        What the reading met.
    """

    keys: tuple[str, ...]
    documents: tuple[tuple[Document, ...], ...]
    form: Form
    corpus: Corpus | None = field(default=None, repr=False)
    rows: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64), repr=False)
    filled: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    wrote: tuple[frozenset[str], ...] = field(default=(), repr=False)
    notices: tuple[str, ...] = ()

    def described(self) -> Described:
        """Return what the texts say of each patient to the other parts of the cohort (`telling`)."""
        from sosie.notes import telling

        return telling.described(self.documents)

    def take(self, rows: Rows) -> NotesPart:
        """Return the notes of some patients; a row of -1 is a patient without any."""
        given = [int(row) for row in rows]
        return replace(
            self,
            keys=tuple(self.keys[row] if row >= 0 else "" for row in given),
            documents=tuple(self.documents[row] if row >= 0 else () for row in given),
            rows=np.where(rows >= 0, self.rows[rows], -1) if len(self.rows) else self.rows,
            filled=tuple(self.filled[row] if row >= 0 else () for row in given) if self.filled else (),
            wrote=tuple(self.wrote[row] if row >= 0 else frozenset() for row in given) if self.wrote else (),
        )
