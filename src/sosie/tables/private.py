"""The codec of tables under differential privacy: laid on public knowledge, so that it tells nothing of the patients.

Public are the names and the types of the columns, and what the manifest declares of them. A column is left out by its
declared role or by what its name says, never by its values; rules are the declared ones. Numbers carry their declared
bounds (those of the others are found by the synthesizer, which pays); a category has its declared values, or those that
enough patients share, found by a noisy histogram with a threshold (Korolova et al. 2009; Gaussian form: Wilkins et al.
2024, arXiv 2403.01592), which the budget pays in rho and delta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import sqrt
from statistics import NormalDist

import numpy as np
import polars as pl

from sosie.budget import Budget
from sosie.cohort import Column, Kind, Role
from sosie.columns.labels import LABELS
from sosie.columns.vocabulary import meanings
from sosie.errors import ManifestError
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.noise import Noise
from sosie.tables.codec import PRESENT, TableCodec, TablesCodec
from sosie.tables.encoders import OTHER, Category, Encoder, Moment, Number, column_of
from sosie.tables.frame import Table, TablesPart
from sosie.tables.rules import RuleSet

DROPPED = frozenset({Role.KEY, Role.DIRECT, Role.FREE_TEXT})
SURE = 0.9
"""Confidence from which a name alone leaves a column out."""
UNPAID = {
    "en": "{file}: the names and types of the columns, the decimals and the spelling of their values, as the file was "
    "read; declare `kind` and `decimals`",
    "fr": "{file} : les noms et les types des colonnes, les décimales et la graphie des valeurs, tels que le fichier a "
    "été lu ; déclarez `kind` et `decimals`",
}
FOUND = "categories"
SHARE = 0.1
"""Part of the budget that finding categories takes, where some are not declared."""


@dataclass(frozen=True)
class PrivateTableCodec(TableCodec):
    """A codec whose columns carry the bounds and steps that are public."""

    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the block."""
        named = tuple(self._column(name, encoder) for name, encoder in self.encoders.items())
        return (Column(f"{self.like.name}.{PRESENT}", Kind.CATEGORICAL, 2), *named) if self.partial else named

    def _column(self, name: str, encoder: Encoder) -> Column:
        column = column_of(f"{self.like.name}.{name}", encoder)
        if encoder.kind is Kind.CATEGORICAL:
            return column
        return replace(column, bounds=self.bounds.get(name), step=_step(encoder))


def fit(part: TablesPart, manifest: Manifest, budget: Budget, noise: Noise) -> TablesCodec:
    """Lay the codec of every table.

    Raises
    ------
    ManifestError
        When what the manifest declares of a column does not fit its type; the message names the column.
    """
    unknown = sum(len(undeclared(table, manifest)) for table in part.tables)
    pay = SHARE * budget.left / max(unknown, 1), budget.reserved / max(unknown, 1)
    several = len(part.tables) > 1
    return TablesCodec(tuple(_table(table, manifest, budget, noise, pay, several) for table in part.tables))


def kept(table: Table, said: TableManifest) -> list[str]:
    """Return the columns that are modelled, by what the manifest and their names say."""
    return [name for name in table.frame.columns if name != table.key and _role(name, said) not in DROPPED]


def undeclared(table: Table, manifest: Manifest) -> list[str]:
    """Return the columns of text whose values nobody declared."""
    said = manifest.table(table.name)
    texts = [name for name in kept(table, said) if _is_text(table.frame.schema[name])]
    return [name for name in texts if not _said(said, name).categories]


def unpaid(part: TablesPart) -> list[dict[str, str]]:
    """Tell, in each language, what the reader inferred from the patients, which no epsilon pays for."""
    return [{language: told.format(file=table.file.path) for language, told in UNPAID.items()} for table in part.tables]


def _table(
    table: Table, manifest: Manifest, budget: Budget, noise: Noise, pay: tuple[float, float], several: bool
) -> PrivateTableCodec:
    said = manifest.table(table.name)
    names = kept(table, said)
    blank = table.frame.clear()
    rules = RuleSet.declared(said.rules, blank, table.columns).only(names)
    modelled = [name for name in names if name not in rules.derived]
    encoders: dict[str, Encoder] = {}
    for name in modelled:
        column = _said(said, name)
        if _is_text(table.frame.schema[name]) and not column.categories:
            encoders[name] = _found(table.frame[name], manifest.k, budget, noise, pay)
        else:
            encoders[name] = _declared(table, name, column)
    bounds = {name: _bounds(table, name, said) for name in modelled if _said(said, name).bounds is not None}
    return PrivateTableCodec(replace(table, frame=blank), rules, encoders, {}, None, 0.0, several, bounds=bounds)


def _role(name: str, said: TableManifest) -> Role | None:
    """Return the role that is declared, or that the name says beyond doubt."""
    declared = _said(said, name)
    if declared.role is not None or declared.kind is not None or declared.categories or declared.bounds:
        return declared.role or (Role.FREE_TEXT if declared.kind == "text" else None)
    likeliest = next(iter(meanings(name)), None)
    label = LABELS.get(likeliest.label) if likeliest is not None and likeliest.score >= SURE else None
    return label.role if label is not None else None


def _declared(table: Table, name: str, said: ColumnManifest) -> Encoder:
    """Return an encoder that the type and the manifest settle."""
    dtype = table.frame.schema[name]
    if dtype == pl.Boolean:
        return Category(dtype, (False, True), {}, -1)
    if said.categories:
        return Category(dtype, _values(table, name, said), {}, -1)
    if dtype.is_temporal() and not isinstance(dtype, pl.Duration):
        return Moment(dtype)
    if dtype.is_numeric() or isinstance(dtype, pl.Duration):
        return Number(dtype, said.decimals if said.decimals is not None else table.column(name).decimals)
    raise ManifestError(
        f"{table.file.path}, column {name!r}: under --guarantee dp a column of type {dtype} must be declared with its "
        "`categories`, or left out with `role: direct_identifier`, in sosie.yaml"
    )


def _values(table: Table, name: str, said: ColumnManifest) -> tuple[object, ...]:
    """Return the declared categories in the type of the column."""
    dtype = table.frame.schema[name]
    plain = pl.String if isinstance(dtype, pl.Categorical | pl.Enum) else dtype
    typed = pl.Series(said.categories).cast(plain, strict=False)
    if typed.null_count() or typed.n_unique() < len(typed):
        raise ManifestError(
            f"{table.file.path}, column {name!r}: sosie.yaml declares categories that are not of type {dtype}, or one "
            "twice; expected the values as the file writes them, each once"
        )
    return tuple(typed.to_list())


def _found(series: pl.Series, k: int, budget: Budget, noise: Noise, pay: tuple[float, float]) -> Category:
    """Find the values whose noisy number of patients is above a threshold; the others are a rest.

    A patient holds one value. One that nobody else holds appears with a probability below delta: the tail of the
    discrete Gaussian from ``threshold - 1`` on is below that of the Gaussian from ``threshold - 2`` on (Canonne, Kamath
    and Steinke 2020, proposition 25).
    """
    rho, delta = pay
    budget.spend(FOUND, rho, delta)
    sigma = sqrt(1.0 / (2.0 * rho))
    threshold = max(2.0 + sigma * NormalDist().inv_cdf(1.0 - delta), float(k))
    table = series.cast(pl.String).drop_nulls().value_counts(name="__patients").sort(series.name)
    counts = noise.gaussian(table["__patients"].to_numpy().astype(np.int64), sigma)
    values = table[series.name].to_list()
    levels = [value for value, count in zip(values, counts, strict=True) if count >= threshold and value != OTHER]
    return Category(series.dtype, (*levels, OTHER), {}, len(levels))


def _bounds(table: Table, name: str, said: TableManifest) -> tuple[float, float]:
    low, high = _said(said, name).bounds or (0.0, 0.0)
    if not low <= high:
        raise ManifestError(
            f"{table.file.path}, column {name!r}: sosie.yaml declares its highest value before the lowest"
        )
    return low, high


def _step(encoder: Encoder) -> float:
    """Return what the numbers of a column are multiples of, by its type; 0 where that is unknown."""
    if isinstance(encoder, Moment):
        return 1.0
    if isinstance(encoder, Number):
        if not encoder.dtype.is_float():
            return 1.0
        return 0.0 if encoder.decimals is None else 10.0**-encoder.decimals
    return 0.0


def _is_text(dtype: pl.DataType) -> bool:
    return dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum)


def _said(said: TableManifest, name: str) -> ColumnManifest:
    return said.columns.get(name, ColumnManifest())
