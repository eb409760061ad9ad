"""Fictitious values that have the shape of an identifier and can belong to nobody.

A label, the original value and a stream of secret bytes come in; a surrogate leaves. Where an authority has set values
aside that are nobody's, they are used:

- French telephone numbers of the blocks that ARCEP keeps for works of fiction (06 39 98 xx xx, and one for each zone);
  elsewhere the country code +999, which the ITU has assigned to nobody;
- social security numbers of the department 00, which does not exist, with a valid key, the sex of the original and its
  month of birth moved as dates are; American ones of the area 666, never assigned; NHS numbers that start with 999,
  kept for tests;
- numbers of professionals that start with 99, of facilities of the department 00, bank accounts of the bank 99999 or
  the country XX, with valid check digits;
- the domain example.org (RFC 2606), the networks 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849), and hardware
  addresses that start with 02, which are local.

Names have a room of their own (`names`); other identifiers keep their classes of characters.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sosie.names.lists import LANGUAGES, fold, pools

_PREFIXES = {"SSN": "666", "NHS": "999", "MAC": "02", "RPPS": "99", "FINESS": "00", "ADELI": "00"}
_FICTION = {"1": "19900", "2": "26191", "3": "35301", "4": "46571", "5": "53649"}
_BANK = "99999"
_MONTHS = 12
REDRAWN = 8
"""Times that a value which came out as the original is drawn again."""


def imitate(
    label: str, like: str, stream: Iterator[int], shift: timedelta = timedelta(), born: date | None = None
) -> str:
    """Return a fictitious value of the shape of ``like``, drawn from a stream of bytes.

    Parameters
    ----------
    label : str
    like : str
    stream : iterator of int
    shift : timedelta
        By which the patient's dates move; the month of birth in a social security number moves alike.
    born : date, optional
        The patient's birth date before the shift, where it is known.
    """
    make = _MAKERS.get(label)
    for _ in range(REDRAWN):
        if label == "NIR":
            made = _poured(like, _nir(like, stream, shift, born))
        else:
            made = make(like, stream) if make else _shape(like, stream, _PREFIXES.get(label, ""))
        if made != like:
            break
    return made


def _pick(below: int, stream: Iterator[int]) -> int:
    # Two bytes for at most 2,000 outcomes keep the bias of the remainder under 3 %, which gives nothing away.
    return (next(stream) << 8 | next(stream)) % below


def _email(like: str, stream: Iterator[int]) -> str:
    known = pools(LANGUAGES[0])
    first, last = (known[kind, 1] for kind in ("MF"[_pick(2, stream)], "L"))
    names = (fold(each[_pick(len(each), stream)]) for each in (first, last))
    made = f"{'.'.join(names)}{_digits(3, stream)}@example.org"
    return made.upper() if like.isupper() else made


def _url(like: str, stream: Iterator[int]) -> str:
    place = f"example.org/{_letters(12, stream)}"
    return place if like and "://" not in like else f"https://{place}"


def _letters(count: int, stream: Iterator[int]) -> str:
    return "".join(string.ascii_lowercase[_pick(26, stream)] for _ in range(count))


def _digits(count: int, stream: Iterator[int]) -> str:
    return "".join(str(_pick(10, stream)) for _ in range(count))


def _address(like: str, stream: Iterator[int]) -> str:
    if ":" in like:
        return "2001:db8::" + ":".join(f"{_pick(65535, stream) + 1:x}" for _ in range(4))
    return f"198.{18 + _pick(2, stream)}.{_pick(256, stream)}.{_pick(256, stream)}"


def _nir(like: str, stream: Iterator[int], shift: timedelta, born: date | None) -> str:
    digits = "".join(character for character in like if character.isalnum())
    sex = digits[0] if digits[:1] in ("1", "2", "3", "4", "7", "8") else str(1 + _pick(2, stream))
    born = born or _birth(digits[1:5])
    # Months above 12 stand for births whose month nobody knows.
    month = f"{_digits(2, stream)}{1 + _pick(_MONTHS, stream):02d}" if born is None else f"{born + shift:%y%m}"
    body = f"{sex}{month}00{_digits(6, stream)}"
    return f"{body}{97 - int(body) % 97:02d}"


def _birth(year_month: str) -> date | None:
    """Return the middle of a month; the century changes nothing."""
    if not (year_month.isdecimal() and len(year_month) == 4 and 1 <= int(year_month[2:]) <= _MONTHS):
        return None
    return date(2000 + int(year_month[:2]), int(year_month[2:]), 15)


def _phone(like: str, stream: Iterator[int]) -> str:
    digits = "".join(c for c in like if c.isdigit())
    if len(digits) == 10 and digits[0] == "0":
        return _poured(like, f"0{_fiction(digits[1])}" + _digits(4, stream))
    if len(digits) == 9:
        return _poured(like, _fiction(digits[0]) + _digits(4, stream))
    if like.lstrip().startswith("+33") or digits.startswith("0033"):
        country = "0033" if digits.startswith("0033") else "33"
        zero = "0" if digits[len(country) :].startswith("0") else ""
        zone = digits[len(country) + len(zero) :][:1]
        return _poured(like, f"{country}{zero}{_fiction(zone)}" + _digits(4, stream))
    if len(digits) < 7:
        # An extension inside an institution, with its word.
        return "".join(_same_class(c, stream) if c.isdigit() else c for c in like)
    return _poured(like, "999" + _digits(max(len(digits) - 3, 4), stream))


def _fiction(zone: str) -> str:
    return _FICTION.get(zone, "63998")


def _luhn(length: int, label: str) -> Callable[[str, Iterator[int]], str]:
    def make(like: str, stream: Iterator[int]) -> str:
        shape = _shape(like, stream, _PREFIXES[label])
        body = "".join(character for character in shape if character.isalnum())
        if len(body) != length or not body.isdecimal():
            return shape
        return _poured(like, body[:-1] + _check_digit(body[:-1]))

    return make


def _check_digit(body: str) -> str:
    """Return the last digit of a number of ISO/IEC 7812 (the key of Luhn)."""
    doubled = [int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(body))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def _iban(like: str, stream: Iterator[int]) -> str:
    given = "".join(character for character in like if character.isalnum())
    if given[:2].upper() == "FR" and len(given) == 27:
        branch, account = _digits(5, stream), _digits(11, stream)
        key = 97 - (89 * int(_BANK) + 15 * int(branch) + 3 * int(account)) % 97
        country, inner = "FR", f"{_BANK}{branch}{account}{key:02d}"
    else:
        country, inner = "XX", "".join(_same_class(character, stream) for character in given[4:]).upper()
    numbers = "".join(str(int(character, 36)) for character in f"{inner}{country}00" if character.isascii())
    made = f"{country}{98 - int(numbers) % 97:02d}{inner}"
    return _poured(like, made.lower() if like.islower() else made)


def _shape(like: str, stream: Iterator[int], prefix: str = "") -> str:
    shape = "".join(_same_class(character, stream) for character in like)
    return _poured(shape, prefix + "".join(c for c in shape if c.isalnum())[len(prefix) :]) if prefix else shape


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


_MAKERS: dict[str, Callable[[str, Iterator[int]], str]] = {
    "EMAIL": _email,
    "URL": _url,
    "IP": _address,
    "PHONE": _phone,
    "RPPS": _luhn(11, "RPPS"),
    "FINESS": _luhn(9, "FINESS"),
    "IBAN": _iban,
}
