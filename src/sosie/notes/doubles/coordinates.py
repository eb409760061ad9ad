"""A frozen representation of a patient's notes: hashed words through a projection that nobody fitted.

Texts enter, a few numbers for each patient leave: the signed sums of the words' hashes (feature hashing, Weinberger et
al. 2009, arXiv 0902.2206), damped by the square root and by the number of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats
from sosie.notes.doubles.grams import word_hash, words

MOST = 8
"""Coordinates of a patient."""
_NAME = f"notes/hashed-signs/{MOST}"


@cache
def _signs(word: str) -> NDArray[np.float64]:
    bits = word_hash(word)
    return np.array([1.0 if bits >> at & 1 else -1.0 for at in range(MOST)])


def coordinates(patients: Sequence[Sequence[str]]) -> Floats:
    """Return the coordinates of patients, shape (patients, MOST); NaN for one without a word."""
    return np.array([_of(texts) for texts in patients]).reshape(len(patients), MOST)


def _of(texts: Sequence[str]) -> Floats:
    counted: dict[str, int] = {}
    for text in texts:
        for word in words(text):
            if word.isalpha() and len(word) > 2:
                counted[word] = counted.get(word, 0) + 1
    if not counted:
        return np.full(MOST, np.nan)
    weights = np.sqrt(np.fromiter(counted.values(), dtype=np.float64))
    signs = np.array([_signs(word) for word in counted])
    return np.asarray(weights @ signs / np.linalg.norm(weights))
