"""Which files of a source are genomes, and what the manifest names beside them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from sosie.errors import UnreadableError
from sosie.folders import files_in
from sosie.genomes.source import header, plink1, plink2, vcf
from sosie.genomes.source.opened import File, Origin
from sosie.manifest import Manifest

VCF = (".vcf", ".vcf.gz", ".vcf.bgz", ".vcf.bgzf", ".bcf", ".bcf.gz")
PLINK = {".bed": ".bim", ".pgen": ".psam"}
"""Binary genotypes, and a file that stands beside them: a BED of regions has the same suffix."""


def found(place: Path | str, manifest: Manifest) -> list[Origin]:
    """Return the files of genotypes of a source, in the order of their names; the public panel is none."""
    if isinstance(place, str) and "://" in place:
        return []
    root = Path(place)
    apart = companions(root, manifest)
    return [origin for origin in _files(root) if holds(origin.path) and origin.path.resolve() not in apart]


def holds(path: Path) -> bool:
    """Tell whether a file holds genotypes; a vCard (``.vcf`` too) and a list of regions (``.bed``) do not."""
    name = path.name.lower()
    if not path.is_file():
        return False
    if name.endswith(VCF):
        try:
            with header.opened(Origin(path, path.name)) as file:
                start = file.read(16)
        except (OSError, EOFError, zlib.error):
            return True  # the reader says what is wrong
        return start.startswith((b"##fileformat=VCF", b"BCF")) or (not start and name != ".vcf")
    beside = PLINK.get(path.suffix.lower())
    if beside is None:
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".pgen" or file.read(3) == plink1.MAGIC or path.with_suffix(beside).is_file()


def companions(root: Path, manifest: Manifest) -> frozenset[Path]:
    """Return the files that the manifest names: the panel (all its files), the map, the scores, the samples."""
    folder = root if root.is_dir() else root.parent
    declared = manifest.genomes
    named = [declared.panel, declared.map, declared.samples, *declared.scores.values()]
    paths = [folder / name for name in named if name]
    together = []
    for path in paths:
        if path.is_dir():
            together += [each for each in path.rglob("*") if each.is_file()]
        else:
            together += [path, *(path.with_suffix(suffix) for suffix in (".bim", ".fam", ".pvar", ".psam", ".pgen"))]
    return frozenset(path.resolve() for path in together)


def claimed(place: Path | str, manifest: Manifest) -> frozenset[Path]:
    """Return what tables could read and is of genomes: the files that the manifest names."""
    if isinstance(place, str) and "://" in place:
        return frozenset()
    root = Path(place)
    apart = companions(root, manifest)
    return frozenset(origin.path for origin in _files(root) if origin.path.resolve() in apart)


def open_(origin: Origin) -> File:
    """Open a file with the reader of its format.

    Raises
    ------
    UnreadableError
    """
    name = origin.path.name.lower()
    try:
        if name.endswith(VCF):
            return vcf.open_(origin)
        return plink1.open_(origin) if name.endswith(".bed") else plink2.open_(origin)
    except OSError:
        raise UnreadableError(origin.name, "the file cannot be opened") from None


def _files(root: Path) -> Iterator[Origin]:
    if root.is_file():
        yield Origin(root, root.name)
        return
    yield from (Origin(path, name) for path, name in files_in(root))
