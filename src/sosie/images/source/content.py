"""What the first bytes of a file show it to be, whatever its name."""

from __future__ import annotations

import re
import struct
import zlib

from sosie.images.source.item import Kind

HEAD = 4096
"""Bytes that are looked at."""
PREAMBLE = 128
_DIRECTORY = re.compile(rb"\x02\0\x02\0UI..1\.2\.840\.10008\.1\.3\.10(?![0-9.])", re.DOTALL)
"""Media Storage Directory Storage, as the SOP class that the file meta information gives."""
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
)
_MAGIC = {348: 344, 540: 4}
"""Where the magic of NIfTI-1 and NIfTI-2 stands, by the size of the header."""


def kind_of(head: bytes) -> Kind | None:
    """Return what a file is, by its first bytes; None for what is no image."""
    if head[PREAMBLE : PREAMBLE + 4] == b"DICM":
        return "dicomdir" if _DIRECTORY.search(head[:1024]) else "dicom"
    if head.startswith(_PICTURES):
        return "picture"
    if is_nifti(unzipped(head)):
        return "nifti"
    return "dicom" if bare(head) else None


def bare(head: bytes) -> bool:
    """Tell whether a file begins like a data set, without the preamble that a DICOM file should have."""
    if len(head) < 8:
        return False
    for order in "<>":
        group, element, length = struct.unpack(f"{order}HHL", head[:8])
        if group in (2, 8) and element <= 0x70:
            if head[4:6] in VRS:
                return True
            if order == "<" and length <= 256 and (element == 0) == (length == 4):
                return True
    return False


def is_nifti(head: bytes) -> bool:
    """Tell whether an uncompressed file is one of NIfTI-1 or NIfTI-2, of one part."""
    return _magic(head) in (b"n+1\0", b"n+2\0")


def is_half_nifti(head: bytes) -> bool:
    """Tell whether a file is the header of a pair (.hdr and .img)."""
    return _magic(head) in (b"ni1\0", b"ni2\0")


def unzipped(head: bytes, most: int = HEAD) -> bytes:
    """Return the first bytes of what a gzip file holds; those of any other file as they are."""
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, most)
    except zlib.error:
        return head


def is_text(head: bytes) -> bool:
    """Tell whether bytes may be text, which other modalities read."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return b"\0" not in head and controls <= len(head) // 100


def _magic(head: bytes) -> bytes:
    for order in "<>" if len(head) >= 348 else "":
        at = _MAGIC.get(struct.unpack(f"{order}i", head[:4])[0])
        if at is not None:
            return head[at : at + 4]
    return b""
