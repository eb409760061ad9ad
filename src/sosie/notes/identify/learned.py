"""What of a learned detector's findings counts beside the rules, and which doubtful finding of the rules it overrules.

The learned detector reads context that no rule knows; the rules know what is an age that counts, a number long enough,
a word of the language. So its names and places count where some word of them may be a name, its numbers where they
have enough figures, and its indirect identifiers, which rules define, do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Protocol

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import NAMED, Kind, Word, Words
from sosie.notes.languages import Language
from sosie.notes.tokens import tokenize

_DEFINED = (Label.AGE, Label.FAMILY, Label.EVENT, Label.PROFESSION)
_NAMES = (Label.LAST_NAME, Label.FIRST_NAME, Label.CITY, Label.PLACE)
_NEVER = Kind.STOP | Kind.ROLE | Kind.TITLE | Kind.ACRONYM | Kind.DRUG
_CLIPPED = (Label.HOSPITAL, Label.CITY, Label.ADDRESS, Label.PHONE)
_GAP = re.compile(r"[ ,.-]{0,3}")
_HOUR = re.compile(r"[ ,]{1,2}(?:a[ ])?\d{1,2}$")
_HOUSE = 0.9
"""Score from which one word alone is a hospital."""
_DOUBT, _UNLIKELY = 0.72, 0.02
"""Score below which a finding of the rules is doubtful, and probability below which it is then dropped; a language may
set its own (``doubt``, ``unlikely``)."""


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
    doubt, unlikely = language.number("doubt", _DOUBT), language.number("unlikely", _UNLIKELY)
    ordinary = bool(language.number("ordinary", 1.0))
    tagged = [_clipped(span, words) for span in tagger.tag(text, tokens, language)]
    names = {offset for span in (*found, *tagged) if span.label in _NAMES for offset in (span.start, span.end)}
    added = [span for span in tagged if _counts(span, words, names) and (ordinary or not _ordinary(span, words))]
    doubtful = [s for s in found if s.score < doubt and s.label in _NAMES and s.detector != "relative"]
    weights = tagger.weigh(text, tokens, language, doubtful)
    dropped = {span for span, weight in zip(doubtful, weights, strict=True) if weight < unlikely}
    return [span for span in found if span not in dropped] + added


def _clipped(span: Span, words: Words) -> Span:
    """Return a span without the words of grammar at its ends, and a date without the hour that follows it."""
    if span.label is Label.DATE:
        hour = _HOUR.search(words.view.folded, span.start, span.end)
        minutes = hour and words.view.folded[span.end : span.end + 1] in (":", "h")
        return replace(span, end=hour.start()) if hour and minutes and hour.start() > span.start else span
    if span.label not in _CLIPPED:
        return span
    inside = words.within(span.start, span.end)
    left, right = 0, len(inside)
    while (
        left < right and inside[left].kind & Kind.STOP and not inside[left].kind & NAMED and inside[left].shape != "U"
    ):
        left += 1
    while left < right and inside[right - 1].kind & Kind.STOP and span.label is not Label.PHONE:
        if words.view.folded[inside[right - 1].end : span.end].strip(" .)"):
            break
        right -= 1
    start = inside[left].start if 0 < left < right and inside[0].start == span.start else span.start
    end = inside[right - 1].end if left < right < len(inside) else span.end
    return replace(span, start=start, end=end) if start < end else span


def _counts(span: Span, words: Words, names: Set[int]) -> bool:
    if span.label in _DEFINED:
        return False
    if span.label is Label.INITIALS:
        return True
    text = words.view.folded[span.start : span.end]
    if span.label in _NAMES:
        inside = words.within(span.start, span.end)
        if len(inside) == 1 and not _alone(inside[0], words) and not _beside(span, words, names):
            return False
        return any(_may_name(word.kind, word.folded) for word in inside)
    if span.label is Label.HOSPITAL or span.label is Label.ADDRESS:
        inside = words.within(span.start, span.end)
        named = span.label is Label.HOSPITAL or any(word.foreign or word.capital for word in inside)
        return named and (len(text.split()) > 1 or _houses(span, inside, words))
    figures = [character for character in text if character.isdigit()]
    if span.label is Label.DATE and len(figures) < 5:
        return len(text) > 1 and not (len(figures) > 2 and text.isdecimal() and len(set(figures)) < 3)
    return (len(figures) > 3 and len(set(figures)) > 2) or (not figures and len(text) > 3)


def _houses(span: Span, inside: Sequence[Word], words: Words) -> bool:
    """Tell whether one word is the name of a hospital by itself."""
    if span.label is not Label.HOSPITAL or span.score < _HOUSE or not inside or words.shouted:
        return False
    return inside[0].capital and not inside[0].kind & (_NEVER | Kind.KIN | Kind.MEDICAL | Kind.EPONYM)


def _beside(span: Span, words: Words, names: Set[int]) -> bool:
    """Tell whether another name stands right before or after a span."""
    text = words.view.folded
    before = len(text[: span.start].rstrip(" ,.-")) if span.start else 0
    after = span.end + len(_GAP.match(text, span.end)[0])  # type: ignore[index]
    return after in names - {span.end} or (before < span.start and before in names)


def _alone(word: Word, words: Words) -> bool:
    """Tell whether one word may be a name by itself: no letter, no relative, no word in small letters, no score."""
    text = words.view.folded
    if len(word.folded) == 1:
        return text[word.end : word.end + 1] == "." and text[word.start - 1 : word.start] != "."
    if word.kind & Kind.KIN:
        return False
    if word.shape == "l" and not words.lowered and not words.shouted and not word.kind & (NAMED | Kind.CITY):
        return False
    return not word.kind & Kind.EPONYM or bool(word.kind & Kind.CITY and not word.kind & NAMED)


def _may_name(kind: int, folded: str) -> bool:
    if len(folded) == 1:
        return True
    named = kind & (Kind.FIRST | Kind.LAST | Kind.CITY)
    return not kind & _NEVER and bool(named or not kind & (Kind.MEDICAL | Kind.EPONYM))


def _ordinary(span: Span, words: Words) -> bool:
    """Tell whether a name is but ordinary words, in small letters or first in a sentence."""
    inside = words.within(span.start, span.end)
    if span.label is Label.ADDRESS:
        return len(inside) < 3 and not any(word.capital for word in inside)
    if span.label not in _NAMES or words.lowered or not inside:
        return False
    if words.shouted:
        return all(word.kind & Kind.COMMON and not word.kind & (Kind.FIRST | Kind.LAST | Kind.CITY) for word in inside)
    plain = [word for word in inside if word.kind & Kind.COMMON and not word.kind & Kind.CITY]
    if len(inside) == 1 and len(inside[0].folded) == 1:
        return words.view.text[span.end : span.end + 1] != "."
    if all(not word.capital for word in inside):
        return len(plain) == len(inside)
    named = Kind.FIRST | Kind.LAST
    gap = words.view.folded[max(0, span.start - 2) : span.start]
    opens = not gap.strip() or gap.strip()[-1] in ".:;!?*-|" or "\n" in gap
    return len(inside) == 1 and opens and not inside[0].kind & named and len(plain) == 1
