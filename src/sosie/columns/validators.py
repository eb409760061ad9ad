"""Which values are identifiers or codes of a known form: patterns, check digits, and how far to trust them.

Text values come in (without nulls, stripped), a mask comes out. Every test is a pattern first, then arithmetic on
what the pattern let through. A pass may be chance: ``share`` says how much of a column must pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from sosie.cohort import Mask, Role

_SEPARATORS = r"[\s.\-/]"
_DEPARTMENTS = r"(?:0[1-9]|[1-9]\d|2[AB])"
_YEAR, _MONTH, _DAY = r"(?:18|19|20|21)\d{2}", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"


@dataclass(frozen=True)
class Validator:
    """A known form of value.

    Parameters
    ----------
    label : str
    role : Role
    pattern : str
        Regular expression of the whole value.
    share : float
        Share of a column's values that must pass; low where no other data look like this form.
    score : float
        Confidence when they do, with no help from the column's name.
    check : callable, optional
        Arithmetic on the values that match the pattern.
    compact : bool
        Whether separators are dropped before the pattern is tried.
    numbers : bool
        Whether a column of integers may hold this form.
    """

    label: str
    role: Role
    pattern: str
    share: float
    score: float
    check: Callable[[pl.Series], Mask] | None = None
    compact: bool = False
    numbers: bool = False

    def matches(self, values: pl.Series) -> Mask:
        """Tell which values have this form."""
        text = values.str.replace_all(_SEPARATORS, "").str.to_uppercase() if self.compact else values
        mask = text.str.contains(f"^(?:{self.pattern})$").to_numpy().copy()
        if self.check is not None and mask.any():
            mask[mask] = self.check(text.filter(pl.Series(mask)))
        return mask


def nir_key(values: pl.Series) -> Mask:
    """Check the key of French social security numbers of 15 characters (Corsica's 2A and 2B included)."""
    # INSEE: 2A counts as 19 and 2B as 18 before the number is divided by 97.
    digits = values.str.slice(0, 13).str.replace("2A", "19").str.replace("2B", "18").cast(pl.Int64)
    return (97 - digits % 97 == values.str.slice(13, 2).cast(pl.Int64)).to_numpy()


def luhn(values: pl.Series) -> Mask:
    """Check the Luhn digit of numbers; letters (Corsican FINESS) make the number pass unchecked."""
    return np.array([not text.isdigit() or _passes_luhn(text) for text in values], dtype=bool)


def iban_key(values: pl.Series) -> Mask:
    """Check the ISO 13616 key (modulo 97) of bank account numbers."""
    numbers = [int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) for text in values]
    return np.array([number % 97 == 1 for number in numbers], dtype=bool)


def nhs_key(values: pl.Series) -> Mask:
    """Check the modulo 11 digit of NHS numbers."""
    digits = np.array([[int(c) for c in text] for text in values])
    expected = (11 - digits[:, :9] @ np.arange(10, 1, -1) % 11) % 11
    return np.asarray(expected == digits[:, 9])


def _passes_luhn(text: str) -> bool:
    digits = [int(digit) for digit in reversed(text)]
    return sum(digit if i % 2 == 0 else sum(divmod(2 * digit, 10)) for i, digit in enumerate(digits)) % 10 == 0


_NIR = rf"[123478]\d{{2}}(?:0[1-9]|1[0-2]|[2-9]\d){_DEPARTMENTS}\d{{6}}"
_IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV6 = r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}"
_PHONE_FR = r"(?:(?:\+|00)33[\s.\-]?(?:\(0\)[\s.\-]?)?|0)[1-9](?:[\s.\-]?\d{2}){4}"
_PHONE_PLUS = r"\+[1-9]\d{0,2}(?:[\s.\-]?\(?\d{1,4}\)?){2,5}"
_PHONE_US = r"(?:\+?1[\s.\-]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[.\-])[2-9]\d{2}[.\-]\d{4}"
_POSTCODE_FOREIGN = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|\d{5}-\d{4}"
_DATE_ISO = rf"{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}{_CLOCK}"
_DATE = rf"{_DATE_ISO}|{_DAY}[-/.]{_MONTH}[-/.](?:{_YEAR}|\d{{2}}){_CLOCK}|{_MONTH}/{_DAY}/{_YEAR}{_CLOCK}"
_DATE_NUMBER = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ICD10 = r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z+]{1,4})?"
_UUID = r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?"

# Forms that nothing else takes: a few such values in a column of something else are already a leak.
STRONG = (
    Validator("NIR", Role.DIRECT, _NIR + r"\d{2}", 0.05, 0.99, nir_key, compact=True, numbers=True),
    Validator("EMAIL", Role.DIRECT, r"[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}", 0.05, 0.99),
    Validator("IBAN", Role.DIRECT, r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", 0.05, 0.99, iban_key, compact=True),
    Validator("PHONE", Role.DIRECT, f"{_PHONE_PLUS}|{_PHONE_US}", 0.05, 0.95),
    Validator("SSN", Role.DIRECT, r"(?:00[1-9]|0[1-9]\d|[1-578]\d{2}|6[0-57-9]\d|66[0-57-9])-\d{2}-\d{4}", 0.05, 0.95),
    Validator("URL", Role.DIRECT, r"(?i)(?:https?|ftp)://\S+|www\.\S+\.\S+", 0.05, 0.9),
    Validator("MAC", Role.DIRECT, r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", 0.05, 0.95),
    Validator("UUID", Role.DIRECT, _UUID, 0.05, 0.95),
    Validator("IP", Role.DIRECT, f"{_IPV4}|{_IPV6}", 0.5, 0.9),
    Validator("UID", Role.DIRECT, r"[0-2](?:\.(?:0|[1-9]\d*)){4,}", 0.5, 0.95),
)
# Forms that other data take by chance: most of the column must have them.
WEAK = (
    Validator("PHONE", Role.DIRECT, _PHONE_FR, 0.5, 0.95),
    Validator("NIR", Role.DIRECT, _NIR, 0.8, 0.8, compact=True, numbers=True),
    Validator("RPPS", Role.DIRECT, r"\d{11}", 0.8, 0.8, luhn, compact=True, numbers=True),
    Validator("NHS", Role.DIRECT, r"[1-9]\d{9}", 0.8, 0.8, nhs_key, compact=True, numbers=True),
    Validator("FINESS", Role.QUASI, rf"{_DEPARTMENTS}\d{{7}}", 0.8, 0.75, luhn, compact=True, numbers=True),
    Validator("DATE", Role.DATE, _DATE, 0.8, 0.9),
    Validator("DATE", Role.DATE, _DATE_NUMBER, 0.95, 0.8, numbers=True),
    Validator("PROCEDURE_CODE", Role.SENSITIVE, r"[A-Z]{4}\d{3}", 0.8, 0.9),
    Validator("DRUG_CODE", Role.SENSITIVE, r"[A-Z]\d{2}[A-Z]{2}\d{2}", 0.8, 0.9),
    Validator("DIAGNOSIS_CODE", Role.SENSITIVE, _ICD10, 0.9, 0.7),
    Validator("POSTCODE", Role.QUASI, _POSTCODE_FOREIGN, 0.8, 0.85),
    Validator("POSTCODE", Role.QUASI, r"(?:0[1-9]|[1-8]\d|9[0-578])\d{3}|2[AB]\d{3}", 0.9, 0.55),
)


def named(label: str) -> tuple[Validator, ...]:
    """Return the validators of a label, the most trusted first."""
    return tuple(validator for validator in STRONG + WEAK if validator.label == label)
