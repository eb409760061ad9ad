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

from sosie.cohort import Floats, Kind
from sosie.synthesis.grid import MISSING, Codes, Grid

LEAST_T2 = 12.0
MOST_LEVELS = 8
BENDS = (0.25, 0.5, 0.75)
MOST_PREDICTORS = 64
MOST_ROWS = 100_000
BINS = 32


@dataclass(frozen=True)
class Scores:
    """Scores of one column: ``table[code]`` is its row of scores, each of mean 0 and variance 1 over the patients."""

    table: Floats

    @property
    def width(self) -> int:
        """Number of scores."""
        return self.table.shape[1]


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


def gram(codes: Codes, scores: list[Scores]) -> Floats:
    """Return the second moments of all scores, shape (scores, scores), over at most `MOST_ROWS` patients."""
    rows = codes if len(codes) <= MOST_ROWS else codes[:: len(codes) // MOST_ROWS + 1]
    design = np.hstack([column.table[rows[:, j]] for j, column in enumerate(scores)])
    moments: Floats = design.T @ design / max(len(rows), 1)
    return moments


def fit_composite(
    target: int, before: list[int], scores: list[Scores], moments: Floats, codes: Codes
) -> Composite | None:
    """Regress the first score of ``target`` on the scores of the columns ``before``; None when nothing is found."""
    offset = np.concatenate([[0], np.cumsum([column.width for column in scores])])
    if not scores[target].width or not before:
        return None
    places = np.concatenate([np.arange(offset[j], offset[j + 1]) for j in before]).astype(np.int64)
    owner = np.repeat(before, [scores[j].width for j in before])
    y = offset[target]
    if len(places) > MOST_PREDICTORS:
        strongest = np.sort(np.argsort(-np.abs(moments[places, y]), kind="stable")[:MOST_PREDICTORS])
        places, owner = places[strongest], owner[strongest]
    chosen = _select(moments, places, y, min(len(codes), MOST_ROWS))
    if not len(chosen):
        return None
    used = places[chosen]
    square = moments[np.ix_(used, used)]
    weight = np.linalg.solve(square + 1e-6 * np.eye(len(used)), moments[used, y])
    columns = np.unique(owner[chosen])
    lookup = np.zeros((len(columns), max(len(scores[j].table) for j in columns)))
    for place, value, j in zip(used, weight, owner[chosen], strict=True):
        row = scores[j].table[:, place - offset[j]]
        lookup[np.searchsorted(columns, j), : len(row)] += value * row
    sums = lookup[np.arange(len(columns)), codes[:, columns]].sum(axis=1)
    return Composite(columns, lookup, np.quantile(sums, np.linspace(0, 1, BINS + 1)[1:-1]))


def _select(moments: Floats, places: NDArray[np.int64], y: int, n: int) -> list[int]:
    """Choose predictors forward by the sweep of the moment matrix (Goodnight 1979)."""
    cross, inner, left = moments[places, y].copy(), moments[np.ix_(places, places)].copy(), float(moments[y, y])
    chosen: list[int] = []
    while len(chosen) < len(places):
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
