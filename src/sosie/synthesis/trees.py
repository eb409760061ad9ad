"""Sequential trees: each column is drawn from a tree on the columns before it (the default synthesizer).

Sequential CART is Reiter's (2005, Journal of Official Statistics 21, 441-462). What is ours keeps patients apart:

- values live on a grid (`sosie.synthesis.grid`) in which no atom, bin or tail holds fewer than k patients;
- a node splits only where a chi-squared test, corrected for the splits tried, says that the difference is real: most
  splits of a fully grown tree describe the patients, not the population;
- weak linear effects come together in one composite predictor (`sosie.synthesis.composite`);
- trees are honest (Wager and Athey 2018, arXiv 1510.04342): for each column some patients, chosen afresh in each fit,
  shape the tree and others, the donors, fill its leaves. The smaller their share, the less even an attacker who
  knows everyone else can tell about one patient, and the noisier the figures; `donor_share` sets it;
- patients whom rare values set apart are donors less often (`influence`), as gradients are clipped in private learning:
  the most isolated are protected first, and what they alone carry fades;
- a leaf borrows from its ancestors.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from sosie.cohort import Column, Floats, Kind, Mask, Vectors
from sosie.engine import single_threaded_libraries
from sosie.synthesis.composite import BINS, Composite, Design, Scores, fit_composite, fit_scores
from sosie.synthesis.donors import DEFLECTION, MOST_DONORS, bin_count, choose, donor_share, influence, relative
from sosie.synthesis.grid import Codes, Grid, blurred

if TYPE_CHECKING:
    from sosie.synthesis.kernel import Nodes

Result = TypeVar("Result")
MOST_CLASSES = 12
TRIES_PER_PREDICTOR = 8
MOST_LEAVES = 2_000
MOST_SHAPING = 200_000
CHUNK = 20_000


@dataclass(frozen=True)
class _Tree:
    """One grown tree: each node is a range of its permuted donors."""

    target: int
    composite: Composite | None
    nodes: Nodes
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    donors: NDArray[np.uint16]


@dataclass(frozen=True)
class TreesModel:
    """A fitted sequence of trees. It holds patients' codes: it is personal data and is never published."""

    grids: tuple[Grid, ...]
    trees: tuple[_Tree, ...]
    shrink: float
    jobs: int

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        """Draw ``n`` independent rows."""
        columns = tuple(grid.column for grid in self.grids)
        values = np.empty((n, len(columns)))
        starts = range(0, n, CHUNK)
        streams = rng.spawn(len(starts))

        def fill(chunk: int) -> None:
            low = chunk * CHUNK
            codes = self._codes(min(CHUNK, n - low), streams[chunk])
            for j, grid in enumerate(self.grids):
                values[low : low + len(codes), j] = grid.draw(codes[:, j], streams[chunk])

        _map(fill, range(len(starts)), self.jobs)
        return Vectors(columns, values)

    def _codes(self, n: int, rng: np.random.Generator) -> Codes:
        from sosie.synthesis.kernel import draw, read_composite

        width = len(self.grids)
        codes = np.zeros((n, width + 1), dtype=np.uint16)
        for tree in self.trees:
            if tree.composite is not None:
                read_composite(codes, tree.composite.columns, tree.composite.lookup, tree.composite.edges, width)
            seed = rng.integers(2**63, dtype=np.uint64)
            draw(codes, tree.target, *tree.nodes, tree.start, tree.stop, tree.donors, self.shrink, seed)
        return codes


class Trees:
    """Sequential trees with leaves of at least k patients.

    Parameters
    ----------
    k : int
        Fewest patients behind a published value (atoms, bins, tails).
    leaf : int
        Fewest patients in a leaf; raised to the number of patients over `MOST_LEAVES` in large cohorts.
    significance : float
        Splits expected by chance at a node where nothing is to be found, over all the splits tried.
    deflection : float
        What an attacker who adds up all figures of a release may reach, in standard deviations: an AUC of
        ``Phi(deflection / sqrt 2)``. Smaller is safer, and noisier.
    donors : float, optional
        Share of the patients that each column is drawn from, in (0, 0.5]; what `deflection` asks for by default.
    shrink : float
        Pseudo-donors that a leaf borrows from its parent, and so on up.
    bins : int, optional
        Most bins of a number; `bin_count` by default.
    depth : int
        Deepest tree.
    jobs : int
        Threads.
    """

    def __init__(
        self,
        *,
        k: int = 11,
        leaf: int = 22,
        significance: float = 2.0,
        deflection: float = DEFLECTION,
        donors: float | None = None,
        shrink: float = 2.0,
        bins: int | None = None,
        depth: int = 16,
        jobs: int = 1,
    ) -> None:
        self.k, self.leaf, self.significance = k, leaf, significance
        self.deflection, self.donors = deflection, donors
        self.shrink, self.bins, self.depth, self.jobs = shrink, bins, depth, jobs

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> TreesModel:
        """Grow one tree for each column."""
        n, width = vectors.values.shape
        bins = self.bins or bin_count(n)
        grids = tuple(
            blurred(column, vectors.values[:, j], k=self.k, bins=bins, rng=rng)
            for j, column in enumerate(vectors.columns)
        )
        codes = np.zeros((n, width), dtype=np.uint16)
        for j, grid in enumerate(grids):
            codes[:, j] = grid.encode(vectors.values[:, j])
        scores = [fit_scores(codes[:, j], grid) for j, grid in enumerate(grids)]
        growth = _Growth(self, vectors.columns, grids, codes, scores, Design.of(codes, scores))
        order = _sequence(vectors.columns)
        weight = relative(vectors.weights, n)
        share = donor_share(n, vectors.columns, bins, self.deflection) if self.donors is None else self.donors
        clipped = influence(codes)
        chance = np.minimum(share * weight * clipped / max(clipped.mean(), 1e-12), MOST_DONORS)
        kept = [choose(chance, rng) for _ in order]
        with single_threaded_libraries():
            trees = _map(lambda place: growth.tree(order[place], order[:place], kept[place]), range(width), self.jobs)
        return TreesModel(grids, tuple(trees), self.shrink, self.jobs)


def _map(function: Callable[[int], Result], places: range, jobs: int) -> list[Result]:
    """Apply a function to numbers, on threads where more than one is allowed."""
    if jobs == 1:
        return [function(place) for place in places]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(function, places))


@dataclass(frozen=True)
class _Growth:
    """What every tree of one fit shares."""

    settings: Trees
    columns: tuple[Column, ...]
    grids: tuple[Grid, ...]
    codes: Codes
    scores: list[Scores]
    design: Design

    def tree(self, target: int, before: list[int], kept: Mask) -> _Tree:
        """Grow the tree of one column on the columns before it, and keep some of its donors."""
        from sosie.synthesis.kernel import grow, read_composite, route

        n, width = self.codes.shape
        shaping = np.flatnonzero(~kept)
        shaping = shaping[:: max(1, -(-len(shaping) // MOST_SHAPING))]
        codes = self.codes
        features = self.design.strongest(target, before, ~kept)
        composite = fit_composite(target, features, self.scores, self.design, ~kept, codes) if len(before) > 1 else None
        if composite is not None:
            codes = np.hstack([codes, np.empty((n, 1), dtype=np.uint16)])
            read_composite(codes, composite.columns, composite.lookup, composite.edges, width)
            features = [*features, width]
        sizes = np.array([*(grid.size for grid in self.grids), BINS])
        ordered = np.array([*(column.kind is Kind.NUMERIC for column in self.columns), True])
        outcome = _outcome(self.codes[shaping, target], self.grids[target])
        tries = max(1, TRIES_PER_PREDICTOR * len(features))
        threshold = float(chi2.isf(min(self.settings.significance / tries, 1.0), outcome.shape[1]))
        leaf = max(self.settings.leaf, -(-n // MOST_LEAVES))
        nodes = grow(
            codes[shaping],
            np.array(features, dtype=np.int64),
            sizes,
            ordered,
            outcome,
            threshold,
            max(2, leaf * len(shaping) // n),
            self.settings.depth,
        )
        rows, start, stop = route(codes, nodes.feature, nodes.left, nodes.right, nodes.side)
        behind = np.concatenate([[0], np.cumsum(kept[rows])])
        donors = self.codes[rows[kept[rows]], target]
        return _Tree(target, composite, nodes, behind[start], behind[stop], donors)


def _sequence(columns: tuple[Column, ...]) -> list[int]:
    """Return the order in which columns are drawn: as they come, a column that follows another right after it."""
    position = {column.name: j for j, column in enumerate(columns)}
    followers = [j for j, column in enumerate(columns) if column.after in position]
    order = [j for j in range(len(columns)) if j not in followers]
    for j in followers:
        lead = position[columns[j].after or ""]
        order.insert(order.index(lead) + 1 if lead in order else len(order), j)
    return order


def _outcome(codes: NDArray[np.uint16], grid: Grid) -> Floats:
    """Return the target of a tree as scores of mean 0 and variance 1, shape (rows, scores).

    A number is the mean rank of its code, and an indicator for missing and for each atom that is kept apart; a
    category is an indicator for each of its most frequent levels but the last.
    """
    counts = np.bincount(codes, minlength=grid.size).astype(np.float64)
    share = counts / max(counts.sum(), 1.0)
    table: list[Floats] = []
    if grid.column.kind is Kind.NUMERIC:
        known = share.copy()
        known[0] = 0.0
        middle = (np.cumsum(known) - known / 2) / max(known.sum(), 1e-12)
        middle[0] = 0.5
        table.append(middle)
        apart = np.flatnonzero(grid.apart & (counts > 0))
    else:
        apart = np.flatnonzero(counts > 0)
    apart = apart[np.argsort(-counts[apart], kind="stable")][:MOST_CLASSES]
    if grid.column.kind is Kind.CATEGORICAL:
        apart = apart[: max(1, len(apart) - 1)]
    table += [(np.arange(grid.size) == code).astype(np.float64) for code in apart]
    scores = []
    for row in table:
        mean = share @ row
        spread = np.sqrt(share @ (row - mean) ** 2)
        if spread > 1e-9:
            scores.append((row - mean) / spread)
    return np.ascontiguousarray(np.array(scores or [np.zeros(grid.size)]).T[codes])
