"""A note with its spans replaced, and where the new spans stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sosie.notes.document import Document, Span
from sosie.notes.redact.patient import DEFAULT, Double
from sosie.notes.redact.style import Action, Style
from sosie.notes.redact.tongue import Tongue
from sosie.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Replaced:
    """A span of the new text, and the one that it replaces."""

    start: int
    end: int
    source: Span
    action: Action


@dataclass(frozen=True)
class Redacted:
    """A text in which what identifies was replaced."""

    text: str
    spans: tuple[Replaced, ...]


def redact(
    document: Document,
    spans: Sequence[Span],
    pseudonyms: Pseudonyms,
    language: Tongue,
    style: Style = DEFAULT,
    double: Double | None = None,
) -> Redacted:
    """Return the text of a note with its spans replaced.

    Parameters
    ----------
    document : Document
    spans : sequence of Span
        Sorted, without overlap.
    pseudonyms : Pseudonyms
    language : Language
    style : Style
    double : Double, optional
        That of the patient; without it, the note is all that is known of them.
    """
    if double is None:
        told = document.patient is not None
        double = Double(document.patient or document.name, [(document, spans)], pseudonyms, language, style, told=told)
    pieces: list[str] = []
    replaced: list[Replaced] = []
    at = length = 0
    near = double.near(document, spans)
    for span in spans:
        action = double.style.action(span.label)
        new = double.replacement(span, action, document, spans, near)
        pieces += [document.text[at : span.start], new]
        length += span.start - at
        replaced.append(Replaced(length, length + len(new), span, action))
        length, at = length + len(new), span.end
    return Redacted("".join([*pieces, document.text[at:]]), tuple(replaced))
