"""SAS, SPSS and Stata files: coded values with their labels, labels of variables, display formats.

A file enters, a ``Table`` leaves; user-defined missing codes are read as missing and stay declared. No open program
writes ``sas7bdat``: a transport file (``.xpt``) of the same name takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import polars as pl
import polars.selectors as cs

from sosie.errors import UnreadableError
from sosie.tables.frame import FileFormat, Table
from sosie.tables.native import plain, whole_numbers

SUFFIXES = frozenset({".sas7bdat", ".xpt", ".xport", ".sav", ".zsav", ".dta"})


def read(path: Path, file: str, name: str) -> Table:
    """Read one file of SAS, SPSS or Stata.

    Raises
    ------
    UnreadableError
        When it is not a whole file of its kind, or holds no row.
    """
    import pyreadstat

    suffix = path.suffix.lower()
    try:
        frame, meta = _reader(suffix, path)(str(path), output_format="polars")
        declared_missing = _missing_ranges(path) if suffix in {".sav", ".zsav"} else {}
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError, UnicodeDecodeError):
        raise UnreadableError(file, f"not a whole {suffix} file; it may be truncated or of another version") from None
    text = cs.string()
    typed, columns = plain(frame.with_columns(pl.when(text != "").then(text)), file)
    typed = typed.select(whole_numbers(values) for values in typed.iter_columns())
    labels = meta.variable_value_labels
    columns = tuple(
        replace(
            column,
            label=meta.column_names_to_labels.get(column.name) or None,
            value_labels=labels.get(column.name) or None,
            categorical=bool(labels.get(column.name)),
        )
        for column in columns
    )
    options: dict[str, object] = {
        "file_label": meta.file_label or "",
        "formats": {name: form for name, form in meta.original_variable_types.items() if form},
        "measures": dict(meta.variable_measure),
        "missing_ranges": declared_missing,
        "table_name": meta.table_name,
        "notices": [f"{file}: written as {Path(file).with_suffix('.xpt').name}, since no open program writes sas7bdat"]
        if suffix == ".sas7bdat"
        else [],
    }
    return Table(name, typed, columns, FileFormat(file, suffix[1:], options))


def write(table: Table, path: Path) -> None:
    """Write one file, with its labels and formats; ``sas7bdat`` becomes ``xpt``."""
    import pyreadstat

    options = cast("dict[str, Any]", dict(table.file.options))
    kind = table.file.kind
    labels = {c.name: c.label for c in table.columns if c.label}
    coded: dict[str, Any] = {c.name: dict(c.value_labels) for c in table.columns if c.value_labels}
    shared: dict[str, Any] = {"file_label": options.get("file_label", ""), "column_labels": labels or None}
    frame = table.frame.with_columns(cs.boolean().cast(pl.Int64))
    if kind in {"sav", "zsav"}:
        pyreadstat.write_sav(
            frame,
            str(path),
            compress=kind == "zsav",
            variable_value_labels=coded,
            variable_format=_display(table, options.get("formats", {})),
            variable_measure=options.get("measures", {}),
            missing_ranges=options.get("missing_ranges") or None,
            **shared,
        )
    elif kind == "dta":
        whole = {name: labels for name, labels in coded.items() if frame[name].dtype.is_integer()}
        pyreadstat.write_dta(frame, str(path), variable_value_labels=whole, **shared)
    else:
        name = options.get("table_name") or "".join(c for c in table.name.upper() if c.isalnum())[:8] or "DATASET"
        target = path.with_suffix(".xpt") if kind == "sas7bdat" else path
        pyreadstat.write_xport(frame, str(target), table_name=name, file_format_version=8, **shared)


def _reader(suffix: str, path: Path) -> Callable[..., tuple[pl.DataFrame, Any]]:
    import pyreadstat

    if suffix == ".sas7bdat":
        beside = (path.with_suffix(".sas7bcat"), path.with_name("formats.sas7bcat"))
        catalogue = next((str(file) for file in beside if file.is_file()), None)
        return lambda file, **options: pyreadstat.read_sas7bdat(file, catalog_file=catalogue, **options)
    readers = {".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".dta": pyreadstat.read_dta}
    return cast("Callable[..., tuple[pl.DataFrame, Any]]", readers.get(suffix, pyreadstat.read_xport))


def _missing_ranges(path: Path) -> dict[str, list[Any]]:
    """Return the missing codes that an SPSS file declares: its data are read without them."""
    import pyreadstat

    _, meta = pyreadstat.read_sav(str(path), metadataonly=True, user_missing=True)
    return dict(meta.missing_ranges)


def _display(table: Table, formats: dict[str, str]) -> dict[str, str]:
    """Return the display formats that still fit: the width of a text is that of the release, not of the source."""
    return {name: form for name, form in formats.items() if table.frame[name].dtype != pl.String}
