"""Word documents: every text of the package, replaced inside its runs, and nothing else of the layout.

Body, tables, text boxes, headers, footers, notes, comments, tracked changes and field codes are one text. What Word
keeps beside it is emptied: properties, authors, links, embedded files, data that fills content controls; images turn
into blank ones of their size, since nothing reads them.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from sosie.manifest import NotesManifest
from sosie.notes.source import blank
from sosie.notes.source.layout import Layout
from sosie.notes.source.markup import local, parse, set_text
from sosie.notes.source.record import Body, NotReadable

_UNDECLARED = NotesManifest()
_MOST = 1 << 29
_TEXTS = frozenset({"t", "delText", "instrText", "delInstrText", "v"})
_ORDER = ("word/header", "word/document", "word/footer", "word/footnotes", "word/endnotes", "word/comments", "word/")
_REMOVED = re.compile(
    r"word/(?:embeddings|activeX|vbaProject|media/.*\.(?:wav|mp3|mp4|avi)$)|customXml/item\d*\.xml|docProps/(?:custom|thumb)"
    r"|word/(?:people|vbaData)|_xmlsignatures/"
)
_SILENT = re.compile(r"word/(?:styles|stylesWithEffects|numbering|fontTable|theme/.*|webSettings)(?:\.xml)?$")
_COMPUTED = re.compile(
    r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|TOC|PAGEREF|REF|SEQ|DATE|TIME|STYLEREF) +[\\*\w.\s-]*$| *(?:PAGE|NUMPAGES) *$"
)
_NAMED = re.compile(r"(?:^|\})(?:author|initials|userId|providerId)$")
_NO_DATE = "2000-01-01T00:00:00Z"
_DESCRIBED = ("descr", "title", "name", "alt")


def open_body(data: bytes, declared: NotesManifest = _UNDECLARED) -> Body:
    """Read a Word document.

    Raises
    ------
    NotReadable
        When the package is damaged, encrypted or unreasonably large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            if sum(info.file_size for info in infos) > _MOST:
                raise NotReadable(f"a Word document of more than {_MOST >> 20} MB; not copied")
            contents = {info.filename: package.read(info) for info in infos if not info.is_dir()}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise NotReadable("not a Word document, or one that is damaged or encrypted; not copied") from None
    if "word/document.xml" not in contents:
        raise NotReadable("an Office document without a Word text; not copied")
    layout, trees, blanked = Layout(), {}, 0
    for name in sorted(contents, key=_rank):
        if _SILENT.match(name):
            continue
        if name.endswith(".xml") and name.startswith("word/") and not _REMOVED.match(name):
            trees[name] = parse(contents[name], "Word XML")
            _lay_out(layout, trees[name].getroot())
            _strip(trees[name].getroot())
        elif name.startswith("word/media/") and not _REMOVED.match(name):
            contents[name] = blank.image(contents[name])
            blanked += 1
        else:
            contents[name] = _emptied(name, contents[name])
    notices = (f"{blanked} images are not read; blank ones stand in their place",) if blanked else ()

    def render(new: str) -> bytes:
        layout.fill(new)
        return _package(contents, {name: _bytes(tree) for name, tree in trees.items()})

    return Body(layout.text, render, layout.known, notices)


def _rank(name: str) -> tuple[int, str]:
    return next((at for at, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER)), name


def _lay_out(layout: Layout, element: Any) -> None:
    """Add the texts of a part; paragraphs are lines, cells are parted by tabs."""
    name = local(element)
    if name in _TEXTS:
        if element.text and not _COMPUTED.match(element.text):
            layout.piece(element.text, _put(element))
        return
    if name in ("br", "cr"):
        layout.gap("\n")
    elif name in ("tab", "ptab") and local(element.getparent()) == "r":
        layout.gap("\t")
    elif name == "noBreakHyphen":
        layout.gap("-")
    in_cell = name == "p" and local(element.getparent()) == "tc" and element.getnext() is None
    for child in element:
        _lay_out(layout, child)
    if name == "tc":
        layout.gap("\t" if element.getnext() is not None else "")
    elif name in ("tr", "pt") or (name == "p" and not in_cell):
        layout.gap("\n")


def _put(element: Any) -> Any:
    put = set_text(element)

    def keep_spaces(value: str) -> None:
        put(value)
        element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    return keep_spaces if local(element) in ("t", "delText") else put


def _strip(root: Any) -> None:
    """Empty the names of authors, the descriptions of pictures, and the bonds to data outside the text."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            if (parent := element.getparent()) is not None:
                parent.remove(element)
            continue
        for attribute in element.attrib:
            if _NAMED.search(attribute):
                element.set(attribute, "")
            elif attribute.endswith(("}date", "}fullDate", "}dateUtc")):
                element.set(attribute, _NO_DATE)
        if local(element) in ("docPr", "cNvPr"):
            for attribute in _DESCRIBED:
                if element.get(attribute):
                    element.set(attribute, "")
        if (
            local(element) in ("dataBinding", "attachedTemplate", "mailMerge", "docVars")
            and element.getparent() is not None
        ):
            element.getparent().remove(element)


def _emptied(name: str, data: bytes) -> bytes:
    """Return a part that is no text: without what it says of people."""
    if (name.startswith("docProps/") and name.endswith(".xml")) or re.match(r"customXml/item\d*\.xml", name):
        root = parse(data, "Word XML").getroot()
        for child in list(root):
            root.remove(child)
        root.text = None
        return _bytes(root.getroottree())
    if name.endswith(".rels"):
        tree = parse(data, "Word XML")
        for relation in tree.getroot():
            if relation.get("TargetMode") == "External":
                relation.set("Target", "about:blank")
        return _bytes(tree)
    return b"" if _REMOVED.match(name) or not _known(name) else data


def _known(name: str) -> bool:
    """Tell whether a part is one whose content says nothing of people."""
    return name.endswith((".xml", ".rels", ".odttf", ".ttf"))


def _bytes(tree: Any) -> bytes:
    from lxml import etree

    written: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _package(contents: dict[str, bytes], parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in contents.items():
            # A fixed time: when a copy is made says something of when a patient was seen.
            package.writestr(zipfile.ZipInfo(name), parts.get(name, content), zipfile.ZIP_DEFLATED, compresslevel=1)
    return target.getvalue()
