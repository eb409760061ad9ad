"""From genotypes to a block of the patient vector, and from sampled vectors to the genotypes of doubles.

Learned from the cohort: coordinates of ancestry, which alleles and doses enough patients bear, and the haplotypes that
contexts are counted in. A public panel takes the cohort's place in all but the doses of trait variants, the scores and
where patients stand among the panel's people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from sosie.cohort import Cohort, Mask, Vectors
from sosie.genomes.decode.distance import morgans
from sosie.genomes.decode.haplotypes import Ground, Wanted, draw
from sosie.genomes.decode.pools import pools
from sosie.genomes.decode.recipe import DEFAULT, Recipe
from sosie.genomes.encode.ancestry import Ancestry, axes_for
from sosie.genomes.encode.block import Block, Sampled
from sosie.genomes.encode.rarity import carriers, common
from sosie.genomes.encode.traits import rows_of, scores_of
from sosie.genomes.genotypes import Form, GenomesPart, Variants
from sosie.manifest import Manifest

REACH = 0.005
"""Morgans before a trait variant from which donors are sought among its carriers."""
LEAST_POOL, PARTS = 4, 3
"""A pool holds at least so many times k people, and otherwise at most one in so many of all."""
PANEL_SEED = 0
"""A public panel is read the same way whatever the cohort."""


@dataclass(frozen=True)
class GenomesCodec:
    """The codec of the genomes of a cohort. It is personal data, unless a panel took the cohort's place."""

    variants: Variants = field(repr=False)
    form: Form = field(repr=False)
    block: Block
    ground: Ground = field(repr=False)
    places: np.ndarray = field(repr=False)
    """Numbers of the people whom doubles draw from, shape (people, axes + scores), in units of their spread."""
    unit: np.ndarray = field(repr=False)
    recipe: Recipe = DEFAULT
    k: int = 11
    frozen: str | None = field(default=None, init=False)

    @classmethod
    def fit(
        cls,
        part: GenomesPart,
        manifest: Manifest,
        rng: np.random.Generator,
        panel: GenomesPart | None = None,
        recipe: Recipe = DEFAULT,
    ) -> GenomesCodec:
        """Learn from a part, drawing how many patients each thing needs.

        Parameters
        ----------
        part : GenomesPart
        manifest : Manifest
        rng : numpy.random.Generator
        panel : GenomesPart, optional
            People of a public panel at the variants of ``part``, `MISSING` at those that the panel lacks; that of
            ``part`` without it.
        recipe : Recipe
        """
        asked = manifest.genomes
        folder = Path(str(part.form.details.get("folder", "")))
        traits = dict(zip(asked.variants, rows_of(asked.variants, part.variants).tolist(), strict=True))
        scores = scores_of({name: folder / file for name, file in asked.scores.items()}, part.variants)
        ancestry, panel = None, panel or part.panel
        if panel is not None:
            fixed = np.random.default_rng(PANEL_SEED)
            ancestry = Ancestry.fit(panel, axes_for(int(panel.present.sum())), fixed)
        block = Block.fit(part, traits, scores, manifest.k, rng, ancestry)
        base = part if panel is None else panel
        kept, fixed_alleles = common(carriers(base), manifest.k, rng)
        ground = Ground(
            base.alleles,
            base.rows[base.present],
            part.variants.contig,
            morgans(part.variants, folder / asked.map if asked.map else None),
            kept,
            fixed_alleles,
            base.phased,
        )
        unit = _unit(block, part)
        return cls(part.variants, part.form, block, ground, block.numbers(base) / unit, unit, recipe, manifest.k)

    def encode(self, part: GenomesPart) -> Vectors:
        """Return one row for each patient."""
        return self.block.encode(part)

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> GenomesPart:
        """Return the genotypes of the doubles."""
        sampled = self.block.read(block)
        count = int(sampled.present.sum())
        size = min(self.recipe.pool, max(LEAST_POOL * self.k, len(self.places) // PARTS))
        groups = pools(sampled.numbers / self.unit, self.places, size, rng)
        alleles = draw(self.ground, groups, count, self._wanted(sampled), self.recipe, self.k, rng)
        for at, trait in enumerate(self.block.traits):
            if not self.ground.kept[trait.site]:
                doses = np.where(sampled.doses[:, at] < 0, trait.doses[0], sampled.doses[:, at])
                alleles[trait.site] = np.column_stack([doses == 2, doses >= 1]).ravel()
        rows = np.full(len(block), -1, dtype=np.int64)
        rows[sampled.present] = np.arange(count)
        sex = np.full(len(block), "", dtype=sampled.sex.dtype)
        sex[sampled.present] = sampled.sex
        keys = _keys(doubles.keys or tuple(str(row + 1) for row in range(len(block))), self.form.details)
        return GenomesPart(keys, self.variants, alleles, rows, self.ground.phased, self.form, sex)

    def valid(self, part: GenomesPart) -> Mask:
        """Tell that every double obeys the rules: genotypes have none that a walk could break."""
        return np.ones(len(part.keys), dtype=bool)

    def with_recipe(self, **changed: float) -> GenomesCodec:
        """Return a codec that walks otherwise."""
        return replace(self, recipe=replace(self.recipe, **changed))  # type: ignore[arg-type]

    def _wanted(self, sampled: Sampled) -> list[Wanted]:
        """Return the trait variants in the order of the genome, each with where it begins to be sought."""
        found = []
        for at, trait in enumerate(self.block.traits):
            if not self.ground.kept[trait.site]:
                continue
            same = self.ground.contig == self.ground.contig[trait.site]
            near = same & (self.ground.morgans >= self.ground.morgans[trait.site] - REACH)
            found.append(Wanted(trait.site, int(np.argmax(near)), sampled.doses[:, at]))
        return sorted(found, key=lambda each: each.site)


def _unit(block: Block, part: GenomesPart) -> np.ndarray:
    """Return what numbers are measured in: axes among themselves as they are, scores as the first axis."""
    numbers = block.numbers(part)
    spread = numbers.std(axis=0) if len(numbers) else np.ones(numbers.shape[1])
    spread[spread == 0] = 1.0
    axes = block.ancestry.axes
    unit = np.ones(len(spread))
    if len(unit) > axes:
        unit[axes:] = spread[axes:] / (spread[0] if axes else 1.0)
    return unit


def _keys(keys: tuple[str, ...], details: Mapping[str, object]) -> tuple[str, ...]:
    """Name doubles as the tables name them: numbers, where patients' keys are numbers."""
    if details.get("numbered"):
        return tuple(keys)
    width = len(str(len(keys)))
    return tuple("D" + key.zfill(width) for key in keys)
