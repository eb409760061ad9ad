"""Parquet with a column of text: one note a row, a piece of a row group at a time.

Columns of text, dates and long numbers are each row's header; columns that hold lists or structures are emptied, since
nothing looks into them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sosie.notes.document import Document
from sosie.notes.source.columns import choose
from sosie.notes.source.fields import day, folded
from sosie.notes.source.layout import Layout
from sosie.notes.source.record import NotReadable, Origin, Problem, Record, Sink

_BATCH = 500
_LEAST_DIGITS = 5
SAMPLE = 200


def sample(origin: Origin) -> dict[str, list[str]]:
    """Return some values of each column of text or numbers."""
    _, file = _opened(origin.path)
    with file:
        batch = next(file.iter_batches(SAMPLE), None)
        if batch is None:
            return {}
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    return {name: [_spelled(v) for v in cells] for name, cells in columns.items() if not _nested(cells)}


class Parquet:
    """One note a row, typed columns beside it."""

    def records(self, origin: Origin) -> Iterator[Record | Problem]:
        """Read some rows at a time."""
        pa, file = _opened(origin.path)
        with file:
            columns = choose(sample(origin), origin.declared, origin.patient_column)
            if columns is None or columns.text not in file.schema_arrow.names:
                raise NotReadable("no column holds text; declare it under `notes` in sosie.yaml")
            schema = file.schema_arrow
            emptied = [field.name for field in schema if pa.types.is_nested(field.type)]
            for name in emptied:
                yield Problem(origin.name, f"column {name!r} is not plain; it is emptied", lost=False)
            row = 1
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(_BATCH, row_groups=[group]):
                    table = {n: batch.column(n).to_pylist() for n in schema.names if n not in emptied}
                    table |= {name: [None] * batch.num_rows for name in emptied}
                    yield _record(origin, columns, table, row, _typed(pa, schema))
                    row += batch.num_rows

    def sink(self, origin: Origin, target: Path) -> Sink:
        """Open a file of the same columns and compression; its row groups are the pieces that were read."""
        pa, file = _opened(origin.path)
        import pyarrow.parquet as pq

        with file:
            told = file.schema_arrow.metadata or {}
            # Of what is said of the file, the types and the index of pandas alone say nothing of people.
            schema = pa.schema(list(file.schema_arrow), {k: v for k, v in told.items() if k == b"pandas"})
            codec = file.metadata.row_group(0).column(0).compression if file.num_row_groups else "SNAPPY"
        return _Sink(pq.ParquetWriter(target, schema, compression="NONE" if codec == "UNCOMPRESSED" else codec))


class _Sink:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, rendered: Any) -> None:
        self._writer.write_batch(rendered.replace_schema_metadata(self._writer.schema.metadata))

    def close(self) -> None:
        self._writer.close()


def _opened(path: Path) -> tuple[Any, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pa, pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise NotReadable("not a Parquet file, or a damaged one; not copied") from None


def _record(
    origin: Origin, columns: Any, table: dict[str, list[Any]], first: int, typed: Callable[[dict[str, list[Any]]], Any]
) -> Record:
    documents: list[Document] = []
    headers: dict[str, Layout] = {}
    rows = len(next(iter(table.values()), []))
    for at in range(rows):
        name = f"{origin.name}#{first + at}"
        told = {key: _spelled(cells[at]) for key, cells in table.items() if key != columns.text}
        here = origin.of(
            told.get(columns.patient or ""), day(told.get(columns.date or "")), told.get(columns.kind or "")
        )
        if (text := table[columns.text][at]) is not None:
            documents.append(here.document(_spelled(text), (), f"{first + at}"))
        header = headers[f"{name}/header"] = Layout()
        for key, value in told.items():
            label = columns.label(key, value)
            if label is not None or _long(table[key][at]):
                header.entry(folded(key) or key, value, _put(table[key], at), label)
        if len(header):
            documents.append(here.document(header.text, header.known, f"{first + at}/header"))

    def render(texts: Mapping[str, str]) -> Any:
        for document in documents:
            if texts[document.name] == document.text:
                continue
            if document.name in headers:
                headers[document.name].fill(texts[document.name])
            else:
                table[columns.text][int(document.name.rsplit("#", 1)[1]) - first] = texts[document.name]
        return typed(table)

    return Record(tuple(documents), render)


def _put(cells: list[Any], at: int) -> Callable[[str], None]:
    old = cells[at]

    def put(value: str) -> None:
        cells[at] = _like(value, old)

    return put


def _like(value: str, old: Any) -> Any:
    """Return a new value in the type of the old one; None where it cannot be."""
    try:
        if isinstance(old, datetime):
            new = datetime.fromisoformat(value)
            return new if new.tzinfo or not old.tzinfo else new.replace(tzinfo=old.tzinfo)
        if isinstance(old, date):
            return date.fromisoformat(value)
        if isinstance(old, int):
            return int(value)
        if isinstance(old, float):
            return float(value)
        return value.encode() if isinstance(old, bytes) else value
    except ValueError:
        return None


def _spelled(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _long(value: Any) -> bool:
    if isinstance(value, str | bytes | date):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) >= _LEAST_DIGITS


def _nested(cells: list[Any]) -> bool:
    return any(isinstance(cell, list | dict | timedelta) for cell in islice(cells, SAMPLE))


def _typed(pa: Any, schema: Any) -> Callable[[dict[str, list[Any]]], Any]:
    def batch(table: dict[str, list[Any]]) -> Any:
        arrays = [_array(pa, table[field.name], field.type) for field in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(list(schema)))

    return batch


def _array(pa: Any, cells: list[Any], kind: Any) -> Any:
    try:
        return pa.array(cells, type=kind)
    except (pa.ArrowException, OverflowError, TypeError):
        # A surrogate that does not fit the type of its column, a number too large for it.
        return pa.array([_fitting(pa, cell, kind) for cell in cells], type=kind)


def _fitting(pa: Any, cell: Any, kind: Any) -> Any:
    try:
        pa.array([cell], type=kind)
    except (pa.ArrowException, OverflowError, TypeError):
        return None
    return cell
