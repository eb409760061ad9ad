"""The detector that comes with the package: features, network, and the reading of its probabilities as spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sosie.errors import ManifestError
from sosie.notes.document import Label, Span
from sosie.notes.tagger.base import Lists, Tagger
from sosie.notes.tagger.features import GAZETTEERS, layout
from sosie.notes.tagger.network import LABELS, Network, Weights
from sosie.notes.tokens import Offsets

SHIPPED = Path(__file__).parent.parent / "models" / "detector.npz"
DETECTOR = "ner"
SURE = dict.fromkeys(Label, 0.95) | {
    Label.LAST_NAME: 0.85,
    Label.FIRST_NAME: 0.85,
    Label.CITY: 0.8,
    Label.HOSPITAL: 0.85,
    Label.ADDRESS: 0.85,
}
"""Mean probability from which a span of a label counts: high, since patterns and lists stand beside the detector."""

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
        network = self._network(language)
        spans: list[Span] = []
        for first, low, high, last in _blocks(len(tokens)):
            part = tokens[first:last]
            words = [text[start:end] for start, end in part]
            scores, begins = network.probabilities(words, layout(text, part))
            spans += self._spans(
                text, tokens[low:high], scores[low - first : high - first], begins[low - first : high - first]
            )
        return spans

    def _network(self, language: Lists) -> Network:
        held = self._networks.get(id(language))
        if held is None:
            held = self._networks[id(language)] = (language, Network(self.weights, words_of(language)))
        return held[1]

    def _spans(
        self, text: str, tokens: Sequence[Offsets], scores: NDArray[np.float32], begins: NDArray[np.float32]
    ) -> list[Span]:
        marked = np.flatnonzero(scores[:, 0] < 1 - _INSIDE)
        best = scores[marked, 1:].argmax(axis=1) + 1
        spans: list[Span] = []
        previous, kind, held = -2, 0, [0.0]
        for at, number in zip(marked.tolist(), best.tolist(), strict=True):
            start, end = tokens[at]
            score = float(1 - scores[at, 0])
            if at == previous + 1 and number == kind and begins[at] < 0.5:
                held.append(score)
                spans[-1] = Span(spans[-1].start, end, spans[-1].label, sum(held) / len(held), DETECTOR)
            else:
                held = [score]
                label = LABELS[number]
                assert label is not None
                spans.append(Span(start, end, label, score, DETECTOR))
            previous, kind = at, number
        return [span for span in spans if span.score >= self._sure[span.label] and _holds(text, span)]


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
    return {
        name: frozenset(word for entry in language.gazetteer(name) for word in _LETTERS.findall(entry) if len(word) > 2)
        for name in GAZETTEERS
    }
