"""Which columns of the tables identify people, and how: roles with their confidence and their reason.

Tables and the manifest come in; one finding for each column that has a role leaves, which `assign` writes into the
formats of the columns. What the manifest declares wins; then the patient key; then identifiers of a known form, by
their values; then what the column's name says, if its values agree; then the shape of the values alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import polars as pl

from sosie.cohort import Finding, Role
from sosie.columns import shapes
from sosie.columns.detect import detect
from sosie.columns.profile import Profile, profiles
from sosie.columns.shapes import Guess
from sosie.manifest import ColumnManifest, Manifest
from sosie.tables.frame import ColumnFormat, Table, TablesPart

_ROLE_LABEL = {Role.KEY: "PATIENT_KEY", Role.DIRECT: "IDENTIFIER", Role.QUASI: "QUASI_IDENTIFIER"}
_KIND_ROLE = {"date": Role.DATE, "text": Role.FREE_TEXT}


def roles(part: TablesPart, manifest: Manifest, derived: Collection[str] = ()) -> tuple[Finding, ...]:
    """Find the role of each column that has one.

    Parameters
    ----------
    part : TablesPart
    manifest : Manifest
        What it declares wins.
    derived : collection of str, optional
        Columns (``column`` or ``table.column``) that a rule computes from others.

    Returns
    -------
    tuple of Finding
        In the order of the columns; a reason never quotes a value, nor counts fewer than ``manifest.k`` patients.
    """
    found = []
    for table, present in zip(part.tables, part.present, strict=True):
        for profile in profiles(table.frame, pl.Series(present)):
            computed = profile.name in derived or f"{table.name}.{profile.name}" in derived
            guess = _role(table, profile, manifest, computed)
            if guess is not None:
                found.append(_finding(part, table, profile.name, guess))
    return tuple(found)


def assign(part: TablesPart, findings: Sequence[Finding], manifest: Manifest | None = None) -> TablesPart:
    """Write the roles into the columns' formats, with the hints for codes and hierarchies.

    Hints that the source or the manifest has already set are kept.
    """
    known = {(finding.document, finding.place): finding for finding in findings}
    tables = []
    for table, present in zip(part.tables, part.present, strict=True):
        columns = []
        for profile in profiles(table.frame, pl.Series(present)):
            column = table.column(profile.name)
            finding = known.get((table.file.path, place(part, table, profile.name)))
            columns.append(_hinted(column, finding, profile, _declared(table, profile.name, manifest)))
        tables.append(table.with_columns(columns))
    return replace(part, tables=tuple(tables))


def place(part: TablesPart, table: Table, column: str) -> str:
    """Return how a finding names a column: with its table where the file holds several."""
    several = sum(other.file.path == table.file.path for other in part.tables) > 1
    return f"{table.name}.{column}" if several else column


def _finding(part: TablesPart, table: Table, column: str, guess: Guess) -> Finding:
    where = place(part, table, column)
    return Finding(table.file.path, where, guess.label, guess.role, round(guess.score, 2), guess.detector, guess.reason)


def _declared(table: Table, column: str, manifest: Manifest | None) -> ColumnManifest:
    """Return what the manifest says of a column, under its table's name or its file's (for a sheet or an event)."""
    for name in (table.name, PurePosixPath(table.file.path).stem):
        said = manifest.table(name).columns.get(column) if manifest else None
        if said is not None:
            return said
    return ColumnManifest()


def _role(table: Table, profile: Profile, manifest: Manifest, computed: bool) -> Guess | None:
    declared, column = _declared(table, profile.name, manifest), table.column(profile.name)
    key = profile.name == table.key or (table.key is None and profile.name == manifest.patient)
    role = declared.role or _KIND_ROLE.get(declared.kind or "")
    guess = None if key else detect(profile, column.label or "", manifest.k, guided=declared.kind is not None)
    if role is not None:
        label = guess.label if guess and guess.role == role else _ROLE_LABEL.get(role, role.name)
        return Guess(label, role, 1.0, "manifest", "The manifest declares it.")
    if key:
        return Guess("PATIENT_KEY", Role.KEY, 1.0, "key", "It is the key of the patients.")
    if guess is not None and guess.role is Role.DIRECT:
        return guess
    if column.role in (Role.DIRECT, Role.FREE_TEXT) and (guess is None or guess.role is not column.role):
        label = _ROLE_LABEL.get(column.role, column.role.name)
        return Guess(label, column.role, 0.95, "source", "The dictionary of the source marks it.")
    if computed:
        told = (Role.QUASI, Role.SENSITIVE, Role.DATE)
        label = guess.label if guess and guess.role in told else "DERIVED"
        return Guess(label, Role.DERIVED, 0.99, "rules", "A rule computes it from other columns.")
    return guess


def _hinted(column: ColumnFormat, finding: Finding | None, profile: Profile, declared: ColumnManifest) -> ColumnFormat:
    role = finding.role if finding else column.role
    categorical = column.categorical or declared.kind == "categorical"
    label = finding.label if finding else ""
    if declared.kind is None and not categorical:
        categorical = shapes.codes(profile, label, labelled=bool(column.value_labels))
    hierarchy = column.hierarchy
    if hierarchy is None and declared.hierarchy is None and shapes.nested(profile, label):
        hierarchy, categorical = "prefix", categorical or profile.form == "integer"
    return replace(column, role=role, categorical=categorical, hierarchy=hierarchy)
