"""Annotated fictitious notes without end: a grammar, a scene, noise.

Everything is drawn from the `rng` that comes in; with the same lists and the same seed the same notes come out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.notes import noise
from training.notes.draft import Annotated, Draft
from training.notes.grammar import Grammar
from training.notes.names import Names
from training.notes.scene import Scene

HERE = Path(__file__).parent


class Generator:
    """Writes notes of one language.

    Parameters
    ----------
    language : str
    lists : mapping
        Words by list: ``first_names``, ``last_names``, ``cities``, ``common_words`` (may be missing) and ``diseases``, ``drugs``,
        ``word``, ``jobs``, ``eponyms``, ``bacteria``, ``suture``, ``medical``, ``adj``.
    part : {"all", "known", "held"}
        Which skeletons of the grammar.
    """

    def __init__(self, language: str, lists: Mapping[str, Sequence[str]], part: str = "all") -> None:
        self.language = language
        self.grammar = Grammar(HERE / language, part)
        self._names = Names(lists, language)

    def write(self, rng: random.Random, rule: str = "document", noisy: bool = True) -> Annotated:
        """One note with its exact spans."""
        draft = Draft(self.grammar.expand(rule, Scene(self.grammar, self._names, rng, self.language), rng))
        if noisy:
            noise.worsen(draft, rng)
        return draft.finish()
