"""Regions overwritten in the pixels of a dataset, as they are stored: nothing else changes, be it compressed or not.

Uncompressed samples are edited where they lie. Of compressed images only the frames that have a region are decoded and
encoded again, without loss, in the same transfer syntax; the fragments of all others stay. Where no encoder gives the
very same samples back, the image is stored uncompressed instead, which a notice tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from sosie.errors import UnreadableError
from sosie.images.pixels import codecs, frames
from sosie.images.pixels.fill import fill
from sosie.images.pixels.frames import Samples
from sosie.images.pixels.lines import Box

if TYPE_CHECKING:
    from pydicom import Dataset

Edit = Callable[[Samples], None]
UNCOMPRESSED = "stored uncompressed: no encoder of its transfer syntax gives the masked samples back"
_TYPES = {"FloatPixelData": "f4", "DoubleFloatPixelData": "f8"}
_OFFSETS = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


def overwrite(dataset: Dataset, regions: Mapping[int, Sequence[Box]]) -> str | None:
    """Overwrite regions, frame by frame, in place.

    Returns
    -------
    str or None
        What had to change besides, None where nothing had to.

    Raises
    ------
    UnreadableError
        When the pixels are not what the header says.
    """
    coded = bool(dataset.get("PhotometricInterpretation") == "PALETTE COLOR" or dataset.get("BitsAllocated") == 1)

    def change(boxes: Sequence[Box]) -> Edit:
        return lambda samples: fill(samples, boxes, coded)

    halved = dataset.get("PhotometricInterpretation") == "YBR_FULL_422" and not frames.syntax(dataset).is_encapsulated
    # Two pixels share their colour: Y Y Cb Cr.
    return edit(dataset, {at: change(_halved(boxes) if halved else boxes) for at, boxes in regions.items() if boxes})


def edit(dataset: Dataset, edits: Mapping[int, Edit]) -> str | None:
    """Change the samples of frames, each by a function that works in place; a notice as in `overwrite`."""
    if not edits:
        return None
    if not frames.syntax(dataset).is_encapsulated:
        whole = _Whole(dataset)
        for index, change in edits.items():
            change(whole.frame(index))
        whole.keep()
        return None
    return _encode(dataset, edits)


def clear_unused(dataset: Dataset) -> None:
    """Set the bits of uncompressed samples that are no part of a value to zero: overlays may have been kept in them."""
    unused = unused_bits(dataset)
    if unused:
        whole = _Whole(dataset)
        whole.samples &= whole.samples.dtype.type(~unused & (2 ** (8 * whole.samples.dtype.itemsize) - 1))
        whole.keep()


def unused_bits(dataset: Dataset) -> int:
    """Return a mask of the bits that hold no value and yet something; 0 where all is as it should be."""
    allocated, stored = int(dataset.get("BitsAllocated") or 0), int(dataset.get("BitsStored") or 0)
    if (
        frames.element(dataset) != "PixelData"
        or frames.syntax(dataset).is_encapsulated
        or allocated not in (8, 16, 32)
        or not 0 < stored < allocated
        or dataset.get("HighBit", stored - 1) != stored - 1
        or (dataset.get("PixelRepresentation") and not _planes(dataset))
    ):
        return 0
    found = int(np.bitwise_or.reduce(_Whole(dataset).samples.ravel())) >> stored << stored
    return _planes(dataset) & found if dataset.get("PixelRepresentation") else found


def _planes(dataset: Dataset) -> int:
    """Return the bits in which the header says that overlays are."""
    groups = range(0x6000, 0x6020, 2)
    at = [dataset[group, 0x0102].value for group in groups if (group, 0x0102) in dataset]
    stored = int(dataset.get("BitsStored") or 0)
    return sum(1 << int(bit) for bit in set(at) if bit is not None and int(bit) >= stored)


class _Whole:
    """All the uncompressed samples of a dataset, to be changed and kept."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset, self._name = dataset, frames.element(dataset) or "PixelData"
        little = frames.syntax(dataset).is_little_endian
        allocated = int(dataset.get("BitsAllocated") or 0)
        self._packed = self._name == "PixelData" and allocated == 1
        kind = _TYPES.get(self._name) or ("u1" if allocated == 1 else f"u{allocated // 8}")
        if self._name == "PixelData" and allocated not in (1, 8, 16, 32, 64):
            raise UnreadableError("", f"pixels of {allocated} bits: 1, 8, 16, 32 or 64 were expected")
        self._swapped = kind == "u1" and not little and not self._packed and dataset[self._name].VR == "OW"
        self._raw = bytearray(dataset[self._name].value)
        flat = np.frombuffer(self._raw, np.dtype(kind).newbyteorder("<" if little else ">"))
        if self._swapped:
            flat = flat[: len(flat) // 2 * 2].view("u2").byteswap().view("u1")
        if self._packed:
            flat = np.unpackbits(flat, bitorder="little")
        self._flat = flat
        self.halved = dataset.get("PhotometricInterpretation") == "YBR_FULL_422"
        shape = self._shape()
        if prod(shape) > flat.size:
            raise UnreadableError("", "there are fewer pixels than the header says")
        self.samples: Samples = flat[: prod(shape)].reshape(shape)

    def frame(self, index: int) -> Samples:
        """Return a view of a frame, shape (rows, columns) or (rows, columns, channels)."""
        one = self.samples[index]
        planar = one.ndim == 3 and not self.halved and self._dataset.get("PlanarConfiguration") == 1
        return np.moveaxis(one, 0, -1) if planar else one

    def keep(self) -> None:
        """Put the samples back."""
        if self._packed:
            self._raw[:] = np.packbits(self._flat, bitorder="little").tobytes()[: len(self._raw)]
        elif self._swapped:
            self._raw[: self._flat.size] = self._flat.view("u2").byteswap().tobytes()
        self._dataset[self._name].value = bytes(self._raw)

    def _shape(self) -> tuple[int, ...]:
        dataset = self._dataset
        rows, columns = int(dataset.Rows), int(dataset.Columns)
        channels = int(dataset.get("SamplesPerPixel") or 1)
        total = frames.count(dataset)
        if self.halved:
            return total, rows, columns // 2, 4
        if channels == 1:
            return total, rows, columns
        if dataset.get("PlanarConfiguration") == 1:
            return total, channels, rows, columns
        return total, rows, columns, channels


def _halved(boxes: Sequence[Box]) -> list[Box]:
    return [(left // 2, top, -(-right // 2), bottom) for left, top, right, bottom in boxes]


def _encode(dataset: Dataset, edits: Mapping[int, Edit]) -> str | None:
    from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames

    total = frames.count(dataset)
    extended = all(name in dataset for name in _OFFSETS)
    offsets = tuple(dataset[name].value for name in _OFFSETS) if extended else None
    parts = list(generate_frames(dataset.PixelData, number_of_frames=total, extended_offsets=offsets))
    edited: dict[int, Samples] = {}
    for index, change in edits.items():
        edited[index] = frames.frame(dataset, index).samples.copy()
        change(edited[index])
        part = codecs.encode_frame(dataset, frames.syntax(dataset), edited[index])
        if part is None:
            return _unpack(dataset, edits)
        parts[index] = part
    before = dataset["PixelData"].value, {name: dataset[name].value for name in _OFFSETS if name in dataset}
    if extended:
        dataset["PixelData"].value, dataset[_OFFSETS[0]].value, dataset[_OFFSETS[1]].value = encapsulate_extended(parts)
    else:
        dataset["PixelData"].value = encapsulate(parts)
    if all(_same(dataset, index, samples) for index, samples in edited.items()):
        return None
    dataset["PixelData"].value = before[0]
    for name, value in before[1].items():
        dataset[name].value = value
    return _unpack(dataset, edits)


def _same(dataset: Dataset, index: int, samples: Samples) -> bool:
    """Tell whether a frame that was encoded gives the same samples back."""
    try:
        return np.array_equal(frames.frame(dataset, index).samples, samples)
    except UnreadableError:
        return False


def _unpack(dataset: Dataset, edits: Mapping[int, Edit]) -> str:
    """Store all frames uncompressed, the regions overwritten."""
    from pydicom.uid import ExplicitVRLittleEndian

    pieces, first = [], frames.frame(dataset, 0)
    for index in range(frames.count(dataset)):
        samples: Any = frames.frame(dataset, index).samples.copy()
        if index in edits:
            edits[index](samples)
        pieces.append(samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes())
    raw = b"".join(pieces)
    for name in _OFFSETS:
        if name in dataset:
            del dataset[name]
    dataset.BitsAllocated = 8 * first.samples.dtype.itemsize
    # Decoded, every pixel has its own colour.
    dataset.PhotometricInterpretation = first.photometric.replace("YBR_FULL_422", "YBR_FULL")
    if first.samples.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OB" if dataset.BitsAllocated <= 8 else "OW"
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return UNCOMPRESSED
