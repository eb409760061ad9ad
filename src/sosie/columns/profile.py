"""What a column looks like: the few facts that tell an identifier from a measurement.

A column comes in, at most `ROWS` of its values are looked at, and a frozen summary leaves: its values as text, how many
are distinct, how long they are. Nothing here knows what a name or an identifier is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

ROWS = 20_000
Form = Literal["integer", "number", "text", "boolean", "date", "other"]


@dataclass(frozen=True, eq=False)
class Profile:
    """One column, as its values describe it.

    Parameters
    ----------
    name : str
    form : str
        ``integer`` also stands for floats that are all whole.
    values : polars.Series
        Sampled values, typed, without missing ones.
    text : polars.Series
        The same as stripped text (numbers in digits).
    constant : bool
        Whether every patient holds the same value, or none.
    """

    name: str
    form: Form
    values: pl.Series
    text: pl.Series
    constant: bool

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def distinct(self) -> int:
        """Number of distinct sampled values."""
        return self.text.n_unique()

    @property
    def spread(self) -> float:
        """Share of distinct values, 1 when no two patients share one."""
        return self.distinct / max(len(self), 1)

    @cached_property
    def uniques(self) -> pl.Series:
        """Distinct values, as text."""
        return self.text.unique(maintain_order=True)

    @cached_property
    def words(self) -> float:
        """Mean number of words of a text."""
        return _mean(self.uniques.str.count_matches(r"\S+"))

    @cached_property
    def fixed_width(self) -> bool:
        """Whether all values have the same number of characters."""
        return self.uniques.str.len_chars().n_unique() == 1

    @cached_property
    def alphabetic(self) -> float:
        """Share of values made of letters, spaces, hyphens and apostrophes alone."""
        return _mean(self.uniques.str.contains(r"^[\p{L}][\p{L} .,'’()\-]*$").cast(pl.Float64))

    @cached_property
    def capitalised(self) -> float:
        """Share of values that start with a capital letter followed by a letter."""
        return _mean(self.uniques.str.contains(r"^\p{Lu}['’]?\p{L}").cast(pl.Float64))

    @cached_property
    def digits(self) -> float:
        """Share of values that hold a digit."""
        return _mean(self.uniques.str.contains(r"\d").cast(pl.Float64))

    def within(self, low: float, high: float) -> bool:
        """Tell whether the values are numbers, all between two bounds."""
        if self.form not in ("integer", "number") or not len(self):
            return False
        return bool(self.values.is_between(low, high).all())


def profiles(table: pl.DataFrame, present: pl.Series) -> tuple[Profile, ...]:
    """Describe each column of a table, over the patients who are in it."""
    frame = table if present.all() else table.filter(present)
    step = max(1, -(-frame.height // ROWS))
    sample = frame.gather_every(step) if step > 1 else frame
    return tuple(_describe(sample[name], frame[name]) for name in frame.columns)


def _describe(sample: pl.Series, column: pl.Series) -> Profile:
    constant = sample.n_unique() <= 1 and column.n_unique() <= 1
    values = sample.drop_nulls()
    form = _form(values.dtype)
    if values.dtype.is_float():
        values = values.drop_nans()
    if form == "number" and values.is_finite().all() and len(values) and (values == values.round()).all():
        form = "integer"
    if form == "text":
        values = values.cast(pl.String).str.strip_chars()
        values = values.filter(values != "")
        return Profile(sample.name, form, values, values, constant)
    whole = form == "integer" and values.dtype.is_float() and bool((values.abs() < 2**62).all())
    text = values.cast(pl.Int64).cast(pl.String) if whole else values.cast(pl.String, strict=False)
    return Profile(sample.name, form, values, text, constant)


def _form(dtype: pl.DataType) -> Form:
    if dtype == pl.Boolean:
        return "boolean"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    if dtype.is_integer():
        return "integer"
    return "number" if dtype.is_numeric() else "other"


def _mean(values: pl.Series) -> float:
    mean = values.mean()
    return float(mean) if isinstance(mean, int | float) else 0.0
