"""Numbers that a file writes as text: marks, groups, decimals as published, and the codes that only look like numbers.

A column of stripped text enters; integers or floats leave with the spelling that they had.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

_NUMBER = re.compile(r"^[+-]?(?:\d[\d \u00a0\u202f.,]*|[.,]\d+)(?:[eE][+-]?\d+)?$|^[+-]?inf(?:inity)?$", re.IGNORECASE)
_GROUPED = r"^[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?$"
_COMMA = r"^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$"
_ENGLISH = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_FRENCH_DOTS = r"^[+-]?\d{1,3}(?:\.\d{3})+,\d+$"
# Leading zeros, telephone numbers with a plus, exponents without sign or point (5E12 is a code), 16 digits or more.
_CODE = r"^[+-]?0\d|^\+\d{8}|^\d+[eE]\d+$|^[+-]?\d{16}"
_LONG_CODE_WIDTH = 12
_FIXED_AT_MOST = 12
# Where all cells show as many decimals, somebody chose them.
_WIDEST_FIXED = 18
_EXACT = 15


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers.

    Parameters
    ----------
    values : polars.Series
        Integers or floats; null where the text is no number.
    decimals : int, optional
        Decimals that carry information; None for binary floats.
    min_decimals : int
        Decimals that every cell shows.
    significant : int, optional
        Figures that no cell has more of, where the decimals are not fixed.
    decimal, thousands : str
    refused : bool
        Whether the cells are codes that must stay text.
    """

    values: pl.Series
    decimals: int | None = None
    min_decimals: int = 0
    decimal: str = "."
    thousands: str = ""
    significant: int | None = None
    refused: bool = False


def looks_numeric(cells: list[str]) -> bool:
    """Tell whether most of a few cells have the shape of a number."""
    return sum(_NUMBER.match(cell) is not None for cell in cells) > 0.5 * len(cells)


def as_numbers(text: pl.Series, delimiter: str, decimal: str | None) -> Numbers:
    """Read a column of stripped text as numbers.

    Parameters
    ----------
    text : polars.Series
        Strings; null is missing.
    delimiter : str
        Of the file.
    decimal : str, optional
        Decimal mark that the manifest declares.
    """
    plain, mark, group = text, ".", ""
    values = _floats(text)
    odd = text.filter(values.is_null() & text.is_not_null())
    if len(odd):
        mark, group = _marks(odd, text, delimiter, decimal)
        plain = _without(text, mark, group)
        values = _floats(plain)
    if plain.str.contains(_CODE).any() or _is_long_code(plain):
        return Numbers(values, refused=True)
    if values.null_count() > text.null_count():
        return Numbers(values)
    if not plain.str.contains(r"[.eEiIyY]").any():
        return Numbers(plain.cast(pl.Int64), 0, 0, mark, group)
    decimals, shown = _decimals(plain)
    return Numbers(values, decimals, shown, mark, group, _significant(plain) if decimals is None else None)


def _floats(text: pl.Series) -> pl.Series:
    return text.cast(pl.Float64, strict=False)


def _marks(odd: pl.Series, text: pl.Series, delimiter: str, decimal: str | None) -> tuple[str, str]:
    """Return the decimal mark and the thousands separator of a column, from the cells that are no plain numbers."""
    grouped = odd.filter(odd.str.contains(_GROUPED))
    if len(grouped) and text.str.len_bytes().n_unique() > 1:
        comma = decimal == "," or bool(odd.str.contains(",", literal=True).any())
        return ("," if comma else "."), str(grouped[0].lstrip("+-0123456789")[0])
    dotted = bool(text.str.contains(".", literal=True).any())
    if odd.str.contains(_FRENCH_DOTS).any():
        return ",", "."
    english = bool(odd.str.contains(_ENGLISH).all())
    if english and decimal != "," and (delimiter == "," or dotted or decimal == "."):
        return ".", ","
    if odd.str.contains(_COMMA).any() and not dotted and decimal != ".":
        return ",", ""
    return ".", ""


def _without(text: pl.Series, mark: str, group: str) -> pl.Series:
    """Return the text with a decimal point and no thousands separators."""
    plain = text
    if group:
        fits = text.str.contains(_GROUPED if group not in ",." else _ENGLISH if group == "," else _FRENCH_DOTS)
        merged = text.str.replace_all(group, "", literal=True)
        plain = pl.select(pl.when(fits).then(merged).otherwise(text).alias(text.name)).to_series()
    return plain.str.replace(",", ".", literal=True) if mark == "," else plain


def _is_long_code(plain: pl.Series) -> bool:
    """Tell whether all cells are digits of one great width: a national number, not a measure."""
    widths = plain.str.len_bytes()
    shortest = widths.min()
    same = shortest == widths.max() and isinstance(shortest, int) and shortest >= _LONG_CODE_WIDTH
    return bool(same and plain.drop_nulls().str.contains(r"^\d+$").all())


def _decimals(plain: pl.Series) -> tuple[int | None, int]:
    """Return the decimals that carry information, and the decimals that every cell shows."""
    point = plain.str.find(".", literal=True)
    shown = (plain.str.len_bytes() - point - 1).fill_null(0).filter(plain.is_not_null()).min()
    needed = (plain.str.strip_chars_end("0").str.len_bytes() - point - 1).max()
    assert isinstance(shown, int)
    needed = needed if isinstance(needed, int) else 0
    fixed = _FIXED_AT_MOST if needed > shown else _WIDEST_FIXED
    if needed > fixed or plain.str.contains_any(["e", "E"]).any():
        return None, min(shown, 1)
    return needed, shown


def _significant(plain: pl.Series) -> int | None:
    """Return the most significant figures of a cell; None for binary floats, which have all."""
    mantissa = plain.str.replace(r"[eE].*$", "").str.replace_all(r"[^\d]", "").str.strip_chars_start("0")
    most = mantissa.str.len_bytes().max()
    return most if isinstance(most, int) and 0 < most < _EXACT else None
