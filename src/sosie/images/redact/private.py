"""The private blocks of a dataset: which elements are safe by their creators, which creators still have elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sosie.images.standard import safe_private

if TYPE_CHECKING:
    from pydicom import Dataset

FIRST, LAST = 0x10, 0xFF
"""Elements of an odd group that name creators."""


class Blocks:
    """The private blocks of one dataset, or of one item."""

    def __init__(self, dataset: Dataset) -> None:
        self._creators: dict[tuple[int, int], str] = {}
        self._kept: set[tuple[int, int]] = set()
        for tag in [tag for tag in dataset.keys() if tag >> 16 & 1]:  # noqa: SIM118 - a dataset yields elements
            if self.is_creator(tag):
                raw = dataset.get_item(tag).value
                name = raw.decode("latin-1") if isinstance(raw, bytes) else str(raw or "")
                self._creators[tag >> 16, tag & 0xFFFF] = name.strip(" \0")

    @staticmethod
    def is_creator(tag: int) -> bool:
        """Tell whether a private element names a creator."""
        return FIRST <= tag & 0xFFFF <= LAST

    def safe(self, tag: int) -> str | None:
        """Return the VR of a safe element, or None."""
        creator = self._creators.get((tag >> 16, (tag & 0xFFFF) >> 8))
        return None if creator is None else safe_private(creator, tag >> 16, tag & 0xFF)

    def keep(self, tag: int) -> None:
        """Take note that an element stays."""
        self._kept.add((tag >> 16, (tag & 0xFFFF) >> 8))

    def drop_creators(self, dataset: Dataset) -> None:
        """Remove the creators of which nothing stayed."""
        for group, element in self._creators.keys() - self._kept:
            del dataset[group << 16 | element]
