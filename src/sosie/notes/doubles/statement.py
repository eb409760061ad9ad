"""What each double's notes have to tell: its sampled facts, and others that go with them in the cohort.

The block of a double says the facts in which patients differ most; how they are told (as present or as history), and
whether it has any of the others that enough patients have, is drawn by how often patients like it do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.notes.doubles.corpus import Corpus, Site
from sosie.notes.doubles.people import People
from sosie.notes.doubles.profile import HOLDS, NEGATED, PROBLEM, TREATMENT
from sosie.notes.doubles.shape import Shape
from sosie.notes.doubles.tilt import Tilt
from sosie.notes.encode import DENIED, THERE, Block, View
from sosie.notes.facts import Status

PRESENT = str(Status.PRESENT)
WITHIN = 0.3
"""Standard deviation of a measurement within a patient, in those of the cohort."""


@dataclass(frozen=True)
class Statements:
    """The facts of some doubles.

    Parameters
    ----------
    has : ndarray of bool, shape (doubles, facts)
        In the order of `Stated.facts`.
    values : ndarray of float64, shape (doubles, measures)
        NaN where a measurement is not told.
    """

    has: Mask
    values: Floats


@dataclass(frozen=True)
class Stated:
    """The facts that a cohort's notes state often enough.

    Parameters
    ----------
    facts : tuple of Site
        Kind, code and status of problems and treatments.
    odds : ndarray of float64, shape (facts,)
        Logits of the shares of patients.
    tilt : Tilt
    measures : tuple of str
    shapes : tuple of Shape
    told : ndarray of float64, shape (measures,)
        Logits of the shares of patients with each measurement.
    measure_tilt : Tilt
    """

    facts: tuple[Site, ...]
    odds: Floats
    tilt: Tilt
    measures: tuple[str, ...]
    shapes: tuple[Shape, ...]
    told: Floats
    measure_tilt: Tilt

    @classmethod
    def fit(cls, view: View, block: Block, features: Floats, k: int, rng: np.random.Generator | None) -> Stated:
        """Count the facts of the patients of a view, whose features are in the order of `View.given`."""
        corpus = view.corpus
        wanted = np.array([site.kind in (PROBLEM, TREATMENT) for site in corpus.facts.known], dtype=bool)
        fact, patient = _pairs(corpus, view.present, wanted)
        counts = np.bincount(fact, minlength=len(wanted))
        needed = np.full(len(wanted), float(k)) if rng is None else k + rng.exponential(k, len(wanted))
        kept = np.flatnonzero(wanted & (counts >= needed))
        kept = np.union1d(kept, _needed(corpus, block, counts)).astype(np.int64)
        number = np.full(len(wanted), -1)
        number[kept] = np.arange(len(kept))
        at, row = _rows(view, number[fact] >= 0, number[fact], patient)
        says = view.says
        known = ~np.isnan(says.measured) & view.present[:, None]
        enough = np.flatnonzero(known.sum(axis=0) >= k)
        holder, which = np.nonzero(known[:, enough])
        m_at, m_row = _rows(view, np.ones(len(which), dtype=bool), which, holder)
        indicators = block.indicators
        return cls(
            tuple(corpus.facts.known[each] for each in kept),
            _logit(counts[kept] / max(view.size, 1)),
            Tilt.fit(features, indicators, at, row, len(kept)),
            tuple(says.measures[each] for each in enough),
            tuple(Shape.of(says.measured[view.present, each], k) for each in enough),
            _logit(known[:, enough].sum(axis=0) / max(view.size, 1)),
            Tilt.fit(features, indicators, m_at, m_row, len(enough)),
        )

    def draw(self, block: Block, values: Floats, features: Floats, rng: np.random.Generator) -> Statements:
        """Draw what doubles have to tell, by their block."""
        shape = (len(values), len(self.facts))
        has = rng.random(shape) < _share(self.odds + self.tilt.scores(features))
        self._obey(has, block, values)
        told = rng.random((len(values), len(self.measures))) < _share(self.told + self.measure_tilt.scores(features))
        measured = np.full(told.shape, np.nan)
        columns = {column.name: at for at, column in enumerate(block.columns)}
        for at, (name, distribution) in enumerate(zip(self.measures, self.shapes, strict=True)):
            if name in block.measures:
                given = values[:, columns[f"notes.{name}"]]
                measured[:, at] = np.where(np.isnan(given), np.nan, distribution.held(given))
            else:
                measured[:, at] = np.where(told[:, at], distribution.draw(len(values), rng), np.nan)
        return Statements(has, measured)

    def heed(self, statements: Statements, block: Block, told: People) -> None:
        """Make doubles state what their other parts say: results are quoted, the problem that is coded is named.

        A problem of those that are coded for somebody, which neither the block nor the code of a double says, is not
        stated of it.
        """
        for at, name in enumerate(self.measures):
            if name in told.measures:
                mine, values = told.measures[name], statements.values[:, at]
                statements.values[:, at] = np.where(np.isnan(values) | np.isnan(mine), values, mine)
        if not told.problems:
            return
        coded = frozenset(code for codes in told.problems for code in codes)
        in_block = {one.code for one in block.facts if one.kind == PROBLEM}
        for at, site in enumerate(self.facts):
            if site.kind != PROBLEM or site.status != PRESENT or site.code not in coded:
                continue
            mine = np.array([site.code in codes for codes in told.problems])
            has = statements.has[:, at]
            statements.has[:, at] = np.logical_or(has, mine) if site.code in in_block else mine

    def _obey(self, has: Mask, block: Block, values: Floats) -> None:
        """Make the facts of the block what it says, and let nothing be both held and denied."""
        by_code: dict[tuple[str, str], list[int]] = {}
        for at, site in enumerate(self.facts):
            by_code.setdefault((site.kind, site.code), []).append(at)
        columns = {column.name: at for at, column in enumerate(block.columns)}
        in_block = {(one.kind, one.code): one for one in block.facts}
        for key, places in by_code.items():
            holds = [at for at in places if self.facts[at].status in HOLDS]
            denies = [at for at in places if self.facts[at].status == NEGATED]
            if key in in_block:
                value = values[:, columns[f"notes.{key[0]} {key[1]}".lower()]]
                there, denied = value == THERE, value == DENIED
                for at in holds:
                    has[:, at] &= there
                if holds:
                    usual = max(holds, key=lambda at: self.odds[at])
                    has[:, usual] |= there & ~has[:, holds].any(axis=1)
                for at in denies:
                    has[:, at] = denied if in_block[key].denied else has[:, at] & ~there
            elif holds:
                for at in denies:
                    has[:, at] &= ~has[:, holds].any(axis=1)


def _needed(corpus: Corpus, block: Block, counts: Rows) -> list[int]:
    """Return the usual way to state each fact of the block, however few state it each way."""
    found: list[int] = []
    for one in block.facts:
        ways = [at for at, site in enumerate(corpus.facts.known) if (site.kind, site.code) == (one.kind, one.code)]
        holds = [at for at in ways if corpus.facts.known[at].status in HOLDS]
        denies = [at for at in ways if corpus.facts.known[at].status == NEGATED]
        found.append(max(holds, key=lambda at: int(counts[at])))
        if one.denied and denies:
            found.append(denies[0])
    return found


def _pairs(corpus: Corpus, present: Mask, wanted: Mask) -> tuple[Rows, Rows]:
    """Return each wanted fact with each patient who has it."""
    facts = corpus.facts
    if not len(wanted):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    chosen = wanted[facts.fact] & present[facts.patient]
    joined = np.unique(facts.fact[chosen].astype(np.int64) * corpus.patients + facts.patient[chosen])
    return joined // corpus.patients, joined % corpus.patients


def _rows(view: View, chosen: Mask, thing: Rows, patient: Rows) -> tuple[Rows, Rows]:
    """Return the pairs of things and rows of the view, for pairs of things and patients of the corpus."""
    place = np.full(view.corpus.patients, -1)
    given = np.flatnonzero(view.given >= 0)
    place[view.given[given]] = given
    return thing[chosen], place[patient[chosen]]


def _logit(share: Floats) -> Floats:
    held = np.clip(share, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(held / (1 - held)))


def _share(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))
