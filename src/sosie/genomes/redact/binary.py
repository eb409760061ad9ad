"""The records of a BCF file as they stand, but for names of samples in their text (VCF specification, 6.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sosie.errors import UnreadableError
from sosie.genomes.source.header import Header
from sosie.genomes.source.opened import Origin

MOST = 1 << 30
"""Bytes of a record."""
_SIZES = {0: 0, 1: 1, 2: 2, 3: 4, 5: 4, 7: 1}
TEXT = 7


def records(
    source: BinaryIO, origin: Origin, change: Callable[[str], str] | None, header: Header
) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield each record, the number of its contig, and the stretch that it covers, from 0.

    Raises
    ------
    UnreadableError
        When the file ends within a record.
    """
    contigs = len(header.contigs)
    while head := source.read(8):
        shared_size, single_size = struct.unpack("<II", head) if len(head) == 8 else (MOST, 0)
        if shared_size < 24 or shared_size + single_size > MOST:
            raise UnreadableError(origin.name, "the file is truncated or damaged; not copied")
        shared, single = source.read(shared_size), source.read(single_size)
        contig, start, length = struct.unpack_from("<iii", shared) if len(shared) == shared_size else (-1, 0, 0)
        if not 0 <= contig < contigs or len(single) != single_size:
            raise UnreadableError(origin.name, "the file is truncated or damaged; not copied")
        if change is not None:
            shared = renamed(shared, change)
            head = struct.pack("<II", len(shared), single_size)
        yield head + shared + single, contig, max(start, 0), start + length


def renamed(shared: bytes, change: Callable[[str], str]) -> bytes:
    """Return the part of a record that is all people's, with the texts of its INFO changed."""
    information, alleles = struct.unpack_from("<HH", shared, 16)
    at = 24
    for _ in range(1 + alleles + 1):
        at = _value(shared, at)[2]
    done = [shared[:at]]
    for _ in range(information):
        after_key = _value(shared, at)[2]
        kind, begin, end = _value(shared, after_key)
        value = shared[begin:end]
        if kind == TEXT:
            new = change(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            done.append(shared[at:end] if new == value else shared[at:after_key] + _typed(new))
        else:
            done.append(shared[at:end])
        at = end
    return b"".join([*done, shared[at:]])


def _value(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the type of a typed value, and where its content begins and ends."""
    size, kind = data[at] >> 4, data[at] & 15
    at += 1
    if size == 15:
        width = _SIZES[data[at] & 15]
        size = int.from_bytes(data[at + 1 : at + 1 + width], "little")
        at += 1 + width
    return kind, at, at + size * _SIZES[kind]


def _typed(text: bytes) -> bytes:
    if len(text) < 15:
        return bytes([len(text) << 4 | TEXT]) + text
    return b"\xf7\x13" + struct.pack("<i", len(text)) + text
