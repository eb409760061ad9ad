"""What the doubles' genomes keep of the patients', and what attacks on them find (JSON-ready, groups of at least k)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sosie.cohort import Floats
from sosie.genomes.compare.association import association
from sosie.genomes.compare.frequencies import frequencies
from sosie.genomes.compare.linkage import linkage
from sosie.genomes.compare.structure import coordinates, structure
from sosie.genomes.dosage import Singles, dosages, spread
from sosie.genomes.encode.traits import doses_at, rows_of
from sosie.genomes.genotypes import GenomesPart
from sosie.manifest import Manifest

SITES = 4_000
"""Variants that are compared: stretches of neighbours, spread over the genome."""
STRETCH = 400
PEOPLE = 2_000


def compare(
    original: GenomesPart,
    doubles: GenomesPart,
    manifest: Manifest,
    rng: np.random.Generator,
    phenotypes: tuple[Floats, Floats] | None = None,
) -> Mapping[str, object]:
    """Measure what the doubles keep.

    Parameters
    ----------
    original, doubles : GenomesPart
    manifest : Manifest
    rng : numpy.random.Generator
    phenotypes : pair of ndarray of float64, shape (patients,), (doubles,), optional
        A number of the tables that variants are tested for; a trait variant, or what the first axis of ancestry says,
        without it.
    """
    people = {"original": int(original.present.sum()), "doubles": int(doubles.present.sum())}
    told: dict[str, object] = {"patients": people, "variants": len(original.variants), "phased": original.phased}
    if min(people.values()) < 2 * manifest.k:
        return told
    sites = _stretches(len(original.variants))
    rows = [_some(part, rng) for part in (original, doubles)]
    parts = [part.take(each) for part, each in zip((original, doubles), rows, strict=True)]
    mine, theirs = (dosages(part, sites) for part in parts)
    where = original.variants
    told["frequencies"] = frequencies(mine, theirs, manifest.k)
    told["linkage"] = linkage(mine, theirs, where.contig[sites], where.position[sites], rng)
    told["structure"] = structure(mine, theirs, manifest.k, rng)
    told["association"] = _association(parts, rows, mine, theirs, sites, manifest, phenotypes)
    told["attacks"] = _attacks(mine, theirs)
    return told


def _association(
    parts: list[GenomesPart],
    rows: list[np.ndarray],
    mine: Singles,
    theirs: Singles,
    sites: np.ndarray,
    manifest: Manifest,
    phenotypes: tuple[Floats, Floats] | None,
) -> Mapping[str, object]:
    bases = coordinates(mine, [mine, theirs])
    name = "table"
    if phenotypes is not None:
        values = phenotypes[0][rows[0]], phenotypes[1][rows[1]]
    elif manifest.genomes.variants:
        name = "trait"
        site = int(rows_of(manifest.genomes.variants[:1], parts[0].variants)[0])
        values = doses_at(parts[0], site), doses_at(parts[1], site)
    else:
        name = "ancestry"
        values = bases[0][:, 0], bases[1][:, 0]
        bases = [np.zeros((len(each), 0)) for each in bases]
    told = association(mine, theirs, values, (bases[0][:, :4], bases[1][:, :4]))
    return {"phenotype": name, **told} if told else {}


def _attacks(mine: Singles, theirs: Singles) -> Mapping[str, object]:
    """Attack without a control: the whole gate is the leave-out attack; these two say what readers expect."""
    from sosie.genomes.attacks.adversarial import accuracy
    from sosie.genomes.attacks.kinship import closest

    doses = [np.rint(each).astype(np.uint8) for each in (mine, theirs)]
    size = min(len(each) for each in doses)
    told = accuracy(doses[0][:size], doses[1][:size])
    near = closest(doses[1], doses[0])
    return {
        "aats": {name: round(value, 4) for name, value in told.items()},
        "kinship": {"highest": round(float(np.quantile(near, 0.975)), 4), "median": round(float(np.median(near)), 4)},
    }


def _some(part: GenomesPart, rng: np.random.Generator) -> np.ndarray:
    """Return rows of those who have a genome, a random sample of many."""
    rows = np.flatnonzero(part.present)
    return rows if len(rows) <= PEOPLE else np.sort(rng.choice(rows, PEOPLE, replace=False))


def _stretches(variants: int) -> np.ndarray:
    if variants <= SITES:
        return spread(variants, variants)
    starts = np.linspace(0, variants - STRETCH, SITES // STRETCH).astype(np.int64)
    return np.unique(starts[:, None] + np.arange(STRETCH))
