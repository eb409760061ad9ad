"""Distances between patients and doubles: a frozen mixed-type embedding, and exact nearest neighbours.

Patients' vectors enter, points of a Euclidean space leave. The space is learned once from the attacked patients and
never from a release, so that releases made with and without a patient are measured with the same ruler.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Column, Floats, Kind, Rows, Vectors

Singles = NDArray[np.float32]
Balance = Literal["mismatch", "variance"]

HASHED_ABOVE = 64
HASH_WIDTH = 64
BLOCK_ROWS = 256
BLOCK_POINTS = 8192
FARTHEST = 1e6
SPARE = 4
DECILES_TO_SD = 2.563
"""Distance between the first and last decile of a normal distribution, in standard deviations."""


@dataclass(frozen=True)
class Axis:
    """How one varying column is embedded.

    Parameters
    ----------
    position : int
        Of the column in the vectors.
    kind : Kind
    first, last : int
        Its columns in the embedding, ``first`` included, ``last`` excluded.
    centre, scale : float
        Of a number.
    absent : float
        Where a missing number stands when no patient lacks it; 0 with an indicator beside it when some do.
    table : ndarray of float32, shape (levels + 2, last - first)
        Of a category: the point of each code, then of a missing one, then of a code that no patient has.
    """

    position: int
    kind: Kind
    first: int
    last: int
    centre: float = 0.0
    scale: float = 1.0
    absent: float = 0.0
    table: Singles | None = None


@dataclass(frozen=True)
class Space:
    """A mixed-type embedding, frozen on the attacked patients.

    Parameters
    ----------
    columns : tuple of Column
        Of the vectors that it embeds.
    axes : tuple of Axis
        One for each column that varies among the patients; the others tell nobody apart.
    compressed : bool
        Whether far values are drawn in.
    weights : ndarray of float32, shape (width,), optional
        By which the embedded columns are multiplied, where several modalities are seen together.
    """

    columns: tuple[Column, ...]
    axes: tuple[Axis, ...]
    compressed: bool = True
    weights: Singles | None = None

    @classmethod
    def of(cls, reference: Vectors, balance: Balance = "mismatch") -> Space:
        """Learn the scales of the columns.

        Parameters
        ----------
        reference : Vectors
        balance : {"mismatch", "variance"}
            ``mismatch``: two categories are at distance 1 and a number is counted in robust standard deviations,
            ``2 asinh(z / 2)``: linear for most patients, logarithmic beyond two deviations, so that outliers stay
            apart without drowning the other columns. ``variance``: each column has unit variance, uncompressed (a
            rare category is then very far from a common one), as in the membership attacks of the literature.
        """
        axes: list[Axis] = []
        width = 0
        for position, column in enumerate(reference.columns):
            values = _finite(reference.values[:, position])
            states = np.unique(values)  # NaNs count as one state
            if len(states) < 2:
                continue
            learn = _numeric_axis if column.kind is Kind.NUMERIC else _categorical_axis
            axis = learn(position, values, states, width, balance)
            width = axis.last
            axes.append(axis)
        space = cls(reference.columns, tuple(axes), balance == "mismatch")
        return space if balance == "variance" else replace(space, weights=_block_weights(space, reference))

    @property
    def width(self) -> int:
        """Number of embedded columns."""
        return self.axes[-1].last if self.axes else 1

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that vary."""
        return tuple(self.columns[axis.position].name for axis in self.axes)

    def coordinates(self, vectors: Vectors) -> Floats:
        """Return the varying columns: scaled numbers, codes, NaN where missing; shape (rows, axes)."""
        values = _finite(vectors.values[:, [axis.position for axis in self.axes]])
        numeric = np.array([axis.kind is Kind.NUMERIC for axis in self.axes], dtype=bool)
        centre = np.array([axis.centre for axis in self.axes])
        scale = np.array([axis.scale for axis in self.axes])
        with np.errstate(over="ignore"):
            scaled = np.clip((values[:, numeric] - centre[numeric]) / scale[numeric], -FARTHEST, FARTHEST)
        values[:, numeric] = 2.0 * np.arcsinh(scaled / 2.0) if self.compressed else scaled
        return values

    def embed(self, vectors: Vectors) -> Singles:
        """Return one point for each row, shape (rows, width)."""
        points = np.zeros((len(vectors), self.width), dtype=np.float32)
        coordinates = self.coordinates(vectors)
        absent = np.isnan(coordinates)
        for at, axis in enumerate(self.axes):
            if axis.table is not None:
                rows = _table_rows(coordinates[:, at], absent[:, at], len(axis.table))
                points[:, axis.first : axis.last] = axis.table[rows]
        numbers = np.array([at for at, axis in enumerate(self.axes) if axis.table is None], dtype=np.int64)
        first = np.array([self.axes[at].first for at in numbers], dtype=np.int64)
        stand_in = np.array([self.axes[at].absent for at in numbers])
        points[:, first] = np.where(absent[:, numbers], stand_in, coordinates[:, numbers])
        told = np.array([self.axes[at].last - self.axes[at].first > 1 for at in numbers], dtype=bool)
        points[:, first[told] + 1] = absent[:, numbers[told]]
        return points if self.weights is None else points * self.weights


def nearest(queries: Singles, points: Singles, count: int = 1) -> tuple[Floats, Rows]:
    """Return the distances and the numbers of the nearest points of each query, shape (queries, count).

    Blocked products in single precision find the candidates; their distances are computed again from the
    differences, because near a copy the products cancel. Fewer points than ``count`` give infinity and -1.
    """
    from sosie.attack import scan

    kept = min(count + SPARE, len(points))
    best = np.full((len(queries), kept), np.inf, dtype=np.float32)
    index = np.zeros((len(queries), kept), dtype=np.int64)
    if kept:
        for rows, offset, scores in score_blocks(queries, points):
            scan.keep_nearest(scores, offset, best[rows], index[rows])
    exact = np.empty((len(queries), kept))
    for at in range(kept):
        gap = queries.astype(np.float64) - points[index[:, at]]
        exact[:, at] = np.sqrt(np.einsum("ij,ij->i", gap, gap))
    order = np.argsort(exact, axis=1, kind="stable")[:, :count]
    distances = np.full((len(queries), count), np.inf)
    numbers = np.full((len(queries), count), -1, dtype=np.int64)
    distances[:, : order.shape[1]] = np.take_along_axis(exact, order, axis=1)
    numbers[:, : order.shape[1]] = np.take_along_axis(index, order, axis=1)
    return distances, numbers


def score_blocks(queries: Singles, points: Singles) -> Iterator[tuple[slice, int, Singles]]:
    """Yield ``|y|^2 - 2 x.y`` block by block: query rows, number of the first point, scores (queries, points)."""
    doubled = np.hstack([-2.0 * queries, np.ones((len(queries), 1))]).astype(np.float32)
    norms = np.einsum("ij,ij->i", points, points, dtype=np.float64).astype(np.float32)
    extended = np.hstack([points, norms[:, None]])
    for offset in range(0, len(points), BLOCK_POINTS):
        block = np.ascontiguousarray(extended[offset : offset + BLOCK_POINTS].T)
        for start in range(0, len(queries), BLOCK_ROWS):
            rows = slice(start, min(start + BLOCK_ROWS, len(queries)))
            yield rows, offset, doubled[rows] @ block


def isolation(embedded: Singles, neighbours: int = 5) -> Floats:
    """Return the mean distance of each patient to its nearest neighbours among the others."""
    count = min(neighbours, len(embedded) - 1)
    if count < 1:
        return np.zeros(len(embedded))
    distances, numbers = nearest(embedded, embedded, count + 1)
    self_found = numbers == np.arange(len(embedded))[:, None]
    # A patient with more copies than neighbours may not find itself; the farthest is then left out instead.
    self_found[~self_found.any(axis=1), -1] = True
    return np.asarray(distances[~self_found].reshape(len(embedded), count).mean(axis=1))


def _block_weights(space: Space, reference: Vectors) -> Singles | None:
    """Give each modality the same part of all distances, so that none drowns another by its number of columns.

    The reasoning of multiple factor analysis (Escofier and Pages 1994, doi:10.1016/0167-9473(94)90135-X), with the
    whole spread of a modality in place of its first component: distances add up all of it.
    """
    blocks = np.repeat(
        np.array([space.columns[axis.position].block for axis in space.axes], dtype=object),
        [axis.last - axis.first for axis in space.axes],
    )
    names = dict.fromkeys(blocks)
    if len(names) < 2:
        return None
    spread = space.embed(reference).var(axis=0, dtype=np.float64)
    totals = {name: float(spread[blocks == name].sum()) for name in names}
    mean = sum(totals.values()) / len(totals)
    return np.array([np.sqrt(mean / totals[name]) if totals[name] > 0 else 1.0 for name in blocks], dtype=np.float32)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _numeric_axis(position: int, values: Floats, states: Floats, first: int, balance: Balance) -> Axis:
    present = values[~np.isnan(values)]
    with np.errstate(over="ignore", invalid="ignore"):
        centre, scale = float(np.mean(present)), float(np.std(present))
        if balance == "mismatch":
            low, centre, high = (float(q) for q in np.quantile(present, [0.1, 0.5, 0.9]))
            scale = (high - low) / DECILES_TO_SD or scale
    if not (np.isfinite(scale) and scale > 0 and np.isfinite(centre)):
        centre, scale = float(np.median(present)), max(1.0, float(np.abs(present).max()) / FARTHEST)
    if np.isnan(states[-1]):
        return Axis(position, Kind.NUMERIC, first, first + 2, centre, scale)
    with np.errstate(over="ignore"):
        far = float(np.clip((states[-1] - centre) / scale, 0.0, FARTHEST)) + 1.0
    return Axis(position, Kind.NUMERIC, first, first + 1, centre, scale, absent=far)


def _categorical_axis(position: int, values: Floats, states: Floats, first: int, balance: Balance) -> Axis:
    _, counts = np.unique(values, return_counts=True)
    share = counts / len(values)
    entry = np.sqrt(0.5 if balance == "mismatch" else 1.0 / float(share @ (1.0 - share)))
    present = states[~np.isnan(states)].astype(np.int64)
    rows = int(present.max()) + 3
    seen = np.append(present, rows - 2) if np.isnan(states[-1]) else present
    if len(seen) > HASHED_ABOVE:
        # Random signs keep thousands of codes about equally far apart (deviation 6 %) in 64 columns.
        signs = np.random.default_rng(rows).choice([-1.0, 1.0], size=(rows, HASH_WIDTH))
        table = signs * entry / np.sqrt(HASH_WIDTH)
        return Axis(position, Kind.CATEGORICAL, first, first + HASH_WIDTH, table=table.astype(np.float32))
    if len(seen) == 2:
        table = np.full((rows, 1), 2.0)
        table[seen, 0] = (0.0, 1.0)
        table *= entry * np.sqrt(2.0)
        return Axis(position, Kind.CATEGORICAL, first, first + 1, table=table.astype(np.float32))
    # A code that no patient has is as far from each level as two levels are from each other.
    levels = len(seen)
    table = np.full((rows, levels), (1.0 - np.sqrt(1.0 + levels)) / levels)
    table[seen] = np.eye(levels)
    table *= entry
    return Axis(position, Kind.CATEGORICAL, first, first + levels, table=table.astype(np.float32))


def _table_rows(values: Floats, missing: NDArray[np.bool_], rows: int) -> Rows:
    codes = np.where(missing, rows - 2, values).astype(np.int64)
    codes[~missing & ((codes < 0) | (codes >= rows - 2))] = rows - 1
    return codes
