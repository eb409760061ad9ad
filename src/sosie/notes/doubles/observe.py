"""How an attacker sees the notes of a cohort: the same columns of real notes and of doubles', from the texts alone.

How many notes, of which kinds and how long; hashed words; which of some telling words stand there; the numbers behind
some words. It knows nothing of frames, of facts or of what wrote a note. What is looked for is frozen on one cohort.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Column, Floats, Kind, Vectors
from sosie.notes.document import Document
from sosie.notes.doubles.grams import Hashes, hashes

SIGNS, WORDS, NUMBERS, KINDS = 20, 20, 8, 20
"""Hashed coordinates, telling words, words before numbers, kinds of notes: at most."""
_FIRST_BIT = 32
"""Other bits of the hashes than those of the patient vector's own coordinates."""
_BEHIND = r"[^\w\n]{1,4}(?:(?:à|a|de|of|at|is|est)[^\w\n])?(\d{1,5}(?:[.,]\d+)?)(?![\d/])"
_FIGURE = re.compile(rf"(?<![^\W\d_])([^\W\d_]{{2,}}){_BEHIND}")
_SHARES = (0.08, 0.92)

Patients = Sequence[Sequence[Document]]


@dataclass(frozen=True)
class Lens:
    """What is looked for.

    Parameters
    ----------
    kinds : tuple of str
    words : ndarray of uint64, shape (words,)
        Sorted.
    before : tuple of str
        Words before numbers.
    """

    kinds: tuple[str, ...]
    words: Hashes
    before: tuple[str, ...]

    @classmethod
    def of(cls, patients: Patients) -> Lens:
        """Choose what to look for: words that part patients, words before numbers."""
        kinds = Counter(kind for notes in patients for kind in {document.kind or "" for document in notes})
        hashed, owner = _words(patients)
        pairs = np.unique(np.rec.fromarrays([hashed, owner]))
        known, counts = np.unique(pairs["f0"], return_counts=True)
        share = counts / max(len(patients), 1)
        telling = np.flatnonzero((share >= _SHARES[0]) & (share <= _SHARES[1]))
        # Spread over the shares, so that both rare and frequent words are looked at; ties by hash, which is arbitrary.
        ranked = telling[np.lexsort((known[telling], np.abs(share[telling] - 0.5)))]
        chosen = ranked[np.unique(np.linspace(0, len(ranked) - 1, WORDS).astype(int))] if len(ranked) else ranked
        numbers = Counter(word for notes in patients for word in set(_figures(notes)))
        least = _SHARES[0] * len(patients)
        before = tuple(word for word, count in numbers.most_common(NUMBERS) if count >= least)
        return cls(tuple(name for name, _ in kinds.most_common(KINDS)), np.sort(known[chosen]), before)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is seen."""
        named = [Column("notes.count", Kind.NUMERIC), Column("notes.words", Kind.NUMERIC)]
        named += [Column("notes.lines", Kind.NUMERIC), Column("notes.longest", Kind.NUMERIC)]
        if len(self.kinds) > 1:
            named.append(Column("notes.kind", Kind.CATEGORICAL, len(self.kinds) + 1))
            named.append(Column("notes.kinds", Kind.NUMERIC))
        named += [Column(f"notes.hashed {at}", Kind.NUMERIC) for at in range(SIGNS)]
        named += [Column(f"notes.word {at}", Kind.CATEGORICAL, 2) for at in range(len(self.words))]
        named += [Column(f"notes.number {at}", Kind.NUMERIC) for at in range(len(self.before))]
        return tuple(named)

    def look(self, patients: Patients) -> Vectors:
        """Return what is seen of each patient."""
        n = len(patients)
        hashed, owner = _words(patients)
        sizes = [[len(document.text) for document in notes] for notes in patients]
        seen: list[Floats] = [
            np.array([len(notes) for notes in patients], dtype=np.float64),
            np.bincount(owner, minlength=n).astype(np.float64),
            np.array([sum(document.text.count("\n") for document in notes) for notes in patients], dtype=np.float64),
            np.array([max(each, default=0) for each in sizes], dtype=np.float64),
        ]
        if len(self.kinds) > 1:
            seen += self._kinds(patients)
        seen += list(_signed(hashed, owner, n).T)
        seen += list(self._there(hashed, owner, n).T)
        seen += list(self._numbers(patients).T)
        return Vectors(self.columns, np.column_stack(seen))

    def _kinds(self, patients: Patients) -> list[Floats]:
        place = {kind: float(at) for at, kind in enumerate(self.kinds)}
        main, several = [], []
        for notes in patients:
            counted = Counter(document.kind or "" for document in notes)
            usual = min(counted, key=lambda kind: (-counted[kind], kind), default=None)
            main.append(np.nan if usual is None else place.get(usual, float(len(self.kinds))))
            several.append(float(len(counted)))
        return [np.array(main), np.array(several)]

    def _there(self, hashed: Hashes, owner: np.ndarray, patients: int) -> Floats:
        found = np.zeros((patients, len(self.words)))
        if len(self.words) and len(hashed):
            at = np.minimum(np.searchsorted(self.words, hashed), len(self.words) - 1)
            same = self.words[at] == hashed
            found[owner[same], at[same]] = 1.0
        return found

    def _numbers(self, patients: Patients) -> Floats:
        place = {word: at for at, word in enumerate(self.before)}
        total, count = np.zeros((len(patients), len(place))), np.zeros((len(patients), len(place)))
        if place:
            words = "|".join(map(re.escape, self.before))
            figure = re.compile(rf"(?<![^\W\d_])({words}){_BEHIND}", re.IGNORECASE)
            for row, notes in enumerate(patients):
                for document in notes:
                    for word, number in figure.findall(document.text):
                        at = place[word.casefold()]
                        total[row, at] += float(number.replace(",", "."))
                        count[row, at] += 1.0
        return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)


def _words(patients: Patients) -> tuple[Hashes, np.ndarray]:
    """Return all words as numbers, and whose each is."""
    found = [hashes(document.text) for notes in patients for document in notes]
    owner = [row for row, notes in enumerate(patients) for _ in notes]
    sizes = [len(each) for each in found]
    whole = np.concatenate([*found, np.zeros(0, dtype=np.uint64)])
    return whole, np.repeat(np.array(owner, dtype=np.int64), sizes)


def _signed(hashed: Hashes, owner: np.ndarray, patients: int) -> Floats:
    """Return signed sums of hashes, damped by the number of words, shape (patients, SIGNS)."""
    count = np.bincount(owner, minlength=patients)
    sums = []
    for at in range(SIGNS):
        sign = ((hashed >> np.uint64(_FIRST_BIT + at)) & np.uint64(1)).astype(np.float64) * 2.0 - 1.0
        sums.append(np.bincount(owner, sign, minlength=patients))
    return np.column_stack(sums) / np.sqrt(np.maximum(count, 1))[:, None]


def _figures(notes: Sequence[Document]) -> list[str]:
    """Return the words that stand before a number."""
    return [word.casefold() for document in notes for word, _ in _FIGURE.findall(document.text)]
