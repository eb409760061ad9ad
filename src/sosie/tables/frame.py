"""A table in memory: typed columns in polars, and what is needed to write it back as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import polars as pl

from sosie.cohort import Role, Rows
from sosie.stream import Described


@dataclass(frozen=True)
class ColumnFormat:
    """How one column is published.

    Parameters
    ----------
    name : str
    role : Role, optional
        None for an ordinary column that is modelled.
    decimals : int, optional
        Decimals of a number; None when the source does not fix them (binary floats).
    date_format : str, optional
        ``strftime`` pattern of a date that the source writes as text.
    value_labels : mapping, optional
        Labels of coded values (SAS, SPSS, Stata, REDCap).
    label : str, optional
        Label of the column.
    hierarchy : str, optional
        ``prefix`` for codes whose leading characters are their parents (CIM-10, postcodes); a CSV of codes and parents.
    categorical : bool
        Numbers that are codes.
    parents : mapping of str to str, optional
        What the CSV of the hierarchy holds.
    follow : {"duration", "event"}, optional
        What a survival target of the manifest calls it.
    """

    name: str
    role: Role | None = None
    decimals: int | None = None
    date_format: str | None = None
    value_labels: Mapping[float | str, str] | None = None
    label: str | None = None
    hierarchy: str | None = None
    categorical: bool = False
    parents: Mapping[str, str] | None = None
    follow: Literal["duration", "event"] | None = None


@dataclass(frozen=True)
class FileFormat:
    """How the file is written back.

    Parameters
    ----------
    path : str
        Relative to the source, with ``/``; the release uses the same.
    kind : str
        ``csv``, ``parquet``, ``xlsx``, ``sas7bdat``, ``xpt``, ``sav``, ``dta``, ``duckdb``, ``sql``, ``redcap`` or
        ``frame``.
    options : mapping
        What the writer of this kind needs (delimiter, encoding, decimal, null text, quoting, sheet, table, ...).
    """

    path: str
    kind: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table, one row for each patient.

    Parameters
    ----------
    name : str
    frame : polars.DataFrame
        Typed: integers, floats, strings, booleans, dates and datetimes; null is missing.
    columns : tuple of ColumnFormat
        One for each column of ``frame``, in its order.
    file : FileFormat
    key : str, optional
        Name of the patient-key column.
    """

    name: str
    frame: pl.DataFrame
    columns: tuple[ColumnFormat, ...]
    file: FileFormat
    key: str | None = None

    def column(self, name: str) -> ColumnFormat:
        """Return the format of a column."""
        return next(column for column in self.columns if column.name == name)

    def with_columns(self, columns: Sequence[ColumnFormat]) -> Table:
        """Return the table with other column formats (roles found by ``identify``, say)."""
        return replace(self, columns=tuple(columns))


@dataclass(frozen=True)
class TablesPart:
    """The tables of a cohort, aligned on its patients.

    Parameters
    ----------
    keys : tuple of str
        Patient keys; row numbers as text where the source has no key.
    tables : tuple of Table
        ``tables[t].frame`` has ``len(keys)`` rows.
    present : tuple of ndarray of bool
        For each table, which patients have a row in it; the others are all null.
    """

    keys: tuple[str, ...]
    tables: tuple[Table, ...]
    present: tuple[np.ndarray, ...]

    def take(self, rows: Rows) -> TablesPart:
        """Return the rows of some patients; -1 stands for a patient without tables."""
        absent = rows < 0
        indices = np.where(absent, 0, rows)
        keys = tuple("" if row < 0 else self.keys[row] for row in rows)
        present = tuple(mask[indices] & ~absent for mask in self.present)
        picked = []
        for table in self.tables:
            frame = table.frame[indices]
            if absent.any():
                blank = pl.Series(absent)
                frame = frame.with_columns(
                    pl.when(blank).then(None).otherwise(pl.col(name)).alias(name) for name in frame.columns
                )
            picked.append(replace(table, frame=frame))
        return TablesPart(keys, tuple(picked), present)

    def described(self) -> Described:
        """Return what the tables say of each patient to the other parts of the cohort (`telling`)."""
        from sosie.tables import telling

        return telling.described(self.tables, len(self.keys))
