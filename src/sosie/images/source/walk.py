"""Every image of a source, file after file, in a stable order; what is none, and should not pass unseen, is a problem.

Files are recognised by their content, whatever their names. Those that tables and notes read are left to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sosie.folders import files_in
from sosie.images.source.archive import LINK, STRANGE, members, office
from sosie.images.source.content import HEAD, is_half_nifti, is_text, kind_of, unzipped
from sosie.images.source.item import InFile, InGzip, Item
from sosie.manifest import Manifest
from sosie.stream import Problem

OURS = frozenset({".dcm", ".dicom", ".ima", ".nii", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})
TEXTS = frozenset({".txt", ".text", ".md", ".note", ".asc", ".html", ".htm", ".xhtml", ".xml", ".json", ".jsonl"})
TABLES = frozenset({".csv", ".tsv", ".tab", ".parquet", ".pq", ".xlsx", ".xls", ".xlsb", ".ods", ".ndjson"})
STATISTICS = frozenset({".sas7bdat", ".xpt", ".xport", ".sav", ".zsav", ".dta", ".duckdb", ".docx", ".docm", ".pdf"})
OTHERS = TEXTS | TABLES | STATISTICS
"""Names of files that tables and notes read, and whose problems they tell."""
_GZIP, _BZIP2, _XZ, _ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", (b"PK\x03\x04", b"PK\x05\x06")


def walk(source: Path, manifest: Manifest) -> Iterator[Item | Problem]:
    """Read what a source holds.

    Parameters
    ----------
    source : Path
        One file or a folder.
    manifest : Manifest

    Yields
    ------
    Item or Problem
        Images, and what is none: where it is, and why it is not copied.
    """
    for path, name in _files(source):
        try:
            yield from _found(path, name)
        except OSError:
            yield Problem(name, "the file cannot be opened; not copied")


def recognises(source: Path | str) -> bool:
    """Tell whether a file or a folder holds an image, or an archive that may."""
    if isinstance(source, str) and "://" in source:
        return False
    return any(_holds(path) for path, _ in _files(Path(source)))


def plain(source: Path) -> frozenset[Path]:
    """Return the files that are images themselves, not archives of some."""
    return frozenset(path for path, _ in _files(source) if _regular(path) and _is_image(path))


def compressed(source: Path) -> bool:
    """Tell whether a source has an archive that cannot be walked twice at little cost."""
    return any(_archive(path, _head(path)) == "tar" for path, _ in _files(source) if _regular(path))


def _files(source: Path) -> Iterator[tuple[Path, str]]:
    if not source.is_dir():
        # What the user names is what they mean, be it a link.
        yield source.resolve(), source.name
        return
    yield from files_in(source)


def _found(path: Path, name: str) -> Iterator[Item | Problem]:
    suffix = path.suffix.lower()
    if not _regular(path):
        if suffix not in OTHERS:
            yield Problem(name, LINK if path.is_symlink() else "no plain file; not copied")
        return
    head = _head(path)
    kind = kind_of(head)
    if kind is not None:
        yield Item(name, kind, InFile(path))
        return
    archive = _archive(path, head)
    if archive:
        yield from members(path, name, zipped=archive == "zip")
    elif head.startswith(_GZIP) and (inside := kind_of(unzipped(head))) is not None:
        yield Item(name, inside, InGzip(path))
    elif suffix in OURS or not (suffix in OTHERS or _of_notes(path, head)):
        yield Problem(name, _why(head, suffix))


def _holds(path: Path) -> bool:
    try:
        head = _head(path) if _regular(path) else b""
        return kind_of(head) is not None or kind_of(unzipped(head)) is not None or bool(_archive(path, head))
    except OSError:
        return False


def _is_image(path: Path) -> bool:
    try:
        head = _head(path)
        return kind_of(head) is not None or kind_of(unzipped(head)) is not None
    except OSError:
        return False


def _archive(path: Path, head: bytes) -> str:
    """Return ``zip``, ``tar``, or nothing for what is no archive."""
    if head.startswith(_ZIP):
        return "" if path.suffix.lower() in OTHERS or office(path) else "zip"
    if head.startswith((_BZIP2, _XZ)):
        return "tar" if ".tar" in path.name.lower() or path.suffix.lower() in (".tbz2", ".txz") else ""
    return "tar" if unzipped(head)[257:262] == b"ustar" else ""


def _of_notes(path: Path, head: bytes) -> bool:
    return (bool(head) and is_text(head)) or (head.startswith(_ZIP) and office(path))


def _why(head: bytes, suffix: str) -> str:
    if not head:
        return "the file is empty; not copied"
    if is_half_nifti(head):
        return "half of a pair (.hdr and .img), which is not read; convert it to one .nii; not copied"
    if suffix in (".dcm", ".dicom", ".ima"):
        return "named like a DICOM file, and is none; not copied"
    return STRANGE


def _regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
