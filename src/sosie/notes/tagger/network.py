"""The learned detector's arithmetic: a small convolutional network over tokens, in numpy alone.

Every distinct token has a vector, the sum of its features' rows. The first layer (seven tokens wide) is a sum of
projections of those vectors, which are computed once for each distinct token and kept; two dilated layers follow, and
the last of them also sees the mean of what the same word looks like elsewhere in the note. The output is a probability
for each label, and one that an entity begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sosie.notes.document import Label
from sosie.notes.tagger.features import fold, letters

LABELS: tuple[Label | None, ...] = (None, *Label)
"""Meaning of the columns of the output; the last column, of which there is one more, is the beginning."""

WIDE = (-3, -2, -1, 0, 1, 2, 3)
DILATED = ((-2, 0, 2), (-4, 0, 4))
REACH = 9
"""Tokens on either side that a token's output depends on, its like elsewhere aside."""

_FEW = 2_000
# Tokens up to which a product sums groups faster than a loop over them does.
_KEPT = 20_000
# Distinct tokens remembered: 70 MB of projections at most.

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """Weights of the network, d wide for a token and h wide inside.

    E (ROWS, d) is the table of features; A (7, d, h) and L (layouts, h) make the first layer, B and C (3, h, h) the
    others; G (h, h) sees the same word elsewhere; O (h, labels + 1) is the output; small letters are what is added.
    """

    E: Floats
    A: Floats
    L: Floats
    a: Floats
    B: Floats
    b: Floats
    C: Floats
    G: Floats
    c: Floats
    O: Floats  # noqa: E741
    o: Floats

    @classmethod
    def load(cls, path: Path) -> Weights:
        """Read what `save` wrote: no code runs on reading."""
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in cls.__dataclass_fields__}
            arrays["E"] = arrays["E"].astype(np.float32) * stored["scale"]
        return cls(**{name: array.astype(np.float32) for name, array in arrays.items()})

    def save(self, path: Path) -> None:
        """Write compressed, the table of features in eighths of a float."""
        scale = np.maximum(np.abs(self.E).max(axis=1, keepdims=True), 1e-8) / 127
        arrays = {name: getattr(self, name).astype(np.float16) for name in self.__dataclass_fields__ if name != "E"}
        np.savez_compressed(
            path,
            E=np.rint(self.E / scale).astype(np.int8),
            scale=scale.astype(np.float32),
            allow_pickle=False,
            **arrays,
        )


def shifted(rows: Floats, by: int) -> Floats:
    """Rows moved so that row t holds what was in row t + by; zeros come in from outside."""
    out = np.zeros_like(rows)
    if by == 0:
        out[:] = rows
    elif by > 0:
        out[:-by] = rows[by:]
    else:
        out[-by:] = rows[:by]
    return out


class Network:
    """Probabilities of the labels of tokens; distinct tokens are remembered between calls.

    Parameters
    ----------
    weights : Weights
    gazetteers : mapping from name to set of folded words
    """

    def __init__(self, weights: Weights, gazetteers: Mapping[str, frozenset[str]]) -> None:
        self._weights = weights
        self._gazetteers = gazetteers
        d, h = weights.A.shape[1:]
        self._project = np.ascontiguousarray(weights.A.transpose(1, 0, 2).reshape(d, len(WIDE) * h))
        self._dilated = (weights.B, weights.C)
        self._forget()

    def _forget(self) -> None:
        self._ids: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._seen = np.zeros((0, self._project.shape[1]), dtype=np.float32)
        self._word_of = np.zeros(0, dtype=np.int64)

    def probabilities(self, tokens: Sequence[str], layout: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Probability of each label, shape (tokens, labels), and of a beginning, shape (tokens,)."""
        weights = self._weights
        h = weights.a.shape[0]
        kinds = self._kinds(tokens)
        placed = np.zeros((len(layout), len(weights.L)), dtype=np.float32)
        placed[np.arange(len(layout))[:, None], layout] = 1
        hidden: Floats = (placed @ weights.L + weights.a).astype(np.float32, copy=False)
        projected = self._seen[kinds]
        n = len(kinds)
        for at, by in enumerate(WIDE):
            part = projected[:, at * h : (at + 1) * h]
            low, high = max(0, -by), min(n, n - by)
            if high > low:
                hidden[low:high] += part[low + by : high + by]
        np.maximum(hidden, 0, out=hidden)
        hidden += np.maximum(self._dilate(hidden, 0) + weights.b, 0)
        elsewhere = others(hidden, self._word_of[kinds])
        hidden += np.maximum(self._dilate(hidden, 1) + elsewhere @ weights.G + weights.c, 0)
        output = hidden @ weights.O + weights.o
        scores = output[:, :-1] - output[:, :-1].max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores, 1 / (1 + np.exp(-output[:, -1]))

    def _dilate(self, hidden: Floats, layer: int) -> Floats:
        taps = self._dilated[layer]
        out: Floats = hidden @ taps[1]
        reach = DILATED[layer][2]
        if len(hidden) > reach:
            out[reach:] += hidden[:-reach] @ taps[0]
            out[:-reach] += hidden[reach:] @ taps[2]
        return out

    def _kinds(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """Number of each token among the distinct ones, after computing those that are new."""
        if len(self._ids) > _KEPT:
            self._forget()
        fresh = [token for token in dict.fromkeys(tokens) if token not in self._ids]
        if fresh:
            features = [letters(token, self._gazetteers)[1:] for token in fresh]
            edges = np.cumsum([0, *map(len, features[:-1])])
            rows = np.add.reduceat(self._weights.E[np.concatenate(features)], edges, axis=0)
            first = len(self._ids)
            self._ids.update({token: first + at for at, token in enumerate(fresh)})
            self._grow(first + len(fresh))
            self._seen[first : first + len(fresh)] = rows @ self._project
            self._word_of[first : first + len(fresh)] = [self._word(token) for token in fresh]
        return np.fromiter((self._ids[token] for token in tokens), dtype=np.int64, count=len(tokens))

    def _grow(self, size: int) -> None:
        if size > len(self._seen):
            room = max(size, 2 * len(self._seen), 1024)
            self._seen = np.concatenate(
                [self._seen, np.zeros((room - len(self._seen), self._seen.shape[1]), np.float32)]
            )
            self._word_of = np.concatenate([self._word_of, np.zeros(room - len(self._word_of), np.int64)])

    def _word(self, token: str) -> int:
        return self._words.setdefault(fold(token), len(self._words)) if repeats(token) else -1


def repeats(token: str) -> bool:
    """Whether other occurrences of a token tell something about it."""
    return len(token) > 2 and token.isalpha()


def others(hidden: Floats, words: NDArray[np.int64]) -> Floats:
    """Mean of the rows of the same word elsewhere, zeros where there is none; -1 marks a token that is no word."""
    out = np.zeros_like(hidden)
    order = np.argsort(words, kind="stable")
    ranked = words[order]
    begins = np.flatnonzero(np.diff(ranked, prepend=-2))
    counts = np.diff(begins, append=len(ranked))
    sizes = np.repeat(np.where(ranked[begins] < 0, 0, counts), counts)
    own, sizes = order[sizes > 1], sizes[sizes > 1]
    if len(own) == 0:
        return out
    edges = np.flatnonzero(np.diff(words[own], prepend=-1))
    group = np.repeat(np.arange(len(edges)), np.diff(edges, append=len(own)))
    rows = hidden[own]
    if len(own) <= _FEW:
        member = np.zeros((len(edges), len(own)), dtype=hidden.dtype)
        member[group, np.arange(len(own))] = 1
        sums = member @ rows
    else:
        sums = np.add.reduceat(rows, edges)
    out[own] = (sums[group] - rows) / (sizes - 1).astype(hidden.dtype)[:, None]
    return out
