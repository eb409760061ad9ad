"""Languages as data: each folder here is one language (word lists and patterns), and holds no code."""

from sosie.notes.languages.language import Language, Rule, available, load

__all__ = ["Language", "Rule", "available", "load"]
