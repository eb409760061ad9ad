"""PLINK 1: genotypes in ``.bed`` (bed-reader), sites in ``.bim``, people in ``.fam``.

Its genotypes have no phase; its first allele is the alternative one and its second the reference, as plink2 has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from sosie.errors import UnreadableError
from sosie.genomes.genotypes import MISSING, GenomesPart, Variants
from sosie.genomes.source.lines import SEXES, named, once, rows_of, whole
from sosie.genomes.source.opened import Block, File, Origin
from sosie.genomes.source.opened import rows_of as rows_of_block

MAGIC = b"\x6c\x1b\x01"
UNKNOWN = "-9"
_CODES = np.array([3, 2, 0, 1], dtype=np.uint8)
"""Two bits for 0, 1, 2 alternative alleles, and for none called (the .bed format)."""


@dataclass(frozen=True)
class Person:
    """A row of ``.fam``, and its number."""

    row: int
    family: str
    name: str
    father: str
    mother: str
    sex: str
    phenotype: str


def beside(origin: Origin, suffix: str) -> Origin:
    """Return the file that has the name of another but for its suffix.

    Raises
    ------
    UnreadableError
        When it is missing.
    """
    other = origin.path.with_suffix(suffix)
    if not other.is_file():
        raise UnreadableError(origin.name, f"there is no {other.name} beside it: PLINK writes three files")
    return Origin(other, str(Path(origin.name).with_suffix(suffix)))


def people(origin: Origin) -> list[Person]:
    """Read ``.fam``.

    Raises
    ------
    UnreadableError
    """
    found = [Person(row, *words[:6]) for row, words in rows_of(origin.path, origin.name, 6)]
    if not found:
        raise UnreadableError(origin.name, "the file holds nobody")
    return found


def open_(origin: Origin) -> File:
    """Open a ``.bed`` file with the two beside it.

    Raises
    ------
    UnreadableError
    """
    fam, bim = beside(origin, ".fam"), beside(origin, ".bim")
    rows = people(fam)
    names, how = _names(rows)
    once(names, [each.row for each in rows], fam.name)
    _check(origin, len(rows), sum(1 for _ in rows_of(bim.path, bim.name, 6)))
    return File(
        origin,
        "plink1",
        tuple(names),
        tuple(SEXES.get(each.sex, "") for each in rows),
        {},
        lambda: _blocks(origin, bim, len(rows)),
        {"families": how},
        {name: named(each.family, each.name) for name, each in zip(names, rows, strict=True)},
    )


def write(part: GenomesPart, variants: Variants, rows: np.ndarray, keys: list[str], sex: list[str], path: Path) -> None:
    """Write the three files of some variants.

    Parameters
    ----------
    part : GenomesPart
    variants : Variants
    rows : ndarray of int64
        The variants that the file holds.
    keys, sex : list of str
        Of those who have a genome.
    path : Path
        That of the ``.bed``.
    """
    codes = {"M": "1", "F": "2"}
    with path.with_suffix(".fam").open("w", encoding="utf-8") as file:
        file.writelines(
            f"{key}\t{key}\t0\t0\t{codes.get(each, '0')}\t{UNKNOWN}\n" for key, each in zip(keys, sex, strict=True)
        )
    with path.with_suffix(".bim").open("w", encoding="utf-8") as file:
        for row in rows:
            contig = variants.contigs[variants.contig[row]]
            site = f"{contig}\t{variants.ids[row]}\t0\t{variants.position[row]}"
            file.write(f"{site}\t{variants.alt[row]}\t{variants.ref[row]}\n")
    with path.open("wb") as file:
        file.write(MAGIC)
        for alleles in part_chunks(part, rows):
            file.write(packed(alleles))


def part_chunks(part: GenomesPart, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Walk the alleles of some variants, in ascending order."""
    for start, chunk in part.chunks():
        first, last = np.searchsorted(rows, [start, start + len(chunk)])
        if last > first:
            yield chunk[rows[first:last] - start]


def packed(alleles: np.ndarray) -> bytes:
    """Return genotypes as ``.bed`` holds them; one of which an allele was not called is missing."""
    first, second = alleles[:, 0::2], alleles[:, 1::2]
    missing = (first == MISSING) | (second == MISSING)
    code = _CODES[np.where(missing, 3, first + second)]
    spare = -code.shape[1] % 4
    code = np.pad(code, ((0, 0), (0, spare)))
    return (code[:, 0::4] | code[:, 1::4] << 2 | code[:, 2::4] << 4 | code[:, 3::4] << 6).astype(np.uint8).tobytes()


def _names(rows: list[Person]) -> tuple[list[str], bool]:
    """Name people as they are; by their family too where the name alone stands for several."""
    names = [each.name for each in rows]
    if len(set(names)) == len(names):
        return names, False
    both = [f"{each.family}_{each.name}" for each in rows]
    return (both, True) if len(set(both)) == len(both) else (names, False)


def _check(origin: Origin, count: int, sites: int) -> None:
    with origin.path.open("rb") as file:
        if file.read(3) != MAGIC:
            raise UnreadableError(
                origin.name, "not a PLINK 1 .bed file of sites after sites; a BED file of regions is no genotypes"
            )
    size, expected = origin.path.stat().st_size, 3 + sites * -(-count // 4)
    if size != expected:
        raise UnreadableError(
            origin.name,
            f"{size} bytes; expected {expected} for {sites} sites and {count} people: the file is truncated, or the "
            ".bim and .fam beside it are another file's",
        )


def _blocks(origin: Origin, bim: Origin, count: int) -> Iterator[Block]:
    from bed_reader import open_bed

    sites = rows_of(bim.path, bim.name, 6)
    most = rows_of_block(count)
    start = 0
    fam = origin.path.with_suffix(".fam")
    with open_bed(origin.path, fam_filepath=fam, bim_filepath=bim.path, num_threads=1) as bed:
        while True:
            rows = list(islice(sites, most))
            if not rows:
                return
            counts = bed.read(index=np.s_[:, start : start + len(rows)], dtype="int8", order="F").T
            start += len(rows)
            alleles = np.empty((len(rows), count, 2), dtype=np.uint8)
            alleles[:, :, 0], alleles[:, :, 1] = counts == 2, counts > 0
            alleles[counts < 0] = MISSING
            words = [each for _, each in rows]
            yield Block(
                [each[0] for each in words],
                np.array([whole(each[3], bim.name, row) for row, each in rows], dtype=np.int64),
                [each[1] for each in words],
                [each[5] for each in words],
                [each[4] for each in words],
                alleles.reshape(len(rows), -1),
                np.zeros(len(rows), dtype=bool),
                int((counts == 1).sum()),
            )
