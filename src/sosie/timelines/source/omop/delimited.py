"""One table in a delimited file, or in a member of a zip: cells of text, and where a row is broken."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from sosie.columns.dialect import HEAD, Dialect, header, sniff
from sosie.columns.records import first_ragged
from sosie.errors import UnreadableError
from sosie.manifest import TableManifest


@dataclass(frozen=True)
class Delimited:
    """A table in a file of text.

    Parameters
    ----------
    place : Path
        The folder, or the zip.
    file : str
        Path of the file in it.
    packed : bool
        Whether the place is a zip.
    """

    place: Path
    file: str
    packed: bool

    @cached_property
    def _head(self) -> tuple[Dialect, bytes]:
        raw = self._bytes(HEAD)
        return sniff(raw[: raw.rfind(b"\n") + 1] if len(raw) == HEAD else raw, self.file, TableManifest())

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return self._head[0].delimiter

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as the file spells them."""
        dialect, text = self._head
        return tuple(name.strip() for name in header(text, dialect))

    def read(self, wanted: Sequence[str]) -> pl.DataFrame:
        """Return columns as text, by their names in lower case; blank cells are missing.

        Raises
        ------
        UnreadableError
            When a row has more or fewer cells than the header, or the file is no text.
        """
        lower = [name.lower() for name in self.columns]
        repeated = next((name for at, name in enumerate(lower) if name in lower[:at]), None)
        if repeated is not None:
            raise UnreadableError(self.file, "two columns have this name", column=repeated)
        chosen = [at for at, name in enumerate(lower) if name in wanted]
        if not chosen:
            return pl.DataFrame()
        dialect, text = sniff(self._bytes(-1), self.file, TableManifest(delimiter=self.separator))
        broken = first_ragged(text, dialect, len(self.columns))
        if broken is not None:
            problem = f"this row has {broken.fields} cells; expected {len(self.columns)}, as in the header"
            raise UnreadableError(self.file, problem, row=broken.row)
        try:
            frame = pl.read_csv(
                text, separator=dialect.delimiter, quote_char=dialect.quote, infer_schema=False, columns=chosen
            )
        except pl.exceptions.NoDataError:
            return pl.DataFrame(schema={lower[at]: pl.String() for at in chosen})
        except pl.exceptions.PolarsError:
            raise UnreadableError(self.file, "quotes are not paired; expected regular CSV") from None
        frame = frame.rename(dict(zip(frame.columns, (lower[at] for at in chosen), strict=True)))
        cells = pl.all().str.strip_chars()
        return frame.with_columns(pl.when(cells != "").then(cells))

    def _bytes(self, most: int) -> bytes:
        try:
            if self.packed:
                with zipfile.ZipFile(self.place) as archive, archive.open(self.file) as member:
                    return member.read(most) if most >= 0 else member.read()
            path = self.place / self.file
            if path.suffix.lower() == ".gz":
                with gzip.open(path) as unpacked:
                    return unpacked.read(most)
            with path.open("rb") as file:
                return file.read(most)
        except (OSError, EOFError, zipfile.BadZipFile, RuntimeError):
            raise UnreadableError(self.file, "not a readable file") from None
