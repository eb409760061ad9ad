"""Rules between numbers and dates: a column computed from others, and an order between two columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from sosie.cohort import Floats, Mask
from sosie.tables.expression import Expression, Name
from sosie.tables.logic import Language
from sosie.tables.workspace import Workspace, series_of

_FLOAT_NOISE = 1e-9
_MILLISECOND = 1e-3 / 86_400


@dataclass(frozen=True)
class Precision:
    """How finely a column is published.

    Parameters
    ----------
    dtype : polars.DataType
    decimals : int, optional
        Decimals of a float; None where the source does not fix them.
    """

    dtype: pl.DataType
    decimals: int | None = None

    @property
    def half(self) -> float:
        """Half a unit of the last decimal: the largest error that rounding makes."""
        if isinstance(self.dtype, pl.Datetime):
            return _MILLISECOND
        if not self.dtype.is_float() and not isinstance(self.dtype, pl.Decimal):
            return 0.5
        return 0.0 if self.decimals is None else float(0.5 * 10.0**-self.decimals)

    def slack(self, exact: Floats) -> Floats:
        """Return the distance at which a published value still stands for an exact one."""
        return self.half + _FLOAT_NOISE * np.maximum(1.0 if self.half else 0.0, np.abs(exact)) + 1e-300

    def publish(self, exact: Floats) -> pl.Series:
        """Return exact numbers as the column would be published."""
        decimals = 0 if self.half == 0.5 else self.decimals
        return series_of(exact if decimals is None else np.round(exact, decimals), self.dtype)


@dataclass(frozen=True)
class Equation:
    """``image`` is computed from other columns, within the rounding of its decimals.

    Parameters
    ----------
    complete : bool
        The image is missing exactly where an input is. Otherwise it is checked where all are present, and has to be
        modelled for the sake of its missing values.
    """

    image: str
    expression: Expression
    precision: Precision
    complete: bool = True

    @property
    def target(self) -> str | None:
        """Return the column that needs no model."""
        return self.image if self.complete else None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the inputs and the image."""
        return (*(name for name in self.expression.columns() if name != self.image), self.image)

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows the equation describes."""
        return self._agrees(table, self._exact(table))

    def apply(self, table: Workspace) -> None:
        """Write the image where it is absent or wrong; a value that rounding explains stays as it is."""
        exact = self._exact(table)
        if not table.has(self.image):
            table.put(self.image, self.precision.publish(exact))
            return
        wrong = ~self._agrees(table, exact)
        if wrong.any():
            table.put(self.image, self.precision.publish(exact), wrong)

    def describe(self, language: Language) -> str:
        """Return the equation."""
        return f"{Name(self.image).text()} = {self.expression.text()}"

    def _exact(self, table: Workspace) -> Floats:
        return np.broadcast_to(self.expression.evaluate(table.numbers), (table.rows,))

    def _agrees(self, table: Workspace, exact: Floats) -> Mask:
        published = table.numbers(self.image)
        near: Mask = np.abs(published - exact) <= self.precision.slack(exact)
        missing, expected = np.isnan(published), np.isnan(exact)
        return near | ((missing & expected) if self.complete else (missing | expected))


@dataclass(frozen=True)
class Comparison:
    """``left`` is at most (or below) ``right`` on every row where both are present. It is checked, never applied."""

    left: Expression
    right: Expression
    strict: bool = False
    target: None = None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of both sides."""
        return tuple(dict.fromkeys((*self.left.columns(), *self.right.columns())))

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows are in order."""
        left, right = self.left.evaluate(table.numbers), self.right.evaluate(table.numbers)
        disorder = left >= right if self.strict else left > right
        return np.broadcast_to(~disorder, (table.rows,))

    def apply(self, table: Workspace) -> None:
        """Do nothing: which side is wrong, nobody knows."""

    def describe(self, language: Language) -> str:
        """Return the comparison."""
        return f"{self.left.text()} {'<' if self.strict else '<='} {self.right.text()}"
