"""The index of a sorted VCF or BCF file: where its records stand, by place in the genome.

``tabix`` (``.tbi``) holds bins of records and, for each 16 kb of a contig, the first record that reaches into it; the
coordinate-sorted index (``.csi``) holds the latter in its bins (specifications of SAM, section 5.1.1, tabix and CSI).
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sosie.genomes.source import bgzf

SHIFT, DEPTH = 14, 5
LONGEST = 1 << (SHIFT + 3 * DEPTH)
"""Positions that a tabix index reaches."""
_VCF = (2, 1, 2, 0, ord("#"), 0)
"""Format, columns of contig, begin and end, comment character, lines to skip."""


@dataclass
class Index:
    """The records of a file, in the order in which they are written.

    Parameters
    ----------
    contigs : list of str
        In the order of their numbers; grows where a record stands on another.
    depth : int
        Levels of bins; more for longer contigs.
    """

    contigs: list[str]
    depth: int = DEPTH
    _bins: list[dict[int, list[tuple[int, int]]]] = field(default_factory=list)
    _first: list[dict[int, int]] = field(default_factory=list)
    _counts: list[list[int]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = {name: number for number, name in enumerate(self.contigs)}
        for _ in self.contigs:
            self._grow()

    def number(self, contig: str) -> int:
        """Return the number of a contig."""
        if contig not in self._numbers:
            self._numbers[contig] = len(self.contigs)
            self.contigs.append(contig)
            self._grow()
        return self._numbers[contig]

    def add(self, contig: int, start: int, stop: int, begin: int, end: int) -> None:
        """Add a record at ``[start, stop)`` (from 0) that stands from one virtual offset to another."""
        stop = max(stop, start + 1)
        chunks = self._bins[contig][_bin(start, stop, self.depth)]
        if chunks and chunks[-1][1] == begin:
            chunks[-1] = chunks[-1][0], end
        else:
            chunks.append((begin, end))
        count = self._counts[contig]
        count[:] = [begin if not count[2] else count[0], end, count[2] + 1]
        first = self._first[contig]
        for window in range(start >> SHIFT, (stop - 1 >> SHIFT) + 1):
            first.setdefault(window, begin)

    def _grow(self) -> None:
        self._bins.append(defaultdict(list))
        self._first.append({})
        self._counts.append([0, 0, 0])

    def write_tbi(self, path: Path) -> None:
        """Write a tabix index of a VCF file; contigs without a record stand in it too, empty."""
        names = b"".join(name.encode() + b"\0" for name in self.contigs)
        with bgzf.Writer(path) as file:
            file.write(b"TBI\1" + struct.pack("<i6ii", len(self.contigs), *_VCF, len(names)) + names)
            for bins, first, count in zip(self._bins, self._first, self._counts, strict=True):
                file.write(struct.pack("<i", len(bins) + bool(bins)))
                for number, chunks in sorted(bins.items()):
                    file.write(struct.pack("<Ii", number, len(chunks)) + _packed(chunks))
                if bins:
                    file.write(struct.pack("<Ii", self._beyond, 2) + _packed(_told(count)))
                windows = max(first, default=-1) + 1
                reached, offsets = 0, []
                for window in range(windows):
                    reached = first.get(window, reached)
                    offsets.append(reached)
                file.write(struct.pack(f"<i{windows}Q", windows, *offsets))

    def write_csi(self, path: Path, *, vcf: bool) -> None:
        """Write a coordinate-sorted index."""
        names = b"".join(name.encode() + b"\0" for name in self.contigs)
        more = struct.pack("<6ii", *_VCF, len(names)) + names if vcf else b""
        with bgzf.Writer(path) as file:
            file.write(b"CSI\1" + struct.pack("<iii", SHIFT, self.depth, len(more)) + more)
            file.write(struct.pack("<i", len(self.contigs)))
            for bins, first, count in zip(self._bins, self._first, self._counts, strict=True):
                file.write(struct.pack("<i", len(bins) + bool(bins)))
                windows = sorted(first)
                for number, chunks in sorted(bins.items()):
                    reached = _reaching(number, first, windows, self.depth, chunks[0][0])
                    file.write(struct.pack("<IQi", number, reached, len(chunks)) + _packed(chunks))
                if bins:
                    file.write(struct.pack("<IQi", self._beyond, 0, 2) + _packed(_told(count)))

    @property
    def _beyond(self) -> int:
        """Number of the bin that holds no record: where those of a contig stand, and how many they are."""
        return ((1 << 3 * (self.depth + 1)) - 1) // 7 + 1


def depth_of(longest: int) -> int:
    """Return the levels of bins that contigs of some length need."""
    depth = DEPTH
    while longest > 1 << (SHIFT + 3 * depth):
        depth += 1
    return depth


def _bin(start: int, stop: int, depth: int) -> int:
    """Return the smallest bin that holds a stretch (SAM specification, 5.3)."""
    last, shift, offset = stop - 1, SHIFT, ((1 << 3 * depth) - 1) // 7
    for level in range(depth, 0, -1):
        if start >> shift == last >> shift:
            return offset + (start >> shift)
        shift += 3
        offset -= 1 << 3 * (level - 1)
    return 0


def _reaching(number: int, first: dict[int, int], windows: Sequence[int], depth: int, own: int) -> int:
    """Return the offset of the first record that reaches into a bin; that of a later window is never smaller."""
    level, offset = 0, 0
    while number >= offset + (1 << 3 * level):
        offset += 1 << 3 * level
        level += 1
    wide = 3 * (depth - level)
    begin = number - offset << wide
    at = bisect_left(windows, begin)
    return min(first[windows[at]], own) if at < len(windows) and windows[at] < begin + (1 << wide) else own


def _told(count: list[int]) -> list[tuple[int, int]]:
    return [(count[0], count[1]), (count[2], 0)]


def _packed(chunks: list[tuple[int, int]]) -> bytes:
    return b"".join(struct.pack("<QQ", begin, end) for begin, end in chunks)
