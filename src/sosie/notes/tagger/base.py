"""What every detector that learned is to the cascade: text, tokens and a language in, spans out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sosie.notes.document import Span
from sosie.notes.tokens import Offsets


class Lists(Protocol):
    """The part of a language that a tagger asks for."""

    def gazetteer(self, name: str, /) -> frozenset[str]:
        """Folded entries (lower case, no accents) of a list; empty where the language has none of that name."""
        ...


class Tagger(ABC):
    """Finds what identifies by what surrounds it."""

    @staticmethod
    def load(path: Path | None = None) -> Tagger:
        """Load a detector.

        Parameters
        ----------
        path : Path, optional
            Nothing for the one that comes with the package; a file that `training/notes/build.py` wrote; or a folder
            that holds a transformer for token classification, which needs ``torch`` and ``transformers``.
        """
        if path is not None and path.is_dir():
            from sosie.notes.tagger.transformer import TransformerTagger

            return TransformerTagger.load(path)
        from sosie.notes.tagger.learned import LearnedTagger

        return LearnedTagger.load(path)

    @abstractmethod
    def tag(self, text: str, tokens: Sequence[Offsets], language: Lists) -> list[Span]:
        """Spans of a text, in order and without overlap."""

    def weigh(self, text: str, tokens: Sequence[Offsets], language: Lists, spans: Sequence[Span]) -> list[float]:
        """Probability that spans which somebody else found identify; 1 where the detector has no opinion."""
        return [1.0] * len(spans)
