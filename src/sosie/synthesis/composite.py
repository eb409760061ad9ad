"""One ordered predictor that sums up the weak linear effects of many columns.

A tree needs a split, and its significance, for each weak effect; a linear composite carries them all in one column
on which few splits are enough. Each column becomes scores (a number: the normal score of its rank, bends at its
quartiles, missing and its atoms; a category: its levels), and each target a regression on the scores of the columns
before it, chosen forward while a coefficient's squared t statistic stays above `LEAST_T2`: a weaker one would describe
the patients, not the population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sosie.cohort import Floats, Kind, Mask, Rows
from sosie.synthesis.grid import MISSING, Codes, Grid

LEAST_T2 = 12.0
MOST_LEVELS = 8
BENDS = (0.25, 0.5, 0.75)
MOST_PREDICTORS = 40
MOST_ROWS = 100_000
SCREENED_ROWS = 5_000
BINS = 32


@dataclass(frozen=True)
class Scores:
    """Scores of one column: ``table[code]`` is its row of scores, each of mean 0 and variance 1 over the patients."""

    table: Floats

    @property
    def width(self) -> int:
        """Number of scores."""
        return int(self.table.shape[1])


@dataclass(frozen=True)
class Composite:
    """A linear predictor of one target, ready to be read off codes.

    Parameters
    ----------
    columns : ndarray of int64, shape (used,)
        Columns that it adds up.
    lookup : ndarray of float64, shape (used, largest size)
        What each code of each column adds.
    edges : ndarray of float64, shape (BINS - 1,)
        Quantiles at which the sum is cut into codes.
    """

    columns: NDArray[np.int64]
    lookup: Floats
    edges: Floats


def fit_scores(codes: Codes, grid: Grid) -> Scores:
    """Score the codes of one column."""
    counts = np.bincount(codes, minlength=grid.size).astype(np.float64)
    share = counts / max(counts.sum(), 1.0)
    rows: list[Floats] = []
    if grid.column.kind is Kind.NUMERIC:
        known = share.copy()
        known[MISSING] = 0.0
        middle = (np.cumsum(known) - known / 2) / max(known.sum(), 1e-12)
        normal = ndtri(np.clip(middle, 1e-3, 1 - 1e-3))
        normal[MISSING] = 0.0
        bends = [np.where(known > 0, np.maximum(middle - at, 0.0), 0.0) for at in BENDS]
        atoms = np.flatnonzero(grid.apart & (counts > 0))[:MOST_LEVELS]
        rows = [normal, *bends, *((np.arange(grid.size) == code).astype(np.float64) for code in atoms)]
    else:
        frequent = np.argsort(-counts, kind="stable")[1:MOST_LEVELS]
        rows = [(np.arange(grid.size) == code).astype(np.float64) for code in frequent if counts[code] > 0]
    kept = []
    for row in rows:
        mean = share @ row
        spread = np.sqrt(share @ (row - mean) ** 2)
        if spread > 1e-9:
            kept.append((row - mean) / spread)
    return Scores(np.array(kept).T if kept else np.zeros((grid.size, 0)))


@dataclass(frozen=True)
class Design:
    """Scores of all columns for at most `MOST_ROWS` patients.

    Parameters
    ----------
    rows : ndarray of int64, shape (used,)
        Row numbers of these patients.
    values : ndarray of float32, shape (used, scores)
    first : ndarray of int64, shape (columns + 1,)
        First score of each column.
    """

    rows: Rows
    values: NDArray[np.float32]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, codes: Codes, scores: list[Scores]) -> Design:
        """Score the patients."""
        rows = np.arange(0, len(codes), -(-len(codes) // MOST_ROWS))
        blocks = [column.table.astype(np.float32)[codes[rows, j]] for j, column in enumerate(scores)]
        values = np.hstack(blocks) if blocks else np.zeros((len(rows), 0), dtype=np.float32)
        return cls(rows, values, np.concatenate([[0], np.cumsum([column.width for column in scores])]))

    def places(self, columns: list[int]) -> Rows:
        """Return the numbers of the scores of some columns."""
        return np.concatenate([np.arange(self.first[j], self.first[j + 1]) for j in columns] or [np.arange(0)])

    def strongest(self, target: int, before: list[int], shaping: Mask) -> list[int]:
        """Keep the columns that vary; in wide tables, those whose first score is most correlated with the target's."""
        varying = [j for j in before if self.first[j] < self.first[j + 1]]
        if len(varying) <= MOST_PREDICTORS or self.first[target] == self.first[target + 1]:
            return varying[:MOST_PREDICTORS]
        used = np.flatnonzero(shaping[self.rows])[:SCREENED_ROWS]
        leads = self.values[used][:, self.first[[*varying, target]]]
        link = np.abs(leads[:, -1] @ leads[:, :-1])
        return sorted(varying[place] for place in np.argsort(-link, kind="stable")[:MOST_PREDICTORS])


def fit_composite(
    target: int, before: list[int], scores: list[Scores], design: Design, shaping: Mask, codes: Codes
) -> Composite | None:
    """Regress the first score of a target on the scores of other columns; None when nothing is found.

    Parameters
    ----------
    target : int
    before : list of int
        Columns that may be used.
    scores : list of Scores
    design : Design
    shaping : ndarray of bool, shape (patients,)
        Patients that may shape the tree.
    codes : ndarray of uint16, shape (patients, columns)
    """
    places = design.places(before)
    if not scores[target].width or not len(places):
        return None
    used = np.flatnonzero(shaping[design.rows])
    seen = design.values[np.ix_(used, np.append(places, design.first[target]))]
    moments = (seen.T @ seen).astype(np.float64) / max(len(used), 1)
    chosen = _select(moments, len(used))
    if not chosen:
        return None
    square = moments[np.ix_(chosen, chosen)]
    weight = np.linalg.solve(square + 1e-6 * np.eye(len(chosen)), moments[chosen, -1])
    owner = np.repeat(before, [scores[j].width for j in before])[chosen]
    columns = np.unique(owner)
    lookup = np.zeros((len(columns), max(len(scores[j].table) for j in columns)))
    for place, value, j in zip(places[chosen], weight, owner, strict=True):
        row = scores[j].table[:, place - design.first[j]]
        lookup[np.searchsorted(columns, j), : len(row)] += value * row
    some = codes[design.rows[used]]
    sums = lookup[np.arange(len(columns)), some[:, columns]].sum(axis=1)
    return Composite(columns, lookup, np.quantile(sums, np.linspace(0, 1, BINS + 1)[1:-1]))


def _select(moments: Floats, n: int) -> list[int]:
    """Choose predictors of the last variable forward, by the sweep of the moment matrix (Goodnight 1979)."""
    cross, inner, left = moments[:-1, -1].copy(), moments[:-1, :-1].copy(), float(moments[-1, -1])
    chosen: list[int] = []
    while len(chosen) < len(cross):
        scale = np.diag(inner).copy()
        gain = np.where(scale > 1e-6, cross**2 / np.maximum(scale, 1e-12), 0.0)
        gain[chosen] = 0.0
        best = int(np.argmax(gain))
        if gain[best] * n < LEAST_T2 * max(left - gain[best], 1e-9):
            break
        chosen.append(best)
        left -= float(gain[best])
        slope = inner[:, best] / scale[best]
        cross = cross - slope * cross[best]
        inner = inner - np.outer(slope, inner[best])
    return chosen
