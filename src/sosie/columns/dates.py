"""Dates and times that a file writes as text.

A column of text enters; a typed column and its ``strftime`` pattern leave, or nothing. Day and month are told apart
over the whole column, never cell by cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

_DATE = (
    r"(?P<year_first>\d{4}(?P<s1>[-/.])\d{1,2}(?P=s1)\d{1,2})"
    r"|(?P<year_last>\d{1,2}(?P<s2>[-/. ])\d{1,2}(?P=s2)\d{4})"
    r"|(?P<short_year>\d{1,2}(?P<s3>[-/.])\d{1,2}(?P=s3)\d{2})"
    r"|(?P<word>\d{1,2}(?P<s4>[-/ ]?)[A-Za-z]{3}(?P=s4)\d{4})"
    r"|(?P<compact>(?:1[89]|20|21)\d{6})"
)
_TIME = (
    r"(?P<join>[ T])\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>\.\d{1,9})?)?(?P<zone> ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
)
_SHAPE = re.compile(rf"^(?:{_DATE})(?:{_TIME})?$")
_UNPADDED_DATE = r"^\d\D|^\d{1,4}[-/. ]\d[-/. ]|^\d{4}[-/.]\d{1,2}[-/.]\d(?:\D|$)"
# A two-digit year after this one belongs to the century before: nobody was born in 2045.
_PIVOT = 2030
_EARLIEST = 1000


@dataclass(frozen=True)
class Dated:
    """A column read as dates.

    Parameters
    ----------
    values : polars.Series
        ``Date`` or ``Datetime``; null where the text is no date.
    date_format : str
        ``strftime`` pattern that writes the text back.
    month_first : bool, optional
        None when the order of day and month does not matter or cannot be told.
    ambiguous : bool
        Whether both orders of day and month read every cell.
    """

    values: pl.Series
    date_format: str
    month_first: bool | None = None
    ambiguous: bool = False


def looks_dated(cells: list[str]) -> bool:
    """Tell whether most of a few cells have the shape of a date."""
    return sum(_SHAPE.match(cell) is not None for cell in cells) > 0.5 * len(cells)


def as_dates(text: pl.Series, month_first: bool | None = None) -> Dated | None:
    """Read a column of stripped text as dates, in the shape of its first date.

    Parameters
    ----------
    text : polars.Series
        Strings; null is missing.
    month_first : bool, optional
        Which order to take where both read the whole column; day first when None.
    """
    shape = next((match for cell in text.drop_nulls().head(1000) if (match := _SHAPE.match(cell))), None)
    if shape is None:
        return None
    patterns = [_pattern(shape, order, text) for order in ("%d{0}%m", "%m{0}%d")]
    read = [parse(text, pattern) for pattern in dict.fromkeys(patterns)]
    if len(read) == 1:
        return Dated(read[0], patterns[0])
    missing = [values.null_count() for values in read]
    if missing[0] == missing[1]:
        distinct = not read[0].equals(read[1], null_equal=True)
        chosen = int(bool(month_first))
        return Dated(read[chosen], patterns[chosen], ambiguous=distinct)
    best = int(missing[1] < missing[0])
    return Dated(read[best], patterns[best], month_first=bool(best))


def parse(text: pl.Series, pattern: str) -> pl.Series:
    """Read text by a ``strftime`` pattern; what does not fit becomes null."""
    timed = any(mark in pattern for mark in ("%H", "%-H", "%I", "%T", "%R"))
    kind: type[pl.Date] | pl.Datetime = pl.Datetime("us") if timed else pl.Date
    values = text.str.strptime(kind, pattern, strict=False)
    years = values.dt.year()
    if "%y" in pattern:
        late = (years > _PIVOT).fill_null(False)
        return (
            pl.select(pl.when(late).then(values.dt.offset_by("-100y")).otherwise(values)).to_series().alias(text.name)
        )
    early = (years < _EARLIEST).fill_null(False)
    return values.set(early, None) if early.any() else values


def _pattern(shape: re.Match[str], order: str, text: pl.Series) -> str:
    """Return the pattern of a shape; ``order`` says how day and month follow each other."""
    part = shape.groupdict()
    sep = part["s1"] or part["s2"] or part["s3"] or part["s4"] or ""
    if part["year_first"]:
        date = f"%Y{sep}%m{sep}%d"
    elif part["word"]:
        date = f"%d{sep}%b{sep}%Y"
    elif part["compact"]:
        date = "%Y%m%d"
    else:
        date = order.format(sep) + sep + ("%Y" if part["year_last"] else "%y")
    if not part["compact"] and _unpadded(text, _UNPADDED_DATE):
        date = date.replace("%d", "%-d").replace("%m", "%-m")
    if not part["join"]:
        return date
    hour = "%-H" if _unpadded(text, r"[ T]\d:") else "%H"
    seconds = ":%S" if part["seconds"] else ""
    digits = len(part["fraction"] or ".") - 1
    fraction = f"%.{digits}f" if digits in (3, 6, 9) else "%.f" if digits else ""
    return f"{date}{part['join']}{hour}:%M{seconds}{fraction}{part['zone'] or ''}"


def _unpadded(text: pl.Series, pattern: str) -> bool:
    return bool(text.str.contains(pattern).any())
