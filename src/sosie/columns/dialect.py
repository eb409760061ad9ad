"""How a delimited file spells its records: encoding, delimiter, quotes, line ends.

Bytes enter, a ``Dialect`` and the same text in UTF-8 leave. The dialect is guessed from the head of the file and
checked over the whole of it by ``records``; what the manifest declares is taken as given.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice

from sosie.errors import UnreadableError
from sosie.manifest import TableManifest

DELIMITERS = (",", ";", "\t", "|")
HEAD = 262_144
_SAMPLE_RECORDS = 500


@dataclass(frozen=True)
class Dialect:
    """The spelling of one delimited file.

    Parameters
    ----------
    encoding : str
        Python codec.
    bom : bool
        Whether the file begins with a byte-order mark.
    delimiter : str
    quote : str, optional
        None when the file quotes nothing.
    terminator : str
        End of a line.
    final_newline : bool
        Whether the last line is ended.
    preamble : str
        Excel's ``sep=;`` line, when there is one.
    """

    encoding: str = "utf-8"
    bom: bool = False
    delimiter: str = ","
    quote: str | None = '"'
    terminator: str = "\n"
    final_newline: bool = True
    preamble: str = ""


def sniff(data: bytes, file: str, declared: TableManifest) -> tuple[Dialect, bytes]:
    """Return the dialect of a file and its text in UTF-8, without mark or preamble.

    Raises
    ------
    UnreadableError
        When the file is empty or binary, or its encoding cannot be told.
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise UnreadableError(file, "the file is empty; expected a header row and one row for each patient")
    encoding, bom = _encoding(data, file, declared.encoding)
    text = _utf8(data, file, encoding, bom).lstrip(b"\r\n")
    preamble = re.match(rb"(?i)sep=(.)\r?\n", text[:16])
    if preamble:
        text = text[preamble.end() :]
    head = _head(text)
    delimiter = declared.delimiter or (preamble[1].decode() if preamble else _delimiter(head))
    dialect = Dialect(
        encoding=encoding,
        bom=bom,
        delimiter=delimiter,
        quote=_quote(head, delimiter),
        terminator=_terminator(head, delimiter),
        final_newline=text.endswith((b"\n", b"\r")),
        preamble=preamble[0].decode() if preamble else "",
    )
    return dialect, text


def header(text: bytes, dialect: Dialect) -> list[str]:
    """Return the fields of the first record."""
    lines = io.StringIO(_head(text), newline="")
    if dialect.quote is None:
        return next(csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE))
    return next(csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote))


def widths(head: str, delimiter: str) -> list[int]:
    """Return the number of fields of the first records, blank lines left out."""
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    return [len(row) for row in islice(rows, _SAMPLE_RECORDS) if row]


def likelier_delimiter(text: bytes, dialect: Dialect) -> str | None:
    """Return the delimiter that would split a one-column file into regular records, when there is one."""
    found = _delimiter(_head(text))
    counts = widths(_head(text), found)
    return found if found != dialect.delimiter and min(counts) == max(counts) > 1 else None


def _head(text: bytes) -> str:
    """Return whole lines from the beginning of the text."""
    piece = text[:HEAD]
    if len(text) > HEAD:
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        piece = piece[:end] if end > 0 else piece
    return piece.decode("utf-8", errors="ignore")


def _encoding(data: bytes, file: str, declared: str | None) -> tuple[str, bool]:
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8", True
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return name, True
    if declared is not None:
        return declared.lower(), False
    start = data[:4096]
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if start[offset::2].count(0) > 0.4 * max(len(start) // 2, 1) and 0 not in start[1 - offset :: 2]:
            return name, False
    control = sum(start.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\x1a\x1b")
    if 0 in start or control > 0.02 * len(start) or b"\0" in data:
        raise UnreadableError(file, "binary content was found; expected the text of a delimited table")
    return ("utf-8", False) if data.isascii() else (_eight_bit_or_utf8(data, file), False)


def _eight_bit_or_utf8(data: bytes, file: str) -> str:
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        lenient = data.decode("utf-8", errors="replace")
        broken = lenient.count("\ufffd")
        if sum(not char.isascii() for char in lenient[: 4 * HEAD]) > 5 * broken:
            line = data.count(b"\n", 0, error.start) + 1
            problem = "a byte is not valid UTF-8, unlike the rest of the file; declare `encoding` in sosie.yaml"
            raise UnreadableError(file, problem, row=line) from None
    controls = sum(data.count(bytes([byte])) for byte in range(0x80, 0xA0))
    high = sum(data.count(bytes([byte])) for byte in range(0xA0, 0x100))
    if controls <= high:
        return (
            "cp1252"
            if not any(data.count(byte) for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))
            else "latin-1"
        )
    from charset_normalizer import from_bytes

    lines = b"\n".join(line for line in data[: 4 * HEAD].split(b"\n") if not line.isascii())
    best = from_bytes(lines, cp_isolation=["cp850", "mac_roman", "cp1252", "cp1250"]).best()
    if best is None:
        raise UnreadableError(file, "the encoding cannot be told; declare `encoding` in sosie.yaml")
    return best.encoding


def _utf8(data: bytes, file: str, encoding: str, bom: bool) -> bytes:
    body = data[3 if encoding == "utf-8" else 2 :] if bom else data
    try:
        if encoding in {"utf-8", "ascii"} and body.isascii():
            return body
        return body.decode(encoding).encode("utf-8")
    except LookupError:
        raise UnreadableError(
            file, f"unknown encoding {encoding!r} in sosie.yaml; expected utf-8, cp1252 ..."
        ) from None
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            file, f"a byte is not valid {encoding}; check `encoding` in sosie.yaml", row=line
        ) from None


def _delimiter(head: str) -> str:
    """Return the delimiter that gives regular records of the most fields."""

    def merit(delimiter: str) -> tuple[bool, float, int]:
        counts = widths(head, delimiter)
        share = counts.count(counts[0]) / len(counts)
        several = counts[0] > 1 and share >= 0.5
        return several, round(share, 2), counts[0]

    return max(DELIMITERS, key=merit)


def _quote(head: str, delimiter: str) -> str | None:
    edge = re.escape(delimiter)
    if re.search(rf'(?m)(?:^|{edge})"', head):
        return '"'
    if re.search(rf"(?m)(?:^|{edge})'[^'\r\n]*'(?={edge}|\r?$)", head) and head.count("'") % 2 == 0:
        return "'"
    return '"'


def _terminator(head: str, delimiter: str) -> str:
    quote = _quote(head, delimiter) or '"'
    head = re.sub(f"{quote}[^{quote}]*{quote}", "", head)
    crlf = head.count("\r\n")
    counts = {"\n": head.count("\n") - crlf, "\r\n": crlf, "\r": head.count("\r") - crlf}
    return max(counts, key=lambda end: counts[end])
