"""What identifies together with the rest: ages, occupations, events that were in the news, relatives, named places.

The words of a text and the names found in it come in; spans of indirect identifiers leave.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sosie.notes.document import Label, Span
from sosie.notes.identify import trades, venues
from sosie.notes.identify.occupations import Occupations
from sosie.notes.identify.words import Words
from sosie.notes.languages import Language

_PEOPLE = (Label.LAST_NAME, Label.FIRST_NAME, Label.INITIALS)
_ELSEWHERE = (*_PEOPLE, Label.ADDRESS, Label.CITY, Label.HOSPITAL, Label.EMAIL, Label.URL)
_ENDS = re.compile(r"[.;|\n]")
_FAR = 120
_OF_LIFE = "vie"
"""How an age ends that is no span of time, whatever stands before it: ``3 jours de vie``."""
_OLD, _YOUNG = 89, 3
"""Years above which, and below which, an age is rare enough to tell who someone is."""


def find(words: Words, language: Language, named: Sequence[Span]) -> Iterator[Span]:
    """Yield indirect identifiers.

    Parameters
    ----------
    words : Words
    language : Language
    named : sequence of Span
        Names found so far.
    """
    ends = sorted({span.end for span in named if span.label in _PEOPLE})
    starts = sorted({span.start for span in named if span.label in _PEOPLE})
    taken = [(span.start, span.end) for span in named if span.label in _ELSEWHERE]
    occupations = list(Occupations(words, language, ends, taken).find())
    yield from occupations
    yield from _ages(words, language, ends, {span.start for span in occupations})
    yield from _relatives(words, language, starts)
    yield from venues.find(words, language)
    yield from trades.find(words.view.folded, language)
    yield from _news(words, language)
    for match in words.matches(language, "event_named"):
        if words.view.text[match.start("name")].isupper() and not words.shouted:
            yield Span(match.start("v"), match.end("v"), Label.EVENT, 0.65, "rule:event")
    for name, label in (("event", Label.EVENT), ("kinship", Label.FAMILY)):
        for match in words.matches(language, name):
            yield Span(match.start("v"), match.end("v"), label, 0.7, f"rule:{name}")


def _ages(words: Words, language: Language, ends: Sequence[int], told_of: set[int]) -> Iterator[Span]:
    """Ages of the very old and very young, and an exact age that stands with a name and what the named one is."""
    text, told_only = words.view.folded, bool(language.number("young_told", 0.0))
    for match in language.compiled("age").finditer(text):
        years = int(match["years"]) if match["years"] else None
        if match["v"].endswith("a") and words.view.text[match.end("v") - 1] != "A":
            continue
        beside = bool(language.number("age_beside", 1.0)) and _beside(text, ends, match.start("v"))
        if years is not None and years >= _YOUNG:
            if years > _OLD or (beside and _whole(language, text, match.end("v"), told_of)):
                yield Span(match.start("v"), match.end("v"), Label.AGE, 0.85 if beside else 0.75, "rule:age")
        elif beside or match["told"] or match["v"].endswith(_OF_LIFE) or (years is None and not told_only):
            yield Span(match.start("v"), match.end("v"), Label.AGE, 0.75, "rule:age")


def _news(words: Words, language: Language) -> Iterator[Span]:
    """Sentences that say that someone was in the news: cameras, medals, special forces."""
    text = words.view.folded
    for match in words.matches(language, "newsworthy"):
        window = text[max(0, match.start() - _FAR) : match.start()]
        start = match.start() - len(_ENDS.split(window)[-1])
        end = match.end() + len(_ENDS.split(text[match.end() : match.end() + _FAR])[0])
        yield Span(start, end, Label.EVENT, 0.65, "rule:news")


def _whole(language: Language, text: str, end: int, told_of: set[int]) -> bool:
    """Tell whether an occupation or an event follows an age, or nothing more in its sentence."""
    match = language.compiled("after_age").match(text, end)
    return bool(
        match and (match.end() in told_of or match["stop"] or language.compiled("eventful").match(text, match.end()))
    )


def _beside(text: str, ends: Sequence[int], start: int) -> bool:
    """Tell whether a name ends right before an offset: ``M. Le Goff, 41 ans``, ``Mme Le Goff (41 ans)``."""
    index = bisect_left(ends, start + 1) - 1
    return (
        index >= 0
        and start - ends[index] <= 14
        and bool(re.fullmatch(r"[.]?[ ]?[,(:;-]?\s{0,2}(?:agee?[ ](?:de[ ])?|aged[ ])?", text[ends[index] : start]))
    )


def _relatives(words: Words, language: Language, starts: Sequence[int]) -> Iterator[Span]:
    """Relatives who are named and open a sentence, where the note tells of them: the bond tells who the patient is."""
    text = words.view.folded
    for match in words.matches(language, "relative"):
        index = bisect_left(starts, match.end("v"))
        gap = text[match.end("v") : starts[index]] if index < len(starts) else "far away"
        if re.fullmatch(r"[ ]{1,2}\n?|\n|[ ]\(", gap) and language.compiled("telling").search(
            text, max(0, match.start("v") - 12), match.start("v")
        ):
            yield Span(match.start("v"), match.end("v"), Label.FAMILY, 0.8, "rule:relative")
