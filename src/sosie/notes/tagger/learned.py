"""The detector that comes with the package: features, network, and the reading of its probabilities as spans."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sosie.errors import ManifestError
from sosie.notes.document import Label, Span
from sosie.notes.tagger.base import Lists, Tagger
from sosie.notes.tagger.features import GAZETTEERS, layout
from sosie.notes.tagger.network import LABELS, Floats, Network, Weights
from sosie.notes.tokens import Offsets

SHIPPED = Path(__file__).parent.parent / "models" / "detector.npz"
DETECTOR = "ner"
SURE = dict.fromkeys(Label, 0.9) | {
    Label.LAST_NAME: 0.6,
    Label.FIRST_NAME: 0.7,
    Label.INITIALS: 0.9,
    Label.CITY: 0.5,
    Label.HOSPITAL: 0.85,
    Label.ADDRESS: 0.7,
    Label.DATE: 0.75,
    Label.BIRTH_DATE: 0.8,
    Label.IDENTIFIER: 0.9,
}
"""Mean probability from which a span of a label counts beside patterns and lists: where, on written notes that a
training left out, what it adds is oftener right than wrong."""

ALONE = dict.fromkeys(Label, 0.5)
"""The same where nothing stands beside it."""

_INSIDE = 0.3
_BLOCK = 4000
_MARGIN = 64
_LETTERS = re.compile(r"[^\W\d_]+")


class LearnedTagger(Tagger):
    """A network over tokens.

    Parameters
    ----------
    weights : Weights
    sure : mapping from Label to float
        Mean probability of identifying from which a span is kept.
    """

    def __init__(self, weights: Weights, sure: Mapping[Label, float] = SURE) -> None:
        self.weights = weights
        self._sure = sure
        self._networks: dict[int, tuple[Lists, Network]] = {}
        self._last: tuple[Lists, str, tuple[Floats, Floats]] | None = None

    @staticmethod
    def load(path: Path | None = None) -> LearnedTagger:
        """Load the weights from a file, those of the package by default."""
        path = path or SHIPPED
        try:
            return LearnedTagger(Weights.load(path))
        except (OSError, ValueError, KeyError) as error:
            raise ManifestError(f"{path.name}: this file holds no detector that Sosie can read") from error

    def tag(self, text: str, tokens: Sequence[Offsets], language: Lists) -> list[Span]:
        """Spans of a text; a long text is read in blocks that overlap."""
        scores, begins = self._read(text, tokens, language)
        return self._spans(text, tokens, scores, begins)

    def weigh(self, text: str, tokens: Sequence[Offsets], language: Lists, spans: Sequence[Span]) -> list[float]:
        """Highest probability that a token of each span identifies: low for the traps that weak rules fall into."""
        likely = 1 - self._read(text, tokens, language)[0][:, 0]
        starts = [start for start, _ in tokens]
        places = ((max(0, bisect_right(starts, span.start) - 1), bisect_left(starts, span.end)) for span in spans)
        return [float(likely[low:high].max(initial=0.0)) for low, high in places]

    def _read(self, text: str, tokens: Sequence[Offsets], language: Lists) -> tuple[Floats, Floats]:
        """Probabilities of the tokens of a text; those of the last text are kept, since it may be asked for twice."""
        if self._last is not None and self._last[0] is language and self._last[1] == text:
            return self._last[2]
        network = self._network(language)
        parts = []
        for first, low, high, last in _blocks(len(tokens)):
            part = tokens[first:last]
            scores, begins = network.probabilities([text[start:end] for start, end in part], layout(text, part))
            parts.append((scores[low - first : high - first], begins[low - first : high - first]))
        read = (
            np.concatenate([scores for scores, _ in parts]) if parts else np.zeros((0, len(LABELS)), np.float32),
            np.concatenate([begins for _, begins in parts]) if parts else np.zeros(0, np.float32),
        )
        self._last = (language, text, read)
        return read

    def _network(self, language: Lists) -> Network:
        held = self._networks.get(id(language))
        if held is None:
            held = self._networks[id(language)] = (language, Network(self.weights, words_of(language)))
        return held[1]

    def _spans(self, text: str, tokens: Sequence[Offsets], scores: Floats, begins: Floats) -> list[Span]:
        marked = np.flatnonzero(scores[:, 0] < 1 - _INSIDE)
        if len(marked) == 0:
            return []
        best = scores[marked, 1:].argmax(axis=1) + 1
        parted = (np.diff(marked) > 1) | (np.diff(best) != 0) | (begins[marked[1:]] >= 0.5)
        firsts = np.concatenate(([0], np.flatnonzero(parted) + 1))
        lasts = np.concatenate((firsts[1:], [len(marked)]))
        sums = np.add.reduceat(1 - scores[marked, 0], firsts) / (lasts - firsts)
        spans = []
        for first, last, score in zip(firsts.tolist(), lasts.tolist(), sums.tolist(), strict=True):
            label = LABELS[best[first]]
            if label is not None and score >= self._sure[label]:
                spans.append(Span(tokens[marked[first]][0], tokens[marked[last - 1]][1], label, score, DETECTOR))
        return [span for span in spans if _holds(text, span)]


def _holds(text: str, span: Span) -> bool:
    """Whether a span holds a letter or a digit: signs alone identify nobody."""
    return any(sign.isalnum() for sign in text[span.start : span.end])


def _blocks(count: int) -> Iterator[tuple[int, int, int, int]]:
    """Blocks of tokens: where to read from, where to mark from, where to mark to, where to read to."""
    for low in range(0, count, _BLOCK):
        high = min(count, low + _BLOCK)
        yield max(0, low - _MARGIN), low, high, min(count, high + _MARGIN)


def words_of(language: Lists) -> dict[str, frozenset[str]]:
    """Lists of a language as the features want them: single words of their entries, of three letters or more."""
    return {name: _words(language.gazetteer(name)) for name in GAZETTEERS}


def _words(entries: frozenset[str]) -> frozenset[str]:
    whole = {entry for entry in entries if len(entry) > 2 and entry.isalpha()}
    parts = {word for entry in entries if not entry.isalpha() for word in _LETTERS.findall(entry) if len(word) > 2}
    return frozenset(whole | parts)
