"""What the notes of each patient of a corpus say, together: computed once, whatever patients are counted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.notes.facts import FactKind, Status

if TYPE_CHECKING:
    from sosie.notes.doubles.corpus import Corpus

SEX, AGE, MEASUREMENT = str(FactKind.SEX), str(FactKind.AGE), str(FactKind.MEASUREMENT)
PROBLEM, TREATMENT = str(FactKind.PROBLEM), str(FactKind.TREATMENT)
HOLDS = frozenset({str(Status.PRESENT), str(Status.HISTORY)})
NEGATED = str(Status.NEGATED)
SEXES = ("F", "M")


@dataclass(frozen=True)
class Profile:
    """What is said of all patients of a corpus.

    Parameters
    ----------
    counts : ndarray of float64, shape (patients,)
        Notes.
    main : ndarray of int64, shape (patients,)
        Most frequent kind of note, -1 where there is none.
    sex, age : ndarray of float64, shape (patients,)
        Place in `SEXES`; years; NaN where it is not told.
    facts : tuple of (str, str)
        Kind and code of problems and treatments.
    held, denied : ndarray of bool, shape (patients, facts)
    measures : tuple of str
    measured : ndarray of float64, shape (patients, measures)
        Means.
    """

    counts: Floats
    main: Rows
    sex: Floats
    age: Floats
    facts: tuple[tuple[str, str], ...]
    held: Mask
    denied: Mask
    measures: tuple[str, ...]
    measured: Floats

    @classmethod
    def of(cls, corpus: Corpus) -> Profile:
        """Gather the mentions of each patient."""
        known, said = corpus.facts.known, corpus.facts
        n = corpus.patients
        facts = tuple(sorted({(site.kind, site.code) for site in known if site.kind in (PROBLEM, TREATMENT)}))
        place = {fact: at for at, fact in enumerate(facts)}
        fact = np.array([place.get((site.kind, site.code), -1) for site in known], dtype=np.int64)
        holds = np.array([site.status in HOLDS for site in known], dtype=bool)
        denies = np.array([site.status == NEGATED for site in known], dtype=bool)
        held, denied = np.zeros((n, len(facts)), dtype=bool), np.zeros((n, len(facts)), dtype=bool)
        mine = fact[said.fact] if len(known) else np.zeros(0, dtype=np.int64)
        for table, which in ((held, holds), (denied, denies)):
            chosen = (mine >= 0) & which[said.fact] if len(known) else np.zeros(0, dtype=bool)
            table[said.patient[chosen], mine[chosen]] = True
        measures = tuple(sorted({site.code for site in known if site.kind == MEASUREMENT}))
        means = [_mean(corpus, [site.kind == MEASUREMENT and site.code == code for site in known]) for code in measures]
        return cls(
            counts=np.bincount(corpus.note_patient, minlength=n).astype(np.float64),
            main=_main(corpus),
            sex=_sexes(corpus),
            age=_mean(corpus, [site.kind == AGE for site in known]),
            facts=facts,
            held=held,
            denied=denied & ~held,
            measures=measures,
            measured=np.column_stack(means) if means else np.zeros((n, 0)),
        )


def _mean(corpus: Corpus, which: Sequence[bool]) -> Floats:
    said = corpus.facts
    if not len(which):
        return np.full(corpus.patients, np.nan)
    chosen = np.array(which, dtype=bool)[said.fact] & ~np.isnan(said.value)
    count = np.bincount(said.patient[chosen], minlength=corpus.patients)
    total = np.bincount(said.patient[chosen], said.value[chosen], minlength=corpus.patients)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _sexes(corpus: Corpus) -> Floats:
    said = corpus.facts
    if not len(said.known):
        return np.full(corpus.patients, np.nan)
    votes = [
        np.bincount(
            said.patient[np.array([site.kind == SEX and site.code == sex for site in said.known])[said.fact]],
            minlength=corpus.patients,
        )
        for sex in SEXES
    ]
    return np.asarray(np.where(votes[0] == votes[1], np.nan, (votes[1] > votes[0]).astype(np.float64)))


def _main(corpus: Corpus) -> Rows:
    main = np.full(corpus.patients, -1, dtype=np.int64)
    if len(corpus.note_patient):
        width = len(corpus.styles)
        pairs, counts = np.unique(corpus.note_patient.astype(np.int64) * width + corpus.note_style, return_counts=True)
        order = np.argsort(counts, kind="stable")
        main[pairs[order] // width] = pairs[order] % width
    return main
