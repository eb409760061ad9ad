"""The types of attributes (PS3.3): which must have a value (1), which may be empty but not missing (2)."""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def kind(storage_class: str, tag: int, parent: int | None = None) -> int:
    """Return 1, 2 or 3, the type of an attribute; conditional ones count as unconditional.

    Parameters
    ----------
    storage_class : str
        SOP class UID; one that the data do not know has the usual type of each attribute.
    tag : int
    parent : int, optional
        Of the sequence in which it stands.
    """
    if parent is not None:
        return _types()["inside"].get(f"{parent:08x}>{tag:08x}", 3)
    known = _types()
    name = f"60xx{tag & 0xFFFF:04x}" if tag >> 24 == 0x60 else f"{tag:08x}"
    return known.get(storage_class, known["usual"]).get(name, 3)


@cache
def _types() -> Mapping[str, Mapping[str, int]]:
    raw = files("sosie.images.standard").joinpath("data", "types.tsv.xz").read_bytes()
    found: dict[str, dict[str, int]] = {}
    for line in lzma.decompress(raw).decode().splitlines():
        name, first, second = line.split("\t")
        found[name] = dict.fromkeys(second.split(), 2) | dict.fromkeys(first.split(), 1)
    return found
