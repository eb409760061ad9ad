"""Turns annotated notes into the numbers that the network learns from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.notes.tagger.features import fold, layout, letters
from sosie.notes.tagger.network import LABELS, repeats
from sosie.notes.tokens import tokenize
from training.notes.draft import Annotated

PAD = 4
_NUMBER = {label: at for at, label in enumerate(LABELS)}

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Note:
    """Numbers of one note: arrays over its tokens, ``layout`` of shape (tokens, columns)."""

    kinds: Ints
    words: Ints
    layout: Ints
    labels: Ints
    begins: Ints


class Corpus:
    """Notes of several languages and their distinct tokens; a token is another one where other lists hold."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = []
        self.notes: list[Note] = []
        self._words: dict[str, int] = {}

    def add(self, written: Iterable[Annotated], gazetteers: Mapping[str, frozenset[str]]) -> None:
        """Take in notes of a language with its lists, a mapping from name to set of folded words."""
        known: dict[str, int] = {}
        self.notes += [self._numbers(note, gazetteers, known) for note in written]

    def _numbers(self, note: Annotated, gazetteers: Mapping[str, frozenset[str]], known: dict[str, int]) -> Note:
        tokens = tokenize(note.text)
        kinds, words = [], []
        for start, end in tokens:
            token = note.text[start:end]
            if token not in known:
                known[token] = len(self.rows)
                self.rows.append(letters(token, gazetteers))
            kinds.append(known[token])
            words.append(self._words.setdefault(fold(token), len(self._words)) if repeats(token) else -1)
        labels, begins = targets(note, tokens)
        return Note(np.array(kinds, int), np.array(words, int), layout(note.text, tokens), labels, begins)


def targets(note: Annotated, tokens: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    """Label of every token, and whether an entity begins there; a token belongs to the entity that covers most of it."""
    labels = np.zeros(len(tokens), dtype=np.int64)
    begins = np.zeros(len(tokens), dtype=np.int64)
    at = 0
    for start, end, label in note.spans:
        while at < len(tokens) and tokens[at][1] <= start:
            at += 1
        first = True
        while at < len(tokens) and tokens[at][0] < end:
            low, high = tokens[at]
            if 2 * (min(high, end) - max(low, start)) >= high - low:
                labels[at] = _NUMBER[label]
                begins[at] = first
                first = False
            if high > end:
                break
            at += 1
    return labels, begins
