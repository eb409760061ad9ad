"""One image of a source: its name, its kind, and how to load its bytes, in this process or in another."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal

from sosie.errors import UnreadableError

Kind = Literal["dicom", "dicomdir", "nifti", "picture"]
LARGEST = 4 << 30
"""Bytes of the largest image that is held."""
EXPANDS, SUSPECT = 200, 256 << 20
"""What is compressed more than so many times, into more than so many bytes, is a bomb: images are not."""
TOO_LARGE = f"larger than {LARGEST >> 30} GiB; not copied"
BOMB = "a bomb: it would expand out of all proportion; not copied"


@dataclass(frozen=True)
class Item:
    """An image of a source.

    Parameters
    ----------
    name : str
        Relative to the source, with ``/``; inside an archive ``a.zip/x/y.dcm``.
    kind : {"dicom", "dicomdir", "nifti", "picture"}
    load : callable
        Returns its bytes; UnreadableError when they are no longer there. It can be sent to another process.
    """

    name: str
    kind: Kind
    load: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True)
class InFile:
    """Bytes of a file: all of them, or a stretch (a member of an archive that is not compressed)."""

    path: Path
    start: int = 0
    size: int | None = None

    def __call__(self) -> bytes:
        """Read them."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                data = file.read(LARGEST + 1 if self.size is None else self.size)
        except OSError:
            raise UnreadableError(self.path.name, "the file cannot be read; not copied") from None
        if len(data) > LARGEST:
            raise UnreadableError(self.path.name, TOO_LARGE)
        return data

    def head(self, size: int) -> bytes:
        """Read the first of them."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(size if self.size is None else min(size, self.size))


@dataclass(frozen=True)
class InZip:
    """A member of a zip archive, by its place in it: two members may bear the same name."""

    path: Path
    index: int

    def __call__(self) -> bytes:
        """Inflate it, no further than it says."""
        archive = _opened(self.path, self.path.stat().st_mtime_ns)
        member = archive.infolist()[self.index]
        try:
            with archive.open(member) as file:
                return bounded(file, member.file_size, self.path.name)
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
            raise UnreadableError(self.path.name, "a member of the archive is damaged or locked; not copied") from None

    def head(self, size: int) -> bytes:
        """Inflate the first bytes."""
        archive = _opened(self.path, self.path.stat().st_mtime_ns)
        with archive.open(archive.infolist()[self.index]) as file:
            return file.read(size)


@dataclass(frozen=True)
class InGzip:
    """The content of a compressed file."""

    path: Path

    def __call__(self) -> bytes:
        """Inflate it, within reason."""
        try:
            with gzip.open(self.path) as file:
                data = file.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error):
            raise UnreadableError(self.path.name, "the compressed file is damaged; not copied") from None
        judge(len(data), self.path.stat().st_size, self.path.name)
        return data


@dataclass(frozen=True)
class Held:
    """Bytes that were read already, from an archive that is read in one direction only."""

    data: bytes = field(repr=False)

    def __call__(self) -> bytes:
        """Return them."""
        return self.data


def bounded(file: IO[bytes], announced: int, name: str) -> bytes:
    """Read what an archive announces, and find it out when it holds more."""
    data = file.read(announced + 1)
    if len(data) > announced:
        raise UnreadableError(name, "a member of the archive is larger than announced; not copied")
    return data


def judge(size: int, packed: int, name: str) -> None:
    """Refuse what is too large, or compressed out of all proportion.

    Raises
    ------
    UnreadableError
    """
    if size > SUSPECT and size > EXPANDS * max(packed, 1):
        raise UnreadableError(name, BOMB)
    if size > LARGEST:
        raise UnreadableError(name, TOO_LARGE)


@lru_cache(maxsize=2)
def _opened(path: Path, changed: int) -> zipfile.ZipFile:
    """Open an archive once for all its members: its table of contents may be long."""
    return zipfile.ZipFile(path)
