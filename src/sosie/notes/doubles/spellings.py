"""How the strings of a corpus are written, worked out once for each string, whatever patients are counted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.notes.doubles.figures import Spelling, figure, order, spelling
from sosie.notes.doubles.grams import Numbers


@dataclass(frozen=True)
class Spellings:
    """What is known of each string.

    Parameters
    ----------
    patterns : tuple of Spelling
    pattern : ndarray of int32, shape (strings,)
        -1 for a string that holds no number, or several.
    figure : ndarray of float64, shape (strings,)
    orders : tuple of str
    order : ndarray of int32, shape (strings,)
        Of dates; -1 for another string.
    capital, capitals : ndarray of bool, shape (strings,)
        Whether it begins with a capital; whether it has nothing else.
    """

    patterns: tuple[Spelling, ...]
    pattern: Numbers
    figure: Floats
    orders: tuple[str, ...]
    order: Numbers
    capital: Mask
    capitals: Mask

    @classmethod
    def of(cls, strings: Sequence[str]) -> Spellings:
        """Look at each string."""
        patterns: dict[Spelling, int] = {}
        orders: dict[str, int] = {}
        pattern, ordered = [], []
        for text in strings:
            found, name = spelling(text), order(text)
            pattern.append(-1 if found is None else patterns.setdefault(found, len(patterns)))
            ordered.append(orders.setdefault(name, len(orders)) if name else -1)
        return cls(
            tuple(patterns),
            np.array(pattern, dtype=np.int32),
            np.array([figure(text) for text in strings], dtype=np.float64),
            tuple(orders),
            np.array(ordered, dtype=np.int32),
            np.array([text[:1].isupper() for text in strings], dtype=bool),
            np.array([len(text) > 1 and text.isupper() for text in strings], dtype=bool),
        )
