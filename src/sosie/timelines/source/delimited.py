"""Delimited text, a window of rows after the other: every cell as text on the way in, the same spelling on the way out.

The dialect is told from the head of the file and its encoding from the whole of it, read once without being held.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from sosie.columns.dialect import HEAD, Dialect, header, sniff
from sosie.columns.records import first_ragged, habits
from sosie.errors import UnreadableError
from sosie.manifest import TableManifest
from sosie.timelines.source.reader import Take

SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt"})
WINDOW = 1 << 25
"""Bytes that are held at once."""


@dataclass(frozen=True)
class Delimited:
    """One delimited file.

    Parameters
    ----------
    path : Path
        Of the file that is read; a writer needs none.
    name : str
        Relative to the source, with ``/``.
    names : tuple of str
    dialect : Dialect
    quoted : tuple of bool
        Whether the header, then each column, is always quoted.
    """

    path: Path
    name: str
    names: tuple[str, ...]
    dialect: Dialect
    quoted: tuple[bool, ...]

    @classmethod
    def of(cls, path: Path, name: str, declared: TableManifest | None = None, *, glance: bool = False) -> Delimited:
        """Open a file; at a ``glance``, by its head alone.

        Raises
        ------
        UnreadableError
            When it is empty, binary, or its header is none.
        """
        with path.open("rb") as file:
            head = file.read(HEAD)
        asked = declared or TableManifest()
        known = glance or asked.encoding is not None
        whole = asked if known else asked.model_copy(update={"encoding": _encoding(path)})
        cut = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1 if len(head) == HEAD else len(head)
        dialect, text = sniff(head[: cut or len(head)], name, whole)
        names = tuple(title.strip() for title in header(text, dialect))
        repeated = next((title for at, title in enumerate(names) if title in names[:at]), None)
        if repeated is not None:
            raise UnreadableError(name, "two columns have this name; give each its own", column=repeated, row=1)
        heading, each = habits(text, dialect, len(names))
        return cls(path, name, names, dialect, (heading, *(habit.values for habit in each)))

    def head(self) -> pl.DataFrame:
        """Return the first rows; a record that is too long or too short is told when the file is read."""
        empty = pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))
        return next((self._parsed(text, 1, lenient=True)[1:] for text in self._pieces(HEAD)), empty)

    def windows(self, size: int = WINDOW) -> Iterator[pl.DataFrame]:
        """Yield the rows as text; what is blank is null.

        Raises
        ------
        UnreadableError
            At the first record of another width than the header, or a byte that is not of the encoding.
        """
        row = 1
        for at, text in enumerate(self._pieces(size)):
            ragged = first_ragged(text, self.dialect, len(self.names))
            if ragged is not None:
                problem = f"{ragged.fields} fields were found, {len(self.names)} expected from the header"
                raise UnreadableError(self.name, problem, row=row + ragged.row - 1)
            frame = self._parsed(text, row)
            row += len(frame)
            if at == 0:
                frame = frame[1:]
            if len(frame):
                yield frame

    @contextmanager
    def writing(self, target: Path) -> Iterator[Take]:
        """Open a copy of the file, in its dialect."""
        dialect = self.dialect
        target.parent.mkdir(parents=True, exist_ok=True)
        marks = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
        with target.open("wb") as file:
            end = b""

            def put(lines: pl.Series) -> None:
                nonlocal end
                text = dialect.terminator.join(lines)
                file.write(end + text.encode(dialect.encoding, errors="replace"))
                end = dialect.terminator.encode(dialect.encoding)

            def take(frame: pl.DataFrame) -> None:
                if len(frame):
                    put(_lines(frame.select(self.names), self.quoted[1:], dialect))

            file.write(marks.get(dialect.encoding, b"") * dialect.bom)
            file.write(dialect.preamble.encode(dialect.encoding))
            titles = pl.DataFrame({f"c{at}": [title] for at, title in enumerate(self.names)})
            put(_lines(titles, (self.quoted[0],) * len(self.names), dialect))
            yield take
            file.write(end if dialect.final_newline else b"")

    def _parsed(self, text: bytes, row: int, *, lenient: bool = False) -> pl.DataFrame:
        dialect = self.dialect
        try:
            frame = pl.read_csv(
                text,
                has_header=False,
                infer_schema=False,
                separator=dialect.delimiter,
                quote_char=dialect.quote,
                eol_char="\r" if dialect.terminator == "\r" else "\n",
                new_columns=list(self.names),
                truncate_ragged_lines=lenient,
            )
        except PolarsError:
            raise UnreadableError(self.name, "quotes are not paired; expected regular CSV", row=row) from None
        return frame

    def _pieces(self, size: int) -> Iterator[bytes]:
        """Yield whole records in UTF-8."""
        dialect = self.dialect
        decoder = codecs.getincrementaldecoder(dialect.encoding)()
        quote = dialect.quote.encode() if dialect.quote else None
        end = b"\r" if dialect.terminator == "\r" else b"\n"
        skip = len(dialect.preamble)
        rest = b""
        with self.path.open("rb") as file:
            file.read(3 if dialect.encoding == "utf-8" else 2) if dialect.bom else b""
            while True:
                block = file.read(size)
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError:
                    problem = f"a byte is not valid {dialect.encoding}; declare `encoding` in sosie.yaml"
                    raise UnreadableError(self.name, problem) from None
                rest += text[skip:].lstrip("\r\n" if not rest and skip else "").encode()
                skip = 0
                if not block:
                    break
                cut = _cut(rest, end, quote)
                if cut:
                    yield rest[:cut]
                    rest = rest[cut:]
        if rest.strip():
            yield rest


def _cut(text: bytes, end: bytes, quote: bytes | None) -> int:
    """Return where the last whole record ends: after an end of line that stands in no quotes."""
    cut = text.rfind(end) + 1
    if quote is None or quote not in text:
        return cut
    while cut and text.count(quote, 0, cut) % 2:
        cut = text.rfind(end, 0, cut - 1) + 1
    return cut


def _encoding(path: Path) -> str | None:
    """Return UTF-8 where the whole file is, else cp1252 where its head may tell nothing; None to let the head tell."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    plain = True
    with path.open("rb") as file:
        if file.read(4096).count(0):
            return None
        file.seek(0)
        while block := file.read(1 << 22):
            if plain and block.isascii():
                continue
            plain = False
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return None if path.stat().st_size <= HEAD else "cp1252"
    return "utf-8"


def _lines(frame: pl.DataFrame, quoted: tuple[bool, ...], dialect: Dialect) -> pl.Series:
    """Return the records as text."""
    quote = dialect.quote or '"'
    special = [dialect.delimiter, quote, "\n", "\r"] if dialect.quote else [dialect.delimiter, "\n", "\r"]
    cells = []
    for name, always in zip(frame.columns, quoted, strict=True):
        cell = pl.col(name).cast(pl.String)
        wrapped = pl.lit(quote) + cell.str.replace_all(quote, quote * 2, literal=True) + pl.lit(quote)
        cells.append(
            (wrapped if always else pl.when(cell.str.contains_any(special)).then(wrapped).otherwise(cell)).fill_null("")
        )
    return frame.select(pl.concat_str(cells, separator=dialect.delimiter).alias("line")).to_series()
