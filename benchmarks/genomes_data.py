"""Two sets of genomes: 805 markers of 1000 Genomes, and a panel that msprime simulates."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from sosie.genomes.genotypes import Form, GenomesPart, Variants

DATA = Path(os.environ.get("SOSIE_DATA", "/work/shared/data")) / "genomes"
"""Where `805_SNP_1000G_real.hapt.zip` lies (Yelmen et al. 2021, doi:10.1371/journal.pgen.1009303)."""


def thousand(folder: Path = DATA) -> GenomesPart | None:
    """Read 805 markers of 2,504 people; None where the file is not there."""
    if not (folder / "805_SNP.legend").is_file():
        return None
    with zipfile.ZipFile(folder / "805_SNP_1000G_real.hapt.zip") as archive:
        lines = archive.read("805_SNP_1000G_real.hapt").decode().splitlines()
    alleles = np.array([line.split()[2:] for line in lines], dtype=np.uint8).T
    legend = [line.split() for line in (folder / "805_SNP.legend").read_text().splitlines()[1:]]
    names = [line[0].split(":")[0] for line in legend]
    contigs = tuple(dict.fromkeys(names))
    contig = np.array([contigs.index(name) for name in names], dtype=np.int16)
    return part_of(np.ascontiguousarray(alleles), contig, np.array([int(line[1]) for line in legend]))


def simulated(people: int, sites: int, seed: int = 7, length: float = 2e7) -> GenomesPart:
    """Simulate three populations that split, grew and mixed (out of Africa in outline), and keep common variants.

    Populations split 2,900 and 1,500 generations ago; the third is a mixture of both others since 15 generations
    (0.6 and 0.4). Mutation 1.25e-8 and recombination 1e-8 a base and generation. Variants of a frequency of at least
    0.01 are thinned evenly to the number asked.
    """
    import msprime

    demography = msprime.Demography()
    demography.add_population(name="south", initial_size=14_500)
    demography.add_population(name="north", initial_size=30_000, growth_rate=0.003)
    demography.add_population(name="mixed", initial_size=10_000)
    demography.add_population(name="old", initial_size=12_000)
    demography.add_admixture(time=15, derived="mixed", ancestral=["south", "north"], proportions=[0.4, 0.6])
    demography.add_population_parameters_change(time=900, population="north", initial_size=2_000, growth_rate=0)
    demography.add_population_split(time=2_500, derived=["south", "north"], ancestral="old")
    each = [people - 2 * (people // 3), people // 3, people // 3]
    trees = msprime.sim_ancestry(
        samples={"south": each[0], "north": each[1], "mixed": each[2]},
        demography=demography,
        sequence_length=length,
        recombination_rate=1e-8,
        random_seed=seed,
    )
    mutated = msprime.sim_mutations(trees, rate=1.25e-8, random_seed=seed, model=msprime.BinaryMutationModel())
    alleles = mutated.genotype_matrix().astype(np.uint8)
    position = np.array([site.position for site in mutated.sites()], dtype=np.int64) + 1
    frequency = alleles.mean(axis=1)
    common = np.flatnonzero((np.minimum(frequency, 1 - frequency) >= 0.01) & (np.diff(position, prepend=0) > 0))
    chosen = common[np.unique(np.linspace(0, len(common) - 1, sites).astype(int))]
    order = np.random.default_rng(seed).permutation(people)
    columns = np.column_stack([2 * order, 2 * order + 1]).ravel()
    return part_of(
        np.ascontiguousarray(alleles[chosen][:, columns]), np.zeros(len(chosen), dtype=np.int16), position[chosen]
    )


def mixed(people: int, sites: int, rng: np.random.Generator, founders: int = 200, piece: int = 500) -> GenomesPart:
    """Return mosaics of founders, for timing: their linkage is that of nobody."""
    stock = rng.random((sites, founders)) < rng.beta(0.5, 0.5, sites)[:, None]
    lines = np.empty((sites, 2 * people), dtype=np.uint8)
    for start in range(0, sites, piece):
        lines[start : start + piece] = stock[start : start + piece, rng.integers(founders, size=2 * people)]
    return part_of(lines, np.zeros(sites, dtype=np.int16), 1_000 * np.arange(1, sites + 1))


def part_of(alleles: np.ndarray, contig: np.ndarray, position: np.ndarray) -> GenomesPart:
    """Return genotypes without names."""
    people = alleles.shape[1] // 2
    letters = np.full(len(alleles), "A", dtype=object), np.full(len(alleles), "G", dtype=object)
    names = np.array([f"v{number}" for number in range(len(alleles))], dtype=object)
    contigs = tuple(str(number + 1) for number in range(int(contig.max(initial=0)) + 1))
    return GenomesPart(
        tuple(str(person) for person in range(people)),
        Variants(contigs, contig, position.astype(np.int64), names, *letters),
        alleles,
        np.arange(people),
        True,
        Form("vcf", "genomes.vcf.gz"),
        np.full(people, ""),
    )


def alleles_of(part: GenomesPart) -> np.ndarray:
    """Return the alleles of the patients of a part, shape (variants, 2 * patients)."""
    return np.vstack([chunk for _, chunk in part.chunks()])


def with_alleles(part: GenomesPart, alleles: np.ndarray) -> GenomesPart:
    """Return a part of other people at the same variants."""
    people = alleles.shape[1] // 2
    return replace(
        part,
        keys=tuple(str(person) for person in range(people)),
        alleles=alleles,
        rows=np.arange(people),
        sex=np.full(people, ""),
    )
