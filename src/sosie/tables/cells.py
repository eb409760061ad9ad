"""From the text of a column to typed values, and how to spell them again.

A column of strings enters; the narrowest type that reads every cell leaves (boolean, integer, decimal, date, text),
with its ``CellStyle``. Codes that look like numbers (leading zeros) stay text. A column that is nearly
of one type but not quite stays text and says at which row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import polars as pl

from sosie.columns.dates import as_dates, looks_dated, parse
from sosie.manifest import ColumnManifest
from sosie.tables.numbers import as_numbers, looks_numeric

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "#n/a", "<na>", ".", "-", "?"})
_SAMPLE = 500
_NEARLY = 0.9
# Beyond this many rows, a column of few distinct cells is typed on its distinct cells.
_LONG = 20_000
_FIRST_ROW = 2


@dataclass(frozen=True)
class CellStyle:
    """How the cells of one column are spelled.

    Parameters
    ----------
    null : str
        What stands for a missing value.
    quoted, null_quoted : bool
        Whether values, and missing values, are quoted even where they need not be.
    decimal, thousands : str
    min_decimals : int
        Decimals that every number shows, zeros included.
    significant : int, optional
        Figures of a number whose decimals are not fixed.
    truth : tuple of str
        The words for false and true.
    upper : bool
        Whether the names of months are in capitals.
    """

    null: str = ""
    quoted: bool = False
    null_quoted: bool = False
    decimal: str = "."
    thousands: str = ""
    min_decimals: int = 0
    significant: int | None = None
    truth: tuple[str, str] = ("false", "true")
    upper: bool = False


@dataclass(frozen=True)
class Typed:
    """A typed column; the last two fields let the other columns of the file settle which is day and which month."""

    values: pl.Series
    style: CellStyle = field(default_factory=CellStyle)
    decimals: int | None = None
    date_format: str | None = None
    notice: str | None = None
    ambiguous_dates: bool = False
    month_first: bool | None = None


def read_cells(
    text: pl.Series, declared: ColumnManifest, delimiter: str, decimal: str | None, month_first: bool | None = None
) -> Typed:
    """Give a column of strings its type.

    Parameters
    ----------
    text : polars.Series
        Strings; null is an empty cell.
    declared : ColumnManifest
        What the manifest says of this column.
    delimiter : str
        Of the file: a comma inside the cells of a file cut by commas is no evidence of a decimal comma.
    decimal : str, optional
        Decimal mark that the manifest declares.
    month_first : bool, optional
        Order of the other dates of the file.
    """
    if declared.missing:
        text = text.set(text.is_in(list(declared.missing)).fill_null(False), None)
    quoted_blanks = (text == "").fill_null(False)
    text = text.set(quoted_blanks, None) if quoted_blanks.any() else text
    if len(text) > _LONG and (levels := text.unique(maintain_order=True).drop_nulls()).len() < len(text) // 4:
        typed = _read(levels, declared, delimiter, decimal, month_first)
        if typed.values.dtype != pl.String:
            codes = text.cast(pl.Enum(levels)).to_physical()
            style = replace(typed.style, null=_null_word(text, _missing_words(levels), declared))
            return replace(typed, values=typed.values.gather(codes), style=style)
    return _read(text, declared, delimiter, decimal, month_first)


def blank_words(text: pl.Series, word: str) -> pl.Series:
    """Return a text column with ``word`` read as missing."""
    return text.set((text == word).fill_null(False), None)


def coded(text: pl.Series) -> bool:
    """Tell whether the values are short capital codes, among which ``NA`` may be one (countries, say)."""
    values = text.drop_nulls()
    return bool(len(values)) and bool(values.str.contains(r"^[A-Z]{2,3}$").all()) and values.n_unique() >= 10


def _read(
    text: pl.Series, declared: ColumnManifest, delimiter: str, decimal: str | None, month_first: bool | None
) -> Typed:
    bare = text.str.strip_chars(" \u00a0\t") if text.str.contains(r"^[ \u00a0\t]|[ \u00a0\t]$").any() else text
    words = _missing_words(bare)
    present = bare.set(bare.is_in(words).fill_null(False), None) if words else bare
    null = _null_word(text, words, declared)
    if present.null_count() == len(present):
        return Typed(pl.Series(text.name, [None] * len(text), dtype=pl.String), CellStyle(null=null))
    if declared.kind in {"text", "categorical"} and not declared.date_format:
        return Typed(text, CellStyle(null=declared.missing[0] if declared.missing else ""))
    typed = _narrowest(present, declared, delimiter, decimal, month_first)
    if typed is None or typed.notice:
        style = CellStyle(null=declared.missing[0] if declared.missing else "")
        return Typed(text, style, notice=typed.notice if typed else None)
    return replace(typed, style=replace(typed.style, null=null))


def _missing_words(bare: pl.Series) -> list[str]:
    """Return the words of the column that stand for a missing value, were it a column of numbers or dates."""
    short = bare.filter((bare.str.len_bytes() <= 4).fill_null(False)).unique()
    return [word for word in short if word.lower() in MISSING_WORDS] if len(short) < 100_000 else ["", "NA"]


def _null_word(text: pl.Series, words: list[str], declared: ColumnManifest) -> str:
    """Return the word that most missing cells show."""
    empty = text.null_count()
    if declared.missing:
        return declared.missing[0]
    if not words:
        return ""
    commonest = text.filter(text.is_in(words).fill_null(False)).alias("word").value_counts(sort=True)
    return str(commonest["word"][0]) if len(commonest) and int(commonest["count"][0]) > empty else ""


def _narrowest(
    present: pl.Series, declared: ColumnManifest, delimiter: str, decimal: str | None, month_first: bool | None
) -> Typed | None:
    sample = _sample(present)
    if declared.date_format:
        values = parse(present, declared.date_format)
        return _whole(present, Typed(values, date_format=declared.date_format), f"a date ({declared.date_format})")
    truth = _truth_words(sample)
    if truth and declared.kind is None:
        values = pl.select(
            pl.when(present == truth[1]).then(True).when(present == truth[0]).then(False).alias(present.name)
        ).to_series()
        return _whole(present, Typed(values, CellStyle(truth=truth)), "true or false")
    compact = all(cell.isdigit() for cell in sample)
    if declared.kind != "numeric" and not compact and looks_dated(sample):
        return _dates(present, sample, month_first)
    if declared.kind == "date" or not looks_numeric(sample):
        return _compact_dates(present, certain=True) if compact and looks_dated(sample) else None
    numbers = as_numbers(present, delimiter, decimal)
    if compact and looks_dated(sample) and declared.kind is None:
        dated = _compact_dates(present)
        if dated is not None:
            return dated
    style = CellStyle(
        decimal=numbers.decimal,
        thousands=numbers.thousands,
        min_decimals=numbers.min_decimals,
        significant=numbers.significant,
    )
    return _whole(present, Typed(numbers.values, style, decimals=numbers.decimals), "a number", numbers.refused)


def _dates(present: pl.Series, sample: list[str], month_first: bool | None) -> Typed | None:
    dated = as_dates(present, month_first)
    if dated is None:
        return None
    upper = "%b" in dated.date_format and not any(char.islower() for cell in sample for char in cell)
    typed = Typed(
        dated.values,
        CellStyle(upper=upper),
        date_format=dated.date_format,
        ambiguous_dates=dated.ambiguous,
        month_first=dated.month_first,
    )
    return _whole(present, typed, "a date like the first ones")


def _sample(present: pl.Series) -> list[str]:
    """Return cells spread over the whole column."""
    values = present.drop_nulls()
    cells: list[str] = values.gather_every(max(1, len(values) // _SAMPLE)).to_list()
    return cells


def _whole(present: pl.Series, typed: Typed, expected: str, refused: bool = False) -> Typed | None:
    """Return the column if every cell could be read; a notice where nearly all could; None otherwise."""
    failed = typed.values.is_null() & present.is_not_null()
    count = int(failed.sum())
    if not count:
        return None if refused else typed
    if count > (1 - _NEARLY) * (len(present) - present.null_count()):
        return None
    lengths = present.drop_nulls().str.len_chars()
    if lengths.n_unique() == 1 and lengths[0] > 4:
        return None  # codes of one length, some with a letter (a Corsican NIR), are no numbers
    row = int(failed.arg_max() or 0) + _FIRST_ROW
    problem = f"row {row}: not {expected}, unlike {_NEARLY:.0%} of the column or more; the column is kept as text"
    return Typed(typed.values, notice=f"{problem} (declare `missing` words or `kind` in sosie.yaml)")


def _truth_words(sample: list[str]) -> tuple[str, str] | None:
    seen = set(sample)
    for words in (("false", "true"), ("False", "True"), ("FALSE", "TRUE")):
        if seen <= set(words):
            return words
    return None


def _compact_dates(present: pl.Series, certain: bool = False) -> Typed | None:
    """Read integers such as 20240131 as dates, when every one of several is a day of the calendar."""
    if not certain and present.n_unique() < 3 and not re.search(r"(?i)date|dob|ddn|nais|birth", present.name):
        return None
    dated = as_dates(present)
    if dated is None or dated.values.null_count() > present.null_count():
        return None
    return Typed(dated.values, date_format=dated.date_format)
