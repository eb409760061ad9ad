"""The header of a VCF or BCF file, as text, and what stands in it."""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, cast

from sosie.errors import UnreadableError
from sosie.genomes.source.opened import Origin

FIXED = 8
"""Columns before those of the genotypes."""
MOST = 64 << 20
"""Bytes of a header."""
_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,>]*)')
END_OF_BGZF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends a whole file (SAM specification, 4.1.2)."""


@dataclass(frozen=True)
class Header:
    """A header.

    Parameters
    ----------
    lines : tuple of str
        Those that begin with ``##``.
    columns : tuple of str
        The line of titles, samples included.
    """

    lines: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def samples(self) -> tuple[str, ...]:
        """Names of the samples."""
        return self.columns[FIXED + 1 :]

    @property
    def contigs(self) -> dict[str, dict[str, str]]:
        """What is said of each contig."""
        found = (fields(line) for line in self.lines if line.startswith("##contig=<"))
        return {each["ID"]: each for each in found if "ID" in each}

    @property
    def lengths(self) -> Mapping[str, int]:
        """Contigs and their lengths, 0 where it is not told."""
        return {name: int(each["length"]) if each.get("length", "").isdecimal() else 0 for name, each in
                self.contigs.items()}  # fmt: skip


def fields(line: str) -> dict[str, str]:
    """Return the fields of a structured line (``##contig=<ID=1,length=9>``), without quotes."""
    inside = line[line.index("<") + 1 : line.rindex(">")] if "<" in line and ">" in line else ""
    return {key: value.strip('"') for key, value in _FIELD.findall(inside)}


def zipped(origin: Origin) -> str:
    """Tell how a file is compressed: ``bgzf``, ``gzip`` or nothing."""
    with origin.path.open("rb") as file:
        head = file.read(18)
    if head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC":
        return "bgzf"
    return "gzip" if head[:2] == b"\x1f\x8b" else ""


def whole(origin: Origin) -> None:
    """Refuse a bgzip file that lacks its end.

    Raises
    ------
    UnreadableError
    """
    if zipped(origin) != "bgzf":
        return
    with origin.path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - len(END_OF_BGZF), 0))
        if file.read() != END_OF_BGZF:
            raise UnreadableError(
                origin.name, "the file is truncated: it lacks the block that ends a bgzip file; copy it again"
            )


def opened(origin: Origin) -> BinaryIO:
    """Open a file, uncompressing it."""
    if zipped(origin):
        return cast("BinaryIO", gzip.open(origin.path, "rb"))
    return origin.path.open("rb")


def read(origin: Origin) -> Header:
    """Read the header of a file.

    Raises
    ------
    UnreadableError
        When it is none, or the same sample stands in it twice.
    """
    whole(origin)
    try:
        with opened(origin) as file:
            text, _ = raw(file, origin)
    except (EOFError, OSError, zlib.error):
        raise UnreadableError(origin.name, "the file is truncated or damaged: its header cannot be read") from None
    return parsed(text, origin)


def raw(file: BinaryIO, origin: Origin) -> tuple[str, bool]:
    """Read the text of a header from an opened file, and tell whether records are binary; they follow in the file."""
    start = file.read(5)
    if start[:3] == b"BCF":
        if start != b"BCF\x02\x02" and start != b"BCF\x02\x01":
            raise UnreadableError(origin.name, "a BCF file of an old version; write it again with a recent bcftools")
        (length,) = struct.unpack("<I", file.read(4))
        text = file.read(min(length, MOST)).rstrip(b"\0").decode("utf-8", "replace")
        return text, True
    lines = [start + file.readline(MOST)]
    while lines[-1].startswith(b"##"):
        lines.append(file.readline(MOST))
    return b"".join(lines).decode("utf-8", "replace"), False


def parsed(text: str, origin: Origin) -> Header:
    """Read the text of a header."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if not lines[0].startswith("##fileformat=VCF") and not lines[0].startswith("##fileformat=BCF"):
        raise UnreadableError(origin.name, "not a VCF or BCF file: expected a first line ##fileformat=VCFv4", row=1)
    if not lines[-1].startswith("#CHROM\t"):
        raise UnreadableError(origin.name, "no line of titles (#CHROM POS ID ...) follows the header", row=len(lines))
    header = Header(tuple(lines[:-1]), tuple(lines[-1].split("\t")))
    if not header.samples:
        raise UnreadableError(origin.name, "the file holds no sample: expected a column of genotypes a person")
    twice = len(header.samples) - len(set(header.samples))
    if twice:
        seen: set[str] = set()
        first = next(at for at, name in enumerate(header.samples) if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise UnreadableError(
            origin.name,
            f"{twice} samples stand in it twice; the first is sample number {first + 1}",
            row=len(lines),
        )
    return header
