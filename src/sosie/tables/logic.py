"""Rules between categories and missing values: together, indicator, mapping, steps and atom.

Every level, atom and interval that a rule holds is carried by at least k patients of the cohort.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import polars as pl

from sosie.cohort import Mask
from sosie.tables.expression import Name
from sosie.tables.workspace import Scalar, Workspace, series_of

Language = Literal["en", "fr"]


class State(StrEnum):
    """What a condition asks of a value."""

    IS = "is"
    MISSING = "missing"
    PRESENT = "present"


@dataclass(frozen=True)
class Condition:
    """A column is this value, or is missing, or is present."""

    column: str
    state: State
    value: Scalar | None = None

    def mask(self, table: Workspace) -> Mask:
        """Tell which rows meet the condition."""
        if self.state == State.IS and self.value is not None:
            return table.equals(self.column, self.value)
        missing = table.missing(self.column)
        return missing if self.state == State.MISSING else ~missing

    def describe(self, language: Language) -> str:
        """Return the condition in words."""
        if self.state == State.IS:
            return f"{_quoted(self.column)} = {_level(self.value, language)}"
        words = {"en": ("is missing", "is present"), "fr": ("manque", "est présent")}[language]
        return f"{_quoted(self.column)} {words[self.state == State.PRESENT]}"


@dataclass(frozen=True)
class Together:
    """Some columns are missing on the same rows; a row that lacks one lacks them all."""

    columns: tuple[str, ...]
    target: None = None

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows lack all of the columns, or none."""
        first = table.missing(self.columns[0])
        return np.asarray(np.all([table.missing(name) == first for name in self.columns[1:]], axis=0))

    def apply(self, table: Workspace) -> None:
        """Erase the columns where one of them is missing."""
        columns = [name for name in self.columns if table.has(name)]
        masks = [table.missing(name) for name in columns]
        lacking = np.any(masks, axis=0)
        for name, missing in zip(columns, masks, strict=True):
            table.erase(name, lacking & ~missing)

    def describe(self, language: Language) -> str:
        """Return the rule in words."""
        words = {"en": "are missing together", "fr": "manquent ensemble"}[language]
        return f"{', '.join(map(_quoted, self.columns))} {words}"


@dataclass(frozen=True)
class Indicator:
    """``target`` tells whether ``source`` is missing."""

    source: str
    target: str
    missing: Scalar
    present: Scalar
    dtype: pl.DataType

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the source and the target."""
        return (self.source, self.target)

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows say the truth about the source."""
        return table.agrees(self.target, self._expected(table))

    def apply(self, table: Workspace) -> None:
        """Write the target."""
        expected = self._expected(table)
        table.put(self.target, expected, _wrong(table, self.target, expected))

    def describe(self, language: Language) -> str:
        """Return the rule in words."""
        words = {"en": "exactly where {} is missing, else {}", "fr": "exactement là où {} manque, sinon {}"}[language]
        rest = words.format(_quoted(self.source), _level(self.present, language))
        return f"{_quoted(self.target)} = {_level(self.missing, language)} {rest}"

    def _expected(self, table: Workspace) -> pl.Series:
        levels = pl.Series([self.present, self.missing], dtype=self.dtype)
        return levels.gather(table.missing(self.source).astype(np.int64))


@dataclass(frozen=True)
class Mapping:
    """``target`` is a function of ``source``, given for the levels carried by enough patients.

    Parameters
    ----------
    target : str, optional
        None where the levels left out are too many for the target to be dropped and recomputed.
    """

    source: str
    image: str
    keys: tuple[Scalar | None, ...]
    values: tuple[Scalar | None, ...]
    dtype: pl.DataType
    target: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the source and the image."""
        return (self.source, self.image)

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows follow the map; a level that is not in it is free."""
        codes = table.codes(self.source, self.keys)
        return (codes < 0) | table.agrees(self.image, self._expected(codes))

    def apply(self, table: Workspace) -> None:
        """Write the image of the levels in the map; leave the others as they are, or missing."""
        codes = table.codes(self.source, self.keys)
        expected = self._expected(codes)
        table.put(self.image, expected, (codes >= 0) & _wrong(table, self.image, expected))

    def describe(self, language: Language) -> str:
        """Return the rule in words."""
        pairs = zip(self.keys[:12], self.values, strict=False)
        shown = ", ".join(f"{_level(key, language)} → {_level(value, language)}" for key, value in pairs)
        more = ", …" if len(self.keys) > 12 else ""
        words = {"en": "is a function of", "fr": "est une fonction de"}[language]
        return f"{_quoted(self.image)} {words} {_quoted(self.source)} ({shown}{more})"

    def _expected(self, codes: np.ndarray) -> pl.Series:
        levels = pl.Series([*self.values, None], dtype=self.dtype)
        return levels.gather(np.where(codes < 0, len(self.values), codes))


@dataclass(frozen=True)
class Steps:
    """``image`` tells in which interval of ``source`` a value falls; each interval includes its lower cut.

    Parameters
    ----------
    cuts : tuple of float
        Days since 1970 where the source is a date.
    values : tuple
        One more than the cuts.
    target : str, optional
        The image, or None where another rule already computes it: this one is then only checked.
    missing : scalar, optional
        What the target is where the source is missing.
    source_type, dtype : polars.DataType
        Of the source and of the image.
    """

    source: str
    image: str
    cuts: tuple[float, ...]
    values: tuple[Scalar, ...]
    missing: Scalar | None
    source_type: pl.DataType
    dtype: pl.DataType
    target: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the source and the image."""
        return (self.source, self.image)

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows bear the name of their interval."""
        return table.agrees(self.image, self._expected(table))

    def apply(self, table: Workspace) -> None:
        """Write the name of the interval."""
        if self.target is None:
            return
        expected = self._expected(table)
        table.put(self.target, expected, _wrong(table, self.target, expected))

    def describe(self, language: Language) -> str:
        """Return the rule in words."""
        cuts = series_of(np.array(self.cuts), self.source_type).to_list()
        if not (self.source_type.is_integer() or self.source_type.is_temporal()):
            cuts = [float(cut) for cut in self.cuts]
        names = [_level(value, language) for value in self.values]
        word = {"en": "from", "fr": "à partir de"}[language]
        steps = ", ".join(f"{name} {word} {cut:g}" if isinstance(cut, float) else f"{name} {word} {cut}"
                          for name, cut in zip(names[1:], cuts, strict=True))  # fmt: skip
        words = {"en": "follows intervals of", "fr": "suit des intervalles de"}[language]
        return f"{_quoted(self.image)} {words} {_quoted(self.source)} ({names[0]}, {steps})"

    def _expected(self, table: Workspace) -> pl.Series:
        values = table.numbers(self.source)
        place = np.searchsorted(np.array(self.cuts), values, side="right")
        levels = pl.Series([*self.values, self.missing], dtype=self.dtype)
        return levels.gather(np.where(np.isnan(values), len(self.values), place))


@dataclass(frozen=True)
class Atom:
    """Where one condition is met, so is another.

    Parameters
    ----------
    settable : bool
        False where the second column is computed from others: the rule is then only checked.
    """

    when: Condition
    then: Condition
    dtype: pl.DataType
    settable: bool = True
    target: None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of both conditions."""
        return (self.when.column, self.then.column)

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows obey."""
        return ~self.when.mask(table) | self.then.mask(table)

    def apply(self, table: Workspace) -> None:
        """Write the constant, or erase; a value that must be present cannot be invented."""
        if not self.settable or self.then.state == State.PRESENT or not all(map(table.has, self.columns)):
            return
        broken = ~self.holds(table)
        if self.then.state == State.MISSING:
            table.erase(self.then.column, broken)
        elif broken.any():
            constant = pl.Series([self.then.value], dtype=self.dtype).new_from_index(0, table.rows)
            table.put(self.then.column, constant, broken)

    def describe(self, language: Language) -> str:
        """Return the rule in words."""
        words = {"en": "where", "fr": "là où"}[language]
        return f"{self.then.describe(language)} {words} {self.when.describe(language)}"


def _wrong(table: Workspace, name: str, expected: pl.Series) -> Mask:
    return ~table.agrees(name, expected) if table.has(name) else np.ones(table.rows, dtype=bool)


def _quoted(name: str) -> str:
    return Name(name).text()


def _level(value: Scalar | None, language: Language) -> str:
    if value is None:
        return {"en": "missing", "fr": "manquant"}[language]
    return f"{value:g}" if isinstance(value, float) else str(value)
