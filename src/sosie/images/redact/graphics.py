"""Overlays and curves: planes of bits that may spell a name, in elements of their own or in spare bits of the pixels.

A plane stays where something that reads it says that it holds no text; otherwise its whole group goes. Curves, retired
long ago, go: they may hold speech. Spare bits of pixels that are not compressed are cleared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sosie.images.finding import TagFinding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydicom import Dataset

Reads = Callable[["NDArray[np.bool_]"], bool]
OVERLAYS, CURVES = 0x60, 0x50
PLANE, _POSITION = 0x3000, 0x0102


def clean(dataset: Dataset, reads: Reads | None, findings: list[TagFinding]) -> None:
    """Remove curves and overlays, but for planes without text, in place.

    Parameters
    ----------
    dataset : Dataset
    reads : callable, optional
        Tells whether a plane of booleans, rows by columns, holds text; without it no plane stays.
    findings : list of TagFinding
    """
    embedded = _embedded(dataset)
    groups = {int(tag) >> 16 for tag in dataset.keys()}  # noqa: SIM118 - a dataset yields elements
    for group in sorted(groups):
        if group >> 8 == CURVES and not group & 1:
            _drop(dataset, group, findings)
        elif group >> 8 == OVERLAYS and not group & 1:
            planes = None if reads is None else _planes(dataset, group)
            if reads is None or planes is None or any(reads(plane) for plane in planes):
                _drop(dataset, group, findings)
    if embedded and _cleared(dataset):
        findings.append(TagFinding("(7FE0,0010)", "OVERLAY", "cleaned"))


def _embedded(dataset: Dataset) -> bool:
    """Tell whether an overlay says that its plane lies in spare bits of the pixels."""
    return any(
        tag >> 24 == OVERLAYS and tag & 0xFFFF == _POSITION and (tag - _POSITION + PLANE) not in dataset
        for tag in dataset.keys()  # noqa: SIM118 - a dataset yields elements
    )


def _drop(dataset: Dataset, group: int, findings: list[TagFinding]) -> None:
    for tag in [tag for tag in dataset.keys() if int(tag) >> 16 == group]:  # noqa: SIM118
        del dataset[tag]
        findings.append(TagFinding(f"({group:04X},{int(tag) & 0xFFFF:04X})", "OVERLAY", "removed"))


def _planes(dataset: Dataset, group: int) -> list[Any] | None:
    """Return the planes of an overlay, or None where it has none of its own."""
    if (group << 16 | PLANE) not in dataset:
        return None
    try:
        array = dataset.overlay_array(group).astype(bool)
    except Exception:  # what cannot be unpacked cannot be read
        return None
    return [array] if array.ndim == 2 else list(array)


def _cleared(dataset: Dataset) -> bool:
    """Clear the bits beyond those stored, in native pixels; tell whether one was set."""
    import numpy as np

    try:
        allocated, stored, high = (int(dataset[tag].value) for tag in (0x00280100, 0x00280101, 0x00280102))
        syntax = dataset.file_meta.TransferSyntaxUID
        data = dataset[0x7FE00010].value
    except (KeyError, AttributeError, TypeError, ValueError):
        return False
    signed = bool(dataset.get("PixelRepresentation"))
    if allocated != 16 or not stored < 16 or high != stored - 1 or syntax.is_compressed or len(data) % 2:
        return False
    pixels = np.frombuffer(data, "<u2" if syntax.is_little_endian else ">u2")
    spare = np.uint16(0xFFFF ^ ((1 << stored) - 1))
    # The sign may be extended into the spare bits, or they may be zero; anything else is not of the image.
    extended = np.where((pixels >> (stored - 1) & 1) & signed, spare, 0).astype(np.uint16)
    odd = ((pixels & spare) != 0) & ((pixels & spare) != extended)
    if not odd.any():
        return False
    dataset[0x7FE00010].value = np.where(odd, pixels & ~spare | extended, pixels).astype(pixels.dtype).tobytes()
    return True
