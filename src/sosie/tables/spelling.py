"""From typed values to the text that a file shows, as it showed it when it came.

The inverse of ``cells``. No text leaves that a spreadsheet would run as a formula.
"""

from __future__ import annotations

import polars as pl

from sosie.tables.cells import CellStyle
from sosie.tables.frame import ColumnFormat

# A cell of signs alone ("+", "--", the result of a dipstick) has no operand: no spreadsheet evaluates it.
_FORMULA = r"^[=+\-@\t\r\n]"
_HARMLESS = r"^(?:[+\-/]+|[+\-]?(?:\d[\d ]*(?:[.,]\d*)?|[.,]\d+)(?:[eE][+\-]?\d+)?)$"
_DATE = "%Y-%m-%d"
_DATETIME = "%Y-%m-%dT%H:%M:%S"
_WIDEST = 38
# Keeps a separating point or comma apart from the decimal mark until both are in place.
_GAP = "\x1f"


def spell(values: pl.Series, column: ColumnFormat, style: CellStyle) -> pl.Series:
    """Return a column as text; null stays null."""
    kind = values.dtype
    if kind.is_float():
        return _spell_floats(values, column.decimals, style)
    if kind.is_integer():
        return _marked(values.cast(pl.String), style)
    if kind == pl.Boolean:
        no, yes = style.truth
        return pl.select(
            pl.when(values).then(pl.lit(yes)).when(~values).then(pl.lit(no)).alias(values.name)
        ).to_series()
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        text = values.dt.strftime(column.date_format or (_DATE if kind == pl.Date else _DATETIME))
        return text.str.to_uppercase() if style.upper else text
    return neutral(values.cast(pl.String))


def neutral(text: pl.Series) -> pl.Series:
    """Put an apostrophe before every cell that a spreadsheet would take for a formula."""
    risky = text.str.contains(_FORMULA) & ~text.str.contains(_HARMLESS)
    if not risky.any():
        return text
    return pl.select(pl.when(risky).then("'" + text).otherwise(text).alias(text.name)).to_series()


def _spell_floats(values: pl.Series, decimals: int | None, style: CellStyle) -> pl.Series:
    finite = values.set((~values.is_finite()).fill_null(False), None)
    if style.significant:
        # polars rounds by scaling, which leaves noise in the last figures of 1e290.
        figures = [None if value is None else float(f"{value:.{style.significant}g}") for value in finite]
        finite = pl.Series(values.name, figures, dtype=values.dtype)
    shortest = finite.cast(pl.String)
    if decimals is None:
        text = shortest if style.min_decimals else shortest.str.strip_suffix(".0")
    else:
        shown = max(decimals, style.min_decimals)
        fixed = (finite.round(decimals) + 0.0).cast(pl.Decimal(_WIDEST, shown), strict=False).cast(pl.String)
        if shown > style.min_decimals:
            kept = r"\d" * style.min_decimals
            fixed = fixed.str.replace(rf"(\.{kept}\d*?)0+$", "$1").str.strip_suffix(".")
        text = fixed.fill_null(shortest) if fixed.null_count() > finite.null_count() else fixed
    return _marked(text, style)


def _marked(text: pl.Series, style: CellStyle) -> pl.Series:
    """Put in the decimal mark and the thousands separators."""
    if style.thousands:
        whole, rest = text.str.extract(r"^([+-]?\d+)", 1), text.str.replace(r"^[+-]?\d+", "")
        groups = whole.str.reverse().str.replace_all(r"(\d{3})", f"$1{_GAP}").str.reverse()
        text = (groups.str.replace(f"^(-?){_GAP}", "$1") + rest).alias(text.name)
    if style.decimal != ".":
        text = text.str.replace(".", style.decimal, literal=True)
    return text.str.replace_all(_GAP, style.thousands, literal=True) if style.thousands else text
