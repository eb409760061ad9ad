"""What may stand at each place of a frame: how it is written, and from what distribution figures are drawn.

The slots of some patients at one place enter; a `Filler` leaves, or None where nothing of at least k patients could be
written there. Words and spellings are those of k patients or more, figures come from distributions without tails.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.notes.document import Label
from sosie.notes.doubles.corpus import Corpus, Site
from sosie.notes.doubles.figures import Spelling
from sosie.notes.doubles.grams import Numbers
from sosie.notes.doubles.profile import AGE, MEASUREMENT, PROBLEM, TREATMENT
from sosie.notes.doubles.shape import Shape

Thing = TypeVar("Thing")
NAMED = frozenset({Label.FIRST_NAME, Label.LAST_NAME, Label.INITIALS})
FIGURES = frozenset({"NUMBER", "DURATION"})
DATES = frozenset({str(Label.DATE), str(Label.BIRTH_DATE)})
AGES = frozenset({AGE, str(Label.AGE)})
MOST_WORDS = 12
"""Ways of writing that are remembered for a place."""


_NO_SHAPE = Shape(np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Filler:
    """How one place is filled.

    Parameters
    ----------
    site : Site
    spellings : tuple of Spelling
    orders : tuple of str
        Of dates.
    words : tuple of str
        Of what is neither a figure nor a fact.
    odds : tuple of float
        Of the spellings, the orders or the words: cumulated shares.
    shape : Shape
        Of figures; of days before the note, for dates.
    ratio : float
        What is written is so many times what is meant.
    codes : mapping of str to tuple of str
        Words for each fact.
    capital : bool
        Whether it begins with a capital there.
    capitals : bool
        Whether it is written in capitals there.
    """

    site: Site
    spellings: tuple[Spelling, ...] = ()
    orders: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    odds: tuple[float, ...] = (1.0,)
    shape: Shape = _NO_SHAPE
    ratio: float = 1.0
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    capital: bool = False
    capitals: bool = False


class Fillers:
    """The fillers of a population's places, worked out where they are needed.

    Parameters
    ----------
    corpus : Corpus
    present : ndarray of bool, shape (patients,)
    k : int
    """

    def __init__(self, corpus: Corpus, present: Mask, k: int) -> None:
        self.corpus, self.present, self.k = corpus, present, k
        self._patient = corpus.line_patient[corpus.slot_line]
        self._day = corpus.note_day[corpus.line_note[corpus.slot_line]]
        self._found: dict[int, Filler | None] = {}

    def of(self, site: int, what: Site) -> Filler | None:
        """Return how a place is filled."""
        if site not in self._found:
            slots = self.corpus.slots_of(site)
            self._found[site] = self._filler(what, slots[self.present[self._patient[slots]]])
        return self._found[site]

    def _filler(self, site: Site, slots: Numbers) -> Filler | None:
        texts, patient = self.corpus.slot_text[slots], self._patient[slots]
        look = self.corpus.spellings
        capital = bool(len(texts)) and float(look.capital[texts].mean()) > 0.5
        capitals = bool(len(texts)) and float(look.capitals[texts].mean()) > 0.5
        if site.kind in (PROBLEM, TREATMENT):
            return Filler(site, codes=self._codes(texts, patient, slots), capital=capital, capitals=capitals)
        if site.kind in DATES:
            known, odds = self._usual(look.order[texts], patient)
            orders = tuple(look.orders[at] for at in known) or ("",)
            return Filler(site, orders=orders, odds=odds, shape=self._ago(slots), capital=capital)
        if site.kind in AGES or site.kind == MEASUREMENT or site.kind in FIGURES:
            return self._figure(site, slots, texts, patient)
        if site.kind == "TIME":
            known, odds = self._usual(texts, patient)
            return Filler(site, words=tuple(self.corpus.strings[at] for at in known), odds=odds) if len(known) else None
        return Filler(site, capital=capital, capitals=capitals)

    def _figure(self, site: Site, slots: Numbers, texts: Numbers, patient: Numbers) -> Filler | None:
        look = self.corpus.spellings
        known, odds = self._usual(look.pattern[texts], patient)
        if not len(known):
            return None
        shown = np.isin(look.pattern[texts], known)
        written, meant = look.figure[texts][shown], self.corpus.slot_value[slots][shown]
        ratio = 1.0
        if site.kind not in FIGURES:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = (written / meant)[np.isfinite(written / meant)]
            ratio = float(np.median(ratios)) if len(ratios) else 1.0
            ratio = 1.0 if 0.9 < ratio < 1.1 else ratio
        # A patient counts once: who has many figures would otherwise be a group by themselves.
        shape = Shape.of(_by_patient(written / ratio, patient[shown]), self.k)
        if not shape:
            return None
        return Filler(site, tuple(look.patterns[at] for at in known), odds=odds, shape=shape, ratio=ratio)

    def _ago(self, slots: Numbers) -> Shape:
        """Return the distribution of days before the note."""
        ago = self._day[slots] - self.corpus.slot_value[slots]
        return Shape.of(_by_patient(ago, self._patient[slots]), self.k)

    def _codes(self, texts: Numbers, patient: Numbers, slots: Numbers) -> dict[str, tuple[str, ...]]:
        """Return the words by which k patients or more say each fact at a place."""
        known, counts = _counted(texts, patient, self.corpus.patients)
        found: dict[str, list[str]] = {}
        codes = self.corpus.code_of_string
        for at in np.argsort(-counts, kind="stable"):
            if counts[at] < self.k:
                break
            found.setdefault(codes[int(known[at])], []).append(self.corpus.strings[known[at]])
        return {code: tuple(words[:MOST_WORDS]) for code, words in found.items()}

    def _usual(self, things: Numbers, patient: Numbers) -> tuple[Rows, tuple[float, ...]]:
        """Return what k patients or more have, the most frequent first, and its cumulated shares."""
        chosen = things >= 0
        known, counts = _counted(things[chosen], patient[chosen], self.corpus.patients)
        order = np.argsort(-counts, kind="stable")[:MOST_WORDS]
        order = order[counts[order] >= self.k]
        shares = counts[order] / max(counts[order].sum(), 1)
        return known[order], tuple(np.cumsum(shares).tolist())


def _counted(things: Numbers, patient: Numbers, patients: int) -> tuple[Rows, Rows]:
    """Return things, and how many patients have each."""
    joined = np.unique(things.astype(np.int64) * patients + patient)
    return np.unique(joined // patients, return_counts=True)


def _by_patient(values: Floats, patient: Numbers) -> Floats:
    """Return one value a patient: the first."""
    known = ~np.isnan(values)
    _, first = np.unique(patient[known], return_index=True)
    return np.asarray(values[known][first])


def chosen(odds: Sequence[float], things: Sequence[Thing], share: float) -> Thing:
    """Return one of several things by a share in [0, 1)."""
    return things[min(bisect_right(odds, share), len(things) - 1)]
