"""Singling out: isolating the record of one individual (WP29 Opinion 05/2014, section 2.2).

The attacker reads the release alone and states predicates that it believes true of one person. A guess succeeds if its
predicate holds for exactly one patient of the whole cohort; that patient gets the credit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sosie.attack.space import Space
from sosie.cohort import Floats, Kind, Mask, Rows, Vectors
from sosie.evidence import CriterionId

ENOUGH = 25
GUESSES = 500
ATTEMPTS = 4
FEWEST, MOST = 2, 6
MARGIN = 0.5
MISSING = 4e6
"""Where a missing number stands: farther from any present one than those can be from each other."""


@dataclass(frozen=True)
class LoneValues:
    """The values of one column that a single patient has.

    Parameters
    ----------
    position : int
        Of the column.
    numeric : bool
    values, owners : ndarray
        Each value (ascending) and the row of its patient.
    lowest, highest : ndarray of float64
        The two extremes at each end, outermost first; a tail predicate isolates when it lies between them.
    low_owner, high_owner : int
    missing_owner : int
        The only patient without a value, or -1.
    """

    position: int
    numeric: bool
    values: Floats
    owners: Rows
    lowest: Floats
    highest: Floats
    low_owner: int
    high_owner: int
    missing_owner: int


@dataclass(frozen=True)
class Univariate:
    """Predicates on one column: values, ends and gaps that occur once in the release.

    ``x = v`` for a value that one double has, ``x <= v`` and ``x >= v`` where such a value is an extreme, ``x is
    missing`` where one double lacks it. Every column that offers `ENOUGH` guesses or more is guessed on equally often,
    so that a column of many harmless decimals cannot hide one that leaks; one that offers fewer counts for as many as
    it offers, or its handful of guesses would be noise that drowns the others. Credits are the expectation over the
    guesses that the attacker could draw, which spares the estimator their sampling noise.
    """

    id: ClassVar[CriterionId] = CriterionId.SINGLING_OUT_UNIVARIATE
    unit: ClassVar[Literal["guesses"]] = "guesses"
    patients: int
    columns: tuple[LoneValues, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, patients: Vectors) -> Univariate:
        """Find what is unique among the patients."""
        varying = [i for i in range(len(patients.columns)) if len(np.unique(patients.values[:, i])) > 1]
        columns = tuple(
            _lone_values(patients.values[:, i], i, patients.columns[i].kind is Kind.NUMERIC) for i in varying
        )
        return cls(len(patients), columns, tuple(patients.columns[i].name for i in varying))

    @property
    def details(self) -> dict[str, object]:
        """Names of the attacked columns; every lone value of the release is a possible guess."""
        return {"attacked": list(self.names), "auxiliary": [], "guesses": "all lone values of the release"}

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return the share of guesses that isolate each patient."""
        given = np.zeros(self.patients)
        guessed = 0.0
        for at in _with_guesses(release.values[:, [column.position for column in self.columns]]):
            column = self.columns[at]
            owners, guesses = _isolated_owners(column, release.values[:, column.position])
            if guesses:
                weight = min(guesses / ENOUGH, 1.0)
                guessed += weight
                np.add.at(given, owners, weight / guesses)
        return given / guessed if guessed else given


@dataclass(frozen=True)
class Multivariate:
    """Predicates on 2 to 6 columns around one double, wide enough to hold for it alone.

    Around a random double and over random columns, categories must be equal and numbers lie in a box (in units of each
    column's spread) that reaches half-way to the next double. Where the release has more doubles than there are
    patients, as many as patients are read, so that a box holds for about one person.
    """

    id: ClassVar[CriterionId] = CriterionId.SINGLING_OUT_MULTIVARIATE
    unit: ClassVar[Literal["guesses"]] = "guesses"
    space: Space
    coordinates: Floats
    categorical: Mask
    guesses: int

    @classmethod
    def of(cls, patients: Vectors, space: Space | None = None, *, guesses: int = GUESSES) -> Multivariate:
        """Place the patients in the space where boxes are drawn."""
        space = space or Space.of(patients)
        categorical = np.array([axis.kind is Kind.CATEGORICAL for axis in space.axes], dtype=bool)
        return cls(space, _without_gaps(space.coordinates(patients)), categorical, guesses)

    @property
    def details(self) -> dict[str, object]:
        """Names of the attacked columns and the number of guesses for each release."""
        return {"attacked": list(self.space.names), "auxiliary": [], "guesses": self.guesses}

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return the share of guesses that isolate each patient."""
        from sosie.attack import scan

        hits = np.zeros(self.coordinates.shape[1])
        if len(self.space.axes) < FEWEST or not len(release):
            return hits
        if len(release) > len(hits):
            release = release.take(rng.choice(len(release), len(hits), replace=False))
        doubles = _without_gaps(self.space.coordinates(release))
        attempts = ATTEMPTS * self.guesses
        rows = rng.integers(len(release), size=attempts)
        chosen = _random_columns(len(self.space.axes), attempts, rng)
        made = scan.guess_boxes(doubles, self.coordinates, self.categorical, rows, chosen, MARGIN, self.guesses, hits)
        return hits / max(made, 1)


def _lone_values(values: Floats, position: int, numeric: bool) -> LoneValues:
    order = np.argsort(values, kind="stable")
    present = order[: np.count_nonzero(~np.isnan(values))]
    missing = np.flatnonzero(np.isnan(values))
    states, first, counts = np.unique(values[present], return_index=True, return_counts=True)
    lone = counts == 1
    ends = np.concatenate([[-np.inf], values[present], [np.inf]]) if len(present) else np.full(3, np.nan)
    return LoneValues(
        position,
        numeric,
        states[lone],
        present[first[lone]],
        ends[[1, 2]],
        ends[[-2, -3]],
        int(present[0]) if len(present) else -1,
        int(present[-1]) if len(present) else -1,
        int(missing[0]) if len(missing) == 1 else -1,
    )


def _with_guesses(released: Floats) -> Rows:
    """Return the columns in which some value, or a missing one, stands alone: the others allow no guess."""
    if not len(released):
        return np.zeros(0, dtype=np.int64)
    ordered = np.sort(released, axis=0)  # NaN sorts last, and differs from itself
    new = np.ones((len(ordered) + 1, ordered.shape[1]), dtype=bool)
    new[1:-1] = ordered[1:] != ordered[:-1]
    return np.flatnonzero((new[1:] & new[:-1]).any(axis=0))


def _isolated_owners(column: LoneValues, released: Floats) -> tuple[Rows, int]:
    """Return the patients whom the guesses on one column isolate, and the number of guesses."""
    absent = np.isnan(released)
    states, counts = np.unique(released[~absent], return_counts=True)
    lone = states[counts == 1]
    guesses = len(lone)
    at = np.minimum(np.searchsorted(column.values, lone), max(len(column.values) - 1, 0))
    owners = column.owners[at[column.values[at] == lone]] if len(column.values) else column.owners
    found = [owners]
    if np.count_nonzero(absent) == 1:
        guesses += 1
        found.append(np.array([column.missing_owner]))
    if column.numeric and len(states):
        if counts[0] == 1:
            guesses += 1
            found.append(np.array([column.low_owner if column.lowest[0] <= states[0] < column.lowest[1] else -1]))
        if counts[-1] == 1:
            guesses += 1
            found.append(np.array([column.high_owner if column.highest[0] >= states[-1] > column.highest[1] else -1]))
    every = np.concatenate(found)
    return every[every >= 0], guesses


def _without_gaps(coordinates: Floats) -> Floats:
    """Put missing values far away: equal to each other, unlike any present value; shape (axes, rows)."""
    return np.ascontiguousarray(np.where(np.isnan(coordinates), MISSING, coordinates).T)


def _random_columns(columns: int, guesses: int, rng: np.random.Generator) -> Rows:
    """Return 2 to 6 distinct columns for each guess, padded with -1."""
    most = min(MOST, columns)
    sizes = rng.integers(min(FEWEST, most), most + 1, size=guesses)
    chosen = np.empty((guesses, most), dtype=np.int64)
    for rank in range(most):
        # Floyd's sampling: a rank that is already taken gives way to the last column of its range.
        last = columns - most + rank
        drawn = rng.integers(last + 1, size=guesses)
        taken = (chosen[:, :rank] == drawn[:, None]).any(axis=1)
        chosen[:, rank] = np.where(taken, last, drawn)
    chosen = rng.permuted(chosen, axis=1)
    chosen[np.arange(most) >= sizes[:, None]] = -1
    return chosen
