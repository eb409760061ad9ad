"""Nothing appears in the output folder before it is whole: write beside it, then rename."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sosie.errors import ManifestError

OURS = frozenset({"release", "dpo", "refused", "data", "findings.jsonl"})
"""Names that a command may write in its output folder, and may replace."""


def check(out: Path) -> None:
    """Refuse an output folder that holds anything that is not ours, or that cannot be written.

    Raises
    ------
    ManifestError
    """
    if out.exists() and not out.is_dir():
        raise ManifestError(f"--out {out}: a file stands there; name a folder")
    if out.is_dir():
        strange = sorted(entry.name for entry in out.iterdir() if entry.name not in OURS)
        if strange:
            raise ManifestError(f"--out {out}: the folder holds {strange[0]!r}; name a new or an empty folder")


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Give a folder beside ``out`` to write in; on success its entries replace those of ``out``, else nothing stays.

    Entries of an earlier run (a release, a refusal) are removed, so that a folder never tells two stories.
    """
    check(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise ManifestError(f"--out {out}: cannot be written ({error.strerror})") from error
    try:
        yield beside
        old = beside / ".replaced"
        if out.is_dir():
            out.rename(old)
        try:
            _publish(beside, out)
        except OSError:
            if old.is_dir():
                old.rename(out)
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _publish(beside: Path, out: Path) -> None:
    """Rename the new entries into place as one folder."""
    fresh = beside / ".fresh"
    fresh.mkdir(mode=0o755)
    for entry in sorted(beside.iterdir()):
        if entry.name not in {".fresh", ".replaced"}:
            entry.rename(fresh / entry.name)
    fresh.rename(out)
