"""BGZF: gzip in blocks of at most 64 KiB, each of which can be found again (SAM specification, section 4.1)."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from types import TracebackType

from sosie.genomes.source.header import END_OF_BGZF

BLOCK = 0xFF00
"""Bytes of a block before they are compressed, as htslib takes them."""
LEVEL = 5
_HEAD = bytes.fromhex("1f8b08040000000000ff0600424302 00".replace(" ", ""))


class Writer:
    """Writes a BGZF file, and tells where in it the next byte will stand.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._waiting = bytearray()
        self._at = 0

    def tell(self) -> int:
        """Return the virtual offset of the next byte: its block, and its place within."""
        return self._at << 16 | len(self._waiting)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._waiting += data
        # A full block is let go as soon as it is full, so that a virtual offset stays true.
        while len(self._waiting) >= BLOCK:
            self._block(bytes(self._waiting[:BLOCK]))
            del self._waiting[:BLOCK]

    def close(self) -> None:
        """Write what is left, and the block that ends a file."""
        if self._waiting:
            self._block(bytes(self._waiting))
        self._waiting.clear()
        self._file.write(END_OF_BGZF)
        self._file.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._file.close()

    def _block(self, data: bytes) -> None:
        deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        packed = deflate.compress(data) + deflate.flush()
        size = len(_HEAD) + 2 + len(packed) + 8
        if size > 0x10000:
            # What does not compress is stored as it is.
            deflate = zlib.compressobj(0, zlib.DEFLATED, -15)
            packed = deflate.compress(data) + deflate.flush()
            size = len(_HEAD) + 2 + len(packed) + 8
        self._file.write(_HEAD + struct.pack("<H", size - 1) + packed + struct.pack("<II", zlib.crc32(data), len(data)))
        self._at += size
