"""One table in a delimited file, or in a member of a zip: cells of text, and where a row is broken."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from sosie.errors import UnreadableError

SEPARATORS = ",\t;|"
HEAD = 1 << 16


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
    def _head(self) -> str:
        raw = self._bytes(HEAD)
        line = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].rstrip(b"\r")
        return line.decode("utf-8", "replace")

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return max(SEPARATORS, key=self._head.count)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as the file spells them."""
        header = next(csv.reader([self._head], delimiter=self.separator), [])
        return tuple(name.strip() for name in header)

    def read(self, wanted: Sequence[str]) -> pl.DataFrame:
        """Return columns as text, by their names in lower case; blank cells are missing.

        Raises
        ------
        UnreadableError
            When a row has more cells than the header, or the file is no text.
        """
        lower = [name.lower() for name in self.columns]
        repeated = next((name for at, name in enumerate(lower) if name in lower[:at]), None)
        if repeated is not None:
            raise UnreadableError(self.file, "two columns have this name", column=repeated)
        chosen = [at for at, name in enumerate(lower) if name in wanted]
        if not chosen:
            return pl.DataFrame()
        raw = self._bytes(-1)
        try:
            frame = self._parsed(raw, chosen)
        except pl.exceptions.PolarsError:
            frame = self._parsed(self._sound(raw), chosen)
        except OSError:
            raise UnreadableError(self.file, "not a readable file") from None
        frame = frame.rename({frame.columns[at]: lower[at_] for at, at_ in enumerate(chosen)})
        cells = pl.all().str.strip_chars()
        return frame.with_columns(pl.when(cells != "").then(cells))

    def _parsed(self, raw: bytes, chosen: list[int]) -> pl.DataFrame:
        if b"\n" not in raw.strip():
            return pl.DataFrame({self.columns[at]: [] for at in chosen}, schema_overrides=None).cast(pl.String)
        return pl.read_csv(raw, separator=self.separator, columns=chosen, infer_schema=False)

    def _sound(self, raw: bytes) -> bytes:
        """Return the file as UTF-8 once each row was found to have the cells of the header."""
        text = _text(raw)
        # Quotes that no quote closes would swallow the rest: the csv module counts the lines of each row.
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator)
        width = len(self.columns)
        for row in rows:
            if row and len(row) > width:
                problem = f"this row has {len(row)} cells; expected {width}, as in the header"
                raise UnreadableError(self.file, problem, row=rows.line_num)
        if raw == text.encode():
            raise UnreadableError(self.file, "not a readable delimited file; check its quotes and its separator")
        return text.encode()

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


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
