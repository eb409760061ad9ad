"""What of a learned detector's findings counts beside the rules, and which doubtful finding of the rules it overrules.

The learned detector reads context that no rule knows; the rules know what is an age that counts, a number long enough,
a word of the language. So its names and places count where some word of them may be a name, its numbers where they
have enough figures, and its indirect identifiers, which rules define, do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import Kind, Words
from sosie.notes.languages import Language
from sosie.notes.tokens import tokenize

_DEFINED = (Label.AGE, Label.FAMILY, Label.EVENT, Label.PROFESSION, Label.INITIALS)
_NAMES = (Label.LAST_NAME, Label.FIRST_NAME, Label.CITY, Label.PLACE)
_NEVER = Kind.STOP | Kind.ROLE | Kind.TITLE | Kind.ACRONYM | Kind.DRUG
_SURE = 0.9
_DOUBT, _UNLIKELY = 0.72, 0.02
"""Score below which a finding of the rules is doubtful, and probability below which it is then dropped."""


class Tagger(Protocol):
    """A learned detector."""

    def tag(self, text: str, tokens: Sequence[tuple[int, int]], language: Language) -> list[Span]:
        """Return spans of a text that was cut into tokens."""
        ...

    def weigh(
        self, text: str, tokens: Sequence[tuple[int, int]], language: Language, spans: Sequence[Span]
    ) -> list[float]:
        """Return the probability that spans which others found identify."""
        ...


def reconcile(found: Sequence[Span], words: Words, language: Language, tagger: Tagger) -> list[Span]:
    """Return what rules and learned detector find together.

    Parameters
    ----------
    found : sequence of Span
        By the rules.
    words : Words
    language : Language
    tagger : Tagger
    """
    text = words.view.text
    tokens = tokenize(text)
    added = [span for span in tagger.tag(text, tokens, language) if _counts(span, words)]
    doubtful = [span for span in found if span.score < _DOUBT and span.label in _NAMES]
    weights = tagger.weigh(text, tokens, language, doubtful)
    dropped = {span for span, weight in zip(doubtful, weights, strict=True) if weight < _UNLIKELY}
    return [span for span in found if span not in dropped] + added


def _counts(span: Span, words: Words) -> bool:
    if span.label in _DEFINED:
        return False
    text = words.view.folded[span.start : span.end]
    if span.label in _NAMES:
        return any(_may_name(word.kind, word.folded) for word in words.within(span.start, span.end))
    if span.label is Label.HOSPITAL or span.label is Label.ADDRESS:
        return span.score >= _SURE and len(text.split()) > 1
    figures = [character for character in text if character.isdigit()]
    return (len(figures) > 3 and len(set(figures)) > 2) or (not figures and len(text) > 3)


def _may_name(kind: int, folded: str) -> bool:
    if len(folded) == 1:
        return True
    named = kind & (Kind.FIRST | Kind.LAST | Kind.CITY)
    return not kind & _NEVER and bool(named or not kind & (Kind.MEDICAL | Kind.EPONYM))
