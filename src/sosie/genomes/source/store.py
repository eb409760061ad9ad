"""Alleles that grow as they are read: in memory while they are few, then in a nameless file that dies with them."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

import numpy as np

from sosie.genomes.genotypes import Alleles

LARGE = 256 << 20
"""Bytes that are held in memory."""


class Store:
    """Collects blocks of alleles.

    Parameters
    ----------
    width : int
        Alleles of a site.
    large : int, optional
        Bytes above which they go to a file.
    """

    def __init__(self, width: int, large: int = LARGE) -> None:
        self.width, self.rows = width, 0
        self._large = large
        self._held: list[Alleles] = []
        self._file: BinaryIO | None = None

    def add(self, alleles: Alleles) -> None:
        """Add sites, shape (sites, width)."""
        block = np.array(alleles, dtype=np.uint8, order="C")
        self.rows += len(block)
        if self._file is None and self.rows * self.width > self._large:
            self._file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115
            for held in self._held:
                self._file.write(held.data)
            self._held = []
        if self._file is None:
            self._held.append(block)
        else:
            self._file.write(block.data)

    def whole(self) -> Alleles:
        """Return all sites, shape (rows, width): a memory map where they are many."""
        if self._file is None or not self.rows:
            return np.concatenate([np.zeros((0, self.width), dtype=np.uint8), *self._held])
        self._file.flush()
        # The map has a handle of its own: the file lives as long as it does.
        return np.memmap(self._file, dtype=np.uint8, mode="r", shape=(self.rows, self.width))
