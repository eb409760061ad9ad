"""Doubles' haplotypes, chunk by chunk of the genome: donors, pools and what is wanted enter, alleles leave."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Mask, Rows
from sosie.genomes.decode.pools import Pool
from sosie.genomes.decode.recipe import Recipe
from sosie.genomes.genotypes import MISSING, Alleles

CHUNK_BYTES = 64_000_000
IN_MEMORY = 500_000_000
"""Bytes of alleles above which they lie in a file."""
THREADED = 20_000_000
"""Alleles below which threads do not pay."""


@dataclass(frozen=True)
class Wanted:
    """A trait variant whose dose was sampled.

    Parameters
    ----------
    site : int
        Row of the variant.
    first : int
        Row from which donors are sought among its carriers.
    doses : ndarray of int8, shape (doubles,)
        What each double must bear, -1 for any.
    """

    site: int
    first: int
    doses: NDArray[np.int8] = field(repr=False)


@dataclass(frozen=True)
class Ground:
    """What doubles are drawn from.

    Parameters
    ----------
    alleles : ndarray of uint8, shape (variants, haplotypes of the source)
    people : ndarray of int64, shape (donors,)
        People of ``alleles``.
    contig : ndarray of int16, shape (variants,)
    morgans : ndarray of float64, shape (variants,)
        Genetic position, growing within a contig.
    kept : ndarray of bool, shape (variants,)
        Variants both of whose alleles enough patients carry.
    fixed : ndarray of uint8, shape (variants,)
        The allele that doubles bear at the others.
    phased : bool
        Whether haplotypes are known; doubles are drawn dose by dose where they are not.
    """

    alleles: Alleles = field(repr=False)
    people: Rows = field(repr=False)
    contig: NDArray[np.int16] = field(repr=False)
    morgans: Floats = field(repr=False)
    kept: Mask = field(repr=False)
    fixed: Alleles = field(repr=False)
    phased: bool = True


def draw(
    ground: Ground,
    pools: Sequence[Pool],
    doubles: int,
    wanted: Sequence[Wanted],
    recipe: Recipe,
    k: int,
    rng: np.random.Generator,
) -> Alleles:
    """Return the alleles of doubles, shape (variants, 2 * doubles)."""
    variants = len(ground.kept)
    out = _room(variants, 2 * doubles)
    salt = np.uint64(rng.integers(2**63))
    walkers = [_Walker.of(pool, ground, recipe, k, rng) for pool in pools]
    threads = min(len(walkers), os.cpu_count() or 1) if variants * 2 * doubles > THREADED else 1
    marks = [_Mark.of(each, ground, doubles, rng) for each in wanted]
    chunk = max(CHUNK_BYTES // max(ground.alleles.shape[1], 1), 1)
    with ThreadPoolExecutor(max(threads, 1)) as crew:
        for first, last in _runs(ground.contig):
            for walker in walkers:
                walker.begin()
            for start in range(first, last, chunk):
                stop = min(start + chunk, last)
                sites = start + np.flatnonzero(ground.kept[start:stop])
                out[start:stop] = ground.fixed[start:stop, None]
                rows = np.asarray(ground.alleles[sites])
                task = _Task(rows, sites, _leaps(ground.morgans, sites, recipe), marks, salt)

                def go(walker: _Walker, task: _Task = task) -> tuple[Rows, Alleles]:
                    return walker.columns, walker.walk(task)

                for columns, drawn in crew.map(go, walkers) if threads > 1 else map(go, walkers):
                    out[sites[:, None], columns[None, :]] = drawn
    return out


@dataclass(frozen=True)
class _Task:
    rows: Alleles
    sites: Rows
    leaps: Floats
    marks: Sequence[_Mark]
    salt: np.uint64


@dataclass(frozen=True)
class _Mark:
    """A trait variant as the walk sees it: who carries what, and what each double's symbols must be."""

    site: int
    first: int
    carried: Alleles
    symbols: NDArray[np.int8]

    @classmethod
    def of(cls, wanted: Wanted, ground: Ground, doubles: int, rng: np.random.Generator) -> _Mark:
        row = np.asarray(ground.alleles[wanted.site])
        doses = wanted.doses
        if not ground.phased:
            missing = (row[::2] == MISSING) | (row[1::2] == MISSING)
            return cls(wanted.site, wanted.first, np.where(missing, MISSING, row[::2] + row[1::2]), doses[:, None])
        one = rng.integers(2, size=doubles)
        pair = np.column_stack([doses - (doses == 1) * (1 - one), doses - (doses == 1) * one])
        return cls(wanted.site, wanted.first, row, np.where(doses[:, None] == 2, 1, pair).astype(np.int8))


@dataclass
class _Walker:
    """One group of doubles on its way."""

    pool: Pool
    donors: Rows
    columns: Rows
    least: NDArray[np.int32]
    recipe: Recipe
    whole: bool
    random: NDArray[np.uint64]

    @classmethod
    def of(cls, pool: Pool, ground: Ground, recipe: Recipe, k: int, rng: np.random.Generator) -> _Walker:
        people, whole = ground.people[pool.donors], not ground.phased
        donors = people if whole else np.column_stack([2 * people, 2 * people + 1]).ravel()
        columns = np.column_stack([2 * pool.doubles, 2 * pool.doubles + 1]).ravel()
        walks = len(pool.doubles) if whole else len(columns)
        needed = k + rng.exponential(max(recipe.context - 1.0, 0.0) * k, walks).astype(np.int64)
        # Twice as many haplotypes as patients: so many belong to that many patients at least.
        least = np.minimum(needed if whole else 2 * needed, len(donors)).astype(np.int32)
        random = rng.integers(2**63, size=1).astype(np.uint64)
        return cls(pool, donors, columns, least, recipe, whole, random)

    def begin(self) -> None:
        """Start a contig: nothing is known of anybody yet."""
        n, doubles = len(self.donors), len(self.least)
        self.order, self.since = np.arange(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
        self.low, self.high = np.zeros(doubles, dtype=np.int32), np.full(doubles, n, dtype=np.int32)
        self.site = 0

    def walk(self, task: _Task) -> Alleles:
        """Write the alleles of a chunk, shape (sites, haplotypes of the doubles)."""
        from sosie.genomes.decode.kernels import walk

        sites = task.sites
        out = np.empty((len(sites), len(self.least)), dtype=np.uint8)
        active, here = np.full((2, len(sites)), -1, dtype=np.int32)
        for at, each in enumerate(task.marks):
            inside = (sites >= each.first) & (sites <= each.site)
            active[inside & (active < 0)] = at
            here[sites == each.site] = at
            active[sites == each.site] = at
        carried = np.array([each.carried for each in task.marks], dtype=np.uint8)
        symbols = [each.symbols[self.pool.doubles].ravel() for each in task.marks]
        walk(
            task.rows,
            self.whole,
            self.donors,
            self.order,
            self.since,
            self.low,
            self.high,
            self.least,
            self.site,
            task.leaps,
            self.recipe.heard,
            self.recipe.stretch,
            task.salt,
            self.recipe.mutation,
            active,
            carried.reshape(len(task.marks), -1 if task.marks else 1),
            np.array(symbols, dtype=np.int8).reshape(len(task.marks), len(self.least)),
            here,
            self.random,
            out,
        )
        self.site += len(sites)
        if not self.whole:
            return out
        # The phase of what was never phased carries nothing: alternative alleles stand second, as files write them.
        return np.stack([out == 2, out >= 1], axis=2).astype(np.uint8).reshape(len(sites), -1)


def _leaps(morgans: Floats, sites: Rows, recipe: Recipe) -> Floats:
    """Chance to forget all before each site; the first of a chunk leaps with nobody."""
    distance = np.diff(morgans[sites], prepend=morgans[sites[:1]])
    return np.asarray(1.0 - np.exp(-recipe.leaps * np.maximum(distance, 0.0)))


def _runs(contig: NDArray[np.int16]) -> Iterator[tuple[int, int]]:
    """Return where each contig begins and ends."""
    edges = np.flatnonzero(np.diff(contig)) + 1
    yield from zip([0, *edges.tolist()], [*edges.tolist(), len(contig)], strict=True)


def _room(variants: int, columns: int) -> Alleles:
    """Return an empty matrix, in a file that vanishes with it where it is large."""
    if variants * columns <= IN_MEMORY:
        return np.empty((variants, columns), dtype=np.uint8)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype=np.uint8, mode="w+", shape=(variants, columns))
