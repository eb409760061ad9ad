"""A blank image of the size and kind of another: what stands in a document for a picture that nothing reads."""

from __future__ import annotations

import io

_PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)
_KINDS = frozenset({"PNG", "JPEG", "GIF", "BMP", "TIFF"})
_MOST_PIXELS = 20_000_000


def image(data: bytes) -> bytes:
    """Return a white image; one of a single pixel where the kind or the size of the original cannot be had."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as original:
            kind, size = original.format, original.size
        if kind not in _KINDS or size[0] * size[1] > _MOST_PIXELS:
            return _PIXEL
        target = io.BytesIO()
        Image.new("L", size, 255).save(target, kind)
    except (OSError, ValueError, Image.DecompressionBombError):
        return _PIXEL
    return target.getvalue()
