"""How an attacker sees the genomes of a cohort: the same columns of real genotypes and of doubles'.

Doses of variants spread over the genome, sums of all of them under random signs (whole, and in windows, where a stretch
taken from one person stands out) and heterozygosity. What is looked at is frozen by the shape of the data alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sosie.cohort import Column, Floats, Kind, Rows, Vectors
from sosie.genomes.dosage import Singles, dosages, spread
from sosie.genomes.genotypes import GenomesPart
from sosie.manifest import Manifest

DOSES = 1_000
"""Variants that are looked at one by one, at most."""
READ = 4_000
"""Variants that are read, in `WINDOWS` stretches of neighbours, at most."""
WINDOWS = 40
SIGNS = 20
SALT = 20_140_506
PRESENT = "genomes.(seen)"


@dataclass(frozen=True)
class Lens:
    """What is looked at.

    Parameters
    ----------
    read : ndarray of int64, shape (sites,)
        Rows of the variants.
    shown : ndarray of int64
        Places among them of those that are shown one by one.
    centre : ndarray of float32, shape (sites,)
        Doses where nothing was called.
    signs : ndarray of float32, shape (sites, sums)
    partial : bool
        Whether somebody has no genome.
    """

    read: Rows
    shown: Rows
    centre: Singles = field(repr=False)
    signs: Singles = field(repr=False)
    partial: bool

    @classmethod
    def of(cls, part: GenomesPart) -> Lens:
        """Freeze the view on a cohort."""
        read = _stretches(len(part.variants))
        seen = dosages(part, read)
        centre = seen.mean(axis=0) if len(seen) else np.zeros(len(read))
        rng = np.random.default_rng(SALT)
        scale = np.sqrt(np.maximum(centre * (1.0 - centre / 2.0), 0.02))
        whole = rng.choice([-1.0, 1.0], (len(read), SIGNS)) / scale[:, None] / np.sqrt(max(len(read), 1))
        windows = np.zeros((len(read), 2 * WINDOWS))
        for at, places in enumerate(np.array_split(np.arange(len(read)), WINDOWS)):
            drawn = rng.choice([-1.0, 1.0], (len(places), 2)) / scale[places, None] / np.sqrt(max(len(places), 1))
            windows[places, 2 * at : 2 * at + 2] = drawn
        varied = np.flatnonzero((seen != seen[:1]).any(axis=0)) if len(seen) else np.arange(0)
        shown = varied[spread(len(varied), DOSES)]
        signs = np.hstack([whole, windows]).astype(np.float32)
        return cls(read, shown, centre.astype(np.float32), signs, not bool(part.present.all()))

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is seen."""
        named = [Column(PRESENT, Kind.CATEGORICAL, 2)] if self.partial else []
        named += [Column(f"genomes.site {at}", Kind.NUMERIC) for at in range(len(self.shown))]
        named += [Column(f"genomes.sum {at}", Kind.NUMERIC) for at in range(self.signs.shape[1])]
        return (*named, Column("genomes.heterozygosity", Kind.NUMERIC))

    def look(self, part: GenomesPart) -> Vectors:
        """Return what is seen of each patient."""
        seen = dosages(part, self.read, self.centre)
        mixed = (np.abs(seen - 1.0) < 0.5).mean(axis=1) if seen.shape[1] else np.zeros(len(seen))
        known = np.column_stack([seen[:, self.shown], (seen - self.centre) @ self.signs, mixed])
        values: Floats = np.full((len(part.rows), known.shape[1]), np.nan)
        values[part.present] = known
        if self.partial:
            values = np.column_stack([part.present.astype(np.float64), values])
        return Vectors(self.columns, values)


def view(part: GenomesPart, manifest: Manifest) -> Callable[[GenomesPart], Vectors]:
    """Return the attacker's view of genotypes."""
    return Lens.of(part).look


def _stretches(variants: int) -> Rows:
    """Return rows of variants in stretches of neighbours spread over the genome; all where they are few."""
    if variants <= READ:
        return np.arange(variants, dtype=np.int64)
    length = READ // WINDOWS
    starts = np.linspace(0, variants - length, WINDOWS).astype(np.int64)
    return np.unique(starts[:, None] + np.arange(length))
