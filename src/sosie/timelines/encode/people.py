"""What does not change with time: sex, age, and whatever else the source says once of a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sosie.cohort import Column, Floats, Kind, Mask
from sosie.timelines.encode.groups import allowed
from sosie.timelines.encode.measures import decimals_of
from sosie.timelines.encode.span import YEAR, Spans, number
from sosie.timelines.events import Clock, TimelinesPart
from sosie.timelines.quantiles import Quantiles, fewest

OWN = ("sex", "birth", "start", "stop", "dead")
SEX, AGE = "sex", "age"
USUAL = 0.9


@dataclass(frozen=True)
class Fact:
    """One column of people.

    Parameters
    ----------
    name : str
    dtype : polars data type
    levels : tuple
        Of a category; empty for a number.
    values : Quantiles, optional
        Of a number.
    decimals : int
    shares : ndarray of float64, shape (levels,)
    missing : float
        Share of the patients without it.
    coded : bool
        Whether it is a column of the patient vector.
    """

    name: str
    dtype: pl.DataType
    levels: tuple[object, ...]
    values: Quantiles | None
    decimals: int
    shares: Floats
    missing: float
    coded: bool

    @property
    def column(self) -> Column:
        """The column of the patient vector."""
        if self.values is not None:
            return Column(f"timelines.{self.name}", Kind.NUMERIC)
        return Column(f"timelines.{self.name}", Kind.CATEGORICAL, max(len(self.levels), 1))

    def encode(self, series: pl.Series) -> Floats:
        """Return numbers or places of levels, NaN where missing."""
        if self.values is not None:
            numbers = series.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().astype(np.float64)
            return np.where(np.isfinite(numbers), numbers, np.nan)
        if not self.levels:
            return np.full(len(series), np.nan)
        places = {level: float(at) for at, level in enumerate(self.levels)}
        return np.array([places.get(value, np.nan) for value in series.to_list()])

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw codes from the population."""
        if self.values is not None:
            drawn = self.values.draw(n, rng)
        elif self.levels:
            drawn = rng.choice(len(self.levels), n, p=self.shares / self.shares.sum()).astype(np.float64)
        else:
            return np.full(n, np.nan)
        return np.where(rng.random(n) < self.missing, np.nan, drawn)

    def decode(self, codes: Floats) -> pl.Series:
        """Return a column of people."""
        if self.values is not None:
            clipped = np.clip(codes, self.values.knots[0], self.values.knots[-1])
            shown = pl.Series(self.name, np.round(clipped, self.decimals)).fill_nan(None)
            return shown.cast(self.dtype, strict=False)
        words = [None if np.isnan(code) else self.levels[int(code)] for code in codes]
        return pl.Series(self.name, words, dtype=self.dtype)


@dataclass(frozen=True)
class People:
    """The columns of people.

    Parameters
    ----------
    like : polars.DataFrame
        Without rows.
    facts : tuple of Fact
        Sex first where it is told, then what is not `OWN`.
    aged : bool
        Whether births are told.
    whole : bool
        Whether ages are whole years on a relative clock.
    birthday : tuple of int, optional
        Month and day of all births, where the source tells years alone.
    told : frozenset of str
        Columns of `OWN` that are not all missing.
    """

    like: pl.DataFrame
    facts: tuple[Fact, ...]
    aged: bool
    whole: bool
    birthday: tuple[int, int] | None
    told: frozenset[str]


def ages(part: TimelinesPart, spans: Spans) -> Floats:
    """Return the age of each patient at the origin, years."""
    return np.asarray((spans.origin - number(part, "birth")) / YEAR)


def learn(part: TimelinesPart, spans: Spans, k: int, rng: np.random.Generator) -> People:
    """Learn the columns of people of a cohort."""
    people = part.people.filter(pl.Series(part.present)) if not part.present.all() else part.people
    names = [name for name in people.columns if name not in OWN or name == SEX]
    facts = [_fact(people[name], k, rng) for name in sorted(names, key=lambda name: name != SEX)]
    most = allowed(people.height, 0.15, 2, 20)
    varied = [fact for fact in facts if fact.values is not None or len(fact.levels) > 1]
    coded = {fact.name for fact in varied[: most + 1]}
    kept = tuple(Fact(**{**fact.__dict__, "coded": fact.name in coded}) for fact in facts)
    old = ages(part, spans)[part.present]
    known = old[~np.isnan(old)]
    aged = len(known) >= k
    whole = aged and part.clock is Clock.RELATIVE and float((np.abs(known - np.round(known)) < 0.01).mean()) > USUAL
    told = frozenset(
        name
        for name in OWN
        if name in people.columns and people[name].null_count() <= people.height - min(k, people.height)
    )
    return People(people.clear(), kept, aged, whole, _birthday(part, k), told)


def _fact(series: pl.Series, k: int, rng: np.random.Generator) -> Fact:
    needed, missing = fewest(k, rng), series.null_count() / max(len(series), 1)
    if series.dtype.is_numeric() and series.n_unique() > 10:
        values = series.drop_nulls().cast(pl.Float64).to_numpy()
        values = values[np.isfinite(values)]
        learned = Quantiles.of(values, needed)
        if learned is not None:
            return Fact(series.name, series.dtype, (), learned, decimals_of(values), np.empty(0), missing, False)
        return Fact(series.name, series.dtype, (), None, 0, np.empty(0), 1.0, False)
    counts = series.drop_nulls().value_counts().rows()
    frequent = sorted(((value, count) for value, count in counts if count >= needed), key=lambda pair: str(pair[0]))
    shares = np.array([float(count) for _, count in frequent])
    return Fact(series.name, series.dtype, tuple(value for value, _ in frequent), None, 0, shares, missing, False)


def _birthday(part: TimelinesPart, k: int) -> tuple[int, int] | None:
    if part.clock is Clock.RELATIVE:
        return None
    births = number(part, "birth")
    known = births[~np.isnan(births)]
    if len(known) < k:
        return None
    days = pl.Series(np.floor(known)).cast(pl.Int32).cast(pl.Date)
    pairs = pl.DataFrame({"month": days.dt.month(), "day": days.dt.day()}).group_by("month", "day").len()
    month, day, count = max(pairs.rows(), key=lambda row: row[2])
    return (int(month), int(day)) if count > USUAL * len(known) else None


def to_people(
    people: People,
    codes: Mapping[str, Floats],
    columns: Mapping[str, Floats],
    present: Mask,
    keys: Sequence[str],
) -> pl.DataFrame:
    """Return the people of doubles: ``codes`` of the facts, ``columns`` of the others of `OWN`."""
    done = []
    facts = {fact.name: fact for fact in people.facts}
    for name, dtype in people.like.schema.items():
        if name in facts:
            series = facts[name].decode(np.where(present, codes[name], np.nan))
        elif name in people.told and name in columns:
            series = pl.Series(name, np.where(present, columns[name], np.nan)).fill_nan(None)
            series = (series > 0.5) if dtype == pl.Boolean else series.cast(dtype, strict=False)
        else:
            series = pl.Series(name, [None] * len(keys), dtype=dtype)
        done.append(series.alias(name).cast(dtype, strict=False))
    return pl.DataFrame(done)


def to_births(people: People, origin: Floats, age: Floats) -> Floats:
    """Return days of birth from ages at the origin."""
    if people.whole:
        return -np.round(age) * YEAR
    births = np.floor(origin - age * YEAR)
    if people.birthday is None:
        return births
    known = ~np.isnan(births)
    years = pl.Series(births[known]).cast(pl.Int32).cast(pl.Date).dt.year()
    month, day = people.birthday
    snapped = pl.DataFrame({"y": years}).select(pl.date("y", month, day)).to_series().cast(pl.Int32).to_numpy()
    out = births.copy()
    out[known] = snapped
    return out
