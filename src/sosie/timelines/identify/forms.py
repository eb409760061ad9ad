"""Identifiers by their form, anywhere in a word of a source: a code, a value, a column of the people.

Strings come in, the kind of identifier that most surely stands in each leaves. Of names only those are believed that
the lists know and that stand together: an organ or a drug may bear anybody's last name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from sosie.cohort import Floats, Role
from sosie.columns.validators import luhn, nir_key
from sosie.names import lists

LONG = 40
"""Characters from which a value may be a text; with so many words it is one."""
WORDS = 5


@dataclass(frozen=True)
class Shape:
    """One form.

    Parameters
    ----------
    label : str
    role : Role
    score : float
    pattern : re.Pattern
    check : callable, optional
        Arithmetic on what the pattern found.
    """

    label: str
    role: Role
    score: float
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None

    def stands(self, text: str) -> bool:
        """Tell whether it stands in a text."""
        return any(self.check is None or self.check(found[0]) for found in self.pattern.finditer(text))


def of(text: str) -> Shape | None:
    """Return the first form that stands in a text."""
    for shape in SHAPES:
        if shape.stands(text):
            return shape
    if _named(text):
        return NAME
    return TEXT if len(text) >= LONG and len(text.split()) >= WORDS else None


def numbers(values: Floats) -> bool:
    """Tell whether some numbers are French social security numbers with their key."""
    long = np.unique(values[(values >= 1e14) & (values < 1e15) & (values == np.floor(values))])
    return any(_nir(str(int(value))) for value in long[:1000])


def _nir(text: str) -> bool:
    compact = re.sub(r"[\s.\-/]", "", text).upper()
    return len(compact) == 15 and bool(nir_key(pl.Series([compact]))[0])


def _luhn(text: str) -> bool:
    return bool(luhn(pl.Series([re.sub(r"\D", "", text)]))[0])


def _named(text: str) -> bool:
    """Tell whether a first name that the lists know stands beside a last name that they know."""
    words = re.findall(r"[^\W\d_]{2,}", text)[:50]
    folded = [lists.fold(word) for word in words]
    for (word, one), (other, two) in zip(
        zip(words, folded, strict=True), list(zip(words, folded, strict=True))[1:], strict=False
    ):
        if not (word[0].isupper() and other[0].isupper()):
            continue
        if any(
            lists.is_first_name(a) and a != b and lists.spelling(b) is not None for a, b in ((one, two), (two, one))
        ):
            return True
    return False


SHAPES = (
    Shape(
        "NIR",
        Role.DIRECT,
        0.99,
        re.compile(r"(?<!\d)[123478](?:[ .]?\d){4}[ .]?(?:\d{2}|2[ABab])(?:[ .]?\d){8}(?!\d)"),
        _nir,
    ),
    Shape("EMAIL", Role.DIRECT, 0.99, re.compile(r"[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}")),
    Shape(
        "PHONE",
        Role.DIRECT,
        0.95,
        re.compile(r"(?<![\d.,])(?:(?:\+|00)33[ .\-]?(?:\(0\)[ .\-]?)?|0)[1-9](?:[ .\-]?\d{2}){4}(?![\d])"),
    ),
    Shape(
        "PHONE",
        Role.DIRECT,
        0.9,
        re.compile(r"(?<![\d.,])(?:\+1[ .\-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.\-])[2-9]\d{2}[.\-]\d{4}(?!\d)"),
    ),
    Shape("SSN", Role.DIRECT, 0.95, re.compile(r"(?<![\d\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d\-])")),
    Shape("URL", Role.DIRECT, 0.9, re.compile(r"(?:https?|ftp)://\S+|www\.\S+\.\S+", re.IGNORECASE)),
    Shape("UUID", Role.DIRECT, 0.95, re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)),
    Shape("RPPS", Role.DIRECT, 0.8, re.compile(r"(?<!\d)(?:10|8)\d{9}(?!\d)|(?<=RPPS )\d{11}"), _luhn),
    Shape(
        "DATE",
        Role.DATE,
        0.85,
        re.compile(
            r"(?<!\d)(?:(?:19|20)\d{2}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])|(?:[0-2]?\d|3[01])[/.](?:0?\d|1[0-2])[/.](?:19|20)\d{2})(?!\d)"
        ),
    ),
)
NAME = Shape("NAME", Role.DIRECT, 0.8, re.compile(""))
TEXT = Shape("FREE_TEXT", Role.FREE_TEXT, 0.9, re.compile(""))
