from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from made_evidence import DECLARED, evidence, findings

from sosie.report.assessment import assessment
from sosie.report.document import Blanks, Definitions, Document, Section, Table
from sosie.report.docx import write_docx
from sosie.report.words import LANGUAGES, Language


def titles(of: Document | Section, level: int = 1) -> list[tuple[str, str]]:
    return [
        one for section in of.sections for one in [(f"Heading {level}", section.title), *titles(section, level + 1)]
    ]


def gridded(of: Document | Section) -> int:
    own = sum(isinstance(block, Table | Definitions | Blanks) for block in getattr(of, "blocks", ()))
    return own + sum(gridded(section) for section in of.sections)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headings_and_the_tables_read_back(tmp_path: Path, language: Language) -> None:
    document = assessment(evidence(**DECLARED), findings(), language)
    write_docx(document, tmp_path / "a.docx")

    word = docx.Document(str(tmp_path / "a.docx"))

    headings = [(p.style.name, p.text) for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert headings == titles(document)
    assert len(word.tables) == gridded(document)
    assert [path.name for path in tmp_path.iterdir()] == ["a.docx"]


def test_a_table_repeats_its_header_and_states_every_row(tmp_path: Path) -> None:
    document = assessment(evidence(), findings())
    write_docx(document, tmp_path / "a.docx")

    word = docx.Document(str(tmp_path / "a.docx"))

    attacks = next(table for table in word.tables if table.cell(0, 0).text == "Attack")
    assert attacks.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert {row.cells[-1].text for row in attacks.rows[1:]} == {"passed"}


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("fr", "fr-FR")])
def test_the_language_and_the_properties_are_set(tmp_path: Path, language: Language, locale: str) -> None:
    given = evidence(**DECLARED)
    document = assessment(given, (), language)
    write_docx(document, tmp_path / "a.docx")

    word = docx.Document(str(tmp_path / "a.docx"))
    properties = word.core_properties
    assert (properties.title, properties.author) == (document.title, "Hospital of Nowhere")
    assert properties.language == locale
    assert properties.created.replace(microsecond=0) == given.created.replace(microsecond=0)
    assert {mark.get(qn("w:val")) for mark in word.styles.element.iter(qn("w:lang"))} == {locale}


def test_what_xml_cannot_hold_is_left_out(tmp_path: Path) -> None:
    document = assessment(evidence(purpose="a\x00b\ud800\x0bc\u00a0d", controller="x" * 999))

    write_docx(document, tmp_path / "a.docx")

    assert "a b  c d" in ZipFile(tmp_path / "a.docx").read("word/document.xml").decode("utf-8")


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("docx.document.Document.save", full)

    with pytest.raises(OSError, match="no space"):
        write_docx(assessment(evidence()), tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())
