"""Whole notes of many kinds, written for this test: what is left, and what is taken for nothing."""

import unicodedata
from collections.abc import Callable

import pytest
from marked import Marked, notes

from sosie.notes.identify import find
from sosie.notes.languages import load


def _shouted(note: Marked) -> str:
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in note.text)


def _bare(note: Marked) -> str:
    return "".join(unicodedata.normalize("NFD", c)[0] for c in note.text)


def _lowered(note: Marked) -> str:
    text = note.text
    for start, end, label in note.marks:
        if label in ("NOM", "PRENOM", "VILLE"):
            text = text[:start] + text[start:end].lower() + text[end:]
    return text


@pytest.mark.parametrize(
    ("disguise", "least"),
    [(lambda note: note.text, 0.985), (_bare, 0.985), (_shouted, 0.93), (_lowered, 0.93)],
    ids=["as written", "without accents", "in capitals", "names in small letters"],
)
def test_identifiers_are_found(disguise: Callable[[Marked], str], least: float) -> None:
    covered = total = 0
    for note in notes():
        seen = Marked(note.name, disguise(note), note.marks)
        covered += len(seen.covered(find(seen.text, load("fr"))))
        total += len(note.marks)
    assert covered >= least * total


def test_little_else_is_taken() -> None:
    excess = sum(note.excess(find(note.text, load("fr"))) for note in notes())
    plain = sum(len(note.text) - sum(end - start for start, end, _ in note.marks) for note in notes())
    assert excess < 0.045 * plain


@pytest.mark.parametrize("note", [note for note in notes() if not note.marks], ids=lambda note: note.name)
def test_a_note_without_identifiers_keeps_nearly_all_its_words(note: Marked) -> None:
    assert note.excess(find(note.text, load("fr"))) < 0.03 * len(note.text)
