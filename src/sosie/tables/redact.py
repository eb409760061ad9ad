"""A pseudonymised copy of the tables: what identifies is replaced, everything else stays as it was.

Tables, the findings of `identify` and the pseudonyms come in; tables with the same columns, order and types leave (keys
of narrow integers become 64-bit). It is still personal data. What happens to a column is its finding's action:

- ``pseudonym``: the patient key; the same pseudonym in all tables, in digits if one of them has integer keys.
- ``surrogate``: direct identifiers; a fictitious value of the same shape, the same wherever a patient repeats a value.
  A last name never becomes one that somebody in the tables bears; any other surrogate that happens to be somebody's
  original is blanked, but for first names. Numbers too short to stay distinct become pseudonyms.
- ``shift``: dates, those that a rule computes included; one shift a patient, so that intervals stay, and times of
  day too. Placeholders (9999-12-31) stay.
- ``group``: ages above 89 become 90; those patients' birth dates and years are blanked.
- ``truncate``: postcodes keep two characters.
- ``blank``: towns, addresses, positions, free text and dates that could not be read: nothing safe can be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import polars as pl

from sosie import names as people
from sosie.cohort import Finding, Mask, Role
from sosie.columns import generalise
from sosie.errors import ManifestError
from sosie.pseudonyms import NAMES, Pseudonyms
from sosie.tables.frame import Table, TablesPart
from sosie.tables.identify import place

BLANKED = ("ADDRESS", "GEOLOCATION", "INITIALS", "CITY")
SHARED = ("PRACTITIONER", "RPPS", "ADELI", "FINESS")
"""Identifiers of others than the patient: the same surrogate for every patient."""
NUMBERS = ("PATIENT_KEY", "IPP", "IDENTIFIER", "RECORD_NUMBER", "DEVICE", "ACCOUNT")


def redact(part: TablesPart, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> TablesPart:
    """Return the pseudonymised copy of a part, keys included."""
    known = {(finding.document, finding.place): finding for finding in findings}
    found = [
        {name: known[where] for name in table.frame.columns if (where := _where(part, table, name)) in known}
        for table in part.tables
    ]
    patients = _patients(part, found, pseudonyms)
    tables = []
    for table, roles in zip(part.tables, found, strict=True):
        columns = [_column(table, name, roles.get(name), patients) for name in table.frame.columns]
        formats = [
            replace(column, value_labels=None) if _unlabelled(roles.get(column.name)) else column
            for column in table.columns
        ]
        tables.append(replace(table, frame=pl.DataFrame(columns), columns=tuple(formats)))
    return replace(part, keys=patients.names, tables=tuple(tables))


def action(finding: Finding) -> str:
    """Return what `redact` does with a column: one of the actions above, or ``keep``."""
    if finding.role is Role.CONSTANT:
        return "keep"
    if finding.role is Role.KEY:
        return "pseudonym"
    if finding.role is Role.FREE_TEXT or finding.label in BLANKED:
        return "blank"
    if finding.role is Role.DIRECT or finding.label == "FINESS":
        return "surrogate"
    if finding.role is Role.DATE or (finding.role is Role.DERIVED and finding.label == "DATE"):
        return "shift"
    return {"AGE": "group", "BIRTH_YEAR": "group", "POSTCODE": "truncate"}.get(finding.label, "keep")


@dataclass(frozen=True)
class _Patients:
    keys: tuple[str, ...]
    names: tuple[str, ...]
    days: pl.Series
    old: Mask
    originals: pl.Series
    born: tuple[date | None, ...]
    taken: frozenset[str]
    pseudonyms: Pseudonyms


def _patients(part: TablesPart, found: Sequence[dict[str, Finding]], pseudonyms: Pseudonyms) -> _Patients:
    digits = any(t.key is not None and t.frame[t.key].dtype.is_numeric() for t in part.tables)
    names = tuple(_name(key, digits, pseudonyms) for key in part.keys)
    if len(set(names)) < len(set(part.keys)):
        raise ManifestError("two patients would get the same pseudonym: use another key file, or keys that are text")
    days = pl.Series([pseudonyms.date_shift(key).days for key in part.keys], dtype=pl.Int64)
    identifiers = [
        _text(table.frame[name]).unique()
        for table, roles in zip(part.tables, found, strict=True)
        for name, finding in roles.items()
        if finding.role in (Role.KEY, Role.DIRECT)
    ]
    originals = pl.concat([pl.Series(dtype=pl.String), *identifiers]).drop_nulls().unique()
    old = np.zeros(len(part.keys), dtype=bool)
    for table, roles in zip(part.tables, found, strict=True):
        old |= generalise.old(table.frame, {name: finding.label for name, finding in roles.items()})
    return _Patients(part.keys, names, days, old, originals, births(part, found), taken(part, found), pseudonyms)


def births(part: TablesPart, found: Sequence[dict[str, Finding]]) -> tuple[date | None, ...]:
    """Return the birth date of each patient, where a column says it."""
    born: list[date | None] = [None] * len(part.keys)
    for table, roles in zip(part.tables, found, strict=True):
        for name, finding in roles.items():
            if finding.label == "BIRTH_DATE" and table.frame[name].dtype in (pl.Date, pl.Datetime):
                days = table.frame[name].to_list()
                plain = [day.date() if isinstance(day, datetime) else day for day in days]
                born = [known or day for known, day in zip(born, plain, strict=True)]
    return tuple(born)


def taken(part: TablesPart, found: Sequence[dict[str, Finding]]) -> frozenset[str]:
    """Return the folded names of everyone in the tables."""
    borne: set[str] = set()
    for table, roles in zip(part.tables, found, strict=True):
        for name, finding in roles.items():
            if finding.label in NAMES:
                for value in _text(table.frame[name]).drop_nulls().unique():
                    borne.update(unit.folded for unit in people.units(value, finding.label))
    return frozenset(borne)


def _name(key: str, digits: bool, pseudonyms: Pseudonyms) -> str:
    if not key:
        return key
    return str(pseudonyms.number(key)) if digits else pseudonyms.pseudonym(key)


def _column(table: Table, name: str, finding: Finding | None, patients: _Patients) -> pl.Series:
    column = table.frame[name]
    done = action(finding) if finding else "keep"
    if done == "keep" and column.dtype in (pl.Date, pl.Datetime) and not (finding and finding.role is Role.CONSTANT):
        return generalise.shift(column, patients.days)
    if finding is None or done == "keep":
        return column
    if done == "pseudonym":
        return (
            _keys(column, patients) if name == table.key else _surrogates(column, finding.label, patients, shared=True)
        )
    if done == "surrogate":
        return _surrogates(column, finding.label, patients, shared=finding.label in SHARED)
    if done == "shift":
        shifted = generalise.shift(column, patients.days)
        return generalise.blank_where(shifted, patients.old) if finding.label == "BIRTH_DATE" else shifted
    if done == "group":
        return generalise.blank_where(column, patients.old) if finding.label == "BIRTH_YEAR" else generalise.age(column)
    return generalise.postcode(column) if done == "truncate" else generalise.blank(column)


def _keys(column: pl.Series, patients: _Patients) -> pl.Series:
    names = [name if held else None for name, held in zip(patients.names, column.is_not_null(), strict=True)]
    return _typed(names, column)


def _surrogates(column: pl.Series, label: str, patients: _Patients, *, shared: bool) -> pl.Series:
    text = _text(column)
    if text.null_count() == len(text):
        return generalise.blank(column)
    opaque = label in NUMBERS and _crowded(text, len(patients.keys))
    triples = zip([""] * len(text) if shared else patients.keys, text, patients.born, strict=True)
    drawn = list(_drawn(triples, label, patients, opaque, column.dtype.is_numeric()))
    if label == "FIRST_NAME":
        return _typed(drawn, column)
    leaked = pl.Series(drawn, dtype=pl.String).is_in(patients.originals.implode())
    return _typed([None if leak else value for value, leak in zip(drawn, leaked, strict=True)], column)


def _drawn(
    triples: Iterable[tuple[str, str | None, date | None]], label: str, patients: _Patients, opaque: bool, digits: bool
) -> Iterable[str | None]:
    pseudonyms = patients.pseudonyms
    for key, value, born in triples:
        if value is None:
            yield None
        elif not opaque:
            yield pseudonyms.surrogate(key, label, value, born=born, taken=patients.taken)
        elif digits:
            yield str(pseudonyms.number(f"{key}\x00{value}", label))
        else:
            yield pseudonyms.pseudonym(f"{key}\x00{value}", label)


def _crowded(text: pl.Series, patients: int) -> bool:
    """Tell identifiers so short that random ones of the same shape would collide (over one chance in 2,000)."""
    shortest = text.str.count_matches(r"[\p{L}\d]").min()
    return 9.0 ** (shortest if isinstance(shortest, int) else 0) < 1000.0 * patients**2


def _typed(values: list[str | None], column: pl.Series) -> pl.Series:
    text = pl.Series(column.name, values, dtype=pl.String)
    if column.dtype.is_integer():
        numbers = text.cast(pl.Int64, strict=False)
        fitting = numbers.cast(column.dtype, strict=False)
        return fitting if fitting.null_count() == numbers.null_count() else numbers
    if column.dtype.is_float():
        return text.cast(pl.Float64, strict=False).cast(column.dtype)
    # A category's name would keep the originals in the file's dictionary.
    return text


def _text(column: pl.Series) -> pl.Series:
    """Return identifiers as text; null where the type cannot hold one (dates, booleans, fractions)."""
    if column.dtype.is_float():
        whole = column.is_finite() & (column == column.round())
        column = pl.select(pl.when(whole).then(column).otherwise(None)).to_series().cast(pl.Int64, strict=False)
    if column.dtype.is_integer() or column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    return pl.Series(column.name, [None] * len(column), dtype=pl.String)


def _unlabelled(finding: Finding | None) -> bool:
    return finding is not None and action(finding) in ("pseudonym", "surrogate", "blank")


def _where(part: TablesPart, table: Table, column: str) -> tuple[str, str]:
    return table.file.path, place(part, table, column)
