"""The files of a source, folder after folder, in a stable order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sosie.manifest import FILE_NAME


def files_in(folder: Path, prefix: str = "") -> Iterator[tuple[Path, str]]:
    """Yield what a folder holds that is no folder, links and pipes included, with its name in the source.

    Hidden files and the manifest are passed over. Links to folders are not followed: they may lead out of the source,
    or in circles.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")) or entry.name == FILE_NAME:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from files_in(Path(entry.path), f"{prefix}{entry.name}/")
        else:
            yield Path(entry.path), prefix + entry.name
