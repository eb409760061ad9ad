"""Genomes in their own formats: VCF, BCF, PLINK 1 and PLINK 2, read into one part and written with other people.

This is the front of the room: each format has its module.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sosie.errors import ManifestError, UnreadableError
from sosie.genomes.genotypes import GenomesPart
from sosie.genomes.source import samples
from sosie.genomes.source.choose import claimed, companions, found, open_
from sosie.genomes.source.gather import gathered
from sosie.manifest import Manifest

__all__ = ["claimed", "companions", "found", "open_", "read", "read_named", "ready", "recognises", "write"]
EXTRA = "genomes need an extra: pip install 'sosie[genomes]'"


def ready() -> bool:
    """Tell whether the packages that read genomes are installed."""
    return all(find_spec(name) is not None for name in ("cyvcf2", "bed_reader", "pgenlib"))


def recognises(place: Path | str, manifest: Manifest) -> bool:
    """Tell whether a file or a folder holds genomes."""
    return bool(found(place, manifest))


def read(place: Path, manifest: Manifest) -> GenomesPart:
    """Read all genotypes of a source; keys are those of the patients, or the names of the samples.

    Raises
    ------
    SosieError
        When a file cannot be read, or does not belong with the others.
    """
    return read_named(place, manifest)[0]


def read_named(place: Path, manifest: Manifest) -> tuple[GenomesPart, dict[str, tuple[str, ...]]]:
    """Read all genotypes of a source, and the names that each key may go by."""
    if not ready():
        raise ManifestError(EXTRA)
    origins = found(place, manifest)
    if not origins:
        raise UnreadableError(place.name, "no genotypes; expected VCF, BCF, PLINK 1 (.bed) or PLINK 2 (.pgen)")
    files = [open_(origin) for origin in origins]
    part = gathered(files)
    known = samples.aliases(files[0])
    if manifest.genomes.samples is None:
        return part, known
    folder = place if place.is_dir() else place.parent
    listed = samples.listed(folder / manifest.genomes.samples)
    keys = [listed.get(key, key) for key in part.keys]
    samples.once(keys)
    lost = sum(key not in listed for key in part.keys)
    notices = part.notices
    if lost:
        notices = (*notices, samples.UNLISTED.format(count=lost, name=manifest.genomes.samples))
    known = {key: (key,) if name in listed else known[name] for key, name in zip(keys, part.keys, strict=True)}
    return replace(part, keys=tuple(keys), notices=notices), known


def write(part: GenomesPart, directory: Path) -> None:
    """Write the genotypes in the format, under the names and with the indexes that came in.

    Parameters
    ----------
    part : GenomesPart
        Patients without a genome are not in the files. Keys that are numbers are written as tables write them.
    directory : Path
    """
    from sosie.genomes.source import plink1, plink2, variant_file

    writers = {"plink1": plink1.write, "plink2": plink2.write, "vcf": variant_file.write, "bcf": variant_file.write}
    present = np.flatnonzero(part.present)
    numbered = part.form.details.get("numbered", False)
    width = len(str(len(part.keys)))
    keys = [part.keys[row] for row in present]
    if not numbered:
        keys = [f"D{key.zfill(width)}" if key.isdecimal() else key for key in keys]
    sex = [str(part.sex[row]) for row in present]
    for name, rows in _by_file(part).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        writers[part.form.kind](part, part.variants, rows, keys, sex, path)


def _by_file(part: GenomesPart) -> dict[str, np.ndarray]:
    """Return the variants that each file of the source had a place for; every variant has one."""
    variants = part.variants
    codes = {name: code for code, name in enumerate(variants.contigs)}
    spans = [span for span in part.form.details.get("files", ()) if span[1] in codes]
    names = list(dict.fromkeys(span[0] for span in spans)) or [part.form.name]
    at = np.full(len(variants), -1)
    for name, contig, first, last in spans:
        inside = (variants.contig == codes[contig]) & (variants.position >= first) & (variants.position <= last)
        at[inside & (at < 0)] = names.index(name)
    at[at < 0] = 0
    return {name: np.flatnonzero(at == number) for number, name in enumerate(names)}
