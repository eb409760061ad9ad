"""From tables to a part: find the patient key, align the tables on it, apply what the manifest declares.

The tables of a source enter; a ``TablesPart`` leaves, one row for each patient in each table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
import polars as pl

from sosie.cohort import Role
from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import FILE_NAME, ColumnManifest, Manifest
from sosie.tables import hierarchy
from sosie.tables.frame import Table, TablesPart

_FIRST_ROW = 2
# A column with one of these names is a patient key even where a patient has several rows: then the table is a timeline.
_UNMISTAKABLE = """
    patientid patient idpatient patid idpat patientnumber patientno numpatient numeropatient nopatient codepatient
    ipp nip nippatient numipp ipppatient mrn medicalrecordnumber subjectid subjid usubjid subject idsujet sujet
    recordid personid idpersonne pidnum numdossier nodossier numerodossier dossier participantid participant
    inclusionid numinclusion numeroinclusion screeningid
"""
_LIKELY = """
    id pid identifiant identifier caseid numero num no number key cle code rowid index studyid uid unnamed0
"""
_PERHAPS = frozenset({"id", "pid", "identifiant", "identifier", "caseid", "uid"})
UNMISTAKABLE, LIKELY = tuple(_UNMISTAKABLE.split()), tuple(_LIKELY.split())


def assemble(tables: Sequence[Table], manifest: Manifest, root: Path | None = None) -> TablesPart:
    """Align tables on their patients.

    Parameters
    ----------
    tables : sequence of Table
    manifest : Manifest
        Its ``patient`` names the key; its columns may declare roles, decimals, formats and hierarchies.
    root : Path, optional
        Folder of the source, where the lists of codes and parents are.

    Raises
    ------
    ManifestError
        When the manifest names what is not there, or tables have no key in common.
    UnreadableError
        When a key is missing in a row, or a patient has several rows.
    """
    _check_names(tables, manifest)
    tables = [_declared(_finite(table), manifest, root) for table in tables]
    names = _keys_of(tables, manifest)
    if names is None:
        table = _doubtful(tables[0])
        height = table.frame.height
        return TablesPart(tuple(str(row + 1) for row in range(height)), (table,), (np.ones(height, dtype=bool),))
    keyed = [_with_key(table, name) for table, name in zip(tables, names, strict=True)]
    return _aligned(keyed, _texts(keyed))


def normalised(name: str) -> str:
    """Return a name without case, accents or punctuation."""
    decomposed = unicodedata.normalize("NFKD", name.replace("°", "o")).lower()
    return "".join(char for char in decomposed if char.isalnum() and char.isascii())


def _check_names(tables: Sequence[Table], manifest: Manifest) -> None:
    for name, declared in manifest.tables.items():
        meant = [table for table in tables if name in _manifest_names(table)]
        if not meant:
            known = ", ".join(sorted(table.name for table in tables))
            raise ManifestError(f"{FILE_NAME}: no table is named {name!r}; there are {known}")
        columns = {column for table in meant for column in table.frame.columns}
        for column in declared.columns:
            if column not in columns:
                raise ManifestError(f"{FILE_NAME}, table {name!r}: no column is named {column!r}")
        _check_weights(meant, name, declared.weights)
    for target in manifest.targets:
        asked = [table for table in tables if target.table is None or target.table in _manifest_names(table)]
        columns = {column for table in asked for column in table.frame.columns}
        for one in (target.column, target.duration, target.event, target.group):
            if one is not None and one not in columns:
                raise ManifestError(f"{FILE_NAME}, targets: no column is named {one!r}")


def _check_weights(tables: Sequence[Table], name: str, weights: str | None) -> None:
    for table in tables if weights is not None else ():
        kind = table.frame.schema.get(weights or "")
        if kind is None or not kind.is_numeric():
            raise ManifestError(f"{FILE_NAME}, table {name!r}: `weights: {weights}` names no column of numbers")


def _manifest_names(table: Table) -> tuple[str, str]:
    """Return the names that mean a table: its own, and that of its file (for a sheet or an event)."""
    return table.name, PurePosixPath(table.file.path).stem


def _finite(table: Table) -> Table:
    """Return the table without infinities or NaN: both are missing, and the former are noticed."""
    notices, fixed = [], []
    for values in table.frame.iter_columns():
        if not values.dtype.is_float():
            continue
        infinite = values.is_infinite()
        if infinite.any():
            row = int(infinite.arg_max() or 0) + _FIRST_ROW
            count = int(infinite.sum())
            notices.append(f"{table.file.path}, column {values.name!r}, row {row}: {count} infinities read as missing")
        if infinite.any() or values.is_nan().any():
            fixed.append(values.set((~values.is_finite()).fill_null(False), None))
    if not fixed:
        return table
    return noticed(replace(table, frame=table.frame.with_columns(fixed)), notices)


def noticed(table: Table, notices: Sequence[str]) -> Table:
    """Return the table with more notices for the user."""
    earlier = table.file.options.get("notices", [])
    assert isinstance(earlier, list)
    options = {**table.file.options, "notices": [*earlier, *notices]}
    return replace(table, file=replace(table.file, options=options))


def _declared(table: Table, manifest: Manifest, root: Path | None) -> Table:
    """Write what the manifest declares in the formats of the columns."""
    declared = {
        name: said for known in reversed(_manifest_names(table)) for name, said in manifest.table(known).columns.items()
    }
    followed = _followed(table, manifest)
    if not declared and not followed:
        return table
    formats = []
    for column in table.columns:
        column = replace(column, follow=followed.get(column.name))
        said = declared.get(column.name)
        if said is not None:
            _check_kind(table, column.name, said)
            column = replace(
                column,
                role=said.role or column.role,
                decimals=column.decimals if said.decimals is None else said.decimals,
                date_format=said.date_format or column.date_format,
                hierarchy=said.hierarchy or column.hierarchy,
                parents=_parents(said.hierarchy, root),
                categorical=said.kind == "categorical" or (column.categorical and said.kind is None),
            )
        formats.append(column)
    return table.with_columns(formats)


def _followed(table: Table, manifest: Manifest) -> dict[str, Literal["duration", "event"]]:
    """Return the columns of the first survival target of a table, by what they are to it."""
    names = _manifest_names(table)
    for target in manifest.targets:
        mine = target.table in (None, *names) and {target.duration, target.event} <= set(table.frame.columns)
        if mine and target.duration and target.event:
            return {target.duration: "duration", target.event: "event"}
    return {}


def _parents(named: str | None, root: Path | None) -> dict[str, str] | None:
    if named in (None, "none", hierarchy.PREFIX):
        return None
    if root is None:
        raise ManifestError(
            f"{FILE_NAME}: the hierarchy {named!r} is a file, and this source has no folder to find it in"
        )
    return hierarchy.read(root / str(named))


def _check_kind(table: Table, name: str, said: ColumnManifest) -> None:
    """Refuse a declared kind or date format that the values could not be read by."""
    kind = table.frame.schema[name]
    if said.date_format is not None and not kind.is_temporal():
        expected = f"dates written as `{said.date_format}`"
    elif said.kind == "date" and not kind.is_temporal():
        expected = "dates"
    elif said.kind == "numeric" and not kind.is_numeric() and table.frame[name].null_count() < table.frame.height:
        expected = "numbers"
    else:
        return
    problem = f"{FILE_NAME} declares {expected}, but not all of its values are; correct it, or declare `missing` words"
    raise UnreadableError(table.file.path, problem, column=name)


def _keys_of(tables: Sequence[Table], manifest: Manifest) -> list[str] | None:
    """Return the name of the key column in each table; None for a single table without one."""
    if manifest.patient is not None:
        return [_named(table, manifest.patient) for table in tables]
    declared = [next((c.name for c in table.columns if c.role is Role.KEY), None) for table in tables]
    if all(name is not None for name in declared):
        return [name for name in declared if name is not None]
    by_word = [{normalised(c): c for c in reversed(table.frame.columns)} for table in tables]
    for word in (*UNMISTAKABLE, *LIKELY):
        if not all(word in names for names in by_word):
            continue
        names = [found[word] for found in by_word]
        if word in UNMISTAKABLE or all(_is_key(t.frame[n]) for t, n in zip(tables, names, strict=True)):
            return names
    if len(tables) == 1:
        return None
    shared = set.intersection(*(set(table.frame.columns) for table in tables))
    hint = f" (in common: {', '.join(sorted(shared))})" if shared else ""
    raise ManifestError(
        f"no patient key was found in all of {', '.join(table.file.path for table in tables)}; "
        f"write `patient: NAME_OF_THE_KEY_COLUMN` in {FILE_NAME}{hint}"
    )


def _doubtful(table: Table) -> Table:
    """Return the table with a notice where a column may name patients who have several rows."""
    likely = [c for c in table.frame.columns if normalised(c) in _PERHAPS and table.frame[c].is_duplicated().any()]
    problem = "its values repeat, so each row counts as a patient"
    remedy = f"if it names the patient, the table is a timeline: write `patient:` in {FILE_NAME} to have that checked"
    return noticed(table, [f"{table.file.path}, column {name!r}: {problem}; {remedy}" for name in likely])


def _named(table: Table, patient: str) -> str:
    if patient in table.frame.columns:
        return patient
    alike = [name for name in table.frame.columns if normalised(name) == normalised(patient)]
    if len(alike) == 1:
        return alike[0]
    raise ManifestError(f"{FILE_NAME}: `patient: {patient}` names no column of {table.file.path}")


def _is_key(values: pl.Series) -> bool:
    kind = values.dtype
    whole = kind.is_integer() or kind == pl.String
    return whole and not values.null_count() and values.n_unique() == len(values)


def _with_key(table: Table, name: str) -> Table:
    """Check that every row has a key of its own, and mark the column."""
    values = table.frame[name]
    if values.null_count():
        row = int(values.is_null().arg_max() or 0) + _FIRST_ROW
        raise UnreadableError(table.file.path, "the patient key is missing", column=name, row=row)
    repeated = ~values.is_first_distinct()
    if repeated.any():
        row = int(repeated.arg_max() or 0) + _FIRST_ROW
        problem = (
            f"the patient of this row has another row above ({int(repeated.sum())} such rows); expected one row "
            "for each patient: repeated rows are a timeline, which this version does not anonymise. Keep one row "
            f"for each patient, or name another column by `patient:` in {FILE_NAME}"
        )
        raise UnreadableError(table.file.path, problem, column=name, row=row)
    columns = (replace(c, role=Role.KEY) if c.name == name else c for c in table.columns)
    return replace(table, key=name).with_columns(tuple(columns))


def _texts(tables: Sequence[Table]) -> list[pl.Series]:
    """Return the keys of each table as text that can be compared between tables."""
    series = [table.frame[table.key or ""] for table in tables]
    if len({s.dtype.is_numeric() for s in series}) == 1:
        return [_as_text(s) for s in series]
    numbers = [_as_text(s) if s.dtype.is_numeric() else _without_zeros(s) for s in series]
    for table, text in zip(tables, numbers, strict=True):
        if text is None or text.n_unique() < len(text):
            problem = "keys are numbers in one table and text in this one, and cannot be matched; write them alike"
            raise UnreadableError(table.file.path, problem, column=table.key)
    return [text for text in numbers if text is not None]


def _as_text(keys: pl.Series) -> pl.Series:
    return keys.cast(pl.String).str.strip_suffix(".0") if keys.dtype.is_float() else keys.cast(pl.String)


def _without_zeros(keys: pl.Series) -> pl.Series | None:
    """Return padded numbers ("001") as the integers that the other table holds."""
    numbers = keys.cast(pl.String).str.strip_chars().cast(pl.Int64, strict=False)
    return None if numbers.null_count() else numbers.cast(pl.String)


def _aligned(tables: Sequence[Table], texts: Sequence[pl.Series]) -> TablesPart:
    if len(tables) == 1:
        mask = np.ones(len(texts[0]), dtype=bool)
        return TablesPart(tuple(texts[0].to_list()), tuple(tables), (mask,))
    keys = tuple(dict.fromkeys(key for text in texts for key in text))
    whole = pl.DataFrame({"key": keys})
    frames, present = [], []
    for table, text in zip(tables, texts, strict=True):
        place = pl.DataFrame({"key": text, "row": range(len(text))})
        rows = whole.join(place, on="key", how="left", maintain_order="left")["row"]
        frames.append(replace(table, frame=table.frame.select(pl.all().gather(rows.cast(pl.UInt32)))))
        present.append(rows.is_not_null().to_numpy())
    return TablesPart(keys, tuple(frames), tuple(present))
