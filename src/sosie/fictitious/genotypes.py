"""Genotypes of nobody, with the frequencies and the linkage of people, and two variants that show in the body.

A number of patients and a generator come in; haplotypes leave. Each haplotype is an imperfect mosaic of those drawn
before it (the product of approximate conditionals of Li and Stephens 2003, doi:10.1093/genetics/165.4.2213), in two
populations that share their first ancestors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats

VARIANTS = 1_200
CONTIGS = ("1", "6", "19")
SPACING = 2_500
"""Mean number of bases between two variants."""
ANCESTORS = 24
FOUNDERS = 160
"""Haplotypes of each population from which the patients' are drawn."""
SHARE = 0.15
"""Of people of the second population."""
PANEL = 400
"""People of the public panel, who are of the same populations and none of the patients."""
SWITCHES = 0.003
MUTATION = 0.05
LEAST, MOST = 0.3, 0.5
"""Frequencies of the trait variants."""
SITES = 3 * VARIANTS
"""Sites that are drawn; those where haplotypes differ are kept."""


@dataclass(frozen=True)
class Genomes:
    """The genotypes of some patients.

    Parameters
    ----------
    alleles : ndarray of uint8, shape (variants, 2 * patients)
    contig : ndarray of int64, shape (variants,)
    position : ndarray of int64, shape (variants,)
    traits : tuple of int
        The variant of cholesterol and the one of diabetes.
    panel : ndarray of uint8, shape (variants, 2 * PANEL)
        Haplotypes of the people of a public panel.
    """

    alleles: NDArray[np.uint8]
    contig: NDArray[np.int64]
    position: NDArray[np.int64]
    traits: tuple[int, int]
    panel: NDArray[np.uint8]

    @property
    def dosage(self) -> Floats:
        """Return how many copies of the trait variants patients bear, shape (2, patients)."""
        both = self.alleles[list(self.traits)]
        return (both[:, 0::2] + both[:, 1::2]).astype(np.float64)

    def named(self, variant: int) -> str:
        """Return the identifier of a variant, which no catalogue has."""
        return f"sim{variant + 1:05d}"


def genomes(patients: int, rng: np.random.Generator) -> Genomes:
    """Draw the genotypes of patients."""
    ancestors = _conditionals(np.zeros((0, SITES), dtype=np.uint8), ANCESTORS, rng)
    drawn = [_conditionals(ancestors, FOUNDERS, rng) for _ in range(2)]
    carriers = np.vstack(drawn).sum(axis=0)
    kept = np.sort(rng.permutation(np.flatnonzero((carriers > 1) & (carriers < 2 * len(drawn[0]))))[:VARIANTS])
    pools = [one[:, kept] for one in drawn]
    contig = np.sort(np.arange(len(kept)) % len(CONTIGS))
    steps = rng.integers(50, 2 * SPACING, len(kept))
    position = np.concatenate([10_000 + np.cumsum(steps[contig == one]) for one in range(len(CONTIGS))])
    alleles = _people(pools, patients, rng)
    frequency = alleles.mean(axis=1)
    common = np.flatnonzero((frequency > LEAST) & (frequency < MOST))
    if len(common) < 2:
        common = np.argsort(np.abs(frequency - (LEAST + MOST) / 2))
    return Genomes(alleles, contig, position, (int(common[0]), int(common[-1])), _people(pools, PANEL, rng))


def _people(pools: list[NDArray[np.uint8]], count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw people of both populations, shape (variants, 2 * count)."""
    second = rng.random(count) < SHARE
    mosaics = [_mosaic(pools[int(second[column // 2])], SWITCHES, rng) for column in range(2 * count)]
    return np.column_stack(mosaics)


def _conditionals(before: NDArray[np.uint8], more: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw haplotypes one after another, each from those before; return all."""
    drawn = np.zeros((len(before) + more, SITES), dtype=np.uint8)
    drawn[: len(before)] = before
    for row in range(max(len(before), 1), len(drawn)):
        drawn[row] = _mosaic(drawn[:row], 4 * SWITCHES / (1 + row / 8), rng)
        drawn[row] ^= rng.random(SITES) < 8 * MUTATION / (8 + row)
    return drawn


def _mosaic(pool: NDArray[np.uint8], switches: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    new = np.asarray(rng.random(pool.shape[1]) < switches)
    new[0] = True
    sources = rng.integers(len(pool), size=int(new.sum()))
    mosaic: NDArray[np.uint8] = pool[sources[np.cumsum(new) - 1], np.arange(pool.shape[1])]
    return mosaic
