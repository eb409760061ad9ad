"""What the detector sees of a token: hashed features of its letters, and the layout around it.

Features of letters depend on the token alone, so that their sum is computed once for every distinct token of a corpus;
features of layout (gaps, lines, the case of the document) are small integers, one column a question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sosie.notes.tokens import Offsets

ROWS = 1 << 16
GAZETTEERS = ("first_names", "last_names", "cities", "drugs", "medical_words", "common_words")
"""Lists of single words whose membership is a feature; those that a language lacks are empty."""

LAYOUT = (6, 6, 8, 5, 4, 8, 8, 8, 3)
"""Number of values of each column of layout: gap before, gap after, place in the line, case of the document, case of
the line, length of the line, line from the top, line from the bottom, colon earlier in the line."""

_CAPITAL = re.compile("[A-ZÀ-ÖØ-Þ]")
_SMALL = re.compile("[a-zß-öø-ÿœ]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'"})


def fold(word: str) -> str:
    """Lower case, without accents."""
    lowered = word.lower().translate(_LIGATURES)
    if lowered.isascii():
        return lowered
    return "".join(sign for sign in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(sign))


def letters(token: str, gazetteers: Mapping[str, frozenset[str]]) -> list[int]:
    """Rows of the table of weights that a token switches on: first its word, then its lists, then the rest.

    The order matters to training alone, which leaves out words and lists at random.
    """
    word = fold(token)
    shape = _shape(token)
    found = [_row("w", word)]
    found += [_row("g", name) for name in GAZETTEERS if word in gazetteers.get(name, ())]
    names = len(found)
    found += [_row("s", shape), _row("n", str(min(len(token), 12))), _row("c", _case(token))]
    if word.isdecimal():
        found += [_row("d", value) for value in _number(word)]
    elif word.isalpha():
        marked = f"^{word[:16]}$"
        found += [_row("p", marked[:size]) for size in (2, 3, 4, 5)]
        found += [_row("f", marked[-size:]) for size in (2, 3, 4, 5)]
        found += [_row("t", marked[at : at + 3]) for at in range(len(marked) - 2)]
    if not token.isascii():
        found.append(_row("a", "accent"))
    return [names, *found]


def _row(kind: str, value: str) -> int:
    return crc32(f"{kind}{value}".encode()) & (ROWS - 1)


def _case(token: str) -> str:
    if token.islower():
        return "lower"
    if token.isupper():
        return "upper" if len(token) > 1 else "capital"
    if token.istitle():
        return "title"
    return "mixed" if token.isalpha() else "sign"


def _shape(token: str) -> str:
    signs = [
        "X" if sign.isupper() else "x" if sign.isalpha() else "9" if sign.isdigit() else sign for sign in token[:10]
    ]
    short = [sign for at, sign in enumerate(signs) if at < 2 or signs[at - 2 : at] != [sign, sign]]
    return "".join(short)


def _number(word: str) -> list[str]:
    values = [f"length {min(len(word), 16)}"]
    if len(word) <= 4:
        value = int(word)
        bounds = (("day", 1, 31), ("month", 1, 12), ("year", 1900, 2035), ("age", 0, 110), ("department", 1, 97))
        values += [name for name, low, high in bounds if low <= value <= high]
    if len(word) >= 5:
        values.append(f"begins {word[0]}")
    return values


def layout(text: str, tokens: Sequence[Offsets]) -> NDArray[np.int64]:
    """Columns of `LAYOUT` for every token, shape (tokens, len(LAYOUT)), as rows of one table of weights."""
    n = len(tokens)
    gaps = [_gap(text[tokens[at - 1][1] : tokens[at][0]]) if at else 5 for at in range(n)]
    out = np.zeros((n, len(LAYOUT)), dtype=np.int64)
    out[:, 0] = gaps
    out[:, 1] = [*gaps[1:], 5][:n]
    starts = [at for at in range(n) if gaps[at] >= 3] or [0]
    whole = text[tokens[0][0] : tokens[-1][1]] if n else ""
    capital = len(_CAPITAL.findall(whole))
    share = capital / max(1, capital + len(_SMALL.findall(whole)))
    out[:, 3] = int(np.searchsorted([0.002, 0.03, 0.15, 0.7], share))
    for line, (first, last) in enumerate(zip(starts, [*starts[1:], n], strict=True)):
        words = text[tokens[first][0] : tokens[last - 1][1]]
        out[first:last, 2] = np.minimum(np.arange(last - first), 7)
        out[first:last, 4] = 3 if words.isupper() else 2 if words.islower() else 1 if words.istitle() else 0
        out[first:last, 5] = min(7, (last - first) // 3)
        out[first:last, 6] = min(7, line // 2)
        out[first:last, 7] = min(7, (len(starts) - 1 - line) // 2)
        colon = words.find(":")
        if colon >= 0:
            at = tokens[first][0] + colon
            out[first:last, 8] = [1 if start > at else 2 for start, _ in tokens[first:last]]
    return out + np.concatenate(([0], np.cumsum(LAYOUT)[:-1]))


def _gap(between: str) -> int:
    if not between:
        return 0
    lines = between.count("\n") or between.count("\r")
    if lines:
        return 3 if lines == 1 else 4
    return 1 if len(between) == 1 else 2
