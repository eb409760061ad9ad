"""What columns of events, and events themselves, are called, in English and in French (``names.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from sosie.columns.vocabulary import split
from sosie.timelines.events import Group

Words = dict[str, tuple[str, ...]]


@cache
def _words(section: str) -> Words:
    loaded = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: tuple(words.split()) for name, words in loaded[section].items()}


COLUMNS = _words("columns")
"""For each thing that a column can be, the words for it, the surest first."""


def called(names: Sequence[str], words: Sequence[str], within: bool = True) -> list[str]:
    """Return the columns that bear one of some words: those that are one first, in the order of the words.

    Parameters
    ----------
    names : sequence of str
    words : sequence of str
    within : bool
        Whether a word among others in the name is enough.
    """
    whole = {name: "".join(split(name)) for name in names}
    found = [(words.index(whole[name]), at, name) for at, name in enumerate(names) if whole[name] in words]
    if within:
        parts = {name: [words.index(word) for word in split(name) if word in words] for name in names}
        taken = {name for _, _, name in found}
        found += [
            (len(words) + min(parts[name]), at, name)
            for at, name in enumerate(names)
            if parts[name] and name not in taken
        ]
    return [name for _, _, name in sorted(found)]


def says(name: str, words: Collection[str]) -> bool:
    """Tell whether a name is one of some words, or bears one among others."""
    parts = split(name)
    return "".join(parts) in words or not set(parts).isdisjoint(words)


def group_of(*names: str) -> Group | None:
    """Return what kind of event the names of a column and of a file tell, the first that tells being right."""
    return next(
        (Group(group) for name in names for group, words in _words("groups").items() if says(name, words)), None
    )


def is_death(code: str) -> bool:
    """Tell whether a code is the word for a death."""
    return "".join(split(code)) in _words("groups")["death"]


def vocabulary_of(name: str) -> str:
    """Return the vocabulary that the name of a column tells; empty where it tells none."""
    return next((known for known, words in _words("vocabularies").items() if says(name, words)), "")


def sex_of(name: str, cell: str) -> str:
    """Return ``F``, ``M`` or nothing, as a cell of a column tells; ``male`` is a column of 0 and 1."""
    if says(name, ("male",)) and cell in ("0", "1"):
        return "M" if cell == "1" else "F"
    told = "".join(split(cell))
    return next((sex for sex, words in _words("sexes").items() if told in words), "")
