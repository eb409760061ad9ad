"""A file of genotypes that was opened: who is in it, and its sites block after block.

Readers of each format give this; `gather` puts several files together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosie.genomes.genotypes import CHUNK, Alleles

BLOCK_BYTES = 32 << 20
"""Alleles that a reader holds at once, a byte each."""


@dataclass(frozen=True)
class Origin:
    """A file, and its name in the source."""

    path: Path
    name: str


@dataclass(frozen=True)
class Block:
    """Sites that follow each other in a file, one alternative allele each.

    Parameters
    ----------
    contig, ids, ref, alt : list of str
    position : ndarray of int64, shape (variants,)
    alleles : ndarray of uint8, shape (variants, 2 * people)
        0, 1 or `genotypes.MISSING`. Of somebody who has one copy of a chromosome the second is missing.
    single : ndarray of bool, shape (variants,)
        Whether somebody has another number of alleles than two.
    unphased : int
        Heterozygous genotypes whose phase is not told.
    """

    contig: list[str]
    position: NDArray[np.int64]
    ids: list[str]
    ref: list[str]
    alt: list[str]
    alleles: Alleles = field(repr=False)
    single: NDArray[np.bool_]
    unphased: int = 0


@dataclass(frozen=True)
class File:
    """An opened file.

    Parameters
    ----------
    origin : Origin
    kind : {"vcf", "bcf", "plink1", "plink2"}
    samples : tuple of str
        Names, in the order of the alleles.
    sex : tuple of str
        ``F``, ``M`` or nothing.
    lengths : mapping of str to int
        Contigs that the file declares, with their lengths; 0 where it does not tell.
    blocks : callable
        Walks the sites.
    details : mapping
        What a writer needs to give the same file other people.
    aliases : mapping of str to tuple of str
        Other names that a sample goes by (its family beside it).
    """

    origin: Origin
    kind: str
    samples: tuple[str, ...]
    sex: tuple[str, ...]
    lengths: Mapping[str, int]
    blocks: Callable[[], Iterator[Block]]
    details: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def rows_of(people: int) -> int:
    """Return the number of sites of a block."""
    return max(1, min(CHUNK, BLOCK_BYTES // max(2 * people, 1)))
