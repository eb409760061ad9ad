"""Documents inside an instance (PDF, CDA, text): read and written by the notes' room, their text cleaned on the way.

What cannot be read is replaced by an empty document of the same kind; nothing of the original stays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sosie.images.finding import TagFinding
from sosie.images.redact import guesses
from sosie.images.redact.case import Case
from sosie.notes import identify
from sosie.notes.document import Document, Span
from sosie.notes.redact import redact
from sosie.notes.source.attachment import open_bytes
from sosie.notes.source.record import NotReadable

if TYPE_CHECKING:
    from pydicom import Dataset

DOCUMENT, TYPE, LENGTH = 0x00420011, 0x00420012, 0x00420015
_EMPTY = "document removed"
_CDA = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>document removed</title>'
    b"</ClinicalDocument>"
)
_MOVES = frozenset({"DATE", "BIRTH_DATE"})


def clean(dataset: Dataset, case: Case, reads: bool, findings: list[TagFinding]) -> None:
    """Clean the document of an instance in place.

    Parameters
    ----------
    dataset : Dataset
    case : Case
    reads : bool
        Whether its text may stay once it is cleaned; otherwise an empty one stands in its place.
    findings : list of TagFinding
    """
    element = dataset.get(DOCUMENT)
    if element is None or not isinstance(element.value, bytes) or not element.value:
        return
    data, media = element.value, str(dataset.get("MIMETypeOfEncapsulatedDocument", "") or "")
    length = int(dataset.get("EncapsulatedDocumentLength", 0) or 0)
    data = data[:length] if 0 < length <= len(data) else data
    kind = _kind(data, media)
    new, action = None, "replaced"
    if reads:
        try:
            new, action = _cleaned(data, kind, case), "cleaned"
        except NotReadable:
            new = None
    new = _empty(kind) if new is None else new
    element.value = new + b"\0" * (len(new) % 2)
    if LENGTH in dataset:
        dataset[LENGTH].value = len(new)
    findings.append(TagFinding("(0042,0011)", "DOCUMENT", action))


def _kind(data: bytes, media: str) -> str:
    head = data[:4096].lstrip()
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if b"ClinicalDocument" in head:
        return "cda"
    return media.lower().partition(";")[0].strip()


def _empty(kind: str) -> bytes:
    if kind == "application/pdf":
        from sosie.notes.source import pdf

        return pdf.written(_EMPTY)
    return _CDA if kind in ("cda", "text/xml") else _EMPTY.encode() if kind.startswith("text/") else b"\0\0"


def _cleaned(data: bytes, kind: str, case: Case) -> bytes:
    if kind == "cda":
        return _cda(data, case)
    body = open_bytes(data, kind)
    return body.render(text(body.text, body.known, case))


def _cda(data: bytes, case: Case) -> bytes:
    """Clean a clinical document through the format of the notes, which reads files."""
    from sosie.manifest import NotesManifest
    from sosie.notes.source.cda import Cda
    from sosie.notes.source.record import Origin, Problem

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.xml"
        path.write_bytes(data)
        origin = Origin(path, path.name, NotesManifest())
        for record in Cda().records(origin):
            if isinstance(record, Problem):
                raise NotReadable(record.reason)
            new = {each.name: text(each.text, each.known, case) for each in record.documents}
            rendered: bytes = record.render(new)
            return rendered
    raise NotReadable("a document without content")


def text(written: str, known: Sequence[Span], case: Case) -> str:
    """Return a text of some length cleaned: by what the header says, what the document says and the notes' rules."""
    from sosie.images.redact.texts import apart

    written, moved = guesses.hidden(written, case)
    found = [*known, *case.finder.find(written), *identify.find(written, case.language)]
    found += [*guesses.telephones(written), *guesses.names(written)]
    if not case.shift:
        found = [span for span in found if span.label.value not in _MOVES]
    document = Document("document", written, case.key)
    new = redact(document, apart(found), case.pseudonyms, case.language, double=case.double).text
    return guesses.shown(new, moved)
