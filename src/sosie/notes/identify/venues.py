"""Places that tell who someone is: schools, clubs, factories, barracks, prisons, shops that bear a name.

Words come in, spans leave. A place starts with what kind of place it is, and goes on through a name with a capital; a
kind without a name (``au lycée``) tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify.words import NAMED, Kind, Words
from sosie.notes.languages import Language

_LINK = re.compile(r"[ ]\n?|'|-|[ ]?\"[ ]?|[ ]-[ ]")
_LONGEST = 9


def find(words: Words, language: Language) -> Iterator[Span]:
    """Yield named places.

    Parameters
    ----------
    words : Words
    language : Language
    """
    numbered = words.view.at_figures(language.compiled("venue"))
    for match in (*words.matches(language, "venue"), *numbered):
        first = words.index(match.start())
        after = words.index(match.end(), after=True)
        if first is None or after is None:
            continue
        end = _name(words, language, first, after)
        if end > after:
            yield Span(words.items[first].start, words.items[end - 1].end, Label.PLACE, 0.65, "venue")


def _name(words: Words, language: Language, first: int, start: int) -> int:
    """Return the index after the name of a place, ``start`` where it has none."""
    items, end, index = words.items, start, start
    links = language.vocabulary("venue_links")
    inside = items[first].shape == "T" and not words.opens_sentence(first)
    while index < len(items) and index - first < _LONGEST:
        word, gap = items[index], words.before(index)
        if not _LINK.fullmatch(gap):
            break
        if (
            word.folded in links
            or word.kind & Kind.PARTICLE
            or (len(word.folded) == 1 and words.after(index)[:1] == "'")
        ):
            if word.capital and not words.shouted and len(word.folded) > 1:
                end = index + 1
        elif word.kind & (Kind.TITLE | Kind.KIN | Kind.ACRONYM) and not word.kind & NAMED and end < index:
            break
        elif _names(words, index) or (inside and index == start and word.shape == "l" and word.foreign):
            end = index + 1
        elif not (words.shouted or index > start + 1 or word.kind & Kind.STOP):
            # An adjective may stand between the kind and the name: "lycée agricole de Kernilien".
            pass
        else:
            break
        index += 1
    return end


def _names(words: Words, index: int) -> bool:
    word = words.items[index]
    if words.shouted or words.lowered:
        return word.foreign or bool(word.kind & (NAMED | Kind.CITY) and not word.kind & (Kind.STOP | Kind.COMMON))
    return word.capital and not (word.kind & (Kind.STOP | Kind.ROLE) and len(word.folded) > 1)
