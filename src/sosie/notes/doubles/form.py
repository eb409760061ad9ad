"""How a source keeps its notes, and doubles' notes kept alike.

A table, JSON lines or Parquet give their columns: the patient, the document, the date, the kind and the text are
filled, the others stay empty. Notes that were one file each (text, Word, PDF, CDA, FHIR) become text files.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sosie.manifest import Manifest
from sosie.notes.document import Document
from sosie.notes.source import choose, delimited, jsonl, parquet
from sosie.notes.source.columns import Columns
from sosie.notes.source.columns import choose as choose_columns
from sosie.notes.source.lines import LineFile
from sosie.notes.source.record import NotReadable, Origin

TEXT, DELIMITED, LINES, LIST, PARQUET = "text", "delimited", "lines", "list", "parquet"
PLAIN = frozenset({".txt", ".text", ".md", ".note", ".asc", ""})
FOLDER = "notes"
_DOUBLE = re.compile(r"(?:^|/)double-(\d+)-\d+\.txt$")


@dataclass(frozen=True)
class Form:
    """A way to keep notes.

    Parameters
    ----------
    shape : {"text", "delimited", "lines", "list", "parquet"}
    name : str
        Of the file, in the source; of the folder, for text.
    titles : tuple of str
        All columns, in their order.
    columns : Columns, optional
        Those of the text, the patient ...
    delimiter : str
    numbered : bool
        Whether patient keys are whole numbers.
    changed : bool
        Whether the notes came in a format that doubles' notes are not written in.
    """

    shape: str = TEXT
    name: str = FOLDER
    titles: tuple[str, ...] = ()
    columns: Columns | None = None
    delimiter: str = ","
    numbered: bool = False
    changed: bool = False

    @property
    def others(self) -> tuple[str, ...]:
        """Columns that stay empty."""
        if self.columns is None:
            return ()
        known = self.columns
        return tuple(
            title
            for title in self.titles
            if title not in (known.text, known.patient, known.date, known.kind, known.document)
        )

    def key(self, number: str, patients: int) -> str:
        """Return the key of a double, as tables write it."""
        return number if self.numbered else f"D{number.zfill(len(str(patients)))}"


def double_of(name: str) -> str | None:
    """Return the number of the double whose note a file is, by its name."""
    found = _DOUBLE.search(name)
    return str(int(found[1])) if found else None


def form_of(source: Path, documents: Sequence[Document], keys: Iterable[str], manifest: Manifest) -> Form:
    """Return how most of the notes of a source are kept."""
    named = Counter(document.name.partition("#")[0] for document in documents)
    numbered = all(key.isdecimal() and str(int(key)) == key for key in keys)
    if named:
        name, count = named.most_common(1)[0]
        path = source if source.is_file() else source / name
        if 2 * count > len(documents) and (form := _tabular(path, name, manifest, numbered)) is not None:
            return form
    changed = any(Path(name).suffix.lower() not in PLAIN for name in named)
    return Form(name=FOLDER, numbered=numbered, changed=changed)


def write(form: Form, keys: Sequence[str], documents: Sequence[Sequence[Document]], directory: Path) -> None:
    """Write notes of doubles under a folder.

    Parameters
    ----------
    form : Form
    keys : sequence of str
        Numbers of the doubles.
    documents : sequence of sequence of Document
        Of each double.
    directory : Path
    """
    if form.shape == TEXT:
        width = max(len(str(len(keys))), 4)
        folder = directory / FOLDER
        folder.mkdir(exist_ok=True)
        for key, notes in zip(keys, documents, strict=True):
            for at, note in enumerate(notes, start=1):
                (folder / f"double-{key.zfill(width)}-{at}.txt").write_text(f"{note.text}\n", encoding="utf-8")
        return
    rows = list(table(form, keys, documents))
    target = directory / form.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if form.shape == DELIMITED:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, form.titles, delimiter=form.delimiter, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    elif form.shape == PARQUET:
        _parquet(form, rows, target)
    else:
        told = [{title: value for title, value in row.items() if value is not None} for row in rows]
        lines = [json.dumps(row, ensure_ascii=False) for row in told]
        text = "[\n" + ",\n".join(lines) + "\n]\n" if form.shape == LIST else "".join(f"{line}\n" for line in lines)
        target.write_text(text, encoding="utf-8")


def table(
    form: Form, keys: Sequence[str], documents: Sequence[Sequence[Document]]
) -> Iterable[Mapping[str, str | None]]:
    """Yield a row for each note, under the names of the source's columns."""
    columns = form.columns or Columns("text", "patient", "date", "kind", "document")
    titles = form.titles or ("patient", "document", "date", "kind", "text")
    for key, notes in zip(keys, documents, strict=True):
        for at, note in enumerate(notes, start=1):
            told = {
                columns.patient: form.key(key, len(keys)),
                columns.document: f"double-{key}-{at}",
                columns.date: note.written.isoformat() if note.written else None,
                columns.kind: note.kind,
                columns.text: note.text,
            }
            yield {title: told.get(title) for title in titles}


def _tabular(path: Path, name: str, manifest: Manifest, numbered: bool) -> Form | None:
    """Return the form of a file of many notes; None for a file of one."""
    origin, suffix = choose.origin_of(path, name, manifest), path.suffix.lower()
    try:
        if suffix in choose.DELIMITED:
            opened = delimited.Opened.of(origin)
            columns = _columns(opened.sample, origin)
            titles = opened.titles
            return Form(DELIMITED, name, titles, columns, opened.fields.delimiter, numbered)
        if suffix in choose.PARQUET:
            values = parquet.sample(origin)
            return Form(PARQUET, name, tuple(values), _columns(values, origin), numbered=numbered)
        if suffix in choose.LINES and isinstance(choose.format_of(origin, manifest), jsonl.JsonLines):
            values = jsonl.sample(LineFile.sniff(path, origin.declared.encoding))
            return Form(LINES, name, tuple(values), _columns(values, origin), numbered=numbered)
        if suffix == ".json" and isinstance(choose.format_of(origin, manifest), jsonl.JsonList):
            values = jsonl.sample_list(origin)
            return Form(LIST, name, tuple(values), _columns(values, origin), numbered=numbered)
    except NotReadable:
        return None
    return None


def _columns(values: Mapping[str, Sequence[str]], origin: Origin) -> Columns | None:
    return choose_columns(values, origin.declared, origin.patient_column)


def _parquet(form: Form, rows: Sequence[Mapping[str, str | None]], target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {title: pa.array([row[title] for row in rows], pa.string()) for title in form.titles}
    if form.columns is not None and form.columns.patient in columns and form.numbered:
        columns[form.columns.patient] = columns[form.columns.patient].cast(pa.int64())
    pq.write_table(pa.table(columns), target)
