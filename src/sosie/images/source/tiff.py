"""TIFF: the pixels of its pages, and its pages again with what draws them and nothing else.

Pages that were compressed with loss are written without: what is not masked does not change once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sosie.images.finding import TagFinding

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[Any]]

TURNED = 274
"""Tag of the orientation."""
_COLOURS = ("MINISWHITE", "MINISBLACK", "PALETTE", "SEPARATED")
_DRAWING = frozenset(
    {"NewSubfileType", "SubfileType", "ImageWidth", "ImageLength", "BitsPerSample", "Compression"}
    | {"PhotometricInterpretation", "FillOrder", "StripOffsets", "Orientation", "SamplesPerPixel"}
    | {"RowsPerStrip", "StripByteCounts", "XResolution", "YResolution", "PlanarConfiguration", "ResolutionUnit"}
    | {"Predictor", "ColorMap", "TileWidth", "TileLength", "TileOffsets", "TileByteCounts", "ExtraSamples"}
    | {"SampleFormat", "JPEGTables", "YCbCrSubSampling", "YCbCrPositioning", "ReferenceBlackWhite"}
    | {"MinSampleValue", "MaxSampleValue"}
)


def size(data: bytes) -> int:
    """Return the bytes that the pixels of all pages take."""
    return sum(int(page.size) * int(page.dtype.itemsize) for page in _pages(data))


def read(data: bytes) -> list[Pixels]:
    """Return the pixels of each page."""
    return [page.asarray() for page in _pages(data)]


def write(data: bytes, frames: Sequence[Pixels]) -> tuple[bytes, list[TagFinding]]:
    """Return a TIFF of pages like those of another, and the tags that were left out."""
    from tifffile import TiffWriter

    buffer, found = BytesIO(), set()
    with TiffWriter(buffer, bigtiff=sum(frame.nbytes for frame in frames) > 3 << 30) as writer:
        for page, pixels in zip(_pages(data), frames, strict=True):
            known = page.photometric.name if page.photometric.name in _COLOURS else "MINISBLACK"
            colour = known if pixels.ndim == 2 or known == "SEPARATED" else "RGB"
            way = page.tags.get(TURNED)
            writer.write(
                pixels,
                photometric=colour,
                colormap=page.colormap if colour == "PALETTE" else None,
                compression=None if page.compression == 1 else "zlib",
                resolution=page.resolution,
                resolutionunit=page.resolutionunit,
                metadata=None,
                software=False,
                planarconfig="CONTIG" if pixels.ndim == 3 else None,
                extratags=[(TURNED, "H", 1, int(way.value), True)] if way is not None else (),
            )
            found |= {tag.name for tag in page.tags if tag.name not in _DRAWING}
    return buffer.getvalue(), [TagFinding(name, "METADATA", "removed") for name in sorted(found)]


def _pages(data: bytes) -> list[Any]:
    from tifffile import TiffFile

    return list(TiffFile(BytesIO(data)).pages)
