"""All that a language has to say facts with, in one tree of words that a note is walked through once.

The files of a language's folder ``facts`` come in (``facts.toml``, ``problems.txt``, ``treatments.txt`` and the lists
that `training/fact_lists.py` builds); a `Lexicon` leaves. An entry that is written in capitals counts in capitals only
(``EP`` is an embolism, ``ep`` is not). Articles inside an entry are free: "cancer du sein" is "cancer sein".
"""

from __future__ import annotations

import lzma
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sosie.notes.languages.folding import fold

WORD = re.compile(r"[^\W_]+")
_GAPS = frozenset({" ", "-", "'", "/", "\n", "  ", " \n", "\n ", ". ", " - ", "' ", " '"})
"""What may stand between two words of an entry."""
_LISTS = (("PROBLEM", "problems"), ("TREATMENT", "treatments"))
_CUES = "cue"
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase stands for.

    Parameters
    ----------
    role : str
        A `FactKind`, or ``cue``, ``section``, ``end``, ``nothing``.
    code : str
        Of the fact; of a cue ``STATUS before`` or ``STATUS after``.
    capitals : bool
        Whether it counts in capitals only.
    """

    role: str
    code: str
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that stands in a text."""

    start: int
    end: int
    entry: Entry


@dataclass(frozen=True)
class Lexicon:
    """The phrases of one language.

    Parameters
    ----------
    tree : nested dict
        By stems of words; under the empty word, the entries.
    small : frozenset of str
        Words that are free inside a phrase.
    grammar : mapping
        ``facts.toml``, whole.
    """

    tree: Tree
    small: frozenset[str]
    grammar: Mapping[str, Any]

    def hits(self, text: str, folded: str) -> list[Hit]:
        """Find the longest phrases of a text from left to right.

        Parameters
        ----------
        text, folded : str
            Of one length.
        """
        words = [(match.start(), match.end()) for match in WORD.finditer(folded)]
        stems = [stem(folded[start:end]) for start, end in words]
        found: list[Hit] = []
        at = 0
        while at < len(words):
            node = self.tree.get(stems[at])
            hit = self._longest(node, at, words, stems, text, folded) if node is not None else None
            if hit is None:
                at += 1
                continue
            found.append(Hit(words[at][0], words[hit[0]][1], hit[1]))
            at = hit[0] + 1
        return found

    def _longest(
        self, node: Tree, first: int, words: list[tuple[int, int]], stems: list[str], text: str, folded: str
    ) -> tuple[int, Entry] | None:
        best: tuple[int, Entry] | None = None
        at = first
        while True:
            for entry in node.get("", ()):
                if not entry.capitals or text[words[first][0] : words[at][1]].isupper():
                    best = (at, entry)
                    break
            following = at + 1
            while True:
                if following >= len(words) or folded[words[following - 1][1] : words[following][0]] not in _GAPS:
                    return best
                deeper = node.get(stems[following])
                if deeper is not None:
                    break
                if folded[words[following][0] : words[following][1]] not in self.small:
                    return best
                following += 1
            node, at = deeper, following


def stem(word: str) -> str:
    """Take the ending of a plural off a folded word."""
    return word[:-1] if len(word) > 4 and word[-1] in "sx" else word


@cache
def lexicon(code: str) -> Lexicon:
    """Return the lexicon of a language by its code."""
    folder = files("sosie.notes.languages").joinpath(code, "facts")
    grammar = tomllib.loads(folder.joinpath("facts.toml").read_text(encoding="utf-8"))
    small = frozenset(grammar["small"].split())
    tree: Tree = {}
    for role, name, phrase in _phrases(folder, grammar):
        _plant(tree, small, phrase, Entry(role, name, _in_capitals(phrase)))
    return Lexicon(tree, small, grammar)


def listed(folder: Traversable, name: str) -> Iterator[tuple[str, str]]:
    """Yield codes and phrases of a list; what is written by hand goes before what was taken from a classification."""
    for line in folder.joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        code, _, phrases = line.partition(" = ")
        if phrases and not line.startswith("#"):
            yield from ((code.strip(), phrase.strip()) for phrase in phrases.split(";") if phrase.strip())
    packed = folder.joinpath(f"{name}.txt.xz")
    if packed.is_file():
        for line in lzma.decompress(packed.read_bytes()).decode("utf-8").splitlines():
            code, _, phrase = line.partition("\t")
            yield code, phrase


def _phrases(folder: Traversable, grammar: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield roles, codes and phrases; the first to name a phrase has it."""
    for role, part in (("cue", "cues"), ("section", "sections"), ("MEASUREMENT", "measures"), ("SEX", "sexes")):
        for code, phrases in grammar[part].items():
            yield from ((role, code, phrase.strip()) for phrase in phrases.split(";") if phrase.strip())
    for role, name in _LISTS:
        yield from ((role, code, phrase) for code, phrase in listed(folder, name))


def _plant(tree: Tree, small: frozenset[str], phrase: str, entry: Entry) -> None:
    words = WORD.findall(fold(phrase))
    node = tree
    for place, word in enumerate(words):
        if place == 0 or word not in small:
            node = node.setdefault(stem(word), {})
    if words:
        entries = node.setdefault("", [])
        if all(other.capitals and not entry.capitals for other in entries):
            entries.append(entry)


def _in_capitals(phrase: str) -> bool:
    return phrase.isupper()
