"""The learned detector: a small network in numpy that comes with the package, or a transformer that the user has."""

from sosie.notes.tagger.base import Lists, Tagger
from sosie.notes.tagger.learned import LearnedTagger
from sosie.notes.tagger.transformer import TransformerTagger

__all__ = ["LearnedTagger", "Lists", "Tagger", "TransformerTagger"]
