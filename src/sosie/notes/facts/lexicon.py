"""All that a language has to say facts with, in one tree of words that a note is walked through once.

The files of a language's folder ``facts`` come in (``facts.toml``, ``problems.txt``, ``treatments.txt`` and the lists
that `training/fact_lists.py` builds); a `Lexicon` leaves. An entry that is written in capitals counts in capitals only
(``EP`` is an embolism, ``ep`` is not). Articles inside an entry are free: "cancer du sein" is "cancer sein".
"""

from __future__ import annotations

import lzma
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sosie.notes.languages.folding import fold

WORD = re.compile(r"[^\W_]+")
_GAPS = frozenset({" ", "-", "'", "/", "\n", "  ", " \n", "\n ", ". ", " - ", "' ", " '"})
"""What may stand between two words of an entry."""
_LISTS = (("PROBLEM", "problems"), ("TREATMENT", "treatments"))
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase stands for; it may do several things at once ("allergie" is a problem, a denial, a heading).

    Parameters
    ----------
    kind : str
        ``PROBLEM``, ``TREATMENT``, ``SEX``, or empty.
    code : str
        Of the fact.
    measure : str
        Whose figure may follow.
    cue : str
        ``STATUS before``, ``STATUS near`` (up to a comma), ``STATUS after``; with ``treatment`` for treatments only;
        ``stop``, ``aside``; ``nothing``. Several are apart by ``; ``.
    heading : str
        The status of what stands under it, where it is a heading; with ``treatment`` for treatments only.
    capitals : bool
        Whether it counts in capitals only.
    """

    kind: str = ""
    code: str = ""
    measure: str = ""
    cue: str = ""
    heading: str = ""
    capitals: bool = False

    def joined(self, other: Entry) -> Entry:
        """Return what both do; this one where they differ."""
        fact = (self.kind, self.code) if self.kind else (other.kind, other.code)
        cue = "; ".join(dict.fromkeys(filter(None, (self.cue, other.cue))))
        return Entry(*fact, self.measure or other.measure, cue, self.heading or other.heading, self.capitals)


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
        stems = [_stem_of(folded[start:end]) for start, end in words]
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
            entries = node.get("")
            if entries is not None:
                entry = _meant(entries, text, words[first][0], words[at][1])
                best = best if entry is None else (at, entry)
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


def _stem_of(word: str) -> str:
    return stem(word if word.isascii() else fold(word))


def _meant(entries: Sequence[Entry], text: str, start: int, end: int) -> Entry | None:
    """Return what a phrase does as it is written: in capitals, what those in capitals do first."""
    if entries[-1].capitals and text[start:end].isupper():
        return entries[-1].joined(entries[0])
    return None if entries[0].capitals else entries[0]


def stem(word: str) -> str:
    """Take the ending of a plural off a folded word."""
    return word[:-1] if len(word) > 4 and word[-1] == "s" else word


@cache
def lexicon(code: str) -> Lexicon:
    """Return the lexicon of a language by its code."""
    folder = folder_of(code)
    grammar = tomllib.loads(folder.joinpath("facts.toml").read_text(encoding="utf-8"))
    small = frozenset(grammar["small"].split())
    tree: Tree = {}
    for phrase, entry in _phrases(folder, grammar):
        _plant(tree, small, phrase, entry)
    return Lexicon(tree, small, grammar)


def folder_of(code: str) -> Traversable:
    """Return the folder in which a language keeps what it says facts with."""
    return files("sosie.notes.languages").joinpath(code, "facts")


def listed(folder: Traversable, name: str) -> Iterator[tuple[str, str]]:
    """Yield codes and phrases of a list; what is written by hand goes before what was taken from a classification."""
    for line in folder.joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        code, _, phrases = line.partition(" = ")
        if phrases and not line.startswith("#"):
            yield from ((code.strip(), phrase) for phrase in _split(phrases))
    packed = folder.joinpath(f"{name}.txt.xz")
    if packed.is_file():
        for line in lzma.decompress(packed.read_bytes()).decode("utf-8").splitlines():
            code, _, phrase = line.partition("\t")
            yield code, phrase


def _phrases(folder: Traversable, grammar: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    """Yield phrases and what they do; the first to give one of them a meaning has it."""
    for code, phrases in grammar["cues"].items():
        yield from ((phrase, Entry(cue=code)) for phrase in _split(phrases))
    for code, phrases in grammar["sections"].items():
        yield from ((phrase, Entry(heading=code)) for phrase in _split(phrases))
    for code, phrases in grammar["measures"].items():
        yield from ((phrase, Entry(measure=code)) for phrase in _split(phrases))
    for code, phrases in grammar["sexes"].items():
        yield from ((phrase, Entry("SEX", code)) for phrase in _split(phrases))
    for kind, name in _LISTS:
        yield from ((phrase, Entry(kind, code)) for code, phrase in listed(folder, name))


def _split(phrases: str) -> Iterator[str]:
    return (phrase.strip() for phrase in re.split(r"[;\n]", phrases) if phrase.strip())


def _plant(tree: Tree, small: frozenset[str], phrase: str, entry: Entry) -> None:
    words = WORD.findall(fold(phrase))
    if not words:
        return
    last = len(words) - 1
    node = tree
    for place, word in enumerate(words):
        # A small word at either end is part of the phrase: "history of" is more than "history".
        if word not in small or place in (0, last):
            node = node.setdefault(stem(word), {})
    if phrase.isupper():
        entry = replace(entry, capitals=True)
    entries = node.setdefault("", [])
    for place, other in enumerate(entries):
        if other.capitals == entry.capitals:
            entries[place] = other.joined(entry)
            return
    entries.append(entry)
    entries.sort(key=lambda one: one.capitals)
