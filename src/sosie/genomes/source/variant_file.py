"""VCF and BCF written with other people: text or binary, bgzip where it came so, indexed where it can be.

The header says nothing but what the genotypes need; records hold genotypes alone.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sosie.genomes.genotypes import MISSING, GenomesPart, Variants
from sosie.genomes.source import bgzf
from sosie.genomes.source.index import LONGEST, Index, depth_of
from sosie.genomes.source.plink1 import part_chunks

GENOTYPE = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
PASS = '##FILTER=<ID=PASS,Description="All filters passed">'
TITLES = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
NO_QUALITY = 0x7F800001
"""A missing quality in BCF."""
Record = Callable[[Variants, int, np.ndarray], bytes]


def write(part: GenomesPart, variants: Variants, rows: np.ndarray, keys: list[str], sex: list[str], path: Path) -> None:
    """Write some variants to one file, and the index beside it: see `plink1.write`."""
    details = part.form.details
    binary = path.name.lower().endswith((".bcf", ".bcf.gz")) or part.form.kind == "bcf"
    contigs, text = header(variants, rows, keys, details)
    phased = bool(details.get("phased", part.phased))
    codes = np.array([contigs.index(name) if name in contigs else -1 for name in variants.contigs])
    index = Index(contigs, depth_of(max([*_lengths(details, contigs), int(variants.position.max(initial=1))])))
    record = binary_records(codes, phased) if binary else text_records(phased)
    with ExitStack() as stack:
        if not binary and not details.get("zip") and not path.name.lower().endswith((".gz", ".bgz", ".bgzf")):
            plain: BinaryIO = stack.enter_context(path.open("wb"))
            plain.write(text)
            for row, alleles in _walk(part, rows):
                plain.write(record(variants, row, alleles))
            return
        file = stack.enter_context(bgzf.Writer(path))
        file.write(b"BCF\x02\x02" + struct.pack("<I", len(text) + 1) + text + b"\0" if binary else text)
        for row, alleles in _walk(part, rows):
            begin, start = file.tell(), int(variants.position[row]) - 1
            file.write(record(variants, row, alleles))
            index.add(int(codes[variants.contig[row]]), start, start + len(variants.ref[row]), begin, file.tell())
    keep(index, path, binary=binary, csi=bool(details.get("csi")))


def keep(index: Index, path: Path, *, binary: bool, csi: bool) -> None:
    """Write an index beside its file: ``.csi`` of a BCF, and where it came so or contigs are too long for tabix."""
    if binary or csi or (1 << 14 + 3 * index.depth) > LONGEST:
        index.write_csi(path.with_name(f"{path.name}.csi"), vcf=not binary)
    else:
        index.write_tbi(path.with_name(f"{path.name}.tbi"))


def header(
    variants: Variants, rows: np.ndarray, keys: list[str], details: Mapping[str, Any]
) -> tuple[list[str], bytes]:
    """Return the contigs of a file and the text of its header; a contig without a site is declared as it was."""
    declared: Mapping[str, Mapping[str, str]] = details.get("contigs", {})
    used = [variants.contigs[code] for code in dict.fromkeys(variants.contig[rows].tolist())]
    contigs = [*used, *(name for name in declared if name not in used)]
    lengths = details.get("lengths", {})
    lines = ["##fileformat=VCFv4.2", PASS]
    for name in contigs:
        told = dict(declared.get(name, {}))
        if lengths.get(name):
            told.setdefault("length", str(lengths[name]))
        lines.append("##contig=<" + ",".join([f"ID={name}", *(f"{key}={value}" for key, value in told.items())]) + ">")
    lines += [GENOTYPE, "#" + "\t".join([*TITLES, *keys])]
    return contigs, ("\n".join(lines) + "\n").encode()


def text_records(phased: bool) -> Record:
    """Return what writes a record of VCF; alleles of shape (2 * people,)."""
    letters = [b"0", b"1", b"."]
    sign = b"|" if phased else b"/"
    table = np.frombuffer(b"".join(b"\t" + one + sign + two for one in letters for two in letters), dtype="S4")

    def record(variants: Variants, row: int, alleles: np.ndarray) -> bytes:
        code = np.minimum(alleles, 2)
        calls = table[code[0::2] * 3 + code[1::2]]
        contig = variants.contigs[variants.contig[row]]
        site = f"{contig}\t{variants.position[row]}\t{variants.ids[row]}\t{variants.ref[row]}\t{variants.alt[row]}"
        return b"".join((f"{site}\t.\t.\t.\tGT".encode(), calls.tobytes(), b"\n"))

    return record


def binary_records(codes: np.ndarray, phased: bool) -> Record:
    """Return what writes a record of BCF (VCF specification, 6.3); ``codes`` numbers the contigs of the variants."""

    def record(variants: Variants, row: int, alleles: np.ndarray) -> bytes:
        ref, alt = variants.ref[row].encode(), variants.alt[row].encode()
        name = variants.ids[row]
        people = len(alleles) // 2
        shared = struct.pack(
            "<iiiIHHI",
            int(codes[variants.contig[row]]),
            int(variants.position[row]) - 1,
            len(ref),
            NO_QUALITY,
            0,
            2,
            1 << 24 | people,
        )
        # A filter that was not applied is an empty vector.
        shared += _string(name.encode() if name != "." else b"") + _string(ref) + _string(alt) + b"\x00"
        calls = np.where(alleles == MISSING, 0, (alleles + 1) << 1).astype(np.uint8)
        if phased:
            calls[1::2] |= 1
        # GT is the second word of the dictionary, after PASS; two bytes a person.
        single = b"\x11\x01\x21" + calls.tobytes()
        return struct.pack("<II", len(shared), len(single)) + shared + single

    return record


def _string(text: bytes) -> bytes:
    """Return a typed string of BCF."""
    if len(text) < 15:
        return bytes([len(text) << 4 | 7]) + text
    size = b"\x11" + struct.pack("<b", len(text)) if len(text) < 128 else b"\x13" + struct.pack("<i", len(text))
    return b"\xf7" + size + text


def _lengths(details: Mapping[str, Any], contigs: list[str]) -> list[int]:
    lengths = details.get("lengths", {})
    return [int(lengths.get(name, 0)) for name in contigs]


def _walk(part: GenomesPart, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Walk some variants and their alleles."""
    at = 0
    for chunk in part_chunks(part, rows):
        for alleles in chunk:
            yield int(rows[at]), alleles
            at += 1
