"""A name that is certain in one place is looked for everywhere in the document, or in a patient's documents.

Spans of names come in, further spans leave. A name that is also a word of the language counts elsewhere only with a
capital that nothing else explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sosie.notes.document import Label, Span
from sosie.notes.identify.eponyms import Eponyms
from sosie.notes.identify.words import Kind, Words

_ORDINARY = Kind.COMMON | Kind.MEDICAL | Kind.EPONYM | Kind.STOP | Kind.ROLE | Kind.MONTH | Kind.DRUG | Kind.ACRONYM
_SURE = 0.8


def names(words: Words, spans: Iterable[Span]) -> dict[str, Label]:
    """Return the words of the names that are certain, with their labels."""
    found: dict[str, Label] = {}
    for span in spans:
        if span.label not in (Label.LAST_NAME, Label.FIRST_NAME):
            continue
        for word in _inside(words, span, sure=span.score >= _SURE):
            if len(word) > 2:
                found.setdefault(word, span.label)
                for part in word.split("-"):
                    if len(part) > 3:
                        found.setdefault(part, span.label)
    return found


def _inside(words: Words, span: Span, *, sure: bool) -> Iterator[str]:
    """Yield the words of a name; of one that is less than certain those of no ordinary list, or first names."""
    for word in words.within(span.start, span.end):
        first = span.label is Label.FIRST_NAME and word.kind & Kind.FIRST and word.shape == "T"
        if not word.kind & Kind.PARTICLE and (sure or word.foreign or first):
            yield word.folded


def find(
    words: Words, eponyms: Eponyms, wanted: Mapping[str, Label], taken: Iterable[Span], detector: str = "propagation"
) -> Iterator[Span]:
    """Yield the other places where the names stand.

    Parameters
    ----------
    words : Words
    eponyms : Eponyms
    wanted : mapping of str to Label
        Folded words of names.
    taken : iterable of Span
        What was found already: a place that is a name needs no second reason.
    detector : str
    """
    starts = {span.start for span in taken if span.label in (Label.LAST_NAME, Label.FIRST_NAME)}
    for index, word in enumerate(words.items):
        if word.start in starts:
            continue
        label = wanted.get(word.folded)
        if (
            label is None
            and "-" in word.folded
            and all(part in wanted for part in word.folded.split("-") if len(part) > 3)
        ):
            label = next((wanted[part] for part in word.folded.split("-") if part in wanted), None)
        if label is None:
            continue
        if len(word.folded) < 4 and not word.capital:
            continue
        if word.kind & _ORDINARY and (
            words.shouted
            or not word.capital
            or _plain_start(words, index, label)
            or eponyms.named(index)
            or word.kind & Kind.ROLE
        ):
            continue
        if eponyms.named(index) and word.kind & Kind.EPONYM:
            continue
        yield Span(word.start, word.end, label, 0.7, detector)


def _plain_start(words: Words, index: int, label: Label) -> bool:
    """Tell whether a capital is only that of a sentence; a first name without an article is a name even there."""
    word = words.items[index]
    return words.opens_sentence(index) and not (
        word.shape == "T" and (word.kind & Kind.FIRST or label is Label.FIRST_NAME)
    )
