"""Annotated notes written by hand, told again with other people: a skeleton that no grammar has, as many times as wanted.

A file of ``written`` holds notes, each after a line ``=== id | family | comment``, with ``⟦LABEL|text⟧`` around what
identifies, under neutral or French labels. Every telling gives most marks a value of the same look, drawn by `Stand`, and
now and then keeps a piece of the note alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sosie.notes import languages
from sosie.notes.document import Label
from training.notes import noise
from training.notes.draft import Annotated, Draft, Piece
from training.notes.names import Names
from training.notes.stand import Stand

HERE = Path(__file__).parent / "written"
HELD = 6
"""One note out of so many is held out."""

_HEAD = re.compile(r"^===[^\n]*\n", re.MULTILINE)
_MARK = re.compile(r"⟦(?P<label>[A-Z_]+)\|(?P<text>[^⟦⟧]*)⟧")
_CHANGED, _CUT, _NOISY = 0.8, 0.3, 0.6


class Written:
    """The notes of one language.

    Parameters
    ----------
    language : str
    lists : mapping
        Words by list, as those of `Generator`.
    part : {"all", "known", "held"}
        Which notes: every sixth is held.
    """

    def __init__(self, language: str, lists: Mapping[str, Sequence[str]], part: str = "all") -> None:
        self._language, self._lists = language, lists
        self._names = Names(lists, language)
        notes = [note for path in sorted(HERE.glob(f"{language}_*.txt")) for note in read(path, language)]
        held = [at % HELD == HELD - 1 for at in range(len(notes))]
        self.notes = [note for note, out in zip(notes, held, strict=True) if part == "all" or out == (part == "held")]
        self._trades = [text for note in self.notes for text, label in note if label is Label.PROFESSION]

    def plain(self) -> list[Annotated]:
        """The notes as they were written."""
        return [Draft(note).finish() for note in self.notes]

    def tell(self, rng: random.Random) -> Annotated:
        """A note with other values, often with noise, at times a piece of it alone."""
        pieces = rng.choice(self.notes)
        if rng.random() < _CUT:
            pieces = cut(pieces, rng)
        stand = Stand(self._names, self._lists, self._language, self._trades, rng)
        draft = Draft((text if label is None else stand.other(text, label, _CHANGED), label) for text, label in pieces)
        if rng.random() < _NOISY:
            noise.worsen(draft, rng)
        return draft.finish()


def read(path: Path, language: str) -> list[list[Piece]]:
    """The notes of a file, as pieces with their labels."""
    published = {name: label for label, name in languages.load(language).published.items()}
    named = {
        "IDENTIFIANT": Label.IDENTIFIER,
        **published,
        **{label.value: label for label in Label},
        **{label.name: label for label in Label},
    }
    notes = _HEAD.split(path.read_text(encoding="utf-8"))[1:]
    return [_pieces(note.strip("\n"), named) for note in notes]


def _pieces(marked: str, named: Mapping[str, Label]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for mark in _MARK.finditer(marked):
        pieces += [(marked[at : mark.start()], None), (mark["text"], named[mark["label"]])]
        at = mark.end()
    return [*pieces, (marked[at:], None)]


def cut(pieces: Sequence[Piece], rng: random.Random) -> list[Piece]:
    """Some lines of a note that follow each other; the whole note where they would be blank."""
    lines: list[list[Piece]] = [[]]
    for text, label in pieces:
        if label is not None:
            lines[-1].append((text, label))
            continue
        first, *rest = text.split("\n")
        lines[-1].append((first, None))
        lines += [[(line, None)] for line in rest]
    size = rng.randint(1, len(lines))
    start = rng.randint(0, len(lines) - size)
    chosen = lines[start : start + size]
    kept: list[Piece] = [piece for line in chosen for piece in (*line, ("\n", None))][:-1]
    return kept if any(text.strip() for text, _ in kept) else list(pieces)
