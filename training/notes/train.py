"""Fits the network of `sosie.notes.tagger` by stochastic gradient descent, in numpy and scipy alone.

The forward pass is that of `Network.probabilities`; the backward pass is written out. Words and lists are left out at
random (whole rows of the table of features), so that names are learned by their letters and their surroundings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sosie.notes.tagger.features import LAYOUT, ROWS
from sosie.notes.tagger.network import DILATED, LABELS, WIDE, Weights, others, shifted
from training.notes.corpus import PAD, Corpus, Note

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Settings:
    """Sizes and rates of the training."""

    width: int = 48
    hidden: int = 96
    batch: int = 4000
    rate: float = 3e-3
    word_loss: float = 0.3
    list_loss: float = 0.25
    rest_loss: float = 0.03
    hidden_loss: float = 0.1


@dataclass(frozen=True)
class Batch:
    """Several notes end to end, with padding between: arrays over tokens; ``real`` is 0 in the padding."""

    kinds: Ints
    words: Ints
    layout: Ints
    labels: Ints
    begins: Ints
    real: Floats


def initial(settings: Settings, rng: np.random.Generator) -> dict[str, Floats]:
    """Random weights."""
    d, h = settings.width, settings.hidden

    def draw(*shape: int, scale: float) -> Floats:
        return rng.normal(0, scale, shape).astype(np.float32)

    return {
        "E": draw(ROWS, d, scale=0.1),
        "A": draw(len(WIDE), d, h, scale=1 / np.sqrt(7 * d)),
        "L": draw(sum(LAYOUT), h, scale=0.05),
        "a": np.zeros(h, np.float32),
        "B": draw(3, h, h, scale=1 / np.sqrt(3 * h)),
        "b": np.zeros(h, np.float32),
        "C": draw(3, h, h, scale=1 / np.sqrt(3 * h)),
        "G": draw(h, h, scale=0.5 / np.sqrt(h)),
        "c": np.zeros(h, np.float32),
        "O": draw(h, len(LABELS) + 1, scale=1 / np.sqrt(h)),
        "o": np.zeros(len(LABELS) + 1, np.float32),
    }


def batches(notes: Sequence[Note], size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Batches of about so many tokens, in a random order."""
    held: list[Note] = []
    count = 0
    for at in rng.permutation(len(notes)):
        held.append(notes[at])
        count += len(notes[at].kinds) + PAD
        if count >= size:
            yield joined(held)
            held, count = [], 0
    if held:
        yield joined(held)


def joined(notes: Sequence[Note]) -> Batch:
    """One batch of some notes; kind -1 in the padding."""
    fields: dict[str, list[NDArray[np.int64]]] = {name: [] for name in ("kinds", "words", "layout", "labels", "begins")}
    real = []
    for at, note in enumerate(notes):
        n = len(note.kinds)
        for name, fill in (("kinds", -1), ("words", -1), ("layout", 0), ("labels", 0), ("begins", 0)):
            value = getattr(note, name)
            if name == "words":
                value = np.where(value >= 0, value + at * 10_000_000, -1)
            fields[name] += [value, np.full((PAD, *value.shape[1:]), fill, np.int64)]
        real += [np.ones(n, np.float32), np.zeros(PAD, np.float32)]
    return Batch(**{name: np.concatenate(parts) for name, parts in fields.items()}, real=np.concatenate(real))


class Trainer:
    """Adam over the weights; the rows of the table of features that a batch does not touch stay as they are."""

    def __init__(
        self, corpus: Corpus, settings: Settings, rng: np.random.Generator, start: Weights | None = None
    ) -> None:
        self.corpus, self.settings, self.rng = corpus, settings, rng
        self.weights = (
            initial(settings, rng) if start is None else {name: value.copy() for name, value in vars(start).items()}
        )
        self._first = {name: np.zeros_like(value) for name, value in self.weights.items()}
        self._second = {name: np.zeros_like(value) for name, value in self.weights.items()}
        self._step = 0

    def fit(self, epochs: int, progress: Callable[[str], None] = lambda line: None) -> Weights:
        """Go over the corpus so many times, with a rate that falls to zero."""
        size = self.settings.batch
        steps = max(1, epochs * sum(len(note.kinds) + PAD for note in self.corpus.notes) // size)
        losses: list[float] = []
        for _ in range(epochs):
            for batch in batches(self.corpus.notes, size, self.rng):
                warm = min(1.0, (self._step + 1) / 50)
                losses.append(self.step(batch, self.settings.rate * warm * max(0.02, 1 - self._step / steps)))
                if self._step % 100 == 0:
                    progress(f"step {self._step} of {steps}: loss {np.mean(losses[-100:]):.4f}")
        return Weights(**self.weights)

    def step(self, batch: Batch, rate: float) -> float:
        """One step; returns the loss a token."""
        loss, grads, touched = self.gradient(batch)
        self._adam(grads, rate, touched)
        return loss

    def gradient(self, batch: Batch) -> tuple[float, dict[str, Floats], Ints]:
        """Loss a token, its gradient, and the rows of the table of features that the gradient of ``E`` is about."""
        w, drop = self.weights, self.settings.hidden_loss
        inside = batch.kinds >= 0
        kinds, local = np.unique(batch.kinds[inside], return_inverse=True)
        features = self._features(kinds)
        n, h = len(batch.kinds), self.settings.hidden
        place = sparse.csr_matrix(
            (np.ones(len(local), np.float32), (np.flatnonzero(inside), local)), shape=(n, len(kinds))
        )
        columns = batch.layout.shape[1]
        laid = sparse.csr_matrix(
            (np.repeat(batch.real, columns), batch.layout.ravel(), np.arange(0, n * columns + 1, columns)),
            shape=(n, sum(LAYOUT)),
        )
        touched, rows = np.unique(features.indices, return_inverse=True)
        features = sparse.csr_matrix((features.data, rows, features.indptr), shape=(len(kinds), len(touched)))
        vectors = features @ w["E"][touched]
        project = w["A"].transpose(1, 0, 2).reshape(vectors.shape[1], -1)
        projected = vectors @ project
        real = batch.real[:, None]
        z1 = laid @ w["L"] + w["a"]
        spread = place @ projected
        for at, by in enumerate(WIDE):
            z1 += shifted(spread[:, at * h : (at + 1) * h], by)
        masks = [real * (self.rng.random((n, h), dtype=np.float32) > drop) / np.float32(1 - drop) for _ in range(3)]
        h1 = np.maximum(z1, 0) * masks[0]
        in2 = np.concatenate([shifted(h1, by) for by in DILATED[0]], axis=1)
        z2 = in2 @ w["B"].reshape(-1, h) + w["b"]
        h2 = h1 + np.maximum(z2, 0) * masks[1]
        in3 = np.concatenate([shifted(h2, by) for by in DILATED[1]], axis=1)
        elsewhere = others(h2, batch.words)
        z3 = in3 @ w["C"].reshape(-1, h) + elsewhere @ w["G"] + w["c"]
        h3 = h2 + np.maximum(z3, 0) * masks[2]
        loss, g_out = _loss(h3 @ w["O"] + w["o"], batch)

        grads = {"O": h3.T @ g_out, "o": g_out.sum(axis=0)}
        g3 = g_out @ w["O"].T
        g_z3 = g3 * (z3 > 0) * masks[2]
        grads |= {"C": (in3.T @ g_z3).reshape(w["C"].shape), "G": elsewhere.T @ g_z3, "c": g_z3.sum(axis=0)}
        g2 = g3 + _gather(g_z3 @ w["C"].reshape(-1, h).T, DILATED[1], h) + others(g_z3 @ w["G"].T, batch.words)
        g_z2 = g2 * (z2 > 0) * masks[1]
        grads |= {"B": (in2.T @ g_z2).reshape(w["B"].shape), "b": g_z2.sum(axis=0)}
        g1 = g2 + _gather(g_z2 @ w["B"].reshape(-1, h).T, DILATED[0], h)
        g_z1 = g1 * (z1 > 0) * masks[0]
        grads |= {"L": laid.T @ g_z1, "a": g_z1.sum(axis=0)}
        g_spread = np.concatenate([shifted(g_z1, -by) for by in WIDE], axis=1)
        g_projected = place.T @ g_spread
        grads["A"] = (vectors.T @ g_projected).reshape(vectors.shape[1], len(WIDE), h).transpose(1, 0, 2)
        grads["E"] = features.T @ (g_projected @ project.T)
        return loss, grads, touched

    def _features(self, kinds: Ints) -> sparse.csr_matrix:
        """Features of some kinds of token, words and lists left out at random."""
        s = self.settings
        indices, ends = [], [0]
        luck = self.rng.random((len(kinds), 3))
        for kind, (word, lists, rest) in zip(kinds, luck, strict=True):
            names, *rows = self.corpus.rows[kind]
            first = 0 if word > s.word_loss else 1
            kept = rows[first:names] if lists > s.list_loss else rows[first:1]
            kept = kept + (rows[names:] if rest > s.rest_loss else rows[names : names + 3])
            indices += kept
            ends.append(len(indices))
        return sparse.csr_matrix(
            (np.ones(len(indices), np.float32), np.array(indices), np.array(ends)), shape=(len(kinds), ROWS)
        )

    def _adam(self, grads: dict[str, Floats], rate: float, touched: Ints) -> None:
        self._step += 1
        fix1, fix2 = 1 - 0.9**self._step, 1 - 0.999**self._step
        for name, grad in grads.items():
            where: Ints | slice = touched if name == "E" else slice(None)
            first = 0.9 * self._first[name][where] + 0.1 * grad
            second = 0.999 * self._second[name][where] + 0.001 * grad * grad
            self._first[name][where], self._second[name][where] = first, second
            self.weights[name][where] -= rate * (first / fix1) / (np.sqrt(second / fix2) + 1e-8)


def _gather(grad: Floats, taps: Sequence[int], h: int) -> Floats:
    out = np.zeros((len(grad), h), np.float32)
    for at, by in enumerate(taps):
        out += shifted(grad[:, at * h : (at + 1) * h], -by)
    return out


def _loss(output: Floats, batch: Batch) -> tuple[float, Floats]:
    """Cross-entropy of labels and of beginnings, a token, and its gradient."""
    n = max(1.0, float(batch.real.sum()))
    scores = output[:, :-1] - output[:, :-1].max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    rows = np.arange(len(scores))
    begin = 1 / (1 + np.exp(-output[:, -1]))
    likely = np.where(batch.begins == 1, begin, 1 - begin)
    loss = -(np.log(scores[rows, batch.labels] + 1e-9) + 0.3 * np.log(likely + 1e-9)) @ batch.real / n
    grad = np.empty_like(output)
    grad[:, :-1] = scores
    grad[rows, batch.labels] -= 1
    grad[:, -1] = 0.3 * (begin - batch.begins)
    return float(loss), grad * (batch.real[:, None] / np.float32(n))
