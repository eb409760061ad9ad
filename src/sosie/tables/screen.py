"""What the search for rules looks at: a sample of rows as numbers and codes, and the columns still free.

A rule is found on the sample and taken only if every row of the table obeys it. A column that a taken rule computes
is no longer free: it is neither an input nor a result of a later rule, so no circle can arise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sosie.cohort import Floats, Mask, Role, Rows
from sosie.tables.frame import ColumnFormat
from sosie.tables.relations import Precision
from sosie.tables.rules import Rule, RuleSet
from sosie.tables.workspace import Scalar, Workspace, is_text, numbers_of

SAMPLE = 4_096
LOG_CHANCE = float(np.log(1e-6))
_LEFT_OUT = (Role.KEY, Role.DIRECT, Role.FREE_TEXT)


@dataclass(frozen=True)
class Screen:
    """A sample of rows, column by column.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows of the sample.
    names : tuple of str
        The columns that may take part in a rule, ``columns`` of them.
    precisions : tuple of Precision
        Their types and decimals.
    measured : tuple of bool
        Which of them hold quantities or dates rather than names.
    values : ndarray of float64, shape (columns, rows)
        Numbers, days for dates, ranks for text; NaN is missing.
    codes : ndarray of int64, shape (columns, rows)
        Ranks of the values, -1 is missing.
    order : ndarray of int64, shape (columns, rows)
        The rows in ascending order of each column, missing last.
    counts : tuple of ndarray
        How many rows carry each code.
    """

    frame: pl.DataFrame
    names: tuple[str, ...]
    precisions: tuple[Precision, ...]
    measured: tuple[bool, ...]
    values: Floats
    codes: Rows
    order: Rows
    counts: tuple[Rows, ...]

    @property
    def rows(self) -> int:
        """Return the number of rows of the sample."""
        return int(self.values.shape[1])

    def dtype(self, column: int) -> pl.DataType:
        """Return the type of a column."""
        return self.precisions[column].dtype

    def precision(self, column: int) -> Precision:
        """Return how finely a column is published."""
        return self.precisions[column]

    def level(self, column: int, code: int) -> Scalar:
        """Return the value behind a code."""
        first = int(self.order[column, self.counts[column][:code].sum()])
        value: Scalar = self.frame.get_column(self.names[column])[first]
        return value

    def measures(self, column: int) -> bool:
        """Tell whether a column holds quantities or dates rather than names."""
        return self.measured[column]


@dataclass
class Search:
    """The rules taken so far, and the columns that they leave free."""

    screen: Screen
    k: int
    free: Mask
    table: Workspace
    sampled: bool
    taken: list[Rule] = field(default_factory=list)
    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def take(self, rule: Rule) -> bool:
        """Keep a rule if every row obeys it; a column that it writes is then no longer free."""
        if not rule.holds(self.table).all():
            return False
        self.taken.append(rule)
        return True

    def bind(self, column: int, inputs: Sequence[int]) -> None:
        """Remember what a column is computed from."""
        self.free[column] = False
        self.parents[column] = tuple(inputs)

    def root(self, column: int) -> int:
        """Return the column that a chain of one-input rules computes this one from."""
        while len(self.parents.get(column, ())) == 1:
            column = self.parents[column][0]
        return column


def search(frame: pl.DataFrame, columns: Sequence[ColumnFormat], k: int, declared: RuleSet) -> Search:
    """Return a search that has found nothing yet; the columns that declared rules write are not free."""
    rows = _spread(frame.height, SAMPLE)
    sampled = len(rows) < frame.height
    screen = _screen(frame[rows] if sampled else frame, columns)
    written = {rule.columns[-1] for rule in declared.rules if hasattr(rule, "image") or rule.target is not None}
    free = np.array([name not in written for name in screen.names], dtype=bool)
    table = Workspace(frame)
    if not sampled:
        table.remember(dict(zip(screen.names, screen.values, strict=True)))
    return Search(screen, k, free, table, sampled)


def unlikely(rate: float | Floats, rows: float | Floats | Rows) -> Mask:
    """Tell whether chance, which gives each row this probability to obey, would hardly make all rows obey."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(rows * np.log(rate) < LOG_CHANCE)


def _spread(rows: int, most: int) -> Rows:
    """Return at most ``most`` row numbers, evenly spread."""
    return np.arange(rows) if rows <= most else np.linspace(0, rows - 1, most).astype(np.int64)


def _screen(frame: pl.DataFrame, columns: Sequence[ColumnFormat]) -> Screen:
    schema = frame.schema
    able = [column for column in columns if column.role not in _LEFT_OUT and _readable(schema.get(column.name))]
    values = np.empty((len(able), frame.height))
    for row, column in enumerate(able):
        values[row] = _ranks(frame.get_column(column.name))
    order = np.argsort(values, axis=1)
    ascending = np.take_along_axis(values, order, axis=1)
    ranks = np.zeros(values.shape, dtype=np.int64)
    np.cumsum(ascending[:, 1:] != ascending[:, :-1], axis=1, out=ranks[:, 1:])
    codes = np.empty_like(ranks)
    np.put_along_axis(codes, order, ranks, axis=1)
    codes[np.isnan(values)] = -1
    counts = [np.bincount(code[code >= 0]) for code in codes]
    several = [row for row, count in enumerate(counts) if len(count) > 1 or (len(count) and (codes[row] < 0).any())]
    kept = tuple(able[row] for row in several)
    precisions = tuple(Precision(schema[column.name], column.decimals) for column in kept)
    return Screen(
        frame=frame,
        names=tuple(column.name for column in kept),
        precisions=precisions,
        measured=tuple(
            not (is_text(precision.dtype) or isinstance(precision.dtype, pl.Boolean) or column.categorical)
            for precision, column in zip(precisions, kept, strict=True)
        ),
        values=values[several],
        codes=codes[several],
        order=order[several],
        counts=tuple(counts[row] for row in several),
    )


def _readable(dtype: pl.DataType | None) -> bool:
    if dtype is None:
        return False
    return is_text(dtype) or dtype.is_numeric() or isinstance(dtype, pl.Boolean | pl.Date | pl.Datetime)


def _ranks(series: pl.Series) -> Floats:
    if not is_text(series.dtype):
        return numbers_of(series)
    return series.cast(pl.String).rank("dense").cast(pl.Float64).to_numpy()
