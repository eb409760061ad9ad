"""The words of notes in rows of eight, and those rows that only a few patients' notes hold.

A text becomes 64-bit numbers, one a word, whatever its case and accents; a row of eight words becomes their polynomial.
Two different rows meet once in some 10^19: a check then refuses a sentence that it could have let through, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Mask
from sosie.notes.languages.folding import fold

WIDTH = 8
"""Words of a row."""
_WORD = re.compile(r"[^\W_]+")
_BASE = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int32]


@lru_cache(maxsize=400_000)
def word_hash(word: str) -> int:
    """Return 64 bits that stand for a word, however it is cased and accented."""
    return int.from_bytes(blake2b(fold(word).encode("utf-8", "surrogatepass"), digest_size=8).digest())


def words(text: str) -> list[str]:
    """Return the words and the numbers of a text."""
    return _WORD.findall(text)


def hashes(text: str) -> Hashes:
    """Return the words of a text as numbers, shape (words,)."""
    return np.fromiter(map(word_hash, _WORD.findall(text)), dtype=np.uint64)


def rows(hashed: Hashes, width: int = WIDTH) -> Hashes:
    """Return every row of words, shape (words - width + 1,)."""
    count = len(hashed) - width + 1
    if count < 1:
        return np.zeros(0, dtype=np.uint64)
    total = hashed[:count].copy()
    for at in range(1, width):
        total = total * _BASE + hashed[at : at + count]
    return total


@dataclass(frozen=True)
class Grams:
    """Which patients' notes hold which rows of words.

    Parameters
    ----------
    known : ndarray of uint64, shape (grams,)
        Sorted.
    gram, patient : ndarray of int32, shape (pairs,)
        Each gram with each patient who has it.
    """

    known: Hashes
    gram: Numbers
    patient: Numbers

    @classmethod
    def of(cls, patients: Iterable[Sequence[str]], width: int = WIDTH) -> Grams:
        """Read the texts of each patient."""
        found: list[Hashes] = []
        for texts in patients:
            each = [rows(hashes(text), width) for text in texts]
            found.append(np.unique(np.concatenate(each)) if each else np.zeros(0, dtype=np.uint64))
        sizes = [len(each) for each in found]
        known, gram = np.unique(np.concatenate([*found, np.zeros(0, np.uint64)]), return_inverse=True)
        return cls(known, gram.astype(np.int32), np.repeat(np.arange(len(found), dtype=np.int32), sizes))

    def rare(self, present: Mask, k: int) -> Hashes:
        """Return, sorted, the rows that 1 to k - 1 of some patients have."""
        counts = np.bincount(self.gram[present[self.patient]], minlength=len(self.known))
        return np.asarray(self.known[(counts > 0) & (counts < k)])


def among(sought: Hashes, known: Hashes) -> Mask:
    """Tell which numbers are in a sorted list of them."""
    if not len(known):
        return np.zeros(len(sought), dtype=bool)
    at = np.searchsorted(known, sought)
    return np.asarray(known[np.minimum(at, len(known) - 1)] == sought)


class Lines(dict[str, Hashes]):
    """The words of lines, kept: a double's lines are mostly those of others."""

    MOST = 200_000

    def __missing__(self, line: str) -> Hashes:
        found = hashes(line)
        if len(self) < self.MOST:
            self[line] = found
        return found


def offending(notes: Sequence[Sequence[str]], rare: Hashes, known: Mapping[str, Hashes]) -> list[list[int]]:
    """Return, for each note, the lines that take part in a rare row of words.

    Parameters
    ----------
    notes : sequence of sequence of str
        The lines of each note.
    rare : ndarray of uint64
        Sorted.
    known : mapping of str to ndarray
        `Lines`.

    Returns
    -------
    list of list of int
        Of each rare row, the last line that it touches; in ascending order, each once.
    """
    found: list[list[int]] = [[] for _ in notes]
    pieces = [known[line] for lines in notes for line in lines]
    if not pieces or not len(rare):
        return found
    hashed = np.concatenate(pieces)
    owner = np.repeat(np.arange(len(notes)), [len(lines) for lines in notes])
    place = np.concatenate([np.arange(len(lines)) for lines in notes])
    sizes = np.array([len(piece) for piece in pieces])
    note, line = np.repeat(owner, sizes), np.repeat(place, sizes)
    grams = rows(hashed)
    if not len(grams):
        return found
    first, last = np.arange(len(grams)), np.arange(len(grams)) + WIDTH - 1
    bad = among(grams, rare) & (note[first] == note[last])
    for at in np.flatnonzero(bad):
        each = found[note[at]]
        end = int(line[at + WIDTH - 1])
        if end not in each:
            each.append(end)
    return [sorted(each) for each in found]
