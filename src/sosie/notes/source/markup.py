"""Text inside XML and HTML: read safely, laid out as lines, changed in place.

Documents with a document type are refused in XML (entities that expand, files that they name); nothing is fetched.
HTML keeps its elements; comments, scripts and styles are dropped, since a patient's name may stand in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sosie.manifest import NotesManifest
from sosie.notes.source.charset import Charset, decode
from sosie.notes.source.layout import Layout
from sosie.notes.source.record import Body, NotReadable

_BLOCK_NAMES = (
    "p div br hr tr li ul ol dl dt dd table thead tbody tfoot caption h1 h2 h3 h4 h5 h6 section article header footer "
    "body head title html pre blockquote address fieldset legend form paragraph item list"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset({"script", "style"})
_SHOWN = ("alt", "title", "value", "placeholder", "content", "summary", "aria-label")
_LINKS = ("href", "src", "cite", "action", "data")
_MOST_XML = 1 << 28
_UNDECLARED = NotesManifest()


def parse(data: bytes, what: str = "XML") -> Any:
    """Return the tree of an XML document.

    Raises
    ------
    NotReadable
        When it is no XML, is too large, or has a document type.
    """
    from lxml import etree

    if len(data) > _MOST_XML:
        raise NotReadable(f"{what} of more than {_MOST_XML >> 20} MB; not copied")
    for name in ("ascii", "utf-16-le", "utf-16-be"):
        if any(word.encode(name) in data for word in ("<!DOCTYPE", "<!ENTITY")):
            raise NotReadable(f"{what} with a document type, which could name files or expand; not copied")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(data, parser).getroottree()
    except (etree.XMLSyntaxError, ValueError):
        raise NotReadable(f"not well-formed {what}; not copied") from None


def local(element: Any) -> str:
    """Return the name of an element without its namespace; nothing for comments and instructions."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def set_text(element: Any) -> Callable[[str], None]:
    """Return what takes the new text of an element."""

    def put(value: str) -> None:
        element.text = allowed(value)

    return put


def set_tail(element: Any) -> Callable[[str], None]:
    """Return what takes the new text behind an element."""

    def put(value: str) -> None:
        element.tail = allowed(value)

    return put


def set_attribute(element: Any, name: str) -> Callable[[str], None]:
    """Return what takes the new value of an attribute."""

    def put(value: str) -> None:
        element.set(name, allowed(value))

    return put


def allowed(value: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", value)


def lay_out(layout: Layout, element: Any) -> None:
    """Add the text of an element and of all that it holds; blocks end their line, cells are parted by tabs."""
    name = local(element).lower()
    if name in _BLOCKS:
        layout.break_line()
    if name and name not in _SILENT:
        if element.text:
            _piece(layout, element.text, set_text(element))
        for child in element:
            lay_out(layout, child)
            if child.tail:
                _piece(layout, child.tail, set_tail(child))
    if name in _CELLS:
        layout.gap("\t")
    elif name in _BLOCKS:
        layout.break_line()


def _piece(layout: Layout, text: str, put: Callable[[str], None]) -> None:
    if text.strip():
        layout.piece(text, put)
    else:
        # Space between two words is part of the text, indentation between two blocks is not.
        layout.gap("" if "\n" in text else text)


def lay_out_attributes(layout: Layout, root: Any) -> None:
    """Add the attributes that a reader sees, and addresses, a line each."""
    for element in root.iter():
        for name in (*_SHOWN, *_LINKS) if isinstance(element.tag, str) else ():
            value = element.get(name)
            if value and not value.startswith(("#", "data:")):
                layout.break_line()
                layout.piece(value, set_attribute(element, name))


def drop_hidden(root: Any) -> bool:
    """Remove comments, scripts, styles and images that carry their own data; tell whether there were any."""
    hidden = [e for e in root.iter() if not isinstance(e.tag, str) or local(e).lower() in _SILENT]
    for element in hidden:
        parent = element.getparent()
        if parent is not None:
            _keep_tail(element, parent)
            parent.remove(element)
    for element in root.iter():
        for name in _LINKS:
            if (element.get(name) or "").startswith("data:"):
                element.set(name, "")
                hidden.append(element)
    return bool(hidden)


def _keep_tail(element: Any, parent: Any) -> None:
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail


def open_html(data: bytes, declared: NotesManifest = _UNDECLARED) -> Body:
    """Read an HTML document, or a fragment of one.

    Raises
    ------
    NotReadable
    """
    named = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:2048])
    text, charset = decode(data, declared.encoding or (named[1].decode() if named else None))
    return html_body(text, charset, data)


def html_body(text: str, charset: Charset, data: bytes) -> Body:
    """Return the body of HTML that is already text."""
    from lxml import etree, html

    fragment = not re.search(r"<(?:html|body|!doctype)\b", text[:4096], re.IGNORECASE)
    heading = re.match(r"\s*<\?xml[^>]*\?>\s*", text)
    source = allowed(text[heading.end() :] if heading else text)
    try:
        root = html.fragment_fromstring(source, create_parent="div") if fragment else html.document_fromstring(source)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise NotReadable("no HTML was found where it was expected; not copied") from None
    hidden = drop_hidden(root)
    layout = Layout()
    try:
        lay_out(layout, root)
    except RecursionError:
        raise NotReadable("elements are nested too deep; not copied") from None
    lay_out_attributes(layout, root)

    def render(new: str) -> bytes:
        if not layout.fill(new) and not hidden:
            return data
        if not fragment:
            whole = html.tostring(root.getroottree(), encoding="unicode", doctype=_doctype(text))
            return charset.encode((heading[0] if heading else "") + whole)
        inner = (_escaped(root.text) if root.text else "") + "".join(
            etree.tostring(child, encoding="unicode", method="xml" if "xmlns" in text else "html") for child in root
        )
        return charset.encode(inner)

    return Body(layout.text, render)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _doctype(text: str) -> str | None:
    found = re.search(r"<!doctype[^>]*>", text[:4096], re.IGNORECASE)
    return allowed(found[0]) if found else None
