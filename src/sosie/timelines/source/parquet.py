"""Parquet files, a window of rows after the other, and the same types on the way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import polars as pl

from sosie.errors import UnreadableError
from sosie.timelines.source.reader import Take

SUFFIXES = frozenset({".parquet", ".pq"})
ROWS = 1_000_000
"""Rows that are held at once."""
_ABOUT_ROWS = frozenset({b"pandas", b"ARROW:schema"})
"""What programs keep of a frame describes the original's rows."""


@dataclass(frozen=True)
class Parquet:
    """One Parquet file.

    Parameters
    ----------
    path : Path
        Of the file that is read; a writer needs none.
    name : str
        Relative to the source, with ``/``.
    names : tuple of str
    schema : pyarrow.Schema
    """

    path: Path
    name: str
    names: tuple[str, ...]
    schema: Any = field(repr=False)

    @classmethod
    def of(cls, path: Path, name: str) -> Parquet:
        """Open a file.

        Raises
        ------
        UnreadableError
            When it is not a whole Parquet file.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError, ValueError):
            raise UnreadableError(name, "not a whole Parquet file; it may be truncated") from None
        return cls(path, name, tuple(schema.names), schema)

    def head(self) -> pl.DataFrame:
        """Return the first rows."""
        return next(self.windows(20_000), pl.DataFrame(schema=dict.fromkeys(self.names, pl.Null)))

    def windows(self, size: int = ROWS) -> Iterator[pl.DataFrame]:
        """Yield the rows, typed."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=size):
                    if batch.num_rows:
                        yield cast("pl.DataFrame", pl.from_arrow(batch))
        except (pa.ArrowException, OSError, ValueError):
            raise UnreadableError(self.name, "not a whole Parquet file; it may be truncated") from None

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Open a copy of the file, with its types; a column whose type no longer fits has that of its new cells."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        target.parent.mkdir(parents=True, exist_ok=True)
        writer: Any = None
        schema: Any = None

        def take(frame: pl.DataFrame) -> None:
            nonlocal writer, schema
            table = frame.select(self.names).to_arrow()
            if writer is None:
                schema = self._fitting(table)
                writer = pq.ParquetWriter(target, schema)
            writer.write_table(table.cast(schema))

        try:
            yield take
        finally:
            if writer is None:
                pq.write_table(pa.schema(self.schema).remove_metadata().empty_table(), target)
            else:
                writer.close()

    def _fitting(self, table: Any) -> Any:
        """Return the schema of the file, with the types of the cells where they changed."""
        import pyarrow as pa

        fields = []
        for mine, theirs in zip(self.schema, table.schema, strict=True):
            kept = mine.type
            if pa.types.is_dictionary(kept):
                # A dictionary lists the original's values.
                kept = kept.value_type
            same = _family(kept) == _family(theirs.type) and not _narrow(kept, theirs.type)
            fields.append(pa.field(mine.name, kept if same else theirs.type, nullable=True))
        metadata = {key: text for key, text in (self.schema.metadata or {}).items() if key not in _ABOUT_ROWS}
        return pa.schema(fields, metadata=metadata or None)


def _family(kind: Any) -> str:
    import pyarrow as pa

    tests = {
        "text": lambda t: pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t),
        "integer": pa.types.is_integer,
        "number": pa.types.is_floating,
        "time": lambda t: pa.types.is_timestamp(t) or pa.types.is_date(t),
    }
    found = next((name for name, test in tests.items() if test(kind)), str(kind))
    return "text" if pa.types.is_dictionary(kind) and _family(kind.value_type) == "text" else found


def _narrow(kept: Any, given: Any) -> bool:
    """Tell whether pseudonyms of 15 digits would not fit in the integers of the file."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kept) and kept.bit_width < given.bit_width)
