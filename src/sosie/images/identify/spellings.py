"""Other spellings of a name: letters joined or apart (``œ``, ``ß``), Cyrillic and Greek in Latin letters, encodings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_APART = {"œ": "oe", "æ": "ae", "ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "þ": "th", "ð": "d"}
_JOINED = (("oe", "œ"), ("ae", "æ"), ("ss", "ß"), ("oe", "ö"), ("ae", "ä"), (r"(?<![qgaeiou])ue", "ü"))
_LEAST = 5
"""Letters above which an ASCII name may have lost joined letters, without being taken for other words."""
_ENCODINGS = (
    *("utf-8", "latin-1", "utf-16-le", "utf-16-be", "iso8859-2", "iso8859-5", "iso8859-7", "gb18030", "shift_jis"),
    *("euc-kr", "euc-jp", "cp1251", "iso8859-6"),
)
_BYTES = 4
"""Bytes that are looked for."""
_LETTERS = """
а:a б:b в:v г:g д:d е:e з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f ы:y э:e і:i ў:u ж:zh х:kh ц:ts ч:ch
ш:sh щ:shch ю:yu я:ya ё:e є:ye ї:yi ґ:g љ:lj њ:nj ђ:dj ћ:c џ:dz ъ: ь:
α:a β:v γ:g δ:d ε:e ζ:z η:i ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f ω:o χ:ch ψ:ps θ:th
"""
_LATIN = {pair[0]: pair[2:] for pair in _LETTERS.split()}
_PAIRS = (("ου", "u"), ("μπ", "b"), ("ντ", "nt"), ("γγ", "ng"), ("γκ", "gk"), ("αυ", "av"), ("ευ", "ev"))
_OTHERS = (
    (("ου", "ou"), ("ευ", "ef"), ("αυ", "af")),
    (("ου", "ou"), ("χ", "h"), ("β", "b"), ("φ", "ph"), ("υ", "u"), ("ξ", "ks"), ("η", "e"), ("μπ", "mp")),
    (("ий", "y"), ("х", "h"), ("й", "i"), ("ц", "c"), ("ж", "j"), ("ю", "iu"), ("я", "ia")),
    (("кс", "x"), ("ей", "ei"), ("ё", "yo"), ("щ", "sch"), ("й", "j"), ("х", "h")),
)


@lru_cache(maxsize=4096)
def others(name: str) -> tuple[str, ...]:
    """Return the other spellings of a name, in small letters, without the name as it is written."""
    small = unicodedata.normalize("NFC", name).casefold() if "ß" not in name else name.lower()
    found = {"".join(_APART.get(letter, letter) for letter in small)}
    if small.isascii() and len(small) > _LEAST:
        found |= {re.sub(apart, joined, small) for apart, joined in _JOINED}
    base = "".join(letter for letter in unicodedata.normalize("NFD", small) if not unicodedata.combining(letter))
    if any(letter in _LATIN for letter in base):
        # Signs that tell letters apart (й, ё, ї) are lost in what decomposes.
        for source in {base, small if any(letter in small for letter in "йёїў") else base}:
            found |= {_latin(source, pairs) for pairs in ((), *_OTHERS)}
    return tuple(sorted(found - {small, name, ""}))


def encoded(text: str) -> Iterator[bytes]:
    """Yield the bytes of a text in each encoding that can write it, but for those too few to be looked for."""
    for encoding in _ENCODINGS:
        try:
            written = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if len(written) >= _BYTES:
            yield written


def _latin(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in (*pairs, *_PAIRS):
        text = text.replace(old, new)
    return "".join(_LATIN.get(letter, letter) for letter in text)
