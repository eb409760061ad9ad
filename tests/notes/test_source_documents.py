import io
import zipfile
from pathlib import Path

import docx
import pytest
from copied import copied, replacing
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from sosie.notes.source import pdf
from sosie.notes.source.docx import open_body

LINES = [
    "Hôpital Nord            le 12 mars 2024",
    "",
    "Patient : Jean REY, né le 03/05/1950",
    "TA ≥ 140 mmHg, β-bloquant",
]


def picture() -> io.BytesIO:
    target = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 10, 10)).save(target, "PNG")
    target.seek(0)
    return target


def letter(path: Path) -> None:
    document = docx.Document()
    document.core_properties.author = "Dr Zoe Martin"
    document.core_properties.title = "Courrier REY Jean"
    document.sections[0].header.paragraphs[0].text = "Service du Pr Chabert"
    document.sections[0].footer.paragraphs[0].text = "Tél. 01 99 00 12 34"
    paragraph = document.add_paragraph("Monsieur Jean ")
    paragraph.add_run("RE").bold = True
    paragraph.add_run("Y").italic = True
    paragraph.add_run(" va bien.")
    table = document.add_table(2, 2)
    for row, cells in zip(table.rows, (("Nom", "REY"), ("Ville", "Lyon")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_picture(picture())
    document.save(str(path))


def everything(path: Path) -> str:
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())


def test_a_word_document_is_one_text(tmp_path: Path) -> None:
    letter(tmp_path / "a.docx")
    text = copied(tmp_path / "a.docx", tmp_path / "out").text("a.docx")
    assert " ".join(text.split()) == (
        "Service du Pr Chabert Monsieur Jean REY va bien. Nom REY Ville Lyon Tél. 01 99 00 12 34"
    )
    assert "Nom\tREY\nVille\tLyon\n" in text


def test_what_is_replaced_leaves_no_trace_in_the_package(tmp_path: Path) -> None:
    letter(tmp_path / "a.docx")
    copied(tmp_path / "a.docx", tmp_path / "out", replacing(("REY", "BONNET"), ("Chabert", "Nivel"), ("Lyon", "Pau")))
    inside = everything(tmp_path / "out" / "a.docx")
    assert not [word for word in ("REY", ">RE<", "Chabert", "Lyon", "Martin", "Courrier") if word in inside]


def test_the_layout_of_a_word_document_stays(tmp_path: Path) -> None:
    letter(tmp_path / "a.docx")
    copied(tmp_path / "a.docx", tmp_path / "out", replacing(("REY", "BONNET")))
    written = docx.Document(str(tmp_path / "out" / "a.docx"))
    runs = written.paragraphs[0].runs
    assert [(run.text, run.bold) for run in runs][:2] == [("Monsieur Jean ", None), ("BONNET", True)]
    assert [cell.text for cell in written.tables[0].columns[1].cells] == ["BONNET", "Lyon"]
    assert len(written.inline_shapes) == 1


def test_images_are_blanked_and_told(tmp_path: Path) -> None:
    letter(tmp_path / "a.docx")
    got = copied(tmp_path / "a.docx", tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "a.docx") as package:
        image = Image.open(io.BytesIO(package.read("word/media/image1.png")))
    assert (image.size, image.convert("L").getextrema()) == ((40, 20), (255, 255))
    assert [problem.lost for problem in got.problems] == [False]


def test_links_comments_and_bound_data_lose_what_they_say(tmp_path: Path) -> None:
    letter(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        parts = {name: package.read(name) for name in package.namelist()}
    rels = b'<Relationship Id="rIdX" Type="hyperlink" Target="mailto:jean.rey@a.fr" TargetMode="External"/>'
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(b"</Relationships>", rels + b"</Relationships>")
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts["word/comments.xml"] = (
        f'<w:comments xmlns:w="{namespace}"><w:comment w:author="Dr Chabert" w:initials="PC"><w:p><w:r>'
        "<w:t>Revoir REY</w:t></w:r></w:p></w:comment></w:comments>"
    ).encode()
    parts["customXml/item1.xml"] = b"<patient><nom>REY</nom></patient>"
    parts["word/embeddings/sheet.xlsx"] = b"REY"
    parts["docProps/thumbnail.jpeg"] = b"REY"
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        for part, content in parts.items():
            package.writestr(part, content)
    change = replacing(("REY", "X"), ("Chabert", "Y"))
    got = copied(tmp_path / "a.docx", tmp_path / "out", change)
    inside = everything(tmp_path / "out" / "a.docx")
    assert "Revoir REY" in got.text("a.docx")
    assert not [word for word in ("REY", "rey", "Chabert", 'initials="PC"') if word in inside]


@pytest.mark.parametrize("data", [b"PK\x03\x04junk", b"PK\x05\x06" + b"\0" * 18])
def test_a_broken_word_document_is_a_problem(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.docx").write_bytes(data)
    got = copied(tmp_path / "a.docx", tmp_path / "out")
    assert [problem.lost for problem in got.problems] == [True]


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.text(alphabet="ab é\tZ", min_size=1), min_size=1, max_size=5), st.text(alphabet="ab é\n", min_size=1)
)
def test_the_text_of_a_word_document_comes_back(texts: list[str], new: str) -> None:
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    target = io.BytesIO()
    document.save(target)
    body = open_body(target.getvalue())
    assert open_body(body.render(body.text)).text == body.text
    assert "Z" not in open_body(open_body(target.getvalue()).render(new)).text


def make_pdf(path: Path, *pages: list[str]) -> None:
    path.write_bytes(pdf.written("\n\f\n".join("\n".join(page) for page in pages)))


def test_the_text_of_a_pdf_comes_back_with_its_pages_and_columns(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf", LINES, ["Page deux"])
    got = copied(tmp_path / "a.pdf", tmp_path / "out")
    lines = got.text("a.pdf").split("\n")
    assert [line.split() for line in lines if line.strip("\f ")] == [
        line.split() for line in (*LINES, "Page deux") if line
    ]
    assert lines[0].index("le 12 mars") - len("Hôpital Nord") > 5
    assert len(PdfReader(tmp_path / "out" / "a.pdf").pages) == 2


def test_nothing_of_a_pdf_survives_a_replacement(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pageCompression=0)
    canvas.setAuthor("Jean REY")
    canvas.drawString(50, 700, "Patient : Jean REY")
    canvas.linkURL("mailto:jean.rey@example.org", (50, 690, 150, 710))
    canvas.save()
    copied(tmp_path / "a.pdf", tmp_path / "out", replacing(("REY", "BONNET")))
    reader = PdfReader(tmp_path / "out" / "a.pdf")
    assert reader.pages[0].extract_text().split() == ["Patient", ":", "Jean", "BONNET"]
    assert "/Annots" not in reader.pages[0]
    assert "REY" not in str(reader.metadata)


def test_pages_keep_their_size(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf.written("large", [(842.0, 595.0)]))
    copied(tmp_path / "a.pdf", tmp_path / "out")
    box = PdfReader(tmp_path / "out" / "a.pdf").pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)


def test_a_text_too_long_for_its_page_goes_on_overleaf() -> None:
    reader = PdfReader(io.BytesIO(pdf.written("\n".join(f"ligne {n}" for n in range(400)))))
    words = " ".join(page.extract_text() for page in reader.pages).split()
    assert words == " ".join(f"ligne {n}" for n in range(400)).split()


def test_a_character_that_the_font_lacks_leaves_a_mark() -> None:
    written = pdf.written("Du\u200bpont \N{GRINNING FACE}\ud800 \N{BELL}\x07 \N{CJK UNIFIED IDEOGRAPH-4E2D}")
    assert pdf.open_body(written).text == "Dupont \ufffd\ufffd \ufffd \ufffd"


def test_the_fields_of_a_form_are_read(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "form.pdf"))
    canvas.acroForm.textfield(name="nom", value="REY", x=50, y=700)
    canvas.showPage()
    canvas.save()
    assert copied(tmp_path / "form.pdf", tmp_path / "out").text("form.pdf").strip() == "nom: REY"


def test_a_pdf_without_text_is_a_problem(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(10, 10, 100, 100)
    canvas.save()
    got = copied(tmp_path / "scan.pdf", tmp_path / "out")
    assert "without a text layer" in got.problems[0].reason
    assert not (tmp_path / "out").exists()


def test_a_locked_pdf_is_a_problem(tmp_path: Path) -> None:
    make_pdf(tmp_path / "plain.pdf", LINES)
    writer = PdfWriter(clone_from=tmp_path / "plain.pdf")
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    got = copied(tmp_path / "locked.pdf", tmp_path / "out")
    assert "encrypted" in got.problems[0].reason


@pytest.mark.parametrize("data", [b"%PDF-1.7\njunk", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\n"])
def test_a_broken_pdf_is_a_problem(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    assert [problem.lost for problem in copied(tmp_path / "a.pdf", tmp_path / "out").problems] == [True]


HTML = (
    '<!DOCTYPE html>\n<html><head><meta charset="latin-1"><title>Rey</title></head><body>\n<!-- Rey -->'
    "<p>M. <b>Re</b>y &amp; fils</p><table><tr><td>Nom</td><td>Rey</td></tr></table>"
    '<a href="mailto:rey@example.org" title="Rey">é</a><script>var nom = "Rey"</script></body></html>'
)


def test_html_is_read_as_lines(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(HTML.encode("latin-1"))
    text = copied(tmp_path / "a.html", tmp_path / "out").text("a.html")
    assert text.split("\n")[:3] == ["Rey", "M. Rey & fils", "Nom\tRey\t"]


def test_what_is_replaced_leaves_no_trace_in_html(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(HTML.encode("latin-1"))
    copied(tmp_path / "a.html", tmp_path / "out", replacing(("Rey", "Né"), ("rey", "ne")))
    written = (tmp_path / "out" / "a.html").read_bytes().decode("latin-1")
    assert "rey" not in written.lower()
    assert "<p>M. <b>Né</b> &amp; fils</p>" in written
    assert written.startswith("<!DOCTYPE html>")


def test_untouched_html_comes_back_byte_for_byte(tmp_path: Path) -> None:
    data = b"<p class=x>Vu &agrave; <br>Lyon</P>\r\n"
    (tmp_path / "a.htm").write_bytes(data)
    copied(tmp_path / "a.htm", tmp_path / "out")
    assert (tmp_path / "out" / "a.htm").read_bytes() == data
