"""A text without case and accents, character by character: what is found in it stands at the same place in the text."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ALONE = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i"})


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Return a text of the same length in small letters without accents."""
    if text.isascii():
        return text.lower()
    return "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[:1].casefold()[:1].translate(_ALONE)
    return base or character
