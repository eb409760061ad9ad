"""The columns of an original and of its doubles, on one scale.

Two parts of the same tables enter; numbers and codes leave, with NaN where a value is missing. A level held by fewer
than k patients has no name here, so nothing downstream (plots, contingencies, models) can show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from sosie.cohort import Floats, Role, Rows
from sosie.tables.frame import ColumnFormat, Table, TablesPart

Scale = Literal["numeric", "ordinal", "date", "categorical"]
Side = Literal["original", "doubles"]

SIDES: tuple[Side, Side] = ("original", "doubles")

OTHER = "(other)"
ATOMS = 10
"""Numbers with at most this many distinct values are shown value by value."""
LEVELS = 100
"""Levels that keep their name; rarer ones are pooled."""
SKIPPED = frozenset({Role.KEY, Role.DIRECT, Role.FREE_TEXT})
SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True)
class Pair:
    """One quantity of the original and of the doubles, NaN where missing."""

    original: Floats
    doubles: Floats

    def of(self, side: Side) -> Floats:
        """Return one side, by name."""
        return self.original if side == "original" else self.doubles


@dataclass(frozen=True)
class Aligned:
    """One column of the original and of the doubles.

    Parameters
    ----------
    name : str
    scale : {"numeric", "ordinal", "date", "categorical"}
        An ordinal column is a number with few distinct values, or a boolean.
    numbers : Pair, optional
        Values (dates in days since 1970); None for a categorical column.
    codes : Pair, optional
        Positions in ``levels``; None for a numeric or a date column.
    levels : tuple of str
        Names of the codes, each held by at least k patients of the original; ``(other)``, if any, comes last.
    """

    name: str
    scale: Scale
    numbers: Pair | None = None
    codes: Pair | None = None
    levels: tuple[str, ...] = ()
    table: str = ""
    """Name of the table, where ``name`` starts with it."""

    @property
    def column(self) -> str:
        """Name of the column in its own table."""
        return self.name.removeprefix(f"{self.table}.") if self.table else self.name

    @property
    def informative(self) -> bool:
        """Whether the column tells anything but ``(other)``."""
        return self.codes is None or any(level != OTHER for level in self.levels)

    def values(self, side: Side) -> Floats:
        """Return the numbers of one side where there are any, else its codes."""
        pair = self.numbers or self.codes
        assert pair is not None, "a column has numbers or codes"
        return pair.of(side)

    def take(self, original: Rows, doubles: Rows) -> Aligned:
        """Return some rows of each side."""

        def picked(pair: Pair | None) -> Pair | None:
            return None if pair is None else Pair(pair.original[original], pair.doubles[doubles])

        return replace(self, numbers=picked(self.numbers), codes=picked(self.codes))


def align(original: TablesPart, doubles: TablesPart, k: int) -> tuple[Aligned, ...]:
    """Return the columns that can be compared, in the order of the original.

    Rows are patients: those without any table are left out. Keys, direct identifiers, free text and columns that the
    doubles lack are left out too. Where there are several tables, a column is named ``table.column``.
    """
    kept = [_held(part) for part in (original, doubles)]
    others = {table.name: table for table in kept[1]}
    several = len(kept[0]) > 1
    found = []
    for table in kept[0]:
        other = others.get(table.name)
        for column in table.columns if other else ():
            comparable = column.role not in SKIPPED and column.name != table.key
            if other and comparable and column.name in other.frame.columns:
                one = align_column(table.frame[column.name], other.frame[column.name], column, k)
                found.append(replace(one, name=f"{table.name}.{one.name}", table=table.name) if several else one)
    return tuple(found)


def align_column(original: pl.Series, doubles: pl.Series, column: ColumnFormat, k: int) -> Aligned:
    """Put one column of both sides on one scale."""
    dtype = original.dtype
    if dtype.is_temporal():
        scale: Scale = "date" if dtype in (pl.Date, pl.Datetime) else "numeric"
        return Aligned(column.name, scale, Pair(_days(original), _days(doubles)))
    if dtype == pl.Boolean or (dtype.is_numeric() and not column.categorical):
        numbers = Pair(_floats(original), _floats(doubles))
        distinct = np.unique(numbers.original[~np.isnan(numbers.original)])
        if len(distinct) > ATOMS:
            return Aligned(column.name, "numeric", numbers)
        names = [_label(value, column, dtype == pl.Boolean) for value in distinct]
        codes, levels = _coded(_positions(distinct, numbers), names, k, ordered=True)
        return Aligned(column.name, "ordinal", numbers, codes, levels)
    texts = [_texts(series) for series in (original, doubles)]
    distinct_texts = texts[0].drop_nulls().unique().sort()
    positions = Pair(*(_indices(text, distinct_texts) for text in texts))
    labels = [_text_label(value, column) for value in distinct_texts]
    codes, levels = _coded(positions, labels, k, ordered=False)
    return Aligned(column.name, "categorical", None, codes, levels)


def _held(part: TablesPart) -> list[Table]:
    """Return the tables without the patients who have no row in any."""
    held = np.logical_or.reduce(part.present) if part.present else np.ones(0, dtype=bool)
    if held.all():
        return list(part.tables)
    return [replace(table, frame=table.frame.filter(pl.Series(held))) for table in part.tables]


def _floats(series: pl.Series) -> Floats:
    values = series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _days(series: pl.Series) -> Floats:
    if series.dtype == pl.Date:
        return _floats(series.cast(pl.Int32))
    if series.dtype == pl.Datetime:
        return _floats(series.dt.epoch("s")) / SECONDS_A_DAY
    if series.dtype == pl.Time:
        return _floats(series.cast(pl.Int64)) / (SECONDS_A_DAY * 1e9)
    if series.dtype == pl.Duration:
        return _floats(series.dt.total_seconds()) / SECONDS_A_DAY
    return np.full(len(series), np.nan)


def _texts(series: pl.Series) -> pl.Series:
    if series.dtype.is_float():
        whole = series.drop_nulls().drop_nans()
        if len(whole) and (whole == whole.round(0)).all():
            series = series.fill_nan(None).cast(pl.Int64, strict=False)
    return series.cast(pl.String, strict=False)


def _positions(distinct: Floats, numbers: Pair) -> Pair:
    """Return the position of each number among the distinct ones of the original, their count for an unseen one."""

    def of(values: Floats) -> Floats:
        at = np.searchsorted(distinct, values)
        inside = np.minimum(at, max(len(distinct) - 1, 0))
        known = distinct[inside] == values if len(distinct) else np.zeros(len(values), dtype=bool)
        return np.where(np.isnan(values), np.nan, np.where(known, inside, len(distinct)).astype(np.float64))

    return Pair(of(numbers.original), of(numbers.doubles))


def _indices(texts: pl.Series, distinct: pl.Series) -> Floats:
    order = pl.DataFrame({"text": distinct, "position": np.arange(len(distinct), dtype=np.float64)})
    joined = pl.DataFrame({"text": texts}).join(order, on="text", how="left", maintain_order="left")["position"]
    unseen = joined.is_null().to_numpy() & texts.is_not_null().to_numpy()
    return np.where(unseen, float(len(distinct)), joined.cast(pl.Float64).fill_null(np.nan).to_numpy())


def _coded(positions: Pair, names: Sequence[str], k: int, *, ordered: bool) -> tuple[Pair, tuple[str, ...]]:
    """Name the levels of at least k patients and pool the others, with the rarest named ones until they make k."""
    known = positions.original[~np.isnan(positions.original)].astype(np.int64)
    counts = np.bincount(known, minlength=len(names))
    frequent = [int(level) for level in np.argsort(-counts, kind="stable") if counts[level] >= k][:LEVELS]
    pooled = int(counts.sum() - counts[frequent].sum())
    while frequent and 0 < pooled < k:
        pooled += int(counts[frequent.pop()])
    kept = sorted(frequent) if ordered else frequent
    lookup = np.full(len(names) + 1, len(kept), dtype=np.float64)
    lookup[kept] = np.arange(len(kept))

    def of(values: Floats) -> Floats:
        missing = np.isnan(values)
        return np.where(missing, np.nan, lookup[np.where(missing, 0, values).astype(np.int64)])

    codes = Pair(of(positions.original), of(positions.doubles))
    other = pooled > 0 or bool((codes.doubles == len(kept)).any())
    return codes, (*(names[level] for level in kept), *((OTHER,) if other else ()))


def _label(value: float, column: ColumnFormat, boolean: bool) -> str:
    if boolean:
        return "true" if value else "false"
    return (column.value_labels or {}).get(value, f"{value:g}")


def _text_label(value: str, column: ColumnFormat) -> str:
    labels = column.value_labels or {}
    if value in labels:
        return labels[value]
    try:
        return labels.get(float(value), value)
    except ValueError:
        return value
