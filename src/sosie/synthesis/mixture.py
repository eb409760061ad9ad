"""A mixture of normals on latents: for embeddings, and for cohorts too small for trees.

Each column is a threshold or a quantile function on a normal latent (`sosie.synthesis.facets`); the latents follow a
mixture of a few normals that share one covariance. Every figure that the model learns (shares, means of components,
correlations) receives Gaussian noise on which the strength depends, and what the noise leaves unsure is then shrunk
towards independence, which costs no privacy. An isolated patient's latents are drawn in, so that it
moves the correlations no more than others do.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sosie.cohort import Column, Floats, Kind, Vectors
from sosie.engine import single_threaded_libraries
from sosie.synthesis.clusters import cluster
from sosie.synthesis.facets import Facet, disturbed, facets_of, free_figures
from sosie.synthesis.grid import MISSING, Codes, Grid, blurred, fit_grid
from sosie.synthesis.moments import Moments, fit_moments

DEFLECTION = 0.12
NATURAL = 1.25
BINS_RANGE = (3, 40)
PAIRED = 0.1
MOST_NOISE = 1.0
EMBEDDING = 6
CURVE = 401
REACH = 8.0
CHUNK = 20_000


@dataclass(frozen=True)
class MixtureModel:
    """A fitted mixture.

    Parameters
    ----------
    grids : tuple of Grid
    facets : tuple of Facet
        With the noisy shares.
    tilts : tuple of ndarray
        For each facet, the cumulative shape of its noise at evenly spaced probabilities.
    moments : Moments
        Of the latents of the facets.
    jobs : int
    """

    grids: tuple[Grid, ...]
    facets: tuple[Facet, ...]
    tilts: tuple[Floats | None, ...]
    moments: Moments
    jobs: int = 1

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        """Draw ``n`` independent rows."""
        columns = tuple(grid.column for grid in self.grids)
        values: Floats = np.full((n, len(columns)), np.nan)
        starts = range(0, n, CHUNK)
        streams = rng.spawn(len(starts))
        root = np.asarray(np.linalg.cholesky(self.moments.covariance), dtype=np.float64)

        def fill(chunk: int) -> None:
            low = chunk * CHUNK
            self._fill(values[low : low + CHUNK], root, streams[chunk])

        if self.jobs == 1:
            for chunk in range(len(starts)):
                fill(chunk)
        else:
            with ThreadPoolExecutor(self.jobs) as pool:
                list(pool.map(fill, range(len(starts))))
        return Vectors(columns, values)

    def _fill(self, values: Floats, root: Floats, rng: np.random.Generator) -> None:
        weights, means = self.moments.weights, self.moments.means
        member = rng.choice(len(weights), len(values), p=weights)
        latents = rng.standard_normal((len(values), len(self.facets))) @ root.T + means[member]
        for at, (facet, tilt) in enumerate(zip(self.facets, self.tilts, strict=True)):
            uniform = self._probability(at, latents[:, at])
            if tilt is not None:
                uniform = np.interp(uniform, tilt, np.linspace(0.0, 1.0, len(tilt)))
            codes, within = facet.read(uniform)
            if facet.gap:
                values[codes == 1, facet.column] = np.nan
            else:
                values[:, facet.column] = self.grids[facet.column].draw(codes, rng, within)

    def _probability(self, at: int, latent: Floats) -> Floats:
        """Distribution function of one latent of the mixture."""
        deviation = np.sqrt(self.moments.covariance[at, at])
        centres = self.moments.means[:, at]
        if len(centres) == 1:
            return np.asarray(ndtr((latent - centres[0]) / deviation))
        points = np.linspace(centres.min() - REACH * deviation, centres.max() + REACH * deviation, CURVE)
        return np.asarray(
            np.interp(latent, points, ndtr((points[:, None] - centres) / deviation) @ self.moments.weights)
        )


@dataclass(frozen=True)
class _Noise:
    """Standard deviations of the noise on one free figure of a column, and on one correlation."""

    margins: float
    dependence: float


class Mixture:
    """Normals on latents, with noise on every figure that is learned.

    Parameters
    ----------
    k : int
        Fewest patients behind a published value (atoms, levels, bins, tails).
    deflection : float
        What an attacker who knows everyone else may tell about one patient, in standard deviations: the area under
        his ROC curve is near ``Phi(deflection / sqrt 2)``. Infinity adds no noise.
    dependence : float
        Share of the deflection (of its square) that correlations may use, in (0, 1).
    components : int, optional
        Most normals; one for each ``8 k`` patients, at most 12, by default. Only vectors that are mostly numbers
        without atoms (embeddings) have more than one.
    bins : int, optional
        Most bins of a number.
    jobs : int
        Threads.
    """

    def __init__(
        self,
        *,
        k: int = 11,
        deflection: float = DEFLECTION,
        dependence: float = 0.2,
        components: int | None = None,
        bins: int | None = None,
        jobs: int = 1,
    ) -> None:
        self.k, self.deflection, self.dependence = k, deflection, dependence
        self.components, self.bins, self.jobs = components, bins, jobs

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> MixtureModel:
        """Learn the shares of every column, and the noisy moments of the latents."""
        weights = _relative(vectors.weights, len(vectors))
        values, weights = vectors.values[weights > 0], weights[weights > 0]
        n, width = values.shape
        bins = self.bins or bin_count(n)
        grids = tuple(self._grid(column, values[:, j], bins, rng) for j, column in enumerate(vectors.columns))
        codes = np.zeros((n, width), dtype=np.uint16)
        for j, grid in enumerate(grids):
            codes[:, j] = grid.encode(values[:, j])
        facets = facets_of(grids, codes, weights)
        noise = self._noise(n, facets, grids)
        with single_threaded_libraries():
            moments = self._moments(facets, grids, codes, weights, noise.dependence, rng)
        made = [disturbed(facet, grids[facet.column], noise.margins, rng) for facet in facets]
        return MixtureModel(
            grids, tuple(facet for facet, _ in made), tuple(tilt for _, tilt in made), moments, self.jobs
        )

    def _noise(self, n: int, facets: list[Facet], grids: tuple[Grid, ...]) -> _Noise:
        """Return the noise that leaves an attacker the deflection.

        To first order a patient moves each free figure by 1/n against noise of variance v, on which an attacker who
        adds up all figures reaches ``sqrt(figures / (0.8 n^2 v))``; the releases' own scatter counts as noise. Of
        the correlations, the statistics of the leave-out attack read few: `PAIRED` of one for each latent, measured on
        ACTG 175. An attacker who adds up every correlation reads more, and the gate's other attacks judge him.
        """
        budget = 0.8 * max(n, 1) ** 2 * self.deflection**2
        natural = NATURAL / max(n, 1)
        margins = sum(free_figures(facet, grids[facet.column]) for facet in facets)
        dependence = PAIRED * sum(len(facet.codes) > 1 for facet in facets)
        variances = (margins / ((1.0 - self.dependence) * budget), dependence / (self.dependence * budget))
        return _Noise(*(float(np.sqrt(np.clip(variance - natural, 0.0, MOST_NOISE**2))) for variance in variances))

    def _moments(
        self,
        facets: list[Facet],
        grids: tuple[Grid, ...],
        codes: Codes,
        weights: Floats,
        noise: float,
        rng: np.random.Generator,
    ) -> Moments:
        n = len(codes)
        scores, known = np.zeros((n, len(facets)), dtype=np.float32), np.ones((n, len(facets)), dtype=np.float32)
        told = np.array([facet.variance for facet in facets])
        natural = {}
        for at, facet in enumerate(facets):
            column, grid = codes[:, facet.column], grids[facet.column]
            scores[:, at] = facet.scores(column, grid.size)
            if grid.column.kind is Kind.NUMERIC and not facet.gap:
                known[:, at] = column != MISSING
            table = facet.natural(grid)
            if table is not None:
                natural[at] = table[column]
        most = n // (8 * self.k) if self.components is None else self.components
        chances = np.ones((n, 1))
        if len(natural) >= max(EMBEDDING, len(facets) / 2) and most > 1:
            chances = cluster(np.column_stack(list(natural.values())), most, 4 * self.k, rng)
        if chances.shape[1] > 1:
            # Several normals make the shape of a column; one alone leaves it to the quantile function.
            for at, column_scores in natural.items():
                scores[:, at], told[at] = column_scores, 1.0
        return fit_moments(scores, known, told, chances, weights, noise, rng)

    def _grid(self, column: Column, values: Floats, bins: int, rng: np.random.Generator) -> Grid:
        """Lay the grid of a column; a blurred one, where enough patients stand behind it."""
        if column.kind is Kind.CATEGORICAL or len(values) < 6 * self.k or not np.isfinite(self.deflection):
            return fit_grid(column, values, k=self.k, bins=bins)
        return blurred(column, values, k=self.k, bins=bins, rng=rng)


def bin_count(patients: int) -> int:
    """Return the bins of a number: few where few patients would make many bins noisy, and give themselves away."""
    return int(np.clip(round(np.sqrt(patients) / 2.5), *BINS_RANGE))


def _relative(weights: Floats | None, n: int) -> Floats:
    """Return weights of mean 1; weights that say nothing weigh everybody alike."""
    if weights is None or not weights.max(initial=0.0) > 0.0:
        return np.ones(n)
    return np.asarray(weights / weights.mean())
