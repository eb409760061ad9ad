"""From a note to the facts that it states."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sosie.notes.document import Span
from sosie.notes.facts import people, values
from sosie.notes.facts.context import Context
from sosie.notes.facts.lexicon import Hit, lexicon
from sosie.notes.facts.mention import FactKind, Mention
from sosie.notes.identify.view import View
from sosie.notes.languages import Language
from sosie.notes.sentences import sentences

_TOLD = (FactKind.PROBLEM, FactKind.TREATMENT)
_BLOCK = 60_000
"""Characters that are read at once."""
_FIRST = {FactKind.MEASUREMENT: 0, FactKind.AGE: 1, FactKind.PROBLEM: 2, FactKind.TREATMENT: 2, FactKind.SEX: 3}


def extract(text: str, language: Language, spans: Sequence[Span] = ()) -> list[Mention]:
    """Find what a note says of its patient.

    Parameters
    ----------
    text : str
    language : Language
    spans : sequence of Span, optional
        What identifies people in it, sorted: no fact is read there.

    Returns
    -------
    list of Mention
        Sorted; overlapping neither each other nor ``spans``. Offsets are code points of ``text``.
    """
    found: list[Mention] = []
    for start, end in _blocks(text):
        found += (_moved(mention, start) for mention in _read(text[start:end], language))
    return _apart(found, spans)


def _read(text: str, language: Language) -> list[Mention]:
    view = View.of(text, mended=False)
    words = lexicon(language.code)
    hits = words.hits(view.text, view.folded)
    context = Context(hits, view.folded, sentences(view.text), words)
    found = [*values.find(hits, view.folded, words), *people.find(hits, view.folded, words), *_named(hits, context)]
    if view.origin is None:
        return found
    return [replace(one, start=start, end=end) for one in found for start, end in [view.back(one.start, one.end)]]


def _moved(mention: Mention, by: int) -> Mention:
    return replace(mention, start=mention.start + by, end=mention.end + by) if by else mention


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the extents of a text that are read at once, so that memory stays flat: they end where lines end."""
    start = 0
    while len(text) - start > _BLOCK:
        cuts = (text.rfind(mark, start + _BLOCK // 2, start + _BLOCK) for mark in ("\n\n", "\n", " "))
        end = next((cut + 1 for cut in cuts if cut > 0), start + _BLOCK)
        yield start, end
        start = end
    yield start, len(text)


def _named(hits: Sequence[Hit], context: Context) -> Iterator[Mention]:
    for hit in hits:
        if hit.entry.kind in _TOLD:
            kind = FactKind(hit.entry.kind)
            yield Mention(hit.start, hit.end, kind, hit.entry.code, context.status(hit.start, hit.end, kind))


def _apart(found: list[Mention], spans: Sequence[Span]) -> list[Mention]:
    """Keep what overlaps nothing: a measurement before a name that holds it, and the longer of two."""
    taken = sorted((span.start, span.end) for span in spans)
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda one: (_FIRST[one.kind], one.start - one.end, one.start)):
        place = bisect_left(taken, (mention.end, mention.end))
        if place == 0 or taken[place - 1][1] <= mention.start:
            kept.append(mention)
            taken.insert(place, (mention.start, mention.end))
    return sorted(kept, key=lambda mention: mention.start)
