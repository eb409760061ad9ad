"""The impact assessment on disk: one document, written as HTML, PDF and DOCX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sosie.cohort import Finding
from sosie.evidence import Evidence
from sosie.report import docx, pdf
from sosie.report.assessment import assessment
from sosie.report.document import Document
from sosie.report.html import environment
from sosie.report.words import Language, words

NAME = "assessment"
"""The name of the three files, in every language."""


def write_annex(evidence: Evidence, findings: Sequence[Finding], folder: Path, language: Language = "en") -> None:
    """Write ``assessment.html``, ``assessment.pdf`` and ``assessment.docx`` into a folder.

    Where the system libraries of PDF are missing, there is no PDF.
    """
    document = assessment(evidence, findings, language)
    page = to_html(document)
    (folder / f"{NAME}.html").write_text(page, encoding="utf-8")
    pdf.write_pdf(page, folder / f"{NAME}.pdf")
    docx.write_docx(document, folder / f"{NAME}.docx")


def to_html(document: Document) -> str:
    """Write a document as one HTML page that refers to nothing outside itself."""
    return environment().get_template("assessment.html.j2").render(document=document, say=words(document.language))
