"""NIfTI: the text of the header and the extensions go, the voxels stay as they are, byte for byte."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sosie.errors import UnreadableError
from sosie.images.finding import TagFinding
from sosie.images.source.content import is_nifti
from sosie.images.source.item import LARGEST, judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "image"
_TRUNCATED = "the file is truncated; not copied"
_TEXTS = {
    348: {
        "data_type": (4, 10),
        "db_name": (14, 18),
        "descrip": (148, 80),
        "aux_file": (228, 24),
        "intent_name": (328, 16),
    },
    540: {"descrip": (240, 80), "aux_file": (320, 24), "intent_name": (508, 16), "unused_str": (525, 15)},
}
"""Where each text stands, and its length, by the size of the header (NIfTI-1, NIfTI-2)."""
_NUMBERS = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
"""Types of voxels that are one number, by their code."""
_MARGIN = 4
"""Bytes between the header and its extensions, of which the first says whether there are any."""


def clean(data: bytes) -> tuple[bytes, list[TagFinding]]:
    """Return a NIfTI file without the texts of its header, without extensions and without what follows its voxels.

    A compressed file is compressed again, without the name and the time that gzip keeps.

    Raises
    ------
    UnreadableError
    """
    packed = data.startswith(b"\x1f\x8b")
    plain = _inflated(data) if packed else data
    if not is_nifti(plain):
        raise UnreadableError(NAME, "no NIfTI file; not copied")
    order = "<" if struct.unpack("<i", plain[:4])[0] in _TEXTS else ">"
    size = struct.unpack(f"{order}i", plain[:4])[0]
    if len(plain) < size + _MARGIN:
        raise UnreadableError(NAME, _TRUNCATED)
    start, length = _voxels(plain, order, size)
    if start < size or start + length > len(plain):
        raise UnreadableError(NAME, _TRUNCATED)
    header = bytearray(plain[:size])
    found = []
    for name, (at, wide) in _TEXTS[size].items():
        if header[at : at + wide].strip(b"\0 "):
            found.append(TagFinding(name, "METADATA", "emptied"))
        header[at : at + wide] = bytes(wide)
    if start > size + _MARGIN:
        found.append(TagFinding("extensions", "METADATA", "removed"))
    if plain[start + length :].strip(b"\0"):
        found.append(TagFinding("trailing bytes", "METADATA", "removed"))
    kept = max(16, -(-(size + _MARGIN) // 16) * 16)
    _place(header, order, size, kept)
    whole = bytes(header) + bytes(kept - size) + plain[start : start + length]
    return (_deflated(whole) if packed else whole), found


def middle(data: bytes) -> tuple[NDArray[Any], bool]:
    """Return the middle slice of a volume, rows from top to bottom, and whether there are others.

    Raises
    ------
    UnreadableError
    """
    import numpy as np

    plain = _inflated(data) if data.startswith(b"\x1f\x8b") else data
    if not is_nifti(plain):
        raise UnreadableError(NAME, "no NIfTI file")
    order = "<" if struct.unpack("<i", plain[:4])[0] in _TEXTS else ">"
    size = struct.unpack(f"{order}i", plain[:4])[0]
    start, length = _voxels(plain, order, size)
    wide = size != 348
    dims = struct.unpack(f"{order}8q", plain[16:80]) if wide else struct.unpack(f"{order}8h", plain[40:56])
    code = struct.unpack(f"{order}h", plain[12:14] if wide else plain[70:72])[0]
    if code not in _NUMBERS or start + length > len(plain):
        raise UnreadableError(NAME, "voxels of a type that is not read, or fewer than announced")
    across, down, deep = ([*dims[1 : dims[0] + 1], 1, 1])[:3]
    number = np.dtype(f"{order}{_NUMBERS[code]}")
    first = start + (deep // 2) * across * down * number.itemsize
    levels = np.frombuffer(plain, number, across * down, first).reshape(down, across)
    # The second axis of a volume points to the front or to the head: up.
    return np.nan_to_num(levels[::-1].astype(np.float64)), math.prod(dims[1 : dims[0] + 1]) > across * down


def _voxels(plain: bytes, order: str, size: int) -> tuple[int, int]:
    """Return where the voxels begin, and how many bytes they take."""
    if size == 348:
        dims, bits = struct.unpack(f"{order}8h", plain[40:56]), struct.unpack(f"{order}h", plain[72:74])[0]
        offset = struct.unpack(f"{order}f", plain[108:112])[0]
    else:
        dims, bits = struct.unpack(f"{order}8q", plain[16:80]), struct.unpack(f"{order}h", plain[14:16])[0]
        offset = struct.unpack(f"{order}q", plain[168:176])[0]
    if not 1 <= dims[0] <= 7 or min(dims[1 : dims[0] + 1]) < 1 or bits < 1 or not math.isfinite(offset):
        raise UnreadableError(NAME, "the header makes no sense; not copied")
    return max(int(offset), 0), -(-math.prod(dims[1 : dims[0] + 1]) * bits // 8)


def _place(header: bytearray, order: str, size: int, start: int) -> None:
    """Write where the voxels begin."""
    if size == 348:
        header[108:112] = struct.pack(f"{order}f", start)
    else:
        header[168:176] = struct.pack(f"{order}q", start)


def _inflated(data: bytes) -> bytes:
    try:
        with gzip.open(BytesIO(data)) as file:
            plain = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableError(NAME, _TRUNCATED) from None
    judge(len(plain), len(data), NAME)
    return plain


def _deflated(data: bytes) -> bytes:
    buffer = BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=6) as file:
        file.write(data)
    return buffer.getvalue()
