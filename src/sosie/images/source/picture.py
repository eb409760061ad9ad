"""Pictures (PNG, JPEG, TIFF): their pixels for whoever examines them, and their bytes without what surrounds them.

EXIF, XMP, IPTC, comments, text chunks, colour profiles, thumbnails and what follows the picture go. Where nothing is
masked the pixels of PNG and JPEG stay as they are compressed.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from sosie.errors import UnreadableError
from sosie.images.finding import BoxFinding, TagFinding
from sosie.images.source.item import LARGEST

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[Any]]

NAME = "image"
REENCODED = "was compressed again, with loss, to mask a part of it"
_TRUNCATED = "the picture is truncated or damaged; not copied"
_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD"})
_TEXTS = {0xE1: "EXIF", 0xED: "IPTC", 0xFE: "comment", 0xE2: "colour profile"}
_TURNED = 274
"""EXIF tag of the orientation, the only one that is kept: without it the picture would lie on its side."""


@dataclass(frozen=True)
class Picture:
    """The pixels of a picture.

    Parameters
    ----------
    form : {"PNG", "JPEG", "TIFF"}
    frames : sequence of array
        Each (rows, columns) or (rows, columns, channels).
    """

    form: Literal["PNG", "JPEG", "TIFF"]
    frames: Sequence[Pixels]


def read(data: bytes) -> Picture:
    """Decode a picture.

    Raises
    ------
    UnreadableError
        When it is damaged, or too large to be held.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if data.startswith(b"\x89PNG"):
                return Picture("PNG", [_png(data)])
            if data.startswith(b"\xff\xd8"):
                return Picture("JPEG", [_jpeg(data)])
            from sosie.images.source import tiff

            _allowed(tiff.size(data))
            return Picture("TIFF", [_fits(page) for page in tiff.read(data)])
    except UnreadableError:
        raise
    except Exception as error:  # what a damaged file makes a decoder raise; its words could quote the file
        raise UnreadableError(NAME, f"{_TRUNCATED} ({type(error).__name__})") from None


def write(data: bytes, picture: Picture, boxes: Sequence[BoxFinding]) -> tuple[bytes, list[TagFinding], str | None]:
    """Return a picture without what surrounds its pixels, with boxes in black; and what is to be told of it."""
    if picture.form == "TIFF":
        from sosie.images.source import tiff

        pages = [masked(frame, boxes, at) for at, frame in enumerate(picture.frames)]
        return (*tiff.write(data, pages), None)
    strip = _stripped_png if picture.form == "PNG" else _stripped_jpeg
    bare, found = strip(data)
    if not boxes:
        return bare, found, None
    pixels = masked(picture.frames[0], boxes)
    if picture.form == "PNG":
        from imagecodecs import png_encode

        return bytes(png_encode(pixels)), found, None
    return _compressed(data, pixels), found, REENCODED


def masked(pixels: Pixels, boxes: Sequence[BoxFinding], frame: int = 0) -> Pixels:
    """Return pixels with the boxes of a frame in black; opaque where there is an alpha channel."""
    import numpy as np

    new = pixels.copy()
    for box in boxes:
        if box.frame == frame:
            left, top, right, bottom = box.box
            new[top:bottom, left:right] = 0
            if new.ndim == 3 and new.shape[2] in (2, 4) and np.issubdtype(new.dtype, np.integer):
                new[top:bottom, left:right, -1] = np.iinfo(new.dtype).max
    return new


def _fits(pixels: Pixels) -> Pixels:
    if pixels.ndim not in (2, 3):
        raise UnreadableError(NAME, "pixels of a shape that is not read; not copied")
    return pixels


def _png(data: bytes) -> Pixels:
    from imagecodecs import png_decode

    wide, high = struct.unpack(">II", data[16:24])
    _allowed(wide * high * 8)
    _stripped_png(data)
    return _fits(png_decode(data))


def _jpeg(data: bytes) -> Pixels:
    import numpy as np
    from PIL import Image

    with _opened(data) as image:
        _allowed(image.width * image.height * 4)
        assert isinstance(image, Image.Image)
        return _fits(np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB")))


def _opened(data: bytes) -> Any:
    from PIL import Image

    return Image.open(BytesIO(data), formats=["JPEG", "MPO"])


def _allowed(size: int) -> None:
    if size > LARGEST:
        raise UnreadableError(NAME, f"its pixels would take more than {LARGEST >> 30} GiB; not copied")


def _stripped_png(data: bytes) -> tuple[bytes, list[TagFinding]]:
    """Keep the chunks that draw the picture."""
    pieces, found, at = [data[:8]], [], 8
    while True:
        head = data[at : at + 8]
        length, kind = (int.from_bytes(head[:4]), head[4:]) if len(head) == 8 else (0, b"")
        chunk = data[at : at + 12 + length]
        if not kind or len(chunk) < 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise UnreadableError(NAME, _TRUNCATED)
        at += len(chunk)
        if kind in _CHUNKS:
            pieces.append(chunk)
        else:
            name = kind.decode("latin-1") if kind.isalpha() else "unknown chunk"
            found.append(TagFinding(name, "METADATA", "removed"))
        if kind == b"IEND":
            break
    if data[at:]:
        found.append(TagFinding("trailing bytes", "METADATA", "removed"))
    return b"".join(pieces), found


def _stripped_jpeg(data: bytes) -> tuple[bytes, list[TagFinding]]:
    """Keep the segments that draw the picture, and which way it is turned."""
    pieces, found, at = [data[:2], _turned(data)], [], 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if data[at : at + 1] != b"\xff" or at + 2 > len(data):
            raise UnreadableError(NAME, _TRUNCATED)
        marker = data[at + 1]
        if marker == 0xD9:
            break
        length = 2 + int.from_bytes(data[at + 2 : at + 4])
        segment = data[at : at + length]
        if len(segment) < max(length, 4):
            raise UnreadableError(NAME, _TRUNCATED)
        at += length
        if marker == 0xE0 and segment[4:9] == b"JFIF\0":
            pieces.append(b"\xff\xe0\0\x10" + segment[4:16] + b"\0\0")
        elif marker == 0xDA:
            end = _scan_end(data, at)
            pieces += [segment, data[at:end]]
            at = end
        elif marker == 0xEE or 0xC0 <= marker <= 0xDD:
            pieces.append(segment)
        else:
            found.append(TagFinding(_TEXTS.get(marker, f"segment {marker:02X}"), "METADATA", "removed"))
    if data[at + 2 :]:
        found.append(TagFinding("trailing bytes", "METADATA", "removed"))
    return b"".join([*pieces, b"\xff\xd9"]), found


def _scan_end(data: bytes, at: int) -> int:
    """Return where the compressed pixels of a scan end: at a marker that is none of theirs."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise UnreadableError(NAME, _TRUNCATED)
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _turned(data: bytes) -> bytes:
    """Return an EXIF segment that says which way a picture is turned, and nothing else."""
    with _opened(data) as image:
        way = image.getexif().get(_TURNED, 1)
    if way not in range(2, 9):
        return b""
    entry = struct.pack(">HHIHH", _TURNED, 3, 1, way, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _compressed(data: bytes, pixels: Pixels) -> bytes:
    """Compress as the original was, so that what is not masked changes as little as can be."""
    from PIL import Image, JpegImagePlugin

    buffer = BytesIO()
    with _opened(data) as image:
        tables, sampling = image.quantization, JpegImagePlugin.get_sampling(image)
        fits = image.mode in ("L", "RGB")
    new = Image.fromarray(pixels)
    if fits:
        new.save(buffer, "JPEG", qtables=tables, subsampling=sampling)
    else:
        new.save(buffer, "JPEG", quality=95)
    bare, _ = _stripped_jpeg(buffer.getvalue())
    return bare[:2] + _turned(data) + bare[2:]
