"""Arithmetic and shape that a pattern cannot tell: keys of identifiers, capitals of the original text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType


def nir(value: str, _raw: str) -> float:
    """Return how far a French social security number can be trusted: its month and its key (INSEE)."""
    compact = re.sub(r"[^0-9ab]", "", value.replace("cle", ""))
    month = compact[3:5]
    plausible = month.isdigit() and (1 <= int(month) <= 12 or 20 <= int(month) <= 42 or 50 <= int(month) <= 99)
    if len(compact) == 15 and nir_key(compact):
        return 1.0
    return 0.95 if plausible else 0.8


def nir_key(compact: str) -> bool:
    """Tell whether the key of 15 characters is right: 2A counts as 19 and 2B as 18 before the division by 97."""
    number = compact[:5] + {"2a": "19", "2b": "18"}.get(compact[5:7], compact[5:7]) + compact[7:13]
    return number.isdigit() and compact[13:].isdigit() and 97 - int(number) % 97 == int(compact[13:])


def iban(value: str, _raw: str) -> float:
    """Return 1 for a bank account number whose key (ISO 13616, modulo 97) is right, else 0."""
    compact = value.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return 0.0
    number = int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4]))
    return float(number % 97 == 1)


def luhn(value: str, _raw: str) -> float:
    """Return 1 for a number whose Luhn digit is right, else 0."""
    digits = [int(character) for character in reversed(value) if character.isdigit()]
    total = sum(digit if i % 2 == 0 else sum(divmod(2 * digit, 10)) for i, digit in enumerate(digits))
    return float(total % 10 == 0)


def nhs(value: str, _raw: str) -> float:
    """Return 1 for an NHS number whose modulo 11 digit is right, else 0."""
    digits = [int(character) for character in value if character.isdigit()]
    total = sum(digit * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return float((11 - total % 11) % 11 == digits[9])


def dea(value: str, _raw: str) -> float:
    """Return 1 for a registration of the American DEA whose last figure is right, else 0."""
    digits = [int(character) for character in value[-7:]]
    return float((sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6])


def capitals(_value: str, raw: str) -> float:
    """Return 1 where the original is written in capitals."""
    return float(raw.isupper())


def digit(value: str, _raw: str) -> float:
    """Return 1 where there is a figure."""
    return float(any(character.isdigit() for character in value))


def three(value: str, _raw: str) -> float:
    """Return 1 where there are three figures or more, in five signs or more."""
    return float(len(value) > 4 and sum(character.isdigit() for character in value) >= 3)


def varied(value: str, _raw: str) -> float:
    """Return 1 where there are three different figures or more: a ruler of ones is no number."""
    return float(len(set(value) - set(" \n")) > 2)


def eight(value: str, _raw: str) -> float:
    """Return 1 where there are eight figures or more."""
    return float(sum(character.isdigit() for character in value) >= 8)


def titled_street(_value: str, raw: str) -> float:
    """Return 1 where a street without a number has a name with a capital, in a text that is not all capitals."""
    words = raw.split()[1:]
    return float(not raw.isupper() and any(word.lstrip("ldLD'’")[:1].isupper() for word in words))


def no_side(value: str, raw: str) -> float:
    """Return 0 for ``12 côté porte``: a side, no slope where people live."""
    return float(not re.search("cote", value) or "côté" not in raw.lower())


CHECKS: Mapping[str, Callable[[str, str], float]] = MappingProxyType(
    {
        "nir": nir,
        "iban": iban,
        "luhn": luhn,
        "nhs": nhs,
        "dea": dea,
        "capitals": capitals,
        "digit": digit,
        "three": three,
        "varied": varied,
        "eight": eight,
        "titled_street": titled_street,
        "no_side": no_side,
    }
)
