"""PDF with a text layer: its text, page by page, and a new PDF of another text.

Text under a redaction must not survive, nor metadata, annotations, attachments and images: nothing of the original file
is kept but the size of its pages. The columns of a page are kept by spaces, in a font of one width.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from functools import cache
from typing import Any

from sosie.manifest import NotesManifest
from sosie.notes.source.record import Body, NotReadable

PAGE = "\n\f\n"
"""Between two pages of the text."""
_A4 = (595.3, 841.9)
_MARGIN = 36.0
_LARGEST, _SMALLEST = 10.0, 5.0
_WIDTH, _LEADING = 0.602, 1.2
"""Of a character and of a line, to the size of the font."""
_FONT = "DejaVuSansMono"
_UNDECLARED = NotesManifest()


def open_body(data: bytes, declared: NotesManifest = _UNDECLARED) -> Body:
    """Read the text of a PDF.

    Raises
    ------
    NotReadable
        When the file is damaged or encrypted, or has no text layer.
    """
    pages, sizes, form = _read(data)
    empty = [str(number) for number, page in enumerate(pages, start=1) if not page.strip()]
    if len(empty) == len(pages) and not form:
        raise NotReadable("a PDF without a text layer (a scan?); not copied")
    text = PAGE.join(pages) + (PAGE + form if form else "")
    notices = (f"pages without text, whose images are not copied: {', '.join(empty[:20])}",) if empty else ()
    return Body(text, lambda new: written(new, sizes), (), notices)


def rewrite(data: bytes, new: str) -> bytes:
    """Return a PDF of a new text, with pages of the size of another's."""
    reader = _opened(data)
    return written(new, _sizes(reader))


def _read(data: bytes) -> tuple[list[str], list[tuple[float, float]], str]:
    try:
        reader = _opened(data)
        pages = [_page(page) for page in reader.pages]
        fields = reader.get_form_text_fields() or {}
        form = "\n".join(f"{name}: {value}" for name, value in fields.items() if value)
        return pages, _sizes(reader), form
    except NotReadable:
        raise
    except Exception:  # a damaged file fails in ways that no list names
        raise NotReadable("not a PDF, or a damaged one; not copied") from None


def _opened(data: bytes) -> Any:
    try:
        import pypdf
    except ImportError:
        raise NotReadable("reading PDF needs an extra: pip install 'sosie[notes]'; not copied") from None

    # The reader logs what it finds odd, and may quote the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise NotReadable("an encrypted PDF; not copied")
    return reader


def _sizes(reader: Any) -> list[tuple[float, float]]:
    return [(float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages]


def _page(page: Any) -> str:
    """Return a page as it looks; in the order of its content where its layout cannot be told."""
    plain = page.extract_text()
    try:
        laid = page.extract_text(extraction_mode="layout")
    except Exception:  # the experimental mode fails in many ways on fonts that it does not know
        laid = ""
    # Rotated text, and fonts without widths, are in one of the two only.
    whole = len(re.sub(r"\s", "", laid)) >= len(re.sub(r"\s", "", plain))
    text = laid if whole else plain
    return "\n".join(line.rstrip() for line in re.sub("[\f\r]", "\n", text.replace("\0", "")).split("\n")).strip("\n")


def written(text: str, sizes: list[tuple[float, float]] = [_A4]) -> bytes:  # noqa: B006 - never changed
    """Return a PDF of a text; a form feed begins a page.

    Parameters
    ----------
    text : str
    sizes : list of tuple of float
        Width and height of each page in points; pages beyond them are of the last size.
    """
    from reportlab.pdfgen.canvas import Canvas

    _register()
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1, pageCompression=1)
    for number, page in enumerate(re.split(r"\n?\f\n?", text)):
        width, height = sizes[min(number, len(sizes) - 1)] if sizes else _A4
        _draw(
            canvas,
            [_drawable(line.expandtabs(4)) for line in re.split(r"\r\n?|\n", page)],
            max(width, 100.0),
            max(height, 100.0),
        )
    canvas.save()
    return target.getvalue()


def _draw(canvas: Any, lines: list[str], width: float, height: float) -> None:
    """Draw the lines of a page, as large as they fit; what does not fit at the smallest size goes on overleaf."""
    wide, high = width - 2 * _MARGIN, height - 2 * _MARGIN
    longest = max((len(line) for line in lines), default=1) or 1
    size = min(_LARGEST, wide / (_WIDTH * longest), high / (_LEADING * max(len(lines), 1)))
    size = max(size, _SMALLEST)
    most = max(int(wide / (_WIDTH * size)), 1)
    pieces = [line[at : at + most] for line in lines for at in range(0, max(len(line), 1), most)]
    rows = max(int(high / (_LEADING * size)), 1)
    for first in range(0, max(len(pieces), 1), rows):
        canvas.setPageSize((width, height))
        canvas.setFont(_FONT, size)
        for row, piece in enumerate(pieces[first : first + rows]):
            if piece.strip():
                indent = len(piece) - len(piece.lstrip(" "))
                place = _MARGIN + indent * _WIDTH * size
                canvas.drawString(place, height - _MARGIN - (row + 1) * _LEADING * size, piece.strip(" "))
        canvas.showPage()


def _drawable(line: str) -> str:
    """Return a line without what cannot be seen, and with a mark for what the font lacks."""
    if line.isascii() and line.isprintable():
        return line
    glyphs = _register()
    seen = (character for character in line if unicodedata.category(character) not in ("Cc", "Cf"))
    return "".join(character if ord(character) in glyphs else "\ufffd" for character in seen)


@cache
def _register() -> frozenset[int]:
    """Make the font known, once, and return its characters: Latin, Greek, Cyrillic, signs. It comes with matplotlib."""
    from importlib.resources import files

    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    font = files("matplotlib").joinpath("mpl-data", "fonts", "ttf", f"{_FONT}.ttf")
    known = TTFont(_FONT, str(font))
    registerFont(known)
    return frozenset(known.face.charToGlyph)
