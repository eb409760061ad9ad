"""The cascade: patterns, announced names, places, capitals, tables, learned tagger, propagation, one merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sosie.notes.document import Document, Label, Span
from sosie.notes.identify import announced, indirect, initials, literature, patterns, propagation, tables, towns
from sosie.notes.identify.context import Known
from sosie.notes.identify.hospitals import Hospitals
from sosie.notes.identify.learned import Tagger, reconcile
from sosie.notes.identify.merge import merge
from sosie.notes.identify.people import Grammar
from sosie.notes.identify.places import Places, postcodes_beside
from sosie.notes.identify.prose import Prose
from sosie.notes.identify.view import View
from sosie.notes.identify.words import Words
from sosie.notes.languages import Language

_BLOCK = 60_000
"""Characters that are searched at once."""


def find(text: str, language: Language, known: Known | None = None, tagger: Tagger | None = None) -> list[Span]:
    """Find what identifies people in a text.

    Parameters
    ----------
    text : str
    language : Language
    known : Known, optional
        What the tables know of the patient.
    tagger : Tagger, optional
        A learned detector that adds to the rules.

    Returns
    -------
    list of Span
        Sorted, not overlapping; offsets are code points of ``text``.
    """
    if len(text) <= _BLOCK:
        return _Search(text, language, known, tagger).spans()
    return _long(text, language, known, tagger)


def find_all(
    documents: Iterable[Document], language: Language, known: Known | None = None, tagger: Tagger | None = None
) -> list[list[Span]]:
    """Find what identifies people in all the documents of one patient: a name certain in one is found in all.

    Parameters
    ----------
    documents : iterable of Document
    language : Language
    known : Known, optional
    tagger : Tagger, optional

    Returns
    -------
    list of list of Span
        One list a document, in their order.
    """
    searches = [
        [(start, _Search(document.text[start:end], language, known, tagger)) for start, end in _extents(document.text)]
        for document in documents
    ]
    shared: dict[str, Label] = {}
    for blocks in searches:
        for _, search in blocks:
            for name, label in search.names().items():
                shared.setdefault(name, label)
    return [[_moved(span, start) for start, search in blocks for span in search.spans(shared)] for blocks in searches]


def _long(text: str, language: Language, known: Known | None, tagger: Tagger | None) -> list[Span]:
    """Search a long text block by block, so that memory stays flat; names are gathered from all blocks first."""
    shared: dict[str, Label] = {}
    for start, end in _extents(text):
        for name, label in _Search(text[start:end], language, known, tagger).names().items():
            shared.setdefault(name, label)
    return [
        _moved(span, start)
        for start, end in _extents(text)
        for span in _Search(text[start:end], language, known, tagger).spans(shared)
    ]


def _moved(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by) if by else span


def _extents(text: str) -> list[tuple[int, int]]:
    """Return the blocks of a text: one ends after a blank line, a line or a space, where its second half has one."""
    starts = [0]
    while len(text) - starts[-1] > _BLOCK:
        low, high = starts[-1] + _BLOCK // 2, starts[-1] + _BLOCK
        cut = next((at for mark in ("\n\n", "\n", " ") if (at := text.rfind(mark, low, high)) > 0), high - 1)
        starts.append(cut + 1)
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


class _Search:
    """One text on its way through the cascade."""

    def __init__(self, text: str, language: Language, known: Known | None, tagger: Tagger | None) -> None:
        self.view = View.of(text)
        self.language = language
        self.words = Words.of(self.view, language)
        grammar = Grammar(self.words, language)
        self.prose = Prose(self.words, grammar, language)
        self.found: list[Span] = [*patterns.find(self.view, language)]
        self.found += Hospitals(self.words, language).find()
        self.found += Places(self.words, language).find()
        self.found += towns.find(self.words, language, self.found)
        self.found += postcodes_beside(self.view, self.found)
        self.found += tables.find(self.view, language)
        self.found += announced.find(self.words, grammar, language)
        self.found += initials.find(self.words, language)
        references = literature.find(self.view)
        self.found += (span for span in self.prose.find() if not literature.inside(references, span.start))
        if known is not None:
            self.found += known.find(self.words)
        if tagger is not None:
            self.found = [
                span
                for span in reconcile(self.found, self.words, language, tagger)
                if span.detector != "ner" or not literature.inside(references, span.start)
            ]

    def names(self) -> dict[str, Label]:
        """Return the names that are certain in this text."""
        return propagation.names(self.words, merge(self.found, self.view.text))

    def spans(self, shared: Mapping[str, Label] | None = None) -> list[Span]:
        """Return the spans of the original text."""
        wanted = dict(self.names())
        found = [*self.found, *propagation.find(self.words, self.prose.eponyms, wanted, self.found)]
        if shared:
            others = {name: label for name, label in shared.items() if name not in wanted}
            found += propagation.find(self.words, self.prose.eponyms, others, found, "patient")
        found += indirect.find(self.words, self.language, found)
        merged = merge(found, self.view.text)
        if self.view.origin is None:
            return merged
        return [Span(*self.view.back(span.start, span.end), span.label, span.score, span.detector) for span in merged]
