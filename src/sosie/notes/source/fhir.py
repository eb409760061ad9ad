"""FHIR resources in JSON: their attachments and narratives are documents, the rest of each resource is its header.

A resource alone, a Bundle, or one resource a line (NDJSON). Attachments of text, HTML, PDF and Word are read, others
are emptied. Identifiers and references keep agreeing: both are told by the type of what they name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sosie.notes.document import Document, Span
from sosie.notes.source.attachment import open_base64
from sosie.notes.source.charset import Charset, decode, spelled
from sosie.notes.source.fhir_fields import SKIPPED, Identity, label_of
from sosie.notes.source.fields import DETECTOR, day, told
from sosie.notes.source.jsontext import Leaf, NotJson, Path, Splice, leaves
from sosie.notes.source.layout import Layout
from sosie.notes.source.lines import LineFile
from sosie.notes.source.markup import html_body
from sosie.notes.source.record import BinaryFormat, Body, NotReadable, Origin, Problem, Record

_TYPE = "resourceType"
_DATES = ("date", "effectiveDateTime", "issued", "created", "authored")
_KINDS = (("type", "text"), ("code", "text"), ("type", "coding", 0, "display"), ("code", "coding", 0, "display"))


class Fhir(BinaryFormat):
    """One resource or one Bundle a file."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read the only record."""
        text, charset = decode(origin.path.read_bytes(), origin.declared.encoding)
        try:
            yield read(origin, text, "", charset.encode)
        except NotJson:
            raise NotReadable("not JSON; not copied") from None


class FhirLines(BinaryFormat):
    """One resource a line."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read a line at a time."""
        file = LineFile.sniff(origin.path, origin.declared.encoding)
        if file.charset.mark:
            yield Record((), lambda _: file.charset.mark)
        for row, raw in enumerate(file.lines(), start=1):
            yield _line(origin, file, row, raw)


def _line(origin: Origin, file: LineFile, row: int, raw: str) -> Record | Problem:
    text, encoding = file.decoded(raw)
    if not text.strip():
        return Record((), lambda _: file.encoded(raw))
    try:
        return read(origin, text, str(row), lambda new: spelled(new, encoding))
    except NotJson:
        return Problem(f"{origin.name}#{row}", "the line is not JSON; not copied")
    except NotReadable as reason:
        return Problem(f"{origin.name}#{row}", str(reason))


@dataclass
class _Part:
    document: Document
    put: Callable[[str], object]


@dataclass
class _Reading:
    """One JSON text being read."""

    origin: Origin
    splice: Splice
    parts: list[_Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    emptied: bool = False


def read(origin: Origin, text: str, row: str, encode: Callable[[str], bytes]) -> Record:
    """Return the record of a resource or a Bundle.

    Raises
    ------
    NotJson
    """
    found = list(leaves(text))
    reading = _Reading(origin, Splice(text))
    resources = _resources(found)
    if not resources:
        raise NotReadable("JSON without any FHIR resource; not copied")
    identity = Identity.of(found)
    for number, (path, own) in enumerate(resources.items(), start=1):
        part = row if row and len(resources) == 1 else f"{row}.{number}" if row else str(number)
        _resource(reading, part, path, own, identity)

    def render(texts: Mapping[str, str]) -> bytes:
        changed = [part for part in reading.parts if texts[part.document.name] != part.document.text]
        for part in changed:
            part.put(texts[part.document.name])
        return encode(reading.splice.whole() if changed or reading.emptied else text)

    return Record(tuple(part.document for part in reading.parts), render, tuple(reading.problems))


def _resources(found: list[Leaf]) -> dict[Path, list[Leaf]]:
    """Return the leaves of each resource, those of the resources inside it left out."""
    grouped: dict[Path, list[Leaf]] = {leaf.path[:-1]: [] for leaf in found if leaf.path and leaf.path[-1] == _TYPE}
    for leaf in found:
        place = next((leaf.path[:n] for n in range(len(leaf.path), -1, -1) if leaf.path[:n] in grouped), None)
        if place is not None:
            grouped[place].append(leaf)
    return grouped


def _resource(reading: _Reading, part: str, path: Path, own: list[Leaf], identity: Identity) -> None:
    inside = {leaf.path[len(path) :]: leaf for leaf in own}
    kind = inside[(_TYPE,)].value
    origin = reading.origin.of(*_facts(inside, kind, identity))
    header, named = Layout(), Counter[str]()
    for steps, leaf in inside.items():
        media = inside.get((*steps[:-1], "contentType"))
        if leaf.number or not leaf.value or (leaf.key in SKIPPED and not (leaf.key == "url" and media)):
            continue
        if leaf.key == "data" and "SampledData" in str(steps[-2:-1]):
            continue
        if leaf.key == "data" or steps[-2:] == ("text", "div"):
            body = _opened(reading, origin, leaf, media.value if media else "")
            if body is None:
                reading.splice.put(leaf)("")
                reading.emptied = True
                continue
            named[leaf.key] += 1
            document = origin.document(body.text, body.known, _name(part, leaf.key, named[leaf.key]))
            reading.parts.append(_Part(document, _put_body(reading.splice, leaf, body)))
        else:
            header.gap(" ".join(step for step in steps if isinstance(step, str)) + ": ")
            header.piece(leaf.value, reading.splice.put(leaf), _spans(steps, leaf, inside, kind, identity))
            header.gap("\n")
    if len(header):
        reading.parts.append(_Part(origin.document(header.text, header.known, f"{part}/header"), header.fill))


def _name(part: str, key: str, number: int) -> str:
    """Return the name of a text of a resource: the first attachment bears that of the resource."""
    count = str(number) if number > 1 else ""
    return f"{part}/div{count}" if key == "div" else f"{part}/{count}" if count else part


def _opened(reading: _Reading, origin: Origin, leaf: Leaf, media: str) -> Body | None:
    try:
        body = html_body(leaf.value, Charset(), leaf.value.encode("utf-8", "replace")) if leaf.key == "div" else None
        body = body or open_base64(leaf.value, media)
    except NotReadable as reason:
        reading.problems.append(Problem(origin.name, str(reason), lost=False))
        return None
    reading.problems += [Problem(origin.name, notice, lost=False) for notice in body.notices]
    return body


def _put_body(splice: Splice, leaf: Leaf, body: Body) -> Callable[[str], None]:
    put = splice.put(leaf)
    return lambda new: put(body.render(new).decode())


def _facts(inside: Mapping[Path, Leaf], kind: str, identity: Identity) -> tuple[str | None, date | None, str | None]:
    """Return the patient, the day and the kind of a resource."""

    def first(*paths: Path) -> str | None:
        return next((inside[path].value for path in paths if path in inside), None)

    if kind == "Patient":
        patient = first(("id",)) or identity.patient
    else:
        reference = first(("subject", "reference"), ("patient", "reference"), ("beneficiary", "reference"))
        patient = identity.key(reference) if reference else identity.patient
    written = day(first(*((name,) for name in _DATES)))
    return patient, written, first(*_KINDS)


def _spans(steps: Path, leaf: Leaf, inside: Mapping[Path, Leaf], kind: str, identity: Identity) -> list[Span]:
    if leaf.key in ("reference", "fullUrl"):
        start = re.search(r"[^/:#]*$", leaf.value)
        assert start is not None
        label = identity.label(leaf.value)
        return [Span(start.start(), len(leaf.value), label, 1.0, DETECTOR)] if start[0] else []
    return told(leaf.value, label_of(steps, leaf.value, inside, kind))
