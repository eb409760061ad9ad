"""From tables to patient vectors, and from sampled vectors to tables of doubles.

Learned from the cohort: the rules, the levels of categories that k patients share, which columns are derived. It is
refitted in every replicate of the attacks, so that whatever it gives away is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from sosie.cohort import Cohort, Column, Floats, Kind, Mask, Role, Vectors
from sosie.engine import single_threaded_libraries
from sosie.manifest import Manifest
from sosie.tables import discover
from sosie.tables.encoders import Encoder, Moment, column_of, learn
from sosie.tables.frame import Table, TablesPart
from sosie.tables.logic import Language
from sosie.tables.rules import RuleSet

BLANKED = frozenset({Role.DIRECT, Role.FREE_TEXT})
PRESENT = "(present)"
GAPS = 0.05
CLOSE = 1.2


@dataclass(frozen=True)
class TableCodec:
    """What is learned from one table.

    Parameters
    ----------
    like : Table
        The table without its rows.
    rules : RuleSet
    encoders : mapping of str to Encoder
        Of the modelled columns, in their order.
    constants : mapping of str to Series
        Columns with one value, shared by k patients or more, or none.
    anchor : str, optional
        Date that the other dates of the table are counted from.
    origin : float
        What they are counted from where the anchor is missing.
    partial : bool
        Whether some patients have no row.
    weights : str, optional
        Column of sampling weights.
    complete : frozenset of str
        Columns that no row lacks.
    """

    like: Table
    rules: RuleSet
    encoders: Mapping[str, Encoder]
    constants: Mapping[str, pl.Series]
    anchor: str | None
    origin: float
    partial: bool
    weights: str | None = None
    complete: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the block."""
        named = tuple(column_of(f"{self.like.name}.{name}", encoder) for name, encoder in self.encoders.items())
        return (Column(f"{self.like.name}.{PRESENT}", Kind.CATEGORICAL, 2), *named) if self.partial else named

    def encode(self, table: Table, present: Mask) -> Floats:
        """Return the block of one table, shape (patients, columns)."""
        block = [encoder.encode(table.frame[name]) for name, encoder in self.encoders.items()]
        self._from_anchor(block, -1)
        if self.partial:
            block.insert(0, present.astype(np.float64))
        return np.column_stack(block) if block else np.zeros((table.frame.height, 0))

    def decode(self, block: Floats, keys: Sequence[str]) -> tuple[Table, Mask]:
        """Return a table of doubles, and which of them have a row."""
        n = len(block)
        present = np.ones(n, dtype=bool)
        columns = [np.asarray(column) for column in block.T]
        if self.partial:
            present = columns.pop(0) > 0.5
            columns = [
                _lent(column, present) if name in self.complete else column
                for name, column in zip(self.encoders, columns, strict=True)
            ]
        self._from_anchor(columns, 1)
        series = {
            name: encoder.decode(values).alias(name)
            for (name, encoder), values in zip(self.encoders.items(), columns, strict=True)
        }
        series |= {name: value.new_from_index(0, n).alias(name) for name, value in self.constants.items()}
        frame = self.rules.apply(pl.DataFrame(list(series.values()))) if series else pl.DataFrame()
        done = []
        for name, dtype in self.like.frame.schema.items():
            if name == self.like.key:
                done.append(_keys(keys, dtype).alias(name))
            elif name in frame.columns:
                done.append(frame[name].cast(dtype, strict=False))
            else:
                done.append(pl.Series(name, [None] * n, dtype=dtype))
        whole = pl.DataFrame(done)
        if not present.all():
            shown = pl.Series(present)
            whole = whole.with_columns(
                pl.when(shown).then(pl.col(name)).otherwise(None).alias(name)
                for name in whole.columns
                if name != self.like.key
            )
        return replace(self.like, frame=whole), present

    def _from_anchor(self, block: list[Floats], sign: int) -> None:
        """Count the other dates from the anchor (-1), or bring them back (+1), in place."""
        if self.anchor is None:
            return
        names = list(self.encoders)
        start = np.where(np.isnan(block[names.index(self.anchor)]), self.origin, block[names.index(self.anchor)])
        for at, name in enumerate(names):
            if name != self.anchor and self.like.frame.schema[name] == self.like.frame.schema[self.anchor]:
                block[at] = block[at] + sign * start


@dataclass(frozen=True)
class TablesCodec:
    """The codec of all tables of a cohort."""

    tables: tuple[TableCodec, ...]
    frozen: str | None = field(default=None, init=False)

    @classmethod
    def fit(cls, part: TablesPart, manifest: Manifest, rng: np.random.Generator | None = None) -> TablesCodec:
        """Learn from a part whose columns have their roles.

        ``rng`` draws how many patients each level needs: were it k to the patient, a level of exactly k patients would
        tell of each of them whether they are in the data.
        """
        with single_threaded_libraries():
            tables = [_fit_table(*pair, manifest, rng) for pair in zip(part.tables, part.present, strict=True)]
        return cls(tuple(tables))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the block."""
        return tuple(column for table in self.tables for column in table.columns)

    @property
    def derived(self) -> tuple[str, ...]:
        """Columns that rules compute."""
        return tuple(name for table in self.tables for name in table.rules.derived)

    def describe(self, language: Language) -> tuple[str, ...]:
        """Return the rules in words."""
        return tuple(text for table in self.tables for text in table.rules.describe(language))

    def encode(self, part: TablesPart) -> Vectors:
        """Return one row for each patient."""
        blocks = [
            codec.encode(table, present)
            for codec, table, present in zip(self.tables, part.tables, part.present, strict=True)
        ]
        weights = next(
            (
                _weights(table.frame[codec.weights], present)
                for codec, table, present in zip(self.tables, part.tables, part.present, strict=True)
                if codec.weights
            ),
            None,
        )
        return Vectors(self.columns, np.hstack(blocks), weights)

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> TablesPart:
        """Return the tables of the doubles; their keys are numbers in an order that carries nothing."""
        keys = doubles.keys or tuple(str(number) for number in range(1, len(block) + 1))
        decoded, first = [], 0
        for codec in self.tables:
            width = len(codec.columns)
            decoded.append(codec.decode(block.values[:, first : first + width], keys))
            first += width
        return TablesPart(keys, tuple(table for table, _ in decoded), tuple(present for _, present in decoded))

    def valid(self, part: TablesPart) -> Mask:
        """Tell which doubles obey every rule of every table."""
        obeyed = np.ones(len(part.keys), dtype=bool)
        for codec, table, present in zip(self.tables, part.tables, part.present, strict=True):
            obeyed &= codec.rules.holds(table.frame) | ~present
        return obeyed


def modelled(table: Table) -> list[str]:
    """Return the columns that are modelled or derived: neither keys, direct identifiers nor free text."""
    return [
        column.name for column in table.columns if column.name != table.key and column.role not in {*BLANKED, Role.KEY}
    ]


def _fit_table(table: Table, present: Mask, manifest: Manifest, rng: np.random.Generator | None) -> TableCodec:
    k = manifest.k
    frame = table.frame if present.all() else table.frame.filter(pl.Series(present))
    names = modelled(table)
    constants = {name: frame[name].drop_nulls().head(1) for name in names if _constant(frame[name], k)}
    constants |= {name: pl.Series([None], dtype=frame[name].dtype) for name in constants if not len(constants[name])}
    varying = [name for name in names if name not in constants]
    formats = [table.column(name) for name in varying]
    declared = RuleSet.declared(manifest.table(table.name).rules, frame, table.columns)
    found = discover.discover(frame.select(varying), formats, k) if varying else RuleSet()
    rules = declared.only(names).merged(found)
    derived = set(rules.derived)
    encoders = {
        name: learn(frame[name], table.column(name), _fewest(k, rng)) for name in varying if name not in derived
    }
    constants = {name: value for name, value in constants.items() if name not in derived}
    anchor, origin = _anchor(frame, encoders)
    return TableCodec(
        replace(table, frame=table.frame.clear()),
        rules,
        encoders,
        constants,
        anchor,
        origin,
        not bool(present.all()),
        manifest.table(table.name).weights,
        frozenset(name for name in encoders if not frame[name].null_count()),
    )


def _fewest(k: int, rng: np.random.Generator | None) -> int:
    return k if rng is None else k + int(rng.exponential(k))


def _lent(column: Floats, present: Mask) -> Floats:
    """Give the rows of a column that no row lacks the values of other doubles where they have none."""
    empty, known = np.flatnonzero(np.isnan(column) & present), column[~np.isnan(column) & present]
    if not len(empty) or not len(known):
        return column
    whole = column.copy()
    whole[empty] = np.resize(known, len(empty))
    return whole


def _weights(series: pl.Series, present: Mask) -> Floats:
    """Return sampling weights; a patient without a row weighs as much as others do on average."""
    values = np.nan_to_num(series.cast(pl.Float64).fill_null(0.0).to_numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    known = np.maximum(values, 0.0)
    return np.where(present, known, known[present].mean() if present.any() else 1.0)


def _constant(series: pl.Series, k: int) -> bool:
    known = series.drop_nulls()
    if not len(known):
        return True
    return series.null_count() == 0 and len(known) >= k and known.n_unique() == 1


def _anchor(frame: pl.DataFrame, encoders: Mapping[str, Encoder]) -> tuple[str | None, float]:
    """Choose the date that others of its type are counted from: the first of the least scattered with few gaps.

    Counted from a date of birth, admissions of a few years would scatter over decades.
    """
    moments: dict[str, Floats] = {
        name: encoder.encode(frame[name])
        for name, encoder in encoders.items()
        if isinstance(encoder, Moment) and frame[name].null_count() < frame.height
    }
    shared = [name for name in moments if sum(frame.schema[other] == frame.schema[name] for other in moments) > 1]
    if not shared:
        return None, 0.0
    fewest = min(frame[name].null_count() for name in shared)
    full = [name for name in shared if frame[name].null_count() <= fewest + GAPS * frame.height]
    scatter = {name: float(np.subtract(*np.nanquantile(moments[name], [0.9, 0.1]))) for name in full}
    name = next(name for name in full if scatter[name] <= min(scatter.values()) * CLOSE)
    return name, float(np.round(np.nanmedian(moments[name])))


def _keys(keys: Sequence[str], dtype: pl.DataType) -> pl.Series:
    numbers = pl.Series([str(key) for key in keys], dtype=pl.String)
    if dtype.is_numeric():
        whole = numbers.cast(pl.Int64)
        narrow = whole.cast(dtype, strict=False)
        return narrow if narrow.null_count() == 0 else whole
    return ("D" + numbers.str.zfill(len(str(len(keys))))).cast(dtype, strict=False)
