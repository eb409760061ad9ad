"""Genotypes of a cohort, variant by variant, in chunks: memory does not grow with the genome.

A matrix of alleles (variants first, as files hold them and as kernels walk them) that may lie on disk, and the columns
of it that belong to some patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Mask, Rows

MISSING = 255
"""An allele that was not called."""
CHUNK = 20_000
"""Variants that are held at once."""

Alleles = NDArray[np.uint8]


@dataclass(frozen=True)
class Variants:
    """Sites, in the order of the source: by contig, then by position.

    Parameters
    ----------
    contigs : tuple of str
    contig : ndarray of int16, shape (variants,)
    position : ndarray of int64, shape (variants,)
        One-based.
    ids, ref, alt : ndarray of str, shape (variants,)
        One alternative allele a variant: sites with several are split.
    """

    contigs: tuple[str, ...]
    contig: NDArray[np.int16]
    position: NDArray[np.int64]
    ids: NDArray[np.object_] = field(repr=False)
    ref: NDArray[np.object_] = field(repr=False)
    alt: NDArray[np.object_] = field(repr=False)

    def __len__(self) -> int:
        return len(self.position)


@dataclass(frozen=True)
class Form:
    """The native format of a source.

    Parameters
    ----------
    kind : {"vcf", "bcf", "plink1", "plink2"}
    name : str
        File name that the release bears.
    details : mapping
        What the writer needs (header lines kept, contig lengths, phased or not, other files); nothing of any patient.
    """

    kind: str
    name: str
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class GenomesPart:
    """The genotypes of some patients.

    Parameters
    ----------
    keys : tuple of str
    variants : Variants
    alleles : ndarray of uint8, shape (variants, 2 * people of the source)
        0 or 1, or `MISSING`; a memory map where it is large. Haplotypes of person ``j``: columns ``2 j`` and
        ``2 j + 1``, in the order of their phase where ``phased``.
    rows : ndarray of int64, shape (patients,)
        Person of ``alleles`` of each patient, -1 for one without a genome.
    phased : bool
    form : Form
    sex : ndarray of str, shape (patients,)
        ``F``, ``M`` or nothing, as the source says.
    notices : tuple of str
    panel : GenomesPart, optional
        People of a public panel at the same variants, who take the cohort's place in the model of haplotypes.
    """

    keys: tuple[str, ...]
    variants: Variants
    alleles: Alleles = field(repr=False)
    rows: Rows = field(repr=False)
    phased: bool
    form: Form
    sex: NDArray[np.str_] = field(repr=False)
    notices: tuple[str, ...] = ()
    panel: GenomesPart | None = field(default=None, repr=False)

    @property
    def present(self) -> Mask:
        """Tell which patients have a genome."""
        return np.asarray(self.rows >= 0)

    def take(self, rows: Rows) -> GenomesPart:
        """Return the genotypes of some patients (no allele is copied); a row of -1 is a patient without any."""
        rows = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            keys=tuple(self.keys[row] if row >= 0 else "" for row in rows),
            rows=np.where(rows >= 0, self.rows[rows], -1),
            sex=np.where(rows >= 0, self.sex[rows], ""),
        )

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[int, Alleles]]:
        """Walk the genome: where each chunk begins, and its alleles, shape (chunk, 2 * patients with a genome)."""
        people = self.rows[self.rows >= 0]
        columns = np.column_stack([2 * people, 2 * people + 1]).ravel()
        whole = len(columns) == self.alleles.shape[1] and bool((columns == np.arange(len(columns))).all())
        for start in range(0, len(self.variants), size):
            chunk = np.asarray(self.alleles[start : start + size])
            yield start, chunk if whole else chunk[:, columns]
