"""A public panel at the variants of a cohort: the same sites in the same order, whatever its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sosie.genomes.genotypes import MISSING, GenomesPart, Variants


def aligned(panel: GenomesPart, variants: Variants) -> GenomesPart:
    """Return the people of a panel at some variants, `MISSING` at those that the panel lacks.

    A site whose alleles stand the other way round in the panel is turned.
    """
    place = {name: row for row, name in enumerate(_names(panel.variants, turned=False))}
    alleles = np.full((len(variants), panel.alleles.shape[1]), MISSING, dtype=np.uint8)
    for turned in (True, False):
        rows = np.array([place.get(name, -1) for name in _names(variants, turned)], dtype=np.int64)
        known = np.flatnonzero(rows >= 0)
        found = np.asarray(panel.alleles[rows[known]])
        alleles[known] = np.where(found == MISSING, MISSING, 1 - found) if turned else found
    return replace(panel, variants=variants, alleles=alleles)


def _names(variants: Variants, turned: bool) -> list[tuple[str, int, str, str]]:
    first, second = (variants.alt, variants.ref) if turned else (variants.ref, variants.alt)
    contigs = [variants.contigs[code].removeprefix("chr") for code in variants.contig]
    return list(zip(contigs, variants.position.tolist(), map(str, first), map(str, second), strict=True))
