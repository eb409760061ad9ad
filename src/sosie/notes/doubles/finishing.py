"""The last look at doubles' notes before they leave: the detector reads every one of them.

A release enters; it leaves without the sentences in which the detector sees an identifier that was not invented, and
without those that would then stand in a row of eight words of fewer than k patients. Nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from sosie.cohort import Mask
from sosie.engine import Engine, follow
from sosie.errors import SosieError
from sosie.notes.crew import FEW
from sosie.notes.document import Document, Span
from sosie.notes.doubles.grams import Hashes, Lines, offending
from sosie.notes.doubles.part import NotesPart
from sosie.notes.doubles.residual import strays
from sosie.notes.sentences import Extent, sentences

TASK = 40
"""Doubles whose notes one process reads at a time."""
_GAPS = (" ", "\n", "\n\n")

Owned = tuple[tuple[Document, ...], frozenset[str]]


def finished(doubles: NotesPart, original: NotesPart, k: int, jobs: int) -> NotesPart:
    """Return doubles' notes as they leave.

    Parameters
    ----------
    doubles, original : NotesPart
        The release, and the patients it was learned from.
    k : int
    jobs : int
        Processes; 0 for one a core.
    """
    corpus = original.corpus
    if corpus is None or not doubles.wrote:
        return doubles
    present: Mask = np.zeros(corpus.patients, dtype=bool)
    present[original.rows[original.rows >= 0]] = True
    rare = corpus.grams.rare(present, k)
    owned = list(zip(doubles.documents, doubles.wrote, strict=True))
    tasks = [(owned[first : first + TASK], rare) for first in range(0, len(owned), TASK)]
    done = [documents for some in _each(tasks, jobs, doubles) for documents in some]
    return replace(doubles, documents=tuple(done))


def _each(tasks: list[tuple[list[Owned], Hashes]], jobs: int, doubles: NotesPart) -> list[list[tuple[Document, ...]]]:
    workers = min(Engine(jobs).workers, len(tasks))
    if workers <= 1 or sum(len(note.text) for notes in doubles.documents for note in notes) <= FEW:
        return [cleaned_some(task) for task in tasks]
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=follow) as pool:
            return list(pool.map(cleaned_some, tasks))
    except BrokenProcessPool:
        raise SosieError(
            "a process that reads doubles' notes ended unexpectedly, for want of memory perhaps: try --jobs 1"
        ) from None


def cleaned_some(task: tuple[list[Owned], Hashes]) -> list[tuple[Document, ...]]:
    """Clean the notes of some doubles."""
    return [cleaned(documents, own, task[1]) for documents, own in task[0]]


def cleaned(documents: tuple[Document, ...], own: frozenset[str], rare: Hashes) -> tuple[Document, ...]:
    """Return the notes of one double without what the detector sees and nobody invented."""
    while any(found := strays(documents, own)):
        documents = tuple(
            replace(document, text=_common(_without(document.text, spans), rare)) if spans else document
            for document, spans in zip(documents, found, strict=True)
        )
    return documents


def _without(text: str, spans: Sequence[Span]) -> str:
    kept = [
        extent
        for extent in sentences(text)
        if not any(span.start < extent.end and extent.start < span.end for span in spans)
    ]
    return _joined(text, kept)


def _common(text: str, rare: Hashes) -> str:
    """Leave out sentences until no row of eight words is of fewer than k patients."""
    seen = Lines()
    while True:
        extents = sentences(text)
        bad = offending([[text[extent.start : extent.end] for extent in extents]], rare, seen)[0]
        if not bad:
            return text
        text = _joined(text, [extent for at, extent in enumerate(extents) if at not in bad])


def _joined(text: str, kept: Sequence[Extent]) -> str:
    return "".join(
        f"{_GAPS[extent.breaks] if at else ''}{text[extent.start : extent.end]}" for at, extent in enumerate(kept)
    )
