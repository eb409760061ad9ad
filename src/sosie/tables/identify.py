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
from sosie.manifest import ColumnManifest, Manifest
from sosie.tables import shapes
from sosie.tables.frame import ColumnFormat, Table, TablesPart
from sosie.tables.labels import LABELS
from sosie.tables.profile import Profile, profiles
from sosie.tables.shapes import Guess
from sosie.tables.validators import STRONG, WEAK
from sosie.tables.vocabulary import meanings

MOST_WORDS = 5
"""Words of a column's label; beyond, it is a question that may name anything."""
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
        for profile in profiles(table, pl.Series(present)):
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
        for profile in profiles(table, pl.Series(present)):
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
    guess = None if key else _guess(profile, column.label or "", manifest.k, guided=declared.kind is not None)
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


def _guess(profile: Profile, label: str, k: int, guided: bool) -> Guess | None:
    """Try the detectors, the surest first; ``guided`` columns have a declared kind and are not guessed by shape."""
    name = _by_name(profile, profile.name) or (_by_name(profile, label) if len(label.split()) <= MOST_WORDS else None)
    guess = _by_form(profile, k, strong=True, name=name)
    if guess is None and name is not None and name.role is Role.DIRECT:
        guess = name
    if guess is None and profile.constant and (name is None or not 0 < len(profile) < k):
        return Guess("CONSTANT", Role.CONSTANT, 1.0, "shape:constant", "All patients hold the same value, or none.")
    if guess is None and profile.form == "date" and (name is None or name.role is not Role.DATE):
        return Guess("DATE", Role.DATE, 0.99, "type:date", "It holds dates.")
    guess = guess or name or _by_form(profile, k, strong=False, name=None)
    return guess or (None if guided or not len(profile) else shapes.guess(profile, k))


def _by_name(profile: Profile, name: str) -> Guess | None:
    for meaning in meanings(name):
        label = LABELS.get(meaning.label)
        if label is not None and label.fits(profile):
            said = "name" if name == profile.name else "label"
            reason = f"Its {said} says {label.meaning}, and its values can be that."
            score = meaning.score * label.weight
            return Guess(meaning.label, label.role, score, f"name:{meaning.language}", reason)
    return None


def _by_form(profile: Profile, k: int, strong: bool, name: Guess | None) -> Guess | None:
    if profile.form not in ("text", "integer") or not len(profile) or (profile.constant and not strong):
        return None
    for validator in STRONG if strong else WEAK:
        if profile.form == "integer" and not validator.numbers:
            continue
        matching = int(validator.matches(profile.text).sum())
        needed = max(validator.share * len(profile), min(3, len(profile)))
        if matching < needed or not _plausible(validator.label, profile):
            continue
        score = 0.99 if name is not None and name.label == validator.label else validator.score
        reason = f"{share(matching, len(profile), k)} of its values have the form of {LABELS[validator.label].meaning}."
        return Guess(validator.label, validator.role, score, f"validator:{validator.label.lower()}", reason)
    return None


def _plausible(label: str, profile: Profile) -> bool:
    """Rule out forms that other columns take: study numbers look like diagnoses, small codes like anything."""
    if label == "DIAGNOSIS_CODE":
        return profile.spread < 0.9 and profile.uniques.str.slice(0, 1).n_unique() >= 3
    if label in ("RPPS", "NHS", "FINESS", "POSTCODE"):
        return profile.distinct >= min(10, len(profile))
    return True


def share(part: int, whole: int, k: int) -> str:
    """Say a share in words when it, or what it leaves out, counts fewer than ``k`` patients."""
    if part == whole:
        return "All"
    if part < k:
        return "Some"
    return "Nearly all" if whole - part < k else f"{100 * part / whole:.0f} %"


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
