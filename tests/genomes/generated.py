"""Genomes for tests: haplotypes that a small population's ancestors recombined."""

from __future__ import annotations

import numpy as np

from sosie.genomes.genotypes import Form, GenomesPart, Variants


def alleles(people: int, sites: int, rng: np.random.Generator, populations: int = 2) -> np.ndarray:
    """Return alleles of mosaics of a few founders, founders of each population apart, shape (sites, 2 * people)."""
    founders = 40
    drift = np.clip(rng.beta(0.8, 0.8, sites)[:, None] + rng.normal(0, 0.2, (sites, populations)), 0.02, 0.98)
    lines = np.empty((sites, 2 * people), dtype=np.uint8)
    stock = rng.random((sites, populations, founders)) < drift[:, :, None]
    for column in range(2 * people):
        population = (column // 2) % populations
        leaps = rng.random(sites) < 0.05
        source = rng.integers(founders, size=sites)[np.maximum.accumulate(np.where(leaps, np.arange(sites), 0))]
        lines[:, column] = stock[np.arange(sites), population, source]
    return lines


def part(lines: np.ndarray, contigs: int = 2, phased: bool = True) -> GenomesPart:
    """Return a part with these alleles, on some contigs."""
    sites, people = len(lines), lines.shape[1] // 2
    contig = np.sort(np.arange(sites) % contigs).astype(np.int16)
    variants = Variants(
        tuple(str(each + 1) for each in range(contigs)),
        contig,
        np.arange(1, sites + 1, dtype=np.int64) * 1_000,
        np.array([f"rs{site}" for site in range(sites)], dtype=object),
        np.full(sites, "A", dtype=object),
        np.full(sites, "G", dtype=object),
    )
    return GenomesPart(
        tuple(f"P{person}" for person in range(people)),
        variants,
        lines,
        np.arange(people),
        phased,
        Form("vcf", "genomes.vcf.gz"),
        np.array(["F", "M"])[np.arange(people) % 2],
    )


def cohort(people: int = 120, sites: int = 300, seed: int = 0, phased: bool = True) -> GenomesPart:
    """Return a cohort of two populations."""
    return part(alleles(people, sites, np.random.default_rng(seed)), phased=phased)


def doses(one: GenomesPart) -> np.ndarray:
    """Return doses, shape (patients, sites)."""
    whole = np.vstack([chunk for _, chunk in one.chunks()])
    return (whole[:, ::2] + whole[:, 1::2]).T
