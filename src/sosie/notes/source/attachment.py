"""A note inside another file, in base64: in a FHIR attachment, in the body of a CDA document."""

from __future__ import annotations

import base64
import binascii

from sosie.manifest import NotesManifest
from sosie.notes.source import docx, markup, pdf, text
from sosie.notes.source.record import Body, NotReadable

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def open_bytes(data: bytes, media_type: str) -> Body:
    """Read a note by its media type.

    Raises
    ------
    NotReadable
    """
    kind, _, parameters = media_type.lower().partition(";")
    kind = kind.strip()
    charset = parameters.partition("charset=")[2].strip().strip('"') or None
    declared = NotesManifest(encoding=charset)
    if kind in ("text/html", "application/xhtml+xml"):
        return markup.open_html(data, declared)
    if kind == "application/pdf" or data.startswith(b"%PDF-"):
        return pdf.open_body(data)
    if kind == _WORD:
        return docx.open_body(data)
    if (kind.startswith("text/") and kind not in ("text/rtf", "text/xml")) or not kind:
        return text.open_body(data, declared)
    raise NotReadable(f"an attachment of type {kind!r} is not read; it is left empty")


def open_base64(written: str, media_type: str) -> Body:
    """Read a note in base64; it is rendered in base64.

    Raises
    ------
    NotReadable
    """
    try:
        data = base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        raise NotReadable("an attachment is not the base64 that was expected; it is left empty") from None
    body = open_bytes(data, media_type)

    def render(new: str) -> bytes:
        rendered = body.render(new)
        return written.encode() if rendered == data else base64.b64encode(rendered)

    return Body(body.text, render, body.known, body.notices)
