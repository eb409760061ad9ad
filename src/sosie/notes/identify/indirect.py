"""What identifies together with the rest: ages, occupations, events that were in the news, relatives.

The words of a text and the names found in it come in; spans of indirect identifiers leave.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sosie.notes.document import Label, Span
from sosie.notes.identify import trades
from sosie.notes.identify.words import Words
from sosie.notes.languages import Language

_BEING = re.compile(r"[ ](?:est|etait|fut|is|was)[ ](?:une?[ ]|an?[ ])?")
_PHRASES = 3
"""How many phrases after a name are read as said of it."""
_PEOPLE = (Label.LAST_NAME, Label.FIRST_NAME, Label.INITIALS)


@lru_cache
def _occupations(code: str) -> re.Pattern[str]:
    from sosie.notes.languages import load

    language = load(code)
    jobs = sorted(language.gazetteer("professions") | language.vocabulary("professions"), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, jobs))})(?![\w-])")


def find(words: Words, language: Language, named: Sequence[Span]) -> Iterator[Span]:
    """Yield indirect identifiers.

    Parameters
    ----------
    words : Words
    language : Language
    named : sequence of Span
        Names found so far, sorted.
    """
    text = words.view.folded
    ends = sorted(span.end for span in named if span.label in _PEOPLE)
    starts = sorted(span.start for span in named if span.label in _PEOPLE)
    yield from _ages(text, language, ends)
    yield from _relatives(text, language, starts)
    for name, label in (("event", Label.EVENT), ("profession", Label.PROFESSION)):
        for match in language.compiled(name).finditer(text):
            for group in ("v", "v2"):
                if group in match.re.groupindex and match[group]:
                    yield Span(match.start(group), match.end(group), label, 0.7, f"rule:{name}")
    for match in language.compiled("former").finditer(text):
        job = _occupations(language.code).match(text, match.end())
        if job:
            yield Span(job.start(), job.end(), Label.PROFESSION, 0.7, "rule:profession")
    for end in ends:
        head = _BEING.match(text, end)
        job = _occupations(language.code).match(text, head.end()) if head else None
        if job:
            yield Span(job.start(), job.end(), Label.PROFESSION, 0.7, "rule:profession")
    yield from _apposition(text, language, ends)
    yield from trades.find(text, language)


def _ages(text: str, language: Language, ends: Sequence[int]) -> Iterator[Span]:
    """Ages of the very old and very young, and any exact age set beside a name."""
    for match in language.compiled("age").finditer(text):
        years = int(match["years"]) if match["years"] else None
        beside = bool(language.number("age_beside", 1.0)) and _beside(text, ends, match.start("v"))
        if years is None or years > 89 or beside or (years < 2 and match["told"]):
            yield Span(match.start("v"), match.end("v"), Label.AGE, 0.85 if beside else 0.75, "rule:age")


def _beside(text: str, ends: Sequence[int], start: int) -> bool:
    """Tell whether a name ends right before an offset: ``M. Le Goff, 41 ans``, ``Mme Le Goff (41 ans)``."""
    index = bisect_left(ends, start + 1) - 1
    return (
        index >= 0
        and start - ends[index] <= 14
        and bool(re.fullmatch(r"[.]?[ ]?[,(:;-]?\s{0,2}(?:agee?[ ](?:de[ ])?|aged[ ])?", text[ends[index] : start]))
    )


def _relatives(text: str, language: Language, starts: Sequence[int]) -> Iterator[Span]:
    """Relatives who are named: the bond tells who the patient is."""
    for match in language.compiled("relative").finditer(text):
        index = bisect_left(starts, match.end("v"))
        gap = text[match.end("v") : starts[index]] if index < len(starts) else "far away"
        if re.fullmatch(r"[ ]{1,2}\n?|\n|[ ]\(", gap):
            yield Span(match.start("v"), match.end("v"), Label.FAMILY, 0.8, "rule:relative")


def _apposition(text: str, language: Language, ends: Sequence[int]) -> Iterator[Span]:
    """What a name is said to be, with its age or without: ``M. Le Goff, 41 ans, facteur à Auray,``."""
    jobs = _occupations(language.code)
    verbs = language.vocabulary("verbs_after_names")
    head = language.compiled("apposition")
    for end in ends:
        match, read = head.match(text, end), 0
        while match and read < _PHRASES:
            read += 1
            phrase = match["v"]
            if phrase.split()[0] in verbs:
                break
            if language.compiled("eventful").search(phrase):
                yield Span(match.start("v"), match.end("v"), Label.EVENT, 0.75, "apposition")
            elif jobs.search(phrase) or match["age"]:
                yield Span(match.start("v"), match.end("v"), Label.PROFESSION, 0.7, "apposition")
            match = language.compiled("apposition_more").match(text, match.end("v"))
