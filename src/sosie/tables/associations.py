"""What pairs of columns keep: rank correlations, contingencies, correlation ratios.

One similarity in [0, 1] for each pair: two numbers, 1 - |difference of Spearman| / 2; two categories, 1 - the total
variation distance of their contingency; a number and a category, 1 - |difference of correlation ratios| of the ranks.
Missing values are left out pair by pair. The matrices hold Spearman, Cramér's V and correlation ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import rankdata

from sosie.cohort import Floats
from sosie.tables.aligned import OTHER, SIDES, Aligned, Pair, Side

CELLS = 30
"""Levels of a category in a contingency; rarer ones are pooled, or sampling noise would be all that a pair shows."""
WORST = 10


@dataclass(frozen=True)
class Associations:
    """The pairs of some columns.

    Parameters
    ----------
    names : tuple of str
    original, doubles : ndarray of float64, shape (columns, columns)
        Association of each pair, NaN where it is not defined.
    similarity : ndarray of float64, shape (columns, columns)
    """

    names: tuple[str, ...]
    original: Floats
    doubles: Floats
    similarity: Floats

    @property
    def mean(self) -> float | None:
        """Mean similarity of the pairs that are defined."""
        upper = self.similarity[np.triu_indices(len(self.names), 1)]
        known = upper[~np.isnan(upper)]
        return float(known.mean()) if len(known) else None

    def report(self) -> dict[str, object]:
        """Return the matrices and the least faithful pairs, JSON-ready."""
        first, second = np.triu_indices(len(self.names), 1)
        similarity = self.similarity[first, second]
        order = [int(i) for i in np.argsort(similarity, kind="stable")[:WORST] if not np.isnan(similarity[i])]
        return {
            "columns": list(self.names),
            "original": _json(self.original),
            "doubles": _json(self.doubles),
            "least_faithful": [
                {"pair": [self.names[first[i]], self.names[second[i]]], "similarity": float(similarity[i])}
                for i in order
            ],
        }


def associations(columns: Sequence[Aligned], k: int) -> Associations:
    """Compare every pair of columns; a pair that fewer than k patients have in full is not defined."""
    kept = [_pooled(column) for column in columns if column.informative]
    matrices = {side: _matrix(kept, side, k) for side in SIDES}
    numeric = np.array([column.numbers is not None for column in kept], dtype=bool)
    gap = np.abs(matrices["original"] - matrices["doubles"])
    similarity = 1 - np.where(numeric[:, None] & numeric[None, :], gap / 2, gap)
    nominal = np.flatnonzero(~numeric)
    for position, i in enumerate(nominal):
        for j in nominal[position + 1 :]:
            similarity[i, j] = similarity[j, i] = _contingency_similarity(kept[i], kept[j], k)
    return Associations(
        tuple(column.name for column in kept), matrices["original"], matrices["doubles"], np.minimum(similarity, 1.0)
    )


def spearman(values: Floats, at_least: int = 2) -> Floats:
    """Return the rank correlations of columns, each pair on the rows that have both.

    Ranks are taken once for each column, over its known values.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, columns)
    at_least : int
        Rows that a pair must have.

    Returns
    -------
    ndarray of float64, shape (columns, columns)
        NaN where a column does not vary or too few rows have both.
    """
    here = (~np.isnan(values)).astype(np.float64)
    ranks = np.nan_to_num(_centred_ranks(values))
    rows = here.T @ here
    sums = ranks.T @ here
    squares = (ranks**2).T @ here
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = ranks.T @ ranks - sums * sums.T / rows
        spread = np.sqrt(np.maximum(squares - sums**2 / rows, 0.0))
        correlation = covariance / (spread * spread.T)
    defined = (spread > 1e-9) & (spread.T > 1e-9) & (rows >= at_least)
    return np.where(defined, np.clip(correlation, -1.0, 1.0), np.nan)


def _matrix(columns: Sequence[Aligned], side: Side, k: int) -> Floats:
    size = len(columns)
    matrix = np.full((size, size), np.nan)
    at_least = k if side == "original" else 2
    numeric = [i for i, column in enumerate(columns) if column.numbers is not None]
    nominal = [i for i, column in enumerate(columns) if column.numbers is None]
    if numeric:
        stacked = np.column_stack([columns[i].values(side) for i in numeric])
        matrix[np.ix_(numeric, numeric)] = spearman(stacked, at_least)
        ranks = _centred_ranks(stacked)
    for position, i in enumerate(nominal):
        codes, levels = columns[i].values(side), len(columns[i].levels)
        if numeric:
            matrix[i, numeric] = matrix[numeric, i] = _correlation_ratios(codes, levels, ranks, at_least)
        for j in nominal[position + 1 :]:
            table = _contingency(codes, levels, columns[j].values(side), len(columns[j].levels))
            matrix[i, j] = matrix[j, i] = _cramer(table) if table.sum() >= at_least else np.nan
        matrix[i, i] = 1.0
    return matrix


def _centred_ranks(values: Floats) -> Floats:
    """Return the ranks of each column over its known values, centred and in units of their count."""
    ranks = np.full_like(values, np.nan)
    for j, column in enumerate(values.T):
        known = ~np.isnan(column)
        if known.any():
            ranked = rankdata(column[known])
            ranks[known, j] = (ranked - ranked.mean()) / len(ranked)
    return ranks


def _correlation_ratios(codes: Floats, levels: int, ranks: Floats, at_least: int) -> Floats:
    """Return eta of the ranks of each number by the levels of one category: sqrt(between / total sum of squares)."""
    ratios = np.full(ranks.shape[1], np.nan)
    for j, rank in enumerate(ranks.T):
        both = ~np.isnan(codes) & ~np.isnan(rank)
        if both.sum() < at_least:
            continue
        centred = rank[both] - rank[both].mean()
        total = float((centred**2).sum())
        groups = codes[both].astype(np.int64)
        counts = np.bincount(groups, minlength=levels)
        if total < 1e-12 or np.count_nonzero(counts) < 2:
            continue
        sums = np.bincount(groups, weights=centred, minlength=levels)[counts > 0]
        ratios[j] = np.sqrt(min(float((sums**2 / counts[counts > 0]).sum()) / total, 1.0))
    return ratios


def _contingency(first: Floats, first_levels: int, second: Floats, second_levels: int) -> Floats:
    both = ~np.isnan(first) & ~np.isnan(second)
    cells = first[both].astype(np.int64) * second_levels + second[both].astype(np.int64)
    return np.bincount(cells, minlength=first_levels * second_levels).reshape(first_levels, second_levels).astype(float)


def _cramer(table: Floats) -> float:
    rows, columns = table.sum(1) > 0, table.sum(0) > 0
    table = table[rows][:, columns]
    if min(table.shape) < 2:
        return float("nan")
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    chi2 = float(((table - expected) ** 2 / expected).sum())
    return float(np.sqrt(min(chi2 / (table.sum() * (min(table.shape) - 1)), 1.0)))


def _contingency_similarity(first: Aligned, second: Aligned, k: int) -> float:
    tables = {
        side: _contingency(first.values(side), len(first.levels), second.values(side), len(second.levels))
        for side in SIDES
    }
    if tables["original"].sum() < k or tables["doubles"].sum() == 0:
        return float("nan")
    shares = [table / table.sum() for table in tables.values()]
    return float(1 - np.abs(shares[0] - shares[1]).sum() / 2)


def _pooled(column: Aligned) -> Aligned:
    """Keep the most frequent levels of a category; its codes are in order of frequency."""
    if column.codes is None or column.numbers is not None or len(column.levels) <= CELLS:
        return column
    codes = Pair(np.minimum(column.codes.original, CELLS - 1.0), np.minimum(column.codes.doubles, CELLS - 1.0))
    return replace(column, codes=codes, levels=(*column.levels[: CELLS - 1], OTHER))


def _json(matrix: Floats) -> list[list[float | None]]:
    return [[None if np.isnan(value) else round(float(value), 4) for value in row] for row in matrix]
