"""The tables of a source: one file, a folder, a database or a data frame, read and written in their own format.

This is the front of the room: each family of formats has its module, and this one chooses among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from sosie.errors import UnreadableError
from sosie.manifest import FILE_NAME, Manifest
from sosie.tables import columnar, database, delimited, redcap, statistical
from sosie.tables.assemble import assemble
from sosie.tables.frame import FileFormat, Table, TablesPart
from sosie.tables.native import dates_as_text, in_polars, plain, restore

_DELIMITED = frozenset({"csv", "redcap"})
SUFFIXES = delimited.SUFFIXES | columnar.PARQUET | columnar.WORKBOOKS | statistical.SUFFIXES | database.SUFFIXES


def recognises(source: Path | str, without: Collection[Path] = ()) -> bool:
    """Tell whether a file, a folder or an address holds tables."""
    if database.is_address(source):
        return True
    path = Path(source)
    found = _files(path) if path.is_dir() else [path] if path.is_file() and path.suffix.lower() in SUFFIXES else []
    return any(file not in without for file in found)


def read(source: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> TablesPart:
    """Read every table of a source and align them on the patients.

    Parameters
    ----------
    source : Path or str
        One file, a folder (its tables, in the order of their names), or the SQLAlchemy address of a database.
    manifest : Manifest
    without : collection of Path
        Files of another modality.

    Raises
    ------
    UnreadableError
        When a file is missing or cannot be read as what it claims to be; the message names file, column and row.
    ManifestError
        When the manifest does not fit the data.
    """
    if database.is_address(source):
        return assemble(database.read_sql(str(source), manifest.query), manifest)
    path = Path(source)
    if not path.exists():
        raise UnreadableError(path.name, "no such file or folder")
    root = path if path.is_dir() else path.parent
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise UnreadableError(path.name, f"not a known format of table; expected one of {', '.join(sorted(SUFFIXES))}")
    chosen = [file for file in _files(path) if file not in without] if path.is_dir() else [path]
    lists = {column.hierarchy for table in manifest.tables.values() for column in table.columns.values()}
    chosen = [file for file in chosen if file.name not in lists]
    dictionary = next((file for file in chosen if _is_dictionary(file)), None)
    names = _names([file for file in chosen if file != dictionary], root)
    if not names:
        raise UnreadableError(
            path.name, "the folder holds no table; expected CSV, Parquet, Excel, SAS, SPSS, Stata ..."
        )
    tables: list[Table] = []
    for file, name in names.items():
        try:
            tables += _read(file, file.relative_to(root).as_posix(), name, manifest, dictionary)
        except OSError:
            raise UnreadableError(file.relative_to(root).as_posix(), "the file cannot be opened") from None
    return assemble(tables, manifest, root)


def write(part: TablesPart, directory: Path) -> None:
    """Write the tables in the formats, under the names and with the details that came in.

    Parameters
    ----------
    part : TablesPart
        Patients without a row in a table get none.
    directory : Path
        Created if need be. SAS ``sas7bdat`` becomes ``xpt``; a SQL database becomes one Parquet file for each table.
    """
    present = [
        table if mask.all() else replace(table, frame=table.frame.filter(pl.Series(mask)))
        for table, mask in zip(part.tables, part.present, strict=True)
    ]
    present = [
        table if table.file.kind in _DELIMITED else replace(table, frame=dates_as_text(table.frame, table.columns))
        for table in present
    ]
    for path, group in groupby(present, key=lambda table: table.file.path):
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(list(group), target)


def from_frame(frame: Any, name: str = "table", manifest: Manifest | None = None) -> TablesPart:
    """Return the part of one data frame of any library that narwhals knows (pandas, polars, pyarrow ...).

    Parameters
    ----------
    frame : data frame
    name : str
        Name of the table.
    manifest : Manifest, optional
    """
    given, notices = in_polars(frame, name)
    typed, columns = plain(given, name)
    options = {"schema": given.schema, "notices": notices}
    table = Table(name, typed, columns, FileFormat(f"{name}.parquet", "frame", options))
    return assemble([table], manifest or Manifest())


def to_native(table: Table, like: Any) -> Any:
    """Return a table as a data frame of the kind of ``like``, with the types that came in."""
    import narwhals as nw

    schema = table.file.options.get("schema", {})
    assert isinstance(schema, dict)
    frame = restore(dates_as_text(table.frame, table.columns), schema)
    kind = nw.from_native(like).implementation
    if kind.is_pandas():
        titles = {str(title): title for title in like.columns}
        native = frame.to_pandas().rename(columns=titles)
        kept = {name: like.dtypes[name] for name in native.columns if name in like.columns}
        return native.astype({name: kind for name, kind in kept.items() if str(kind) != "category"}, errors="ignore")
    if kind.is_pyarrow():
        return frame.to_arrow()
    return frame.lazy() if isinstance(like, pl.LazyFrame) else frame


def _files(folder: Path) -> list[Path]:
    """Return the tables of a folder in the order of their names; hidden and temporary files are no tables."""
    found = []
    for path in folder.rglob("*"):
        steps = path.relative_to(folder).parts
        hidden = any(step.startswith((".", "~$")) for step in steps)
        if not hidden and path.suffix.lower() in SUFFIXES and path.name != FILE_NAME and path.is_file():
            found.append(path)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _is_dictionary(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and redcap.is_dictionary(path)


def _names(files: Iterable[Path], root: Path) -> dict[Path, str]:
    """Return the name of each file's table: its stem, or its path where two have the same."""
    files = list(files)
    stems = Counter(file.stem for file in files)
    paths = Counter(file.relative_to(root).with_suffix("").as_posix() for file in files)
    names = {}
    for file in files:
        relative = file.relative_to(root)
        whole = relative.with_suffix("").as_posix()
        names[file] = file.stem if stems[file.stem] == 1 else whole if paths[whole] == 1 else relative.as_posix()
    return names


def _read(path: Path, file: str, name: str, manifest: Manifest, dictionary: Path | None) -> list[Table]:
    suffix = path.suffix.lower()
    if suffix in delimited.SUFFIXES:
        table = delimited.read(path, file, name, manifest.table(name))
        if not redcap.is_export(table):
            return [table]
        beside = dictionary or redcap.dictionary_beside(path)
        return redcap.read(table, redcap.fields(beside, beside.name) if beside else {})
    if suffix in columnar.PARQUET:
        return [columnar.read_parquet(path, file, name)]
    if suffix in columnar.WORKBOOKS:
        return columnar.read_workbook(path, file, name)
    if suffix in database.SUFFIXES:
        return database.read_duckdb(path, file, manifest.query)
    return [statistical.read(path, file, name)]


def _write(tables: list[Table], path: Path) -> None:
    kind = tables[0].file.kind
    if kind in {"csv", "redcap"}:
        delimited.write(redcap.merged(tables), path)
    elif kind in {"parquet", "sql", "frame"}:
        columnar.write_parquet(tables[0], path)
    elif kind == "xlsx":
        columnar.write_workbook(tables, path)
    elif kind == "duckdb":
        database.write_duckdb(tables, path)
    else:
        statistical.write(tables[0], path)
