"""Other spellings of a name: letters joined or apart (``œ``, ``ß``, ``ü``), Cyrillic and Greek in Latin letters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_APART = {"œ": "oe", "æ": "ae", "ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "þ": "th", "ð": "d"}
_JOINED = (("oe", "œ"), ("ae", "æ"), ("ss", "ß"), ("oe", "ö"), ("ae", "ä"), ("ue", "ü"))
_LEAST = 5
"""Letters above which an ASCII name may have lost joined letters, without being taken for other words."""
_LATIN = dict(
    zip("абвгдезийклмнопрстуфыэіў", "a b v g d e z i y k l m n o p r s t u f y e i u".split(), strict=True)
) | {
    **dict(zip("жхцчшщюяёєїґљњђћџ", "zh kh ts ch sh shch yu ya e ye yi g lj nj dj c dz".split(), strict=True)),
    **dict.fromkeys("ъь", ""),
    **dict(zip("αβγδεζηικλμνξοπρσςτυφωχψθ", "a v g d e z i i k l m n x o p r s s t y f o ch ps th".split(), strict=True)),
}
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
        found |= {small.replace(apart, joined) for apart, joined in _JOINED if apart in small}
    base = "".join(letter for letter in unicodedata.normalize("NFD", small) if not unicodedata.combining(letter))
    if any(letter in _LATIN for letter in base):
        # Signs that tell letters apart (й, ё, ї) are lost in what decomposes.
        for source in {base, small if any(letter in small for letter in "йёїў") else base}:
            found |= {_latin(source, pairs) for pairs in ((), *_OTHERS)}
    return tuple(sorted(found - {small, name, ""}))


def _latin(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in (*pairs, *_PAIRS):
        text = text.replace(old, new)
    return "".join(_LATIN.get(letter, letter) for letter in text)
