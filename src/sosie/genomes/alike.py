"""Two parts brought to the same sites: a release or a control may hold others than the original."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sosie.errors import ManifestError
from sosie.genomes.genotypes import GenomesPart, Variants
from sosie.genomes.source import chromosomes
from sosie.genomes.source.store import Store

ROWS = 4_000


def conformed(part: GenomesPart, like: GenomesPart) -> GenomesPart:
    """Return the sites of a part that another has too, in the other's order; alternative and reference must agree.

    Raises
    ------
    ManifestError
        When there is none.
    """
    at = {name: row for row, name in enumerate(_names(part.variants))}
    rows = np.array([at[name] for name in _names(like.variants) if name in at], dtype=np.int64)
    if not len(rows):
        raise ManifestError(f"{part.form.name}: no site in common with {like.form.name}; are both of one build?")
    if len(rows) == len(part.variants) and bool((rows == np.arange(len(rows))).all()):
        return part
    return subset(part, rows)


def subset(part: GenomesPart, rows: np.ndarray) -> GenomesPart:
    """Return some sites of a part."""
    store = Store(part.alleles.shape[1])
    for start in range(0, len(rows), ROWS):
        store.add(part.alleles[rows[start : start + ROWS]])
    old = part.variants
    variants = Variants(
        old.contigs, old.contig[rows], old.position[rows], old.ids[rows], old.ref[rows], old.alt[rows]
    )  # fmt: skip
    return replace(part, variants=variants, alleles=store.whole())


def _names(variants: Variants) -> list[tuple[str, int, str, str]]:
    bare = [chromosomes.bare(name) for name in variants.contigs]
    sites = zip(variants.contig, variants.position, variants.ref, variants.alt, strict=True)
    return [(bare[contig], int(position), ref, alt) for contig, position, ref, alt in sites]
