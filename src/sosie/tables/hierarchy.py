"""Codes and their parents: what a rare code is published as.

The counts of codes enter; the codes that enough patients share leave, with where each of the others went: its nearest
ancestor that enough patients share, or nowhere. Parents are the leading characters of a code (CIM-10, postcodes), or
those of a CSV that the manifest names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from sosie.errors import UnreadableError

HEADER = ["code", "parent"]
PREFIX = "prefix"
_FIRST_ROW = 2


def read(path: Path) -> dict[str, str]:
    """Return the parent of each code.

    Raises
    ------
    UnreadableError
        When the file is no list of codes and parents, gives a code two parents, or turns in a circle.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, PolarsError):
        raise UnreadableError(path.name, "the list of codes and parents that sosie.yaml names cannot be read") from None
    if frame.columns != HEADER:
        raise UnreadableError(path.name, "expected two columns, `code` and `parent`", row=1)
    parents: dict[str, str] = {}
    for row, (code, parent) in enumerate(frame.drop_nulls().rows(), start=_FIRST_ROW):
        if parents.setdefault(code, parent) != parent:
            raise UnreadableError(path.name, "this code has another parent above", column="parent", row=row)
    if any(_depth(code, parents) > len(parents) + 1 for code in parents):
        raise UnreadableError(path.name, "a code is its own ancestor", column="parent")
    return parents


def merge(counts: Mapping[str, int], k: int, parents: Mapping[str, str] | None) -> tuple[set[str], dict[str, str], int]:
    """Merge rare codes upward.

    Parameters
    ----------
    counts : mapping of str to int
        Patients of each code.
    k : int
    parents : mapping of str to str, optional
        By default, the parent of a code is the code without its last character.

    Returns
    -------
    levels : set of str
        Codes, or ancestors of codes, of k patients at least.
    merged : dict of str to str
        Where each other code went; a code that is in no level has no ancestor that enough patients share.
    left : int
        Patients of the latter.
    """
    pending, moved, levels = Counter(counts), dict[str, str](), set[str]()
    waiting: defaultdict[int, set[str]] = defaultdict(set)
    for code in counts:
        waiting[_depth(code, parents)].add(code)
    for depth in range(max(waiting, default=0), 0, -1):
        for code in sorted(waiting[depth]):
            above = _above(code, parents)
            if pending[code] >= k:
                levels.add(code)
                del pending[code]
            elif above:
                pending[above] += pending.pop(code)
                moved[code] = above
                waiting[_depth(above, parents)].add(above)
    return levels, {code: _last(code, moved) for code in counts if code not in levels}, pending.total()


def _above(code: str, parents: Mapping[str, str] | None) -> str:
    """Return the parent of a code, empty at the top; a separator left at the end of a prefix goes too."""
    return code[:-1].rstrip(".-/ ") if parents is None else parents.get(code, "")


def _depth(code: str, parents: Mapping[str, str] | None) -> int:
    if parents is None:
        return len(code)
    depth = 1
    while (code := parents.get(code, "")) and depth <= len(parents) + 1:
        depth += 1
    return depth


def _last(code: str, moved: Mapping[str, str]) -> str:
    while code in moved:
        code = moved[code]
    return code
