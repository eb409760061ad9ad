"""Delimited text (CSV, TSV): read with its dialect, written back in it.

A file enters, a ``Table`` leaves, with what is needed to write another file that differs in nothing but its values. A
file that is not regular is refused with the row at fault; a column that is not is kept as text, with a notice.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import polars as pl
from polars.exceptions import PolarsError

from sosie.columns import dialect as dialects
from sosie.columns.dialect import Dialect
from sosie.columns.records import first_ragged, habits
from sosie.errors import UnreadableError
from sosie.manifest import ColumnManifest, TableManifest
from sosie.tables.cells import CellStyle, Typed, blank_words, coded, read_cells
from sosie.tables.frame import ColumnFormat, FileFormat, Table
from sosie.tables.spelling import neutral, spell

SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
_ANY = ColumnManifest()


def read(path: Path, file: str, name: str, declared: TableManifest) -> Table:
    """Read one delimited file.

    Parameters
    ----------
    path : Path
    file : str
        Path relative to the source, for messages and for the release.
    name : str
        Name of the table.
    declared : TableManifest

    Raises
    ------
    UnreadableError
        When the file is empty, binary, irregular, or has no usable header.
    """
    dialect, text = dialects.sniff(path.read_bytes(), file, declared)
    titles = dialects.header(text, dialect)
    # R and pandas leave the heading of their row names blank.
    names = [title or f"unnamed_{place}" for place, title in enumerate(titles)]
    _check_header(names, text, dialect, file)
    dialect, strings = _strings(text, dialect, names, file)
    header_quoted, quoting = habits(text, dialect, len(names))
    del text
    strings, notices = _without_empty_rows(strings, file)
    if not strings.height:
        raise UnreadableError(file, "there is a header but no row; expected one row for each patient")
    typed = _typed(strings, declared, dialect.delimiter)
    typed = _file_wide_missing_word(typed)
    for column in typed:
        if column.notice:
            notices.append(f"{file}, column {column.values.name!r}, {column.notice}")
        if column.ambiguous_dates:
            unsure = "day and month cannot be told apart; declare `date_format` in sosie.yaml if the order is wrong"
            notices.append(f"{file}, column {column.values.name!r}: {unsure}")
    styles = {
        column.values.name: replace(column.style, quoted=habit.values, null_quoted=habit.blanks)
        for column, habit in zip(typed, quoting, strict=True)
    }
    options = {
        "titles": dict(zip(names, titles, strict=True)),
        "dialect": dialect,
        "styles": styles,
        "header_quoted": header_quoted,
        "notices": notices,
    }
    columns = tuple(ColumnFormat(c.values.name, decimals=c.decimals, date_format=c.date_format) for c in typed)
    return Table(name, pl.DataFrame([c.values for c in typed]), columns, FileFormat(file, "csv", options))


def write(table: Table, path: Path) -> None:
    """Write a table in the dialect of its file; UTF-8 where the encoding lacks a character."""
    dialect = cast("Dialect", table.file.options.get("dialect", Dialect()))
    styles = cast("dict[str, CellStyle]", table.file.options.get("styles", {}))
    texts = []
    for column in table.columns:
        style = styles.get(column.name, CellStyle())
        texts.append(_published(spell(table.frame[column.name], column, style), style, dialect, table.frame.width == 1))
    titles = cast("dict[str, str]", table.file.options.get("titles", {}))
    names = neutral(pl.Series([titles.get(column.name, column.name) for column in table.columns]))
    style = CellStyle(quoted=bool(table.file.options.get("header_quoted")))
    heading = dialect.delimiter.join(_published(names, style, dialect, False))
    lines = pl.DataFrame(texts).select(pl.concat_str(pl.all(), separator=dialect.delimiter)).to_series()
    body = dialect.terminator.join([dialect.preamble.rstrip("\r\n")] * bool(dialect.preamble) + [heading])
    whole = dialect.terminator.join([body, *lines]) + dialect.terminator * dialect.final_newline
    path.write_bytes(_encoded(whole, dialect, table.file.path))


def _check_header(names: Sequence[str], text: bytes, dialect: Dialect, file: str) -> None:
    filled = [name for name in names if name.strip()]
    if filled and all(_is_number(name) for name in filled) and len(filled) == len(names):
        raise UnreadableError(file, "numbers were found where column names were expected; add a header row", row=1)
    repeated = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if repeated is not None:
        raise UnreadableError(file, "two columns have this name; give each its own", column=repeated, row=1)
    if len(names) == 1 and (other := dialects.likelier_delimiter(text, dialect)):
        problem = f"one column was found with the delimiter {dialect.delimiter!r}, several with {other!r}"
        raise UnreadableError(file, f"{problem}; correct `delimiter` in sosie.yaml", row=1)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _strings(text: bytes, dialect: Dialect, names: list[str], file: str) -> tuple[Dialect, pl.DataFrame]:
    """Return every cell as text; quotes are taken as plain characters where the file does not pair them."""
    ragged = first_ragged(text, dialect, len(names))
    frame = _parse(text, dialect, names) if ragged is None else None
    if frame is None and dialect.quote is not None:
        plain = replace(dialect, quote=None)
        if (
            dialects.header(text, plain) == dialects.header(text, dialect)
            and first_ragged(text, plain, len(names)) is None
        ):
            dialect, frame = plain, _parse(text, plain, names)
    if frame is not None:
        return dialect, frame
    if ragged is None:
        raise UnreadableError(file, "quotes are not paired, or text follows a closing quote; expected regular CSV")
    problem = f"{ragged.fields} fields were found, {len(names)} expected from the header"
    hint = f"check the delimiter ({dialect.delimiter!r} was taken) and the quotes, or declare `delimiter` in sosie.yaml"
    raise UnreadableError(file, f"{problem}; {hint}", row=ragged.row)


def _parse(text: bytes, dialect: Dialect, names: list[str]) -> pl.DataFrame | None:
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            infer_schema=False,
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            eol_char="\r" if dialect.terminator == "\r" else "\n",
        )
    except PolarsError:
        return None
    return frame[1:].rename(dict(zip(frame.columns, names, strict=True))) if frame.width == len(names) else None


def _without_empty_rows(strings: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[str]]:
    """Drop the rows without any value, which spreadsheets leave at the end of their exports."""
    if strings.width == 1 or strings[:, 0].null_count() == 0:
        return strings, []
    empty = strings.select(pl.all_horizontal(pl.all().is_null())).to_series()
    count = int(empty.sum())
    if not count:
        return strings, []
    row = int(empty.arg_max() or 0) + 2
    return strings.filter(~empty), [f"{file}, row {row}: {count} rows without any value were left out"]


def _typed(strings: pl.DataFrame, declared: TableManifest, delimiter: str) -> list[Typed]:
    """Type every column; dates whose order of day and month is open follow the other dates of the file."""
    found = [
        read_cells(text, declared.columns.get(text.name, _ANY), delimiter, declared.decimal)
        for text in strings.iter_columns()
    ]
    orders = {column.month_first for column in found} - {None}
    if orders != {True}:
        return [replace(c, ambiguous_dates=c.ambiguous_dates and not orders) for c in found]
    return [
        replace(
            read_cells(
                strings[c.values.name], declared.columns.get(c.values.name, _ANY), delimiter, declared.decimal, True
            ),
            ambiguous_dates=False,
        )
        if c.ambiguous_dates
        else c
        for c in found
    ]


def _file_wide_missing_word(typed: list[Typed]) -> list[Typed]:
    """Read the missing word of the numeric columns as missing in the text columns too, unless it may be a code."""
    numeric = [c for c in typed if c.values.dtype != pl.String and c.values.null_count()]
    words = {c.style.null for c in numeric}
    if len(words) != 1 or not (word := next(iter(words))):
        return typed
    return [
        replace(c, values=blank_words(c.values, word), style=replace(c.style, null=word))
        if c.values.dtype == pl.String and c.values.null_count() in {0, len(c.values)} and not coded(c.values)
        else c
        for c in typed
    ]


def _published(text: pl.Series, style: CellStyle, dialect: Dialect, alone: bool) -> pl.Series:
    """Quote what must be quoted, or always was, and fill in what stands for a missing value."""
    quote = dialect.quote or '"'
    blank = quote + style.null + quote if style.null_quoted or (alone and not style.null) else style.null
    if style.quoted:
        return _wrap(text, quote).fill_null(blank)
    special = [dialect.delimiter, quote, "\n", "\r"] if dialect.quote else [dialect.delimiter, "\n", "\r"]
    if text.dtype != pl.String or not text.str.contains_any(special).any():
        return text.fill_null(blank)
    needed = text.str.contains_any(special)
    both = pl.select(pl.when(needed).then(_wrap(text, quote)).otherwise(text).alias(text.name)).to_series()
    return both.fill_null(blank)


def _wrap(text: pl.Series, quote: str) -> pl.Series:
    return (quote + text.str.replace_all(quote, quote * 2, literal=True) + quote).alias(text.name)


def _encoded(whole: str, dialect: Dialect, file: str) -> bytes:
    marks = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    try:
        return marks.get(dialect.encoding, b"") * dialect.bom + whole.encode(dialect.encoding)
    except UnicodeEncodeError:
        warnings.warn(f"{file}: {dialect.encoding} lacks a character of the release; written as UTF-8", stacklevel=2)
        return marks["utf-8"] + whole.encode("utf-8")
