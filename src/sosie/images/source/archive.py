"""The members of an archive (zip, tar, compressed tar): nothing is unpacked on disk, nothing is trusted.

An absolute path, ``..``, a link, a locked or a damaged member, and what would expand out of all proportion: each is a
problem.
"""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from sosie.errors import UnreadableError
from sosie.images.source.content import HEAD, kind_of
from sosie.images.source.item import BOMB, EXPANDS, SUSPECT, Held, InFile, InZip, Item, judge
from sosie.stream import Problem

OUTSIDE = "its path leads out of the archive (absolute, or '..'); not copied"
LINK = "a link, which is not followed; not copied"
STRANGE = "no image that is read; not copied"
DAMAGED = "the archive is damaged; what follows in it is not copied"
_ODD = "neither a file nor a folder; not copied"
_LOCKED = "locked by a password; not copied"
_NESTED = "an archive in an archive, which is not opened; not copied"
_ARCHIVES = (b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0", b"Rar!", b"7z\xbc\xaf\x27\x1c")


def members(path: Path, name: str, *, zipped: bool) -> Iterator[Item | Problem]:
    """Read the members of an archive one after the other.

    Parameters
    ----------
    path : Path
    name : str
        Of the archive, relative to the source.
    zipped : bool
        Whether it is a zip archive; else a tar archive, compressed or not.
    """
    try:
        yield from _zip(path, name) if zipped else _tar(path, name)
    except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError):
        yield Problem(name, DAMAGED)
    except UnreadableError as error:
        yield Problem(name, error.problem)
    except Exception as error:  # one archive must not end the run
        yield Problem(name, f"{DAMAGED} ({type(error).__name__})")


def office(path: Path) -> bool:
    """Tell whether a zip archive is a document of an office suite, which is not ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            return bool({"[Content_Types].xml", "mimetype"} & archive.NameToInfo.keys())
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def _zip(path: Path, name: str) -> Iterator[Item | Problem]:
    total, whole = 0, path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        for index, member in enumerate(archive.infolist()):
            place = _place(member.filename)
            if member.is_dir() or _noise(place):
                continue
            total += member.file_size
            judge(total if total > SUSPECT and total > EXPANDS * whole else 0, whole, name)
            where = f"{name}/{place}"
            link = stat.S_ISLNK(member.external_attr >> 16)
            reason = OUTSIDE if _leaves(member.filename) else LINK if link else _LOCKED if member.flag_bits & 1 else ""
            if reason:
                yield Problem(where, reason)
                continue
            try:
                judge(member.file_size, member.compress_size, where)
                with archive.open(member) as file:
                    head = file.read(HEAD)
                yield _member(where, head, InZip(path, index))
            except UnreadableError as error:
                yield Problem(where, error.problem)
            except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError):
                yield Problem(where, "the member is damaged, or compressed in an unknown way; not copied")


def _tar(path: Path, name: str) -> Iterator[Item | Problem]:
    packed, total, whole = not _plain(path), 0, path.stat().st_size
    with tarfile.open(path, "r|*" if packed else "r:") as archive:
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # they would all be kept
            place = _place(member.name)
            if member.isdir() or _noise(place):
                continue
            total += member.size
            if packed and total > SUSPECT and total > EXPANDS * whole:
                yield Problem(name, BOMB)
                return
            where = f"{name}/{place}"
            link = member.issym() or member.islnk()
            reason = OUTSIDE if _leaves(member.name) else LINK if link else "" if member.isfile() else _ODD
            if reason:
                yield Problem(where, reason)
                continue
            try:
                judge(member.size, member.size, where)
            except UnreadableError as error:
                yield Problem(where, error.problem)
                continue
            file = archive.extractfile(member)
            head = file.read(HEAD) if file is not None else b""
            if packed and file is not None and kind_of(head):
                # A compressed archive is read in one direction only: its members are held until they are treated.
                yield _member(where, head, Held(head + file.read()))
            else:
                yield _member(where, head, InFile(path, member.offset_data, member.size))


def _member(where: str, head: bytes, load: InZip | InFile | Held) -> Item | Problem:
    kind = kind_of(head)
    if kind is not None:
        return Item(where, kind, load)
    return Problem(where, _NESTED if head.startswith(_ARCHIVES) or head[257:262] == b"ustar" else STRANGE)


def _plain(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(262)[257:] == b"ustar"


def _place(name: str) -> str:
    return "/".join(step for step in name.replace("\\", "/").split("/") if step not in ("", "."))


def _leaves(name: str) -> bool:
    steps = name.replace("\\", "/")
    return steps.startswith("/") or steps[1:2] == ":" or ".." in steps.split("/")


def _noise(place: str) -> bool:
    """Tell what systems leave behind: hidden files, and the shadows that macOS puts beside each file."""
    steps = place.split("/")
    return "__MACOSX" in steps or (steps[-1].startswith(".") and steps[-1] not in (".", ".."))
