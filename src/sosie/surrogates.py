"""Fictitious values that have the shape of an identifier and can belong to nobody.

A label, the original value and a stream of secret bytes come in; a surrogate leaves. Where an authority has set values
aside that are nobody's, they are used:

- French telephone numbers 06 39 98 xx xx, which ARCEP keeps for works of fiction; elsewhere the country code +999,
  which the ITU has assigned to nobody;
- social security numbers of the department 00, which does not exist, with a valid key; American ones of the area 666,
  never assigned; NHS numbers that start with 999, kept for tests;
- the domain example.org (RFC 2606), the networks 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849), and hardware
  addresses that start with 02, which are local.

Names are made of syllables and keep only the original's case; other identifiers keep their classes of characters.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

_ONSETS = ("b", "d", "f", "g", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr", "gl", "kr", "tr")
_PREFIXES = {"SSN": "666", "NHS": "999", "MAC": "02", "IBAN": "XX"}
_VOWELS = ("a", "e", "i", "o", "u", "ou", "ai", "eo")


def imitate(label: str, like: str, stream: Iterator[int]) -> str:
    """Return a fictitious value of the shape of ``like``, drawn from a stream of bytes."""
    if label in ("NAME", "FIRST_NAME", "PRACTITIONER"):
        return _name(like, stream)
    if label == "EMAIL":
        return f"{_letters(12, stream)}@example.org"
    if label == "URL":
        return f"https://example.org/{_letters(12, stream)}"
    if label == "IP":
        return _address(like, stream)
    if label == "NIR":
        return _poured(like, _nir(stream))
    if label == "PHONE":
        return _phone(like, stream)
    shape = _shape(like, stream)
    prefix = _PREFIXES.get(label, "")
    return _poured(shape, prefix + "".join(c for c in shape if c.isalnum())[len(prefix) :])


def _pick(below: int, stream: Iterator[int]) -> int:
    # Two bytes for at most 2,000 outcomes keep the bias of the remainder under 3 %, which gives nothing away.
    return (next(stream) << 8 | next(stream)) % below


def _name(like: str, stream: Iterator[int]) -> str:
    syllables = 2 + _pick(2, stream)
    word = "".join(_ONSETS[_pick(20, stream)] + _VOWELS[_pick(8, stream)] for _ in range(syllables)) + "n"
    if like.isupper():
        return word.upper()
    return word if like.islower() else word.capitalize()


def _letters(count: int, stream: Iterator[int]) -> str:
    return "".join(string.ascii_lowercase[_pick(26, stream)] for _ in range(count))


def _digits(count: int, stream: Iterator[int]) -> str:
    return "".join(str(_pick(10, stream)) for _ in range(count))


def _address(like: str, stream: Iterator[int]) -> str:
    if ":" in like:
        return "2001:db8::" + ":".join(f"{_pick(65535, stream) + 1:x}" for _ in range(4))
    return f"198.{18 + _pick(2, stream)}.{_pick(256, stream)}.{_pick(256, stream)}"


def _nir(stream: Iterator[int]) -> str:
    body = f"{1 + _pick(2, stream)}{_digits(2, stream)}{1 + _pick(12, stream):02d}00{_digits(6, stream)}"
    return f"{body}{97 - int(body) % 97:02d}"


def _phone(like: str, stream: Iterator[int]) -> str:
    digits = "".join(c for c in like if c.isdigit())
    if len(digits) == 10 and digits[0] == "0":
        return _poured(like, "063998" + _digits(4, stream))
    if len(digits) == 9:
        return _poured(like, "63998" + _digits(4, stream))
    if like.lstrip().startswith("+33") or digits.startswith("0033"):
        country = "0033" if digits.startswith("0033") else "33"
        zero = "0" if digits[len(country) :].startswith("0") else ""
        return _poured(like, f"{country}{zero}63998" + _digits(4, stream))
    return _poured(like, "999" + _digits(max(len(digits) - 3, 4), stream))


def _shape(like: str, stream: Iterator[int]) -> str:
    return "".join(_same_class(character, stream) for character in like)


def _same_class(character: str, stream: Iterator[int]) -> str:
    if character.isdigit():
        # Never 0, so that a number keeps its count of digits.
        return str(1 + _pick(9, stream))
    if not character.isalpha():
        return character
    alphabet = string.ascii_uppercase if character.isupper() else string.ascii_lowercase
    return alphabet[_pick(26, stream)]


def _poured(like: str, characters: str) -> str:
    """Put new characters where the letters and digits of the original stand; a shorter original cuts them."""
    source = iter(characters)
    return "".join(next(source, "") if character.isalnum() else character for character in like)
