"""When doubles' notes are written: the first at a day of the cohort's years, the next ones after usual gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.notes.doubles.shape import Shape
from sosie.notes.encode import View

WEEKS = 14.0
"""Days within which the first note follows the beginning of a story that is told."""
UNDATED = 737_791.0
"""A day of 2021, as an ordinal, where no note of the cohort tells one."""


@dataclass(frozen=True)
class Days:
    """The days of a cohort's notes.

    Parameters
    ----------
    first : Shape
        Of each patient's first note, as ordinals.
    gap : Shape
        Days from a note to the next.
    written : bool
        Whether the source says when notes were written.
    """

    first: Shape
    gap: Shape
    written: bool = False

    @classmethod
    def fit(cls, view: View, k: int) -> Days:
        """Learn from the patients of a view."""
        corpus = view.corpus
        chosen = view.present[corpus.note_patient] & ~np.isnan(corpus.note_day)
        patient, day = corpus.note_patient[chosen], corpus.note_day[chosen]
        order = np.lexsort((day, patient))
        patient, day = patient[order], day[order]
        new = np.ones(len(day), dtype=bool)
        new[1:] = patient[1:] != patient[:-1]
        gaps = np.where(new, np.nan, np.diff(day, prepend=day[:1]))
        _, at = np.unique(patient[~new], return_index=True)
        return cls(Shape.of(day[new], k), Shape.of(gaps[~new][at], k), corpus.written)

    @property
    def usual(self) -> float:
        """A day in the middle."""
        return float(np.median(self.first.knots)) if self.first else UNDATED

    def draw(self, counts: Rows, rng: np.random.Generator, told: Floats, followed: Floats) -> Floats:
        """Draw the day of every note of doubles, in order for each, shape (notes,).

        Parameters
        ----------
        counts : ndarray of int64, shape (doubles,)
        rng : numpy.random.Generator
        told, followed : ndarray of float64, shape (doubles,)
            Day on which the double's story begins, as an ordinal, and its length; NaN where another part does not tell.
            The first note is then written in its first weeks, and none after its end.
        """
        total = int(counts.sum())
        start = self.first.draw(len(counts), rng) if self.first else np.full(len(counts), UNDATED)
        early = told + np.floor(
            np.minimum(rng.random(len(counts)) * WEEKS, np.maximum(np.nan_to_num(followed, nan=WEEKS), 0.0))
        )
        start = np.where(np.isnan(told), start, early)
        gap = self.gap.draw(total, rng) if self.gap else np.full(total, 30.0)
        begins = np.cumsum(counts) - counts
        gap[begins[counts > 0]] = 0.0
        run = np.cumsum(gap)
        if not total:
            return np.zeros(0)
        from_start = start - run[np.minimum(begins, total - 1)]
        days = np.floor(np.repeat(from_start, counts) + run)
        return np.asarray(np.fmin(days, np.repeat(told + np.maximum(followed, 0.0), counts)))
