"""Expressions over columns of numbers: a small tree that evaluates on arrays and writes itself back.

Dates count in days since 1970, missing values are NaN, and a missing input gives a missing result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows

NumbersOf = Callable[[str], Floats]


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float

    def columns(self) -> tuple[str, ...]:
        """Return no column."""
        return ()

    def evaluate(self, numbers: NumbersOf) -> Floats:
        """Return the constant as an array that broadcasts."""
        return np.array(self.value)

    def text(self) -> str:
        """Return the constant as it is written."""
        return np.format_float_positional(self.value, trim="-")


@dataclass(frozen=True)
class Name:
    """A column."""

    name: str

    def columns(self) -> tuple[str, ...]:
        """Return the column."""
        return (self.name,)

    def evaluate(self, numbers: NumbersOf) -> Floats:
        """Return the values of the column."""
        return numbers(self.name)

    def text(self) -> str:
        """Return the name, in back quotes where the grammar needs them."""
        return self.name if self.name.isidentifier() else f"`{self.name}`"


@dataclass(frozen=True)
class Operation:
    """Two expressions and an operator among ``+ - * / **``."""

    operator: str
    left: Expression
    right: Expression

    def columns(self) -> tuple[str, ...]:
        """Return the columns of both sides, each once."""
        return tuple(dict.fromkeys((*self.left.columns(), *self.right.columns())))

    def evaluate(self, numbers: NumbersOf) -> Floats:
        """Return the result, NaN where it is missing or not a finite number."""
        with np.errstate(all="ignore"):
            result = _OPERATIONS[self.operator](self.left.evaluate(numbers), self.right.evaluate(numbers))
        return np.where(np.isfinite(result), result, np.nan)

    def text(self) -> str:
        """Return the operation as it is written, with no bracket that it does not need."""
        power = self.operator == "**"
        tight = _TIGHTNESS[self.operator]
        left = _bracketed(self.left, tight + power)
        right = _bracketed(self.right, tight + (not power))
        return f"{left}**{right}" if power else f"{left} {self.operator} {right}"


@dataclass(frozen=True)
class Call:
    """One of the functions ``years``, ``days``, ``hours``, ``round``, ``floor`` and ``missing``."""

    function: str
    arguments: tuple[Expression, ...]

    def columns(self) -> tuple[str, ...]:
        """Return the columns of all arguments, each once."""
        return tuple(dict.fromkeys(name for argument in self.arguments for name in argument.columns()))

    def evaluate(self, numbers: NumbersOf) -> Floats:
        """Return what the function gives."""
        return FUNCTIONS[self.function](*(argument.evaluate(numbers) for argument in self.arguments))

    def text(self) -> str:
        """Return the call as it is written."""
        return f"{self.function}({', '.join(argument.text() for argument in self.arguments)})"


Expression = Number | Name | Operation | Call


def _bracketed(expression: Expression, tightness: int) -> str:
    own = _TIGHTNESS[expression.operator] if isinstance(expression, Operation) else 4
    negative = isinstance(expression, Number) and expression.value < 0
    return f"({expression.text()})" if own < tightness or negative else expression.text()


def _completed_years(start: Floats, end: Floats) -> Floats:
    """Return whole years between two dates; who is born on 29 February turns a year older on 1 March."""
    missing = np.isnan(start) | np.isnan(end)
    months, days = zip(*(_month_and_day(np.where(missing, 0, date)) for date in (start, end)), strict=True)
    completed = (months[1] - months[0] - (days[1] < days[0])) // 12
    return np.where(missing, np.nan, completed.astype(np.float64))


def _month_and_day(dates: Floats) -> tuple[Rows, Rows]:
    day = np.floor(dates).astype(np.int64).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    return month.astype(np.int64), (day - month.astype("datetime64[D]")).astype(np.int64)


def _round(values: Floats, decimals: Floats | None = None) -> Floats:
    return np.round(values, 0 if decimals is None else int(np.clip(np.nanmin(decimals), -15, 15)))


_TIGHTNESS = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}
_OPERATIONS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
FUNCTIONS: dict[str, Callable[..., Floats]] = {
    "years": _completed_years,
    "days": lambda start, end: np.floor(end) - np.floor(start),
    "hours": lambda start, end: (end - start) * 24,
    "round": _round,
    "floor": np.floor,
    "missing": lambda values: np.isnan(values).astype(np.float64),
}
