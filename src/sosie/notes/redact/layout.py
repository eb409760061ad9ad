"""The case, the accents and the line breaks of a text, given to what replaces it."""

from __future__ import annotations

import re
import unicodedata


def like(original: str, new: str) -> str:
    """Return a text in the case of another, without accents where capitals had none, broken where it was."""
    letters = [character for character in original if character.isalpha()]
    if letters and all(character.isupper() for character in letters) and len(letters) > 1:
        new = (plain(new) if original.isascii() else new).upper()
    elif letters and all(character.islower() for character in letters):
        new = new.lower()
    elif letters and letters[0].isupper():
        new = new[:1].upper() + new[1:]
    breaks = re.findall(r"[ \t]*\r?\n[ \t]*", original)
    for end in breaks:
        new = new.replace(" ", end, 1) if " " in new else f"{new}{end.strip(' ')}"
    return new


def plain(text: str) -> str:
    """Return a text without accents."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def poured(like_this: str, characters: str) -> str:
    """Put new digits where the digits of the original stand."""
    source = iter(characters)
    return "".join(next(source, character) if character.isdigit() else character for character in like_this)
