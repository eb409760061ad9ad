"""How one column of a table becomes one column of the patient vector, and back.

Each encoder is learned from a typed series. ``k`` is the fewest patients behind a level; ``k = 1`` gives the uncensored
view of an attacker.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import polars as pl

from sosie.cohort import Column, Floats, Kind
from sosie.tables.frame import ColumnFormat
from sosie.tables.hierarchy import PREFIX, merge
from sosie.tables.resolution import (
    UNITS,
    Calendar,
    Resolution,
    calendar,
    in_units,
    resolution,
    to_calendar,
    usual_decimals,
)

OTHER = "OTHER"
MOST_LEVELS = 10_000


class Encoder(Protocol):
    """Both ways between a typed series and floats."""

    @property
    def kind(self) -> Kind:
        """Kind of the encoded column."""
        ...

    @property
    def levels(self) -> int:
        """Number of levels of a category, 0 for a number."""
        ...

    def encode(self, series: pl.Series) -> Floats:
        """Return numbers or codes, NaN where missing, shape (patients,)."""
        ...

    def decode(self, values: Floats) -> pl.Series:
        """Return a series of the type that was learned."""
        ...


@dataclass(frozen=True)
class Number:
    """Integers, floats, durations: published with the decimals of the source, within the range that was learned."""

    dtype: pl.DataType
    decimals: int | None
    resolution: Resolution = UNITS
    kind: Kind = Kind.NUMERIC
    levels: int = 0

    def encode(self, series: pl.Series) -> Floats:
        """Return the numbers; infinities are missing."""
        physical = series.cast(pl.Int64) if isinstance(self.dtype, pl.Duration) else series
        values = physical.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
        return np.where(np.isfinite(values), values, np.nan)

    def decode(self, values: Floats) -> pl.Series:
        """Return rounded numbers; one that the type cannot hold is missing."""
        if isinstance(self.dtype, pl.Duration):
            return (
                pl.Series(self.resolution.snap(values), nan_to_null=True).cast(pl.Int64, strict=False).cast(self.dtype)
            )
        if self.dtype.is_integer():
            return pl.Series(self.resolution.snap(values), nan_to_null=True).cast(self.dtype, strict=False)
        shown = values if self.decimals is None else self._rounded(values, self.decimals)
        return pl.Series(shown, nan_to_null=True).cast(self.dtype, strict=False)

    def _rounded(self, values: Floats, decimals: int) -> Floats:
        unit = 10.0**decimals
        return np.asarray(np.round(self.resolution.snap(values * unit) / unit, decimals))


DAYS = (-719_162, 2_932_896)
"""From the first day of year 1 to the last of year 9999, as days since 1970."""


@dataclass(frozen=True)
class Moment:
    """Dates and times, as days (dates) or seconds (times) since an origin."""

    dtype: pl.DataType
    resolution: Resolution = UNITS
    calendar: Calendar | None = None
    kind: Kind = Kind.NUMERIC
    levels: int = 0

    def encode(self, series: pl.Series) -> Floats:
        """Return days or seconds since 1970."""
        if self.dtype == pl.Date:
            return series.cast(pl.Int32).cast(pl.Float64).to_numpy()
        if isinstance(self.dtype, pl.Datetime):
            return series.cast(pl.Datetime("ms")).cast(pl.Int64).cast(pl.Float64).to_numpy() / 1000.0
        return series.cast(pl.Int64).cast(pl.Float64).to_numpy() / 1e9

    def decode(self, values: Floats) -> pl.Series:
        """Return whole days or seconds, of years that a calendar holds: strong noise may draw any number."""
        unit = 1.0 if self.dtype == pl.Date else 86_400.0
        held = np.clip(self.resolution.snap(values), DAYS[0] * unit, DAYS[1] * unit)
        whole = pl.Series(held, nan_to_null=True).cast(pl.Int64)
        if self.dtype == pl.Date:
            return to_calendar(whole.cast(pl.Int32).cast(pl.Date), self.calendar)
        if isinstance(self.dtype, pl.Datetime):
            stamps = (whole * 1000).cast(pl.Datetime("ms"))
            zone = self.dtype.time_zone
            return (stamps.dt.replace_time_zone("UTC").dt.convert_time_zone(zone) if zone else stamps).cast(
                self.dtype, strict=False
            )
        return ((whole % 86_400) * 1_000_000_000).cast(self.dtype)


@dataclass(frozen=True)
class Category:
    """Codes, words and booleans: the levels that enough patients share; the others merge upward.

    Parameters
    ----------
    dtype : polars data type
    values : tuple
        Levels, in the order of their codes.
    merged : mapping
        Level that a rare value is published as: its longest frequent prefix, a neighbouring code, or a rest.
    rest : int
        Code of any other value; -1 for missing.
    """

    dtype: pl.DataType
    values: tuple[object, ...]
    merged: Mapping[object, int]
    rest: int
    kind: Kind = Kind.CATEGORICAL

    @property
    def levels(self) -> int:
        """Number of levels."""
        return max(len(self.values), 1)

    def encode(self, series: pl.Series) -> Floats:
        """Return codes."""
        known = [*self.values, *self.merged]
        codes = [*range(len(self.values)), *self.merged.values()]
        if isinstance(series.dtype, pl.Categorical | pl.Enum):
            series = series.cast(pl.String)
        if not known:
            return np.full(len(series), np.nan)
        rest = None if self.rest < 0 else float(self.rest)
        keys = pl.Series(known, dtype=series.dtype, strict=False)
        coded = series.replace_strict(keys, pl.Series(codes, dtype=pl.Float64), default=rest, return_dtype=pl.Float64)
        values = coded.to_numpy().astype(np.float64)
        return np.where(series.is_null().to_numpy() | (values < 0), np.nan, values)

    def decode(self, values: Floats) -> pl.Series:
        """Return levels."""
        plain = pl.String if isinstance(self.dtype, pl.Categorical | pl.Enum) else self.dtype
        levels = pl.Series(list(self.values), dtype=plain, strict=False)
        codes = pl.Series(values, nan_to_null=True).cast(pl.UInt32)
        if not len(levels):
            return pl.Series([None] * len(values), dtype=plain)
        picked = levels.gather(codes)
        return picked.cast(self.dtype) if isinstance(self.dtype, pl.Categorical) else picked


def learn(series: pl.Series, column: ColumnFormat, k: int) -> Encoder:
    """Choose and learn the encoder of one column."""
    dtype = series.dtype
    if dtype.is_temporal() and not isinstance(dtype, pl.Duration):
        return _moment(series)
    if isinstance(dtype, pl.Duration) or (dtype.is_numeric() and not column.categorical):
        return _number(series, column.decimals, k)
    return _category(series, column, k)


def column_of(name: str, encoder: Encoder) -> Column:
    """Describe an encoded column."""
    return Column(name, encoder.kind, encoder.levels)


def _number(series: pl.Series, most: int | None, k: int) -> Number:
    number = Number(series.dtype, most)
    values = number.encode(series)
    if series.dtype.is_integer() or isinstance(series.dtype, pl.Duration):
        return replace(number, resolution=resolution(values))
    if k == 1:
        return number
    decimals = usual_decimals(values, most)
    step = UNITS if decimals is None else resolution(in_units(values, decimals))
    return replace(number, decimals=decimals, resolution=step)


def _moment(series: pl.Series) -> Moment:
    moment = Moment(series.dtype)
    unit = calendar(series) if series.dtype == pl.Date else None
    return replace(moment, calendar=unit) if unit else replace(moment, resolution=resolution(moment.encode(series)))


def _category(series: pl.Series, column: ColumnFormat, k: int) -> Category:
    plain = series.cast(pl.String) if isinstance(series.dtype, pl.Categorical | pl.Enum) else series
    table = plain.drop_nulls().value_counts(sort=True, name="__patients")
    pairs = zip(table.to_series(0).to_list(), table["__patients"].to_list(), strict=True)
    counts = dict(sorted(pairs, key=lambda pair: (-pair[1], str(pair[0]))))
    frequent = [value for value, count in counts.items() if count >= k][:MOST_LEVELS]
    kept = set(frequent)
    rare = {value: count for value, count in counts.items() if value not in kept}
    if not rare:
        return Category(series.dtype, tuple(_sorted(frequent)), {}, -1)
    if plain.dtype == pl.String and (column.hierarchy == PREFIX or column.parents):
        return _by_hierarchy(series.dtype, counts, column, k)
    if plain.dtype.is_numeric() and frequent:
        levels = _sorted(frequent)
        places = np.array([float(str(level)) for level in levels])
        nearest = {value: int(np.abs(places - float(str(value))).argmin()) for value in rare}
        return Category(series.dtype, tuple(levels), nearest, -1)
    levels = _sorted(frequent)
    together = sum(rare.values())
    if together >= k and plain.dtype == pl.String:
        return Category(series.dtype, (*levels, _rest(kept, k)), {}, len(levels))
    missing = series.null_count() >= k
    return Category(series.dtype, tuple(levels), {}, -1 if missing or not frequent else levels.index(frequent[0]))


def _by_hierarchy(dtype: pl.DataType, counts: Mapping[object, int], column: ColumnFormat, k: int) -> Category:
    """Merge rare codes into their nearest ancestor that k patients share, then into a rest."""
    levels, merged, left = merge({str(value): count for value, count in counts.items()}, k, column.parents)
    names = sorted(levels)
    rest = len(names) if left >= k else -1
    position = {name: at for at, name in enumerate(names)}
    places: dict[object, int] = {code: position.get(now, rest) for code, now in merged.items()}
    return Category(dtype, (*names, _rest(levels, k)) if rest >= 0 else tuple(names), places, rest)


def _rest(levels: Container[object], k: int) -> str:
    """Name the level of all rare values, unlike any other level."""
    return OTHER if OTHER not in levels else f"{OTHER} (<{k})"


def _sorted(values: Sequence[object]) -> list[object]:
    """Sort levels: numbers and booleans by value, anything else by its text."""
    if all(isinstance(value, int | float) for value in values):
        return sorted(values, key=lambda value: float(str(int(value)) if isinstance(value, bool) else str(value)))
    return sorted(values, key=str)
