"""VCF and BCF: read through htslib (cyvcf2), sites of several alternative alleles split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sosie.errors import UnreadableError
from sosie.genomes.source import header as headers
from sosie.genomes.source.opened import Block, File, Origin, rows_of

THREADS = 2
ABSENT = -2
"""What htslib puts in place of the second allele of one who has a single copy."""


def open_(origin: Origin) -> File:
    """Open a VCF or BCF file, compressed or not.

    Raises
    ------
    UnreadableError
        When it is none, or is truncated.
    """
    header = headers.read(origin)
    with headers.opened(origin) as file:
        binary = file.read(3) == b"BCF"
    people = len(header.samples)
    return File(
        origin,
        "bcf" if binary else "vcf",
        header.samples,
        ("",) * people,
        header.lengths,
        lambda: _blocks(origin, people),
        {
            "zip": headers.zipped(origin),
            "csi": origin.path.with_name(f"{origin.path.name}.csi").exists(),
            "contigs": {
                name: {key: each[key] for key in ("length", "assembly") if each.get(key)}
                for name, each in header.contigs.items()
            },
        },
    )


@dataclass
class _Gathering:
    """A block that grows."""

    raw: np.ndarray
    which: np.ndarray
    contig: list[str] = field(default_factory=list)
    position: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    ref: list[str] = field(default_factory=list)
    alt: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, people: int) -> _Gathering:
        rows = max(1, rows_of(people) // 4)
        return cls(np.empty((rows, people, 3), dtype=np.int16), np.empty(rows, dtype=np.int16))

    def block(self) -> Block:
        """Return the block, and be empty."""
        from sosie.genomes.source import kernels

        rows = len(self.position)
        raw, which = self.raw[:rows], self.which[:rows]
        alleles = np.empty((rows, 2 * raw.shape[1]), dtype=np.uint8)
        single = np.empty(rows, dtype=np.bool_)
        unphased = kernels.split(raw, which, alleles, single)
        done = Block(
            self.contig,
            np.array(self.position, dtype=np.int64),
            self.ids,
            self.ref,
            self.alt,
            alleles,
            single,
            int(unphased),
        )
        self.contig, self.position, self.ids, self.ref, self.alt = [], [], [], [], []
        return done


def _blocks(origin: Origin, people: int) -> Iterator[Block]:
    import cyvcf2

    # Its messages quote records.
    cyvcf2.cyvcf2.set_htslib_log_level(0)
    growing = _Gathering.of(people)
    most = len(growing.raw)
    alleles: dict[str, str] = {}
    where = ""
    try:
        for record in cyvcf2.VCF(str(origin.path), threads=THREADS):
            contig, position, ref = record.CHROM, record.POS, record.REF
            where = f"{contig}:{position}"
            calls = _calls(record, origin, where, people)
            for number, alt in enumerate(record.ALT or ["."], start=1):
                if len(growing.position) == most:
                    yield growing.block()
                at = len(growing.position)
                growing.raw[at], growing.which[at] = calls, number
                growing.contig.append(contig)
                growing.position.append(position)
                growing.ids.append(record.ID or ".")
                growing.ref.append(alleles.setdefault(ref, ref))
                growing.alt.append(alleles.setdefault(alt, alt))
    except UnreadableError:
        raise
    except Exception:  # htslib tells of a record that it cannot read in its own words, which quote it
        after = f"after {where}" if where else "at its first site"
        raise UnreadableError(origin.name, f"the file is truncated, damaged or malformed {after}") from None
    if growing.position:
        yield growing.block()


def _calls(record: object, origin: Origin, where: str, people: int) -> np.ndarray:
    """Return the genotypes of a site, shape (people, 3): two alleles, and whether their phase is told."""
    try:
        genotype = record.genotype  # type: ignore[attr-defined]
        calls: np.ndarray = genotype.array()
    except Exception:
        raise UnreadableError(origin.name, f"the site {where} has no genotypes (GT)") from None
    if calls.shape == (people, 2):
        # Everybody has a single copy.
        filled = np.full((people, 3), ABSENT, dtype=np.int16)
        filled[:, 0], filled[:, 2] = calls[:, 0], 1
        return filled
    if calls.shape != (people, 3):
        ploidy = calls.shape[1] - 1
        raise UnreadableError(origin.name, f"at {where} somebody has {ploidy} alleles; expected two of each")
    return calls
