"""The lines of a large text file, one at a time, each decoded and spelled again in its own encoding.

A file that is UTF-8 but for a few lines keeps those as they are. A file is never held whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sosie.notes.source.charset import Charset, eight_bit, refuse_binary, wide
from sosie.notes.source.record import NotReadable

_HEAD = 262_144
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class LineFile:
    """How a file of lines is spelled.

    Parameters
    ----------
    path : Path
    charset : Charset
        Of its mark, and of lines whose bytes do not tell (those in ASCII).
    newline : str
        What ends a line.
    declared : bool
        Whether the user names the encoding.
    """

    path: Path
    charset: Charset
    newline: str
    declared: bool = False

    @classmethod
    def sniff(cls, path: Path, declared: str | None = None) -> LineFile:
        """Tell the spelling of a file from its beginning, and from its first line that is not ASCII.

        Raises
        ------
        NotReadable
            When the file is binary.
        """
        with path.open("rb") as file:
            head = file.read(_HEAD)
        for mark, name in _WIDE.items():
            if head.startswith(mark):
                text = head[2:].decode(name, errors="ignore")
                return cls(path, Charset(name, mark), "\n" if "\n" in text else "\r")
        if (found := wide(head)) is not None:
            return cls(path, Charset(found), "\n" if "\n" in head.decode(found, errors="ignore") else "\r")
        mark = codecs.BOM_UTF8 if head.startswith(codecs.BOM_UTF8) else b""
        refuse_binary(head)
        if declared is not None:
            _check(declared)
        newline = "\n" if b"\n" in head or b"\r" not in head else "\r"
        name = declared or ("utf-8" if mark else _encoding(path))
        return cls(path, Charset(name, mark), newline, declared is not None)

    @property
    def _wide(self) -> bool:
        return self.charset.encoding.startswith("utf-16")

    def lines(self) -> Iterator[str]:
        """Return the lines with their ends; bytes that are not UTF-8 as lone surrogates, for `decoded`."""
        name, errors = (self.charset.encoding, "surrogatepass") if self._wide else ("utf-8", "surrogateescape")
        with self.path.open("rb") as file:
            file.seek(len(self.charset.mark))
            yield from _split(file, codecs.getincrementaldecoder(name)(errors), self.newline)

    def decoded(self, raw: str) -> tuple[str, str]:
        """Return a record as text, and the encoding that spells it."""
        if raw.isascii() or self._wide:
            return raw, self.charset.encoding
        data = raw.encode("utf-8", "surrogateescape")
        name = self.charset.encoding
        if not self.declared:
            try:
                return data.decode("utf-8"), "utf-8"
            except UnicodeDecodeError:
                pass
        if name == "utf-8":
            name = eight_bit(data)
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            return data.decode("latin-1"), "latin-1"

    def encoded(self, raw: str) -> bytes:
        """Return the bytes of a raw record that nothing changed."""
        if self._wide:
            return raw.encode(self.charset.encoding, "surrogatepass")
        return raw.encode("utf-8", "surrogateescape")


def _split(file: IO[bytes], decoder: codecs.IncrementalDecoder, newline: str) -> Iterator[str]:
    """Split at one line end only: the others, and those of Unicode, are part of a line."""
    pending: list[str] = []
    while block := file.read(1 << 20):
        *whole, rest = decoder.decode(block).split(newline)
        for line in whole:
            yield "".join([*pending, line, newline])
            pending = []
        if rest:
            pending.append(rest)
    pending.append(decoder.decode(b"", final=True))
    if last := "".join(pending):
        yield last


def _encoding(path: Path) -> str:
    """Return the encoding of the first piece that is not ASCII; UTF-8 where there is none."""
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return eight_bit(line + file.read(_HEAD))
                return "utf-8"
    return "utf-8"


def _check(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise NotReadable(f"unknown encoding {encoding!r} in sosie.yaml; expected utf-8, cp1252 ...") from None
