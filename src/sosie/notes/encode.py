"""From the notes of a patient to a short block of the patient vector, and from a block to what a double is about.

Few columns, as many as the number of patients bears: how many notes and of which kind, sex and age, the problems,
treatments and measurements that most patients differ in, and coordinates of a frozen representation of the texts. What
is chosen is learned from the cohort, and refitted in every replicate of the attacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sosie.cohort import Column, Floats, Kind, Mask, Rows
from sosie.notes.doubles.coordinates import MOST as MOST_COORDINATES
from sosie.notes.doubles.corpus import Corpus
from sosie.notes.doubles.profile import PROBLEM, SEXES, TREATMENT, Profile
from sosie.notes.doubles.shape import Shape

NARROW, WIDE = 10, 27
"""Columns of a block at a hundred patients and from a thousand on."""
ABSENT, THERE, DENIED = 0.0, 1.0, 2.0
OLDEST = 90.0


@dataclass(frozen=True)
class Told:
    """One fact that the block holds.

    Parameters
    ----------
    kind, code : str
    denied : bool
        Whether enough patients' notes say that they do not have it.
    """

    kind: str
    code: str
    denied: bool = False

    @property
    def name(self) -> str:
        """Name of its column."""
        return f"notes.{self.kind} {self.code}".lower()


@dataclass(frozen=True)
class Block:
    """The columns of a cohort's notes.

    Parameters
    ----------
    styles : tuple of int
        Kinds of notes that enough patients have; any other is the last level, where there is one.
    rest : bool
        Whether other kinds are a level.
    least, most : float
        Notes of a patient.
    sex, age : bool
        Whether they vary and are told.
    facts : tuple of Told
    measures : tuple of str
    ranges : tuple of Shape
        Of the ages, if told, then of each measurement.
    coordinates : int
    """

    styles: tuple[int, ...]
    rest: bool
    least: float
    most: float
    sex: bool
    age: bool
    facts: tuple[Told, ...]
    measures: tuple[str, ...]
    ranges: tuple[Shape, ...]
    coordinates: int

    @property
    def levels(self) -> int:
        """Number of kinds of notes."""
        return len(self.styles) + self.rest

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the patient vector."""
        found = [Column("notes.count", Kind.NUMERIC, bounds=(0.0, self.most), step=1.0)]
        if self.levels > 1:
            found.append(Column("notes.kind", Kind.CATEGORICAL, self.levels))
        if self.sex:
            found.append(Column("notes.sex", Kind.CATEGORICAL, len(SEXES)))
        if self.age:
            found.append(Column("notes.age", Kind.NUMERIC, bounds=(0.0, OLDEST)))
        found += [Column(one.name, Kind.CATEGORICAL, 2 + one.denied) for one in self.facts]
        found += [Column(f"notes.{name}", Kind.NUMERIC) for name in self.measures]
        found += [Column(f"notes.coordinate{at}", Kind.NUMERIC) for at in range(1, self.coordinates + 1)]
        return tuple(found)

    def encode(self, view: View) -> Floats:
        """Return one row for each patient of a view, shape (patients, columns)."""
        says, rows = view.says, view.rows
        found = [np.minimum(says.counts[rows], self.most)]
        if self.levels > 1:
            code = {style: float(at) for at, style in enumerate(self.styles)}
            other = float(len(self.styles)) if self.rest else np.nan
            found.append(np.array([code.get(int(style), other) for style in says.main[rows]]))
        if self.sex:
            found.append(says.sex[rows])
        if self.age:
            found.append(np.minimum(says.age[rows], OLDEST))
        place = {fact: at for at, fact in enumerate(says.facts)}
        for one in self.facts:
            at = place[one.kind, one.code]
            denied = says.denied[rows, at] & one.denied
            found.append(np.where(says.held[rows, at], THERE, np.where(denied, DENIED, ABSENT)))
        found += [says.measured[rows, says.measures.index(name)] for name in self.measures]
        found += list(view.corpus.coordinates[rows, : self.coordinates].T)
        block = np.column_stack(found)
        block[view.without] = np.nan
        block[view.without, 0] = 0.0
        return block

    def features(self, values: Floats) -> Floats:
        """Return what tilts the choice of frames and facts: an indicator a level, standardised numbers.

        Numbers are cut at 2.5 and missing ones are 0, so that no patient stands far out.
        """
        made: list[Floats] = []
        for column, each in zip(self.columns, values.T, strict=True):
            if column.name == "notes.kind":
                continue
            if column.kind is Kind.CATEGORICAL:
                made += [(each == level).astype(np.float64) for level in range(column.levels)]
            else:
                made.append(each)
        return np.column_stack(made) if made else np.zeros((len(values), 0))

    @property
    def indicators(self) -> Mask:
        """Which features are indicators, shape (features,)."""
        kinds: list[bool] = []
        for column in self.columns:
            if column.name != "notes.kind":
                kinds += [True] * column.levels if column.kind is Kind.CATEGORICAL else [False]
        return np.array(kinds, dtype=bool)


@dataclass(frozen=True)
class View:
    """Some patients of a corpus.

    Parameters
    ----------
    corpus : Corpus
    given : ndarray of int64, shape (patients,)
        -1 for a patient without notes.
    """

    corpus: Corpus
    given: Rows

    @property
    def says(self) -> Profile:
        """What the notes of all patients say."""
        return self.corpus.profile

    @cached_property
    def without(self) -> Mask:
        """Who has no notes."""
        return np.asarray((self.given < 0) | (self.says.counts[self.rows] == 0))

    @cached_property
    def rows(self) -> Rows:
        """Rows of the corpus, any for a patient without notes."""
        return np.where(self.given < 0, 0, self.given)

    @cached_property
    def present(self) -> Mask:
        """Which patients of the corpus are in it."""
        found = np.zeros(self.corpus.patients, dtype=bool)
        found[self.given[self.given >= 0]] = True
        return found & (self.says.counts > 0)

    @cached_property
    def size(self) -> int:
        """Number of patients with notes."""
        return int(self.present.sum())


def fit(view: View, k: int, rng: np.random.Generator | None) -> Block:
    """Choose the columns of a cohort.

    Parameters
    ----------
    view : View
    k : int
        Fewest patients with and without a fact.
    rng : numpy.random.Generator, optional
        Draws by how many more than k.
    """
    present = view.present
    fewest = k if rng is None else k + int(rng.exponential(k))
    says = view.says
    styles, counts = np.unique(says.main[present & (says.main >= 0)], return_counts=True)
    kept = tuple(int(style) for style, count in zip(styles, counts, strict=True) if count >= fewest)
    if not kept and len(styles):
        kept = (int(styles[counts.argmax()]),)
    others = int(counts.sum() - sum(count for style, count in zip(styles, counts, strict=True) if style in kept))
    width = _width(view.size)
    sexes, ages = says.sex[present], says.age[present]
    sex = all((sexes == each).sum() >= fewest for each in range(len(SEXES)))
    age = int((~np.isnan(ages)).sum()) >= 2 * fewest
    left = width - 2 - sex - age
    problems = _chosen(view, PROBLEM, max(left * 2 // 5, 1), fewest)
    treatments = _chosen(view, TREATMENT, max(left // 5, 1), fewest)
    measures = _measures(view, max(left // 5, 1), fewest)
    shapes = [Shape.of(ages, k)] if age else []
    shapes += [Shape.of(says.measured[present, says.measures.index(name)], k) for name in measures]
    rest = left - len(problems) - len(treatments) - len(measures)
    return Block(
        styles=kept,
        rest=others >= fewest,
        least=0.0 if int(view.without.sum()) >= fewest else 1.0,
        most=Shape.of(says.counts[present], k).highest,
        sex=bool(sex),
        age=age,
        facts=(*problems, *treatments),
        measures=measures,
        ranges=tuple(shapes),
        coordinates=int(np.clip(rest, 1, min(MOST_COORDINATES, 2 + view.size // 150))),
    )


def _width(patients: int) -> int:
    """Return how many columns so many patients bear."""
    share = np.clip(np.log10(max(patients, 1)) - 2.0, 0.0, 1.0)
    return round(NARROW + float(share) * (WIDE - NARROW))


def _chosen(view: View, kind: str, most: int, fewest: int) -> tuple[Told, ...]:
    """Choose the facts in which patients differ most."""
    says = view.says
    there, denied = says.held[view.present].sum(axis=0), says.denied[view.present].sum(axis=0)
    found: list[tuple[int, str, bool]] = []
    for at, (own, code) in enumerate(says.facts):
        without = view.size - there[at]
        if own == kind and there[at] >= fewest and without >= fewest:
            found.append((int(min(there[at], without)), code, bool(denied[at] >= fewest)))
    ranked = sorted(found, key=lambda one: (-one[0], one[1]))[:most]
    return tuple(Told(kind, code, told) for _, code, told in ranked)


def _measures(view: View, most: int, fewest: int) -> tuple[str, ...]:
    counts = (~np.isnan(view.says.measured[view.present])).sum(axis=0)
    found = sorted((-int(count), code) for code, count in zip(view.says.measures, counts, strict=True))
    return tuple(code for count, code in found if -count >= 2 * fewest)[:most]
