"""HL7 CDA: the narrative of the sections is one document, all that stands beside it another, its header.

The header gives a line to each name, address, number and date of patients, authors and organisations, wherever they
stand (coded entries too), with what the element says that they are. Dates are shown in ISO order and written back as
they were (``20240312``). A body in base64 (a PDF, often) is read as what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sosie.notes.document import Document, Label
from sosie.notes.source.attachment import open_base64
from sosie.notes.source.fields import Person, day
from sosie.notes.source.layout import Layout
from sosie.notes.source.markup import drop_hidden, lay_out, local, parse, set_attribute, set_tail, set_text
from sosie.notes.source.record import BinaryFormat, Body, NotReadable, Origin, Problem, Record

_NATIONAL = "1.2.250.1.213.1.4."
"""Root of the national health identifiers of France (INS)."""
_NAMES: dict[str, Label | Person] = {
    "family": Label.LAST_NAME,
    "given": Label.FIRST_NAME,
    "streetAddressLine": Label.ADDRESS,
    "streetName": Label.ADDRESS,
    "streetNameBase": Label.ADDRESS,
    "houseNumber": Label.ADDRESS,
    "additionalLocator": Label.ADDRESS,
    "city": Label.CITY,
    "postalCode": Label.POSTCODE,
}
_HOLDERS: dict[str, Label] = {
    "patientRole": Label.PATIENT_NUMBER,
    "patient": Label.PATIENT_NUMBER,
    "encompassingEncounter": Label.STAY_NUMBER,
    "assignedAuthor": Label.PRACTITIONER_NUMBER,
    "assignedEntity": Label.PRACTITIONER_NUMBER,
    "associatedEntity": Label.PRACTITIONER_NUMBER,
}
_ORGANISATION = re.compile(r"[Oo]rganization$|^location$|^healthCareFacility$")
_PERSON = re.compile(r"[Pp]erson$|^patient$|^guardian$|^informationRecipient$")
_MOMENTS = frozenset({"time", "effectiveTime", "birthTime", "low", "high", "center", "deceasedTime", "expectedUseTime"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(.*)", re.DOTALL)


class Cda(BinaryFormat):
    """One clinical document a file."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read the only record."""
        data = origin.path.read_bytes()
        tree = parse(data)
        root = tree.getroot()
        if local(root) != "ClinicalDocument":
            raise NotReadable("XML that is no HL7 CDA document; not copied")
        try:
            yield _record(origin, data, tree)
        except RecursionError:
            raise NotReadable("elements are nested too deep; not copied") from None


def _record(origin: Origin, data: bytes, tree: Any) -> Record:
    root = tree.getroot()
    origin = origin.of(*_facts(root))
    touched = drop_hidden(root)
    narratives = [e for e in root.iter("{*}text") if local(e.getparent()) == "section"]
    titles = [title for e in narratives if (title := e.getparent().find("{*}title")) is not None]
    layout, header = Layout(), Layout()
    for narrative in narratives:
        title = narrative.getparent().find("{*}title")
        if title is not None:
            lay_out(layout, title)
            layout.break_line()
        lay_out(layout, narrative)
        layout.break_line()
    reasons: list[str] = []
    parts: list[tuple[Document, Callable[[str], object]]] = []
    if layout.text.strip():
        parts.append((origin.document(layout.text), layout.fill))
    for element in [e for e in root.iter() if (e.get("representation") or "").upper() == "B64"]:
        if (body := _opened(element, reasons)) is not None:
            part = f"body{len(parts)}" if parts else ""
            parts.append((origin.document(body.text, body.known, part), _put_body(element, body)))
        else:
            element.text, touched = "", True
    inside = {e for part in (*narratives, *titles) for e in part.iter()}
    _lay_out_header(header, root, inside)
    parts.append((origin.document(header.text, header.known, "header"), header.fill))

    def render(texts: Mapping[str, str]) -> bytes:
        changed = [(put, texts[document.name]) for document, put in parts if texts[document.name] != document.text]
        if not touched and not changed:
            return data
        for put, text in changed:
            put(text)
        return _bytes(tree)

    return Record(
        tuple(document for document, _ in parts),
        render,
        tuple(Problem(origin.name, reason, lost=False) for reason in reasons),
    )


def _facts(root: Any) -> tuple[str | None, date | None, str | None]:
    """Return the patient, the day and the kind that the header says."""
    number = root.find("{*}recordTarget/{*}patientRole/{*}id")
    moment = root.find("{*}effectiveTime")
    code = root.find("{*}code")
    patient = None if number is None else number.get("extension") or number.get("root")
    written = None if moment is None else day((moment.get("value") or "")[:8])
    kind = None if code is None else code.get("displayName") or code.get("code")
    return patient, written, kind


def _opened(element: Any, reasons: list[str]) -> Body | None:
    """Return what is in base64 in an element; None for what is not read, with the reason."""
    try:
        body = open_base64(element.text or "", element.get("mediaType") or "")
    except NotReadable as reason:
        reasons.append(str(reason))
        return None
    reasons.extend(body.notices)
    return body


def _put_body(element: Any, body: Body) -> Callable[[str], None]:
    def put(value: str) -> None:
        element.text = body.render(value).decode()

    return put


def _lay_out_header(layout: Layout, root: Any, inside: set[Any]) -> None:
    """Add what can identify outside the narrative: texts, numbers, addresses, dates."""
    for element in root.iter():
        if element in inside or not isinstance(element.tag, str) or element.get("representation"):
            continue
        name, holder = local(element), _holder(element)
        caption = f"{holder} {name}" if holder else name
        label = _NAMES.get(name) or _named(element, name)
        if element.text and element.text.strip():
            layout.entry(caption, element.text, set_text(element), label)
        for child in element:
            if child.tail and child.tail.strip() and child not in inside:
                layout.entry(caption, child.tail, set_tail(child), label)
        _lay_out_attributes(layout, element, caption)


def _named(element: Any, name: str) -> Label | Person | None:
    """Return what a name is: of an organisation or of a person; a drug and a device have names too."""
    bearer = local(element.getparent()) if name == "name" else ""
    if _ORGANISATION.search(bearer):
        return Label.HOSPITAL
    return Person.NAME if _PERSON.search(bearer) else None


def _lay_out_attributes(layout: Layout, element: Any, caption: str) -> None:
    name, value = local(element), element.get("value") or ""
    if extension := element.get("extension"):
        layout.entry(caption, extension, set_attribute(element, "extension"), _number(element))
    if _UUID.fullmatch(root := element.get("root") or ""):
        layout.entry(caption, root, set_attribute(element, "root"), Label.IDENTIFIER)
    if authority := element.get("assigningAuthorityName"):
        layout.entry(caption, authority, set_attribute(element, "assigningAuthorityName"), Label.HOSPITAL)
    if name == "telecom" and value:
        scheme, colon, address = value.partition(":")
        put = set_attribute(element, "value")
        label = Label.EMAIL if "@" in value else Label.URL if "//" in value else Label.PHONE
        start = scheme + colon if colon and "//" not in value else ""
        layout.entry(caption, address if start else value, lambda new: put(start + new), label)
    elif name in _MOMENTS and (found := _COMPACT.fullmatch(value)):
        layout.entry(
            caption,
            f"{found[1]}-{found[2]}-{found[3]}",
            _put_moment(element, found[4]),
            Label.BIRTH_DATE if name == "birthTime" else Label.DATE,
        )


def _put_moment(element: Any, rest: str) -> Callable[[str], None]:
    def put(value: str) -> None:
        moved = day(value)
        # What is no day any more cannot be spelled in compact form; the element keeps no moment then.
        element.set("value", f"{moved:%Y%m%d}{rest}" if moved else "")

    return put


def _number(element: Any) -> Label:
    """Return what a number is, by who bears it."""
    if (element.get("root") or "").startswith(_NATIONAL):
        return Label.NATIONAL_ID
    parent = local(element.getparent()) if element.getparent() is not None else ""
    if _ORGANISATION.search(parent):
        return Label.FACILITY_NUMBER
    return _HOLDERS.get(parent, Label.IDENTIFIER)


def _holder(element: Any) -> str:
    """Return the nearest element above that says who or what is meant."""
    above = element.getparent()
    while above is not None and local(above) in ("name", "addr", "id"):
        above = above.getparent()
    return "" if above is None else local(above)


def _bytes(tree: Any) -> bytes:
    from lxml import etree

    encoding = tree.docinfo.encoding or "UTF-8"
    written: bytes = etree.tostring(tree, xml_declaration=True, encoding=encoding, standalone=tree.docinfo.standalone)
    return written
