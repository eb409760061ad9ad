"""A document as a Word file: real headings, tables with header rows, the language and the properties set.

A `Document` comes in, bytes on disk leave; nothing is read from elsewhere, and no clock but the document's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sosie.evidence import Status
from sosie.report.document import Blanks, Block, Bullets, Definition, Definitions, Document, Paragraph, Section, Table

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.table import Table as WordTable
    from docx.table import _Cell as Cell

LOCALES = {"en": "en-GB", "fr": "fr-FR"}
_INK = {
    "plain": "22313F",
    "lead": "22313F",
    "quiet": "51606D",
    "warning": "8A5A00",
    "released": "1D6B58",
    "open": "8A5A00",
    "refused": "A3312A",
}
_STATUS = {Status.PASSED: "released", Status.NOT_DEMONSTRATED: "open", Status.FAILED: "refused"}
_WIDTH = 17.0
"""Width of the text on an A4 page, in centimetres."""
_BREAKS = frozenset("\u00a0\u202f")
_FONT = "Arial"


def write_docx(document: Document, path: Path) -> None:
    """Write a document; the file appears whole or not at all."""
    word = _opened(document)
    for section in document.sections:
        _section(word, section, 1)
    partial = path.with_name(f".{path.name}.part")
    try:
        word.save(str(partial))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _opened(document: Document) -> Word:
    import docx
    from docx.shared import Cm

    word = docx.Document()
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin = page.bottom_margin = Cm(2)
    _styles(word, LOCALES[document.language])
    _properties(word, document)
    word.add_paragraph(_clean(document.title), style="Title")
    word.add_paragraph(_clean(document.subtitle), style="Subtitle")
    footer = page.footer.paragraphs[0]
    footer.style = word.styles["Footer"]
    footer.add_run(f"{_clean(document.footer)} · ")
    _page_number(footer)
    return word


def _properties(word: Word, document: Document) -> None:
    properties = word.core_properties
    properties.title = _clean(document.title)[:255]
    properties.subject = _clean(document.subtitle)[:255]
    properties.author = properties.last_modified_by = _clean(document.author)[:255]
    properties.language = LOCALES[document.language]
    properties.created = properties.modified = document.created.replace(tzinfo=None)
    properties.comments = ""


def _styles(word: Word, locale: str) -> None:
    """Set one sober look, and the language that a spelling checker takes."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    sizes = {
        "Normal": 10,
        "Title": 20,
        "Subtitle": 11,
        "Heading 1": 15,
        "Heading 2": 12,
        "Heading 3": 10.5,
        "Footer": 8,
    }
    for name, size in sizes.items():
        style: Any = word.styles[name]
        style.font.size = Pt(size)
        style.font.italic = False
        style.font.name = _FONT
        style.font.color.rgb = RGBColor.from_string(_INK["quiet" if name in ("Subtitle", "Footer") else "plain"])
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:hAnsi"), _FONT)
    for marked in word.styles.element.iter(qn("w:lang")):
        marked.set(qn("w:val"), locale)


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _section(word: Word, section: Section, level: int) -> None:
    word.add_heading(_clean(section.title), level=min(level, 9))
    for block in section.blocks:
        _block(word, block)
    for below in section.sections:
        _section(word, below, level + 1)


def _block(word: Word, block: Block) -> None:
    if isinstance(block, Paragraph):
        _say(word.add_paragraph(), block.text, block.tone)
    elif isinstance(block, Bullets):
        for name, told in block.items:
            paragraph = word.add_paragraph(style="List Bullet")
            if name:
                paragraph.add_run(f"{_clean(name)}. ").bold = True
            paragraph.add_run(_clean(told))
    elif isinstance(block, Definitions):
        _definitions(word, block.entries)
    elif isinstance(block, Table):
        _table(word, block)
    else:
        _blanks(word, block)


def _say(paragraph: Any, told: str, tone: str, *, bold: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(_clean(told))
    run.font.color.rgb = RGBColor.from_string(_INK[tone])
    run.bold = bold or tone not in ("plain", "quiet")
    if tone in ("released", "open", "refused") and not bold:
        run.font.size = Pt(16)


def _definitions(word: Word, entries: Sequence[Definition]) -> None:
    if not entries:
        return
    table = _grid(word, len(entries), (34, 66))
    for row, entry in zip(table.rows, entries, strict=True):
        _fill(row.cells[0], entry.term, "quiet")
        _fill(row.cells[1], entry.value, "warning" if entry.missing else "plain")
    word.add_paragraph()


def _table(word: Word, block: Table) -> None:
    widths = block.widths or (1,) * len(block.header)
    table = _grid(word, len(block.rows) + 1, widths)
    _repeat(table)
    # Cells of a row are found once: asking the table for each cell takes a time that grows with its square.
    for place, row in enumerate(table.rows):
        told = block.rows[place - 1] if place else block.header
        for column, (cell, words) in enumerate(zip(row.cells, told, strict=True)):
            marked = place and block.statuses and column == len(widths) - 1
            tone = _STATUS[block.statuses[place - 1]] if marked else "plain"
            tone = "warning" if words and words == block.missing else tone
            _fill(cell, words, tone, bold=not place or bool(marked), right=column in block.figures)
            if not place:
                _shade(cell)
    _say(word.add_paragraph(), block.note, "quiet")  # empty for most: a space before what follows


def _grid(word: Word, rows: int, widths: Sequence[int]) -> WordTable:
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    table: WordTable = word.add_table(rows=rows, cols=len(widths), style="Table Grid")
    table.autofit = False
    _rule(table)
    lengths = [Cm(_WIDTH * width / sum(widths)) for width in widths]
    for column, length in zip(table.columns, lengths, strict=True):
        column.width = length
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, length in zip(row.cells, lengths, strict=True):
            cell.width = length
    return table


def _rule(table: WordTable) -> None:
    """Draw the grid in a light grey."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "CFD8DF")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        properties.append(borders)
    else:
        layout.addprevious(borders)


def _repeat(table: WordTable) -> None:
    """Mark the first row as the header, which each page repeats and a screen reader announces."""
    from docx.oxml import OxmlElement

    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _fill(cell: Cell, told: str, tone: str, *, bold: bool = False, right: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(2)
    run = paragraph.add_run(_clean(told))
    run.font.size = Pt(8.5)
    run.font.color.rgb = RGBColor.from_string(_INK[tone])
    run.bold = bold or tone == "warning"
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _shade(cell: Cell) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "E8EDF1")):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _blanks(word: Word, block: Blanks) -> None:
    from docx.shared import Cm

    table = _grid(word, len(block.labels), (34, 66))
    for row, label in zip(table.rows, block.labels, strict=True):
        row.height = Cm(1.0)
        _fill(row.cells[0], label, "quiet")
        row.cells[0].paragraphs[0].paragraph_format.keep_with_next = label != block.labels[-1]
    word.add_paragraph()


def _clean(told: str) -> str:
    """Leave out what XML cannot hold; no-break spaces stay."""
    return "".join(letter if letter.isprintable() or letter in _BREAKS else " " for letter in told)
