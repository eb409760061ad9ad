"""Nothing appears in the output folder before it is whole: write beside it, then rename."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sosie.errors import FullDiskError, ManifestError, disk_is_full

SHEETS = "contact-sheets"
"""Folder of small pictures of what was masked; it lies beside a copy, in a folder of its own."""
OURS = frozenset({"release", "dpo", "refused", "data", "findings.jsonl", "review", SHEETS})
"""Names that a command may write in its output folder, and may replace."""
MARK = ".sosie-writing"
"""Name of a locked file in a folder that a run is writing; without a living run, nobody holds its lock."""
SIGNATURES = ("dpo/evidence.json", "findings.jsonl", f"{SHEETS}/index.html")
"""Files of which a whole run leaves at least one: a folder named ``data`` alone is somebody's data, not ours."""


def check(out: Path, *inputs: Path | str | None) -> None:
    """Refuse an output folder that holds anything that is not ours, or an input, or that cannot be written.

    Parameters
    ----------
    out : Path
    *inputs : Path or str, optional
        What the run reads, or keeps: replacing the folder must not remove it. Addresses of databases are left out.

    Raises
    ------
    ManifestError
    """
    try:
        _ours(out)
        for given in inputs:
            if given is not None and "://" not in str(given):
                _apart(out, Path(given))
        _writable(out)
    except OSError as error:
        raise ManifestError(f"--out {out}: cannot be written ({error.strerror})") from error


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Give a folder beside ``out`` to write in; on success its entries replace those of ``out``, else nothing stays.

    Entries of an earlier run (a release, a refusal) are removed, so that a folder never tells two stories.
    """
    check(out)
    out = out.resolve()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        mark = _hold(beside)
    except OSError as error:
        raise _told(out, error) from error
    try:
        yield beside
        _publish(beside, out)
    except FullDiskError:
        raise
    except Exception as error:
        if disk_is_full(error):
            raise FullDiskError(out) from error
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        os.close(mark)


def _told(out: Path, error: OSError) -> ManifestError:
    if disk_is_full(error):
        return FullDiskError(out)
    return ManifestError(f"--out {out}: cannot be written ({error.strerror})")


def _hold(beside: Path) -> int:
    """Mark a folder as ours and alive; the system lets go of the lock when the run dies, however it dies."""
    handle = os.open(beside / MARK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def _sweep(out: Path) -> None:
    """Remove what a killed run left beside ``out``; an earlier output that it had put aside comes back first."""
    ours = re.compile(re.escape(f".{out.name}-") + r"[a-z0-9_]{8}")
    for left in out.parent.iterdir():
        if not ours.fullmatch(left.name) or left.is_symlink() or not (left / MARK).is_file():
            continue
        try:
            mark = _hold(left)
        except OSError:  # a living run, or somebody else's
            continue
        old = left / ".replaced"
        if old.is_dir() and not out.exists():
            old.rename(out)
        shutil.rmtree(left, ignore_errors=True)
        os.close(mark)


def _ours(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier run."""
    if out.exists() and not out.is_dir():
        raise ManifestError(f"--out {out}: a file stands there; name a folder")
    entries = sorted(entry.name for entry in out.iterdir()) if out.is_dir() else []
    strange = [name for name in entries if name not in OURS]
    if entries and not strange and not any((out / name).is_file() for name in SIGNATURES):
        strange = entries
    if strange:
        raise ManifestError(f"--out {out}: the folder holds {strange[0]!r}; name a new or an empty folder")


def _apart(out: Path, given: Path) -> None:
    """Refuse an output folder that holds an input, or that would be read as a part of it next time."""
    there, here = out.resolve(), given.resolve()
    if here.is_relative_to(there):
        raise ManifestError(f"--out {out}: {given} lies in this folder, which the output replaces; name another folder")
    if here.is_dir() and there.is_relative_to(here):
        raise ManifestError(f"--out {out}: this folder lies in {given}; name a folder outside of what is read")


def _writable(out: Path) -> None:
    """Try before the work what would only fail after it: a folder beside ``out``, or where its parents begin."""
    there = out.resolve()
    if there == Path.cwd() or there in Path.cwd().parents:
        raise ManifestError(f"--out {out}: it is the current folder, or holds it; name a new folder")
    if there.is_mount():
        raise ManifestError(
            f"--out {out}: a file system is mounted there, which cannot be replaced; name a folder in it"
        )
    standing = next(parent for parent in there.parents if parent.exists())
    Path(tempfile.mkdtemp(prefix=f".{there.name}-", dir=standing)).rmdir()


def _publish(beside: Path, out: Path) -> None:
    """Rename the new entries into place as one folder; what stood there comes back if that fails."""
    fresh, old = beside / ".fresh", beside / ".replaced"
    entries = sorted(entry for entry in beside.iterdir() if entry.name != MARK)
    fresh.mkdir(mode=0o755)
    for entry in entries:
        entry.rename(fresh / entry.name)
    try:
        if out.is_dir():
            out.rename(old)
        fresh.rename(out)
    except BaseException:
        if old.is_dir() and not out.exists():
            old.rename(out)
        raise
