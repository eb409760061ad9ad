"""What identifies people in genotypes: names, kin, sex, ancestry, rare and notable variants; never a value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Finding, Mask, Role
from sosie.genomes.genotypes import GenomesPart, Variants
from sosie.genomes.identify import ancestry, kinship, uniqueness
from sosie.genomes.identify.thinned import Counts, counted, thinned
from sosie.manifest import Manifest

FEWEST = 500
"""Common sites without which kinship and ancestry are not told."""
SPAN = 500_000_000
"""Bases between the first and the last of those sites, over all contigs, without which kinship is not told: strangers
share long stretches here and there, kin share them everywhere."""
PEOPLE = 3_000
"""People among whom kin and ancestry are looked for, the first of them."""
WOMAN, MAN = 0.2, 0.8
"""Inbreeding coefficient on X below which PLINK's check of sexes says a woman, and above which a man."""


def findings(part: GenomesPart, manifest: Manifest) -> tuple[Finding, ...]:
    """Find what identifies people in a part.

    Parameters
    ----------
    part : GenomesPart
    manifest : Manifest
        Its ``k``, and its notable ``genomes.variants``.
    """
    counts, name = counted(part), part.form.name
    found = [
        _found(name, "samples", "SAMPLE", Role.DIRECT, 1.0, "header", "each genome bears the name of its patient"),
        _found(name, "genotypes", "GENOME", Role.DIRECT, 1.0, "genome", "a genome identifies by itself, and its kin"),
    ]
    found += _rare(counts, name, manifest.k)
    found += _notable(part, counts, manifest)
    found += _people(part, counts, name, manifest.k)
    found += _sex(part, name)
    return tuple(found)


def singled_out(part: GenomesPart, manifest: Manifest) -> dict[str, object]:
    """Measure how few sites single out a patient: see `uniqueness.singled_out`."""
    return uniqueness.singled_out(thinned(part, counted(part)), part.variants, manifest.k)


def notable(part: GenomesPart, manifest: Manifest) -> dict[str, int]:
    """Return the rows of the variants that the manifest lists, by how it writes them; those that are not there lack."""
    wanted = dict.fromkeys(manifest.genomes.variants)
    variants = part.variants
    places: dict[str, int] = {}
    for row in range(len(variants) if wanted else 0):
        contig = variants.contigs[variants.contig[row]]
        place = f"{contig}:{variants.position[row]}:{variants.ref[row]}:{variants.alt[row]}"
        for name in (str(variants.ids[row]), place):
            if name in wanted:
                places.setdefault(name, row)
    return {name: places[name] for name in wanted if name in places}


def discordant(part: GenomesPart) -> Mask:
    """Tell whose chromosome X contradicts the sex that the source says; shape (patients,)."""
    if part.on_x is None:
        return np.zeros(len(part.keys), dtype=bool)
    with np.errstate(invalid="ignore"):
        woman, man = part.on_x < WOMAN, part.on_x > MAN
    return np.asarray(((part.sex == "M") & woman) | ((part.sex == "F") & man))


def spanned(variants: Variants, rows: NDArray[np.int64]) -> int:
    """Return the bases between the first and the last of some sites, over all contigs."""
    contig, position = variants.contig[rows], variants.position[rows]
    return sum(int(np.ptp(position[contig == code])) for code in np.unique(contig))


def _rare(counts: Counts, name: str, k: int) -> list[Finding]:
    rare = int(((counts.carriers > 0) & (counts.carriers < k)).sum())
    if not rare:
        return []
    reason = f"{rare} of {len(counts.carriers)} variants have fewer than {k} carriers"
    return [_found(name, "variants", "RARE_VARIANT", Role.QUASI, 1.0, "frequency", reason)]


def _notable(part: GenomesPart, counts: Counts, manifest: Manifest) -> list[Finding]:
    rows = notable(part, manifest)
    found = []
    for wanted in manifest.genomes.variants:
        if wanted not in rows:
            reason = "the manifest lists it; it is not in the source"
        elif counts.carriers[rows[wanted]] < manifest.k:
            reason = f"the manifest lists it; fewer than {manifest.k} patients carry it"
        else:
            reason = f"the manifest lists it; {manifest.k} patients or more carry it"
        found.append(_found(part.form.name, wanted, "NOTABLE_VARIANT", Role.SENSITIVE, 1.0, "manifest", reason))
    return found


def _people(part: GenomesPart, counts: Counts, name: str, k: int) -> list[Finding]:
    seen = thinned(part, counts)
    doses = seen.doses[:, :PEOPLE]
    if len(doses) < FEWEST or doses.shape[1] < 2:
        return []
    found = []
    words = {
        "same": "{count} pairs have the genome of one person (a sample twice, or identical twins)",
        "first": "{count} pairs are parent and child, or siblings",
        "second": "{count} pairs are relatives of the second degree",
    }
    long = spanned(part.variants, seen.rows) >= SPAN
    kin = kinship.relatives(kinship.king(doses), kinship.uncertainty(doses)) if long else {}
    for degree, pairs in kin.items():
        if len(pairs):
            reason = words[degree].format(count=len(pairs))
            found.append(_found(name, "genotypes", "RELATIVE", Role.QUASI, 0.95, "kinship", reason))
    lonely = int(ancestry.outliers(ancestry.axes(doses), k).sum())
    if lonely:
        reason = f"{lonely} patients have an ancestry that fewer than {k} share"
        found.append(_found(name, "genotypes", "ANCESTRY", Role.QUASI, 0.8, "ancestry", reason))
    return found


def _sex(part: GenomesPart, name: str) -> list[Finding]:
    if part.on_x is None or not np.isfinite(part.on_x).any():
        return []
    wrong = int(discordant(part).sum())
    told = "chromosome X tells the sex of patients"
    reason = f"{told}; of {wrong} it contradicts the source" if wrong else told
    return [_found(name, "chromosome X", "SEX", Role.QUASI, 0.95, "sex", reason)]


def _found(document: str, place: str, label: str, role: Role, score: float, detector: str, reason: str) -> Finding:
    return Finding(document, place, label, role, score, detector, reason)
