"""A note with its spans written in it, and what redaction needs of a language."""

import re
from collections.abc import Sequence
from datetime import date

from sosie.notes.document import Document, Label, Span
from sosie.notes.redact import Double, Redacted, Style, redact
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact

SECRET = Pseudonyms(b"s" * 32)
_MARKED = re.compile(r"\[([A-Z_]+):((?:[^\]])*)\]")


class French:
    code = "fr"
    published = {label: label.value for label in Label} | {Label.LAST_NAME: "NOM", Label.CITY: "VILLE"}

    def gazetteer(self, name: str) -> frozenset[str]:
        return (
            frozenset({"martin", "marin", "dupont", "dupond", "jean", "marie"})
            if name.endswith("names")
            else frozenset()
        )


class English(French):
    code = "en"


def note(marked: str, name: str = "a.txt", patient: str | None = "P1", written: date | None = None) -> tuple:
    """Return the document and the spans of a text such as ``M. [LAST_NAME:Dupont]``."""
    text, spans, at = "", [], 0
    for found in _MARKED.finditer(marked):
        text += marked[at : found.start()]
        spans.append(Span(len(text), len(text) + len(found[2]), Label[found[1]], 0.9, "rule:test"))
        text += found[2]
        at = found.end()
    return Document(name, text + marked[at:], patient, written), spans


def redacted(
    *marked: str,
    pseudonyms: Pseudonyms = SECRET,
    style: Style = Style(),  # noqa: B008
    facts: Sequence[Fact] = (),
    language: French = French(),  # noqa: B008
    patient: str | None = "P1",
    written: date | None = None,
    taken: frozenset[str] = frozenset(),
) -> list[Redacted]:
    """Redact the notes of one patient."""
    notes = [note(each, f"{at}.txt", patient, written) for at, each in enumerate(marked)]
    double = Double(patient or "0.txt", notes, pseudonyms, language, style, facts, taken, told=patient is not None)
    return [redact(document, spans, pseudonyms, language, style, double) for document, spans in notes]


def new(marked: str, **given: object) -> str:
    """Return the new text of one note."""
    return redacted(marked, **given)[0].text  # type: ignore[arg-type]
