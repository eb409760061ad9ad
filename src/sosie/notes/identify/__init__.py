"""Finds what identifies people in a note: a text and a language come in, spans with their reasons leave."""

from sosie.notes.identify.cascade import find, find_all
from sosie.notes.identify.context import Known
from sosie.notes.identify.learned import Tagger

__all__ = ["Known", "Tagger", "find", "find_all"]
