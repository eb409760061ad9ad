"""Which codes are published: those of enough patients; a rarer one as its nearest ancestor that enough have.

Enters a part; leaves the codes of the doubles, and what each code of the source becomes. Ancestors come from a list of
codes and parents that the manifest names, else from the way in which CIM-10 and ATC codes are built.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sosie.cohort import Rows
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines.events import NONE, Code, Group, TimelinesPart
from sosie.timelines.quantiles import fewest

DEEPEST = 12
ATC = (5, 4, 3, 1)
"""Lengths of the ancestors of an ATC code of seven characters."""
ICD = re.compile(r"^[A-Z]\d[0-9A-Z](\.?[0-9A-Z]+)?$")
_ICD_NAMES = ("ICD10", "CIM10")
_ICD_ROOT = 3


@dataclass(frozen=True)
class Published:
    """Codes of the doubles.

    Parameters
    ----------
    codes : tuple of Code
    place : ndarray of int64, shape (codes of the source,)
        What each becomes, or `NONE`.
    raised, dropped : int
        Codes published as an ancestor, and left out.
    """

    codes: tuple[Code, ...]
    place: Rows
    raised: int
    dropped: int


def publish(part: TimelinesPart, manifest: Manifest, rng: np.random.Generator) -> Published:
    """Choose the codes of doubles; how many patients each needs is drawn."""
    codes, parents = list(part.codes), parents_of(part, manifest)
    position = {code: at for at, code in enumerate(codes)}
    needed = [fewest(manifest.k, rng) for _ in codes]
    place = np.arange(len(codes))
    pairs = np.unique(part.events.patient.astype(np.int64) * max(len(codes), 1) + part.events.code)
    people, held = pairs // max(len(codes), 1), pairs % max(len(codes), 1)
    for _ in range(DEEPEST):
        now = place[held]
        distinct = np.unique(people * len(codes) + now) % max(len(codes), 1)
        holders = np.bincount(distinct, minlength=len(codes))
        moved = False
        for code in np.unique(now):
            parent = parent_of(codes[code], parents) if holders[code] < needed[code] else None
            if parent is None:
                continue
            if parent not in position:
                position[parent] = len(codes)
                codes.append(parent)
                needed.append(fewest(manifest.k, rng))
            place[place == code] = position[parent]
            moved = True
        if not moved:
            break
    now = place[held]
    width = max(len(codes), 1)
    holders = np.bincount(np.unique(people * width + now) % width, minlength=len(codes))
    kept = holders >= np.array(needed, dtype=np.int64)
    kept &= np.array([code.group is not Group.DEATH for code in codes], dtype=bool)
    renumbered = np.where(kept, np.cumsum(kept) - 1, NONE)
    used = np.bincount(part.events.code, minlength=len(part.codes)) > 0
    final = renumbered[place]
    alive = used & np.array([code.group is not Group.DEATH for code in part.codes], dtype=bool)
    raised = int((alive & (final >= 0) & (place != np.arange(len(part.codes)))).sum())
    dropped = int((alive & (final < 0)).sum())
    chosen = tuple(code for code, keep in zip(codes, kept, strict=True) if keep)
    return Published(chosen, final, raised, dropped)


def parents_of(part: TimelinesPart, manifest: Manifest) -> Mapping[str, str]:
    """Return the parent of each code: what the reader found, else the lists that the manifest names."""
    given = part.form.details.get("parents")
    if isinstance(given, Mapping):
        return given
    found: dict[str, str] = {}
    for declared in manifest.timelines.values():
        if declared.hierarchy:
            path = Path(str(part.form.details.get("root", "."))) / declared.hierarchy
            try:
                with path.open(encoding="utf-8", newline="") as lines:
                    found |= {row["code"]: row["parent"] for row in csv.DictReader(lines) if row["parent"]}
            except (OSError, KeyError, UnicodeDecodeError):
                reason = "the list of codes and parents that sosie.yaml names cannot be read"
                raise UnreadableError(path.name, reason) from None
    return found


def parent_of(code: Code, parents: Mapping[str, str]) -> Code | None:
    """Return the parent of a code, None for a root or where none is known."""
    if code.code in parents:
        return replace(code, code=parents[code.code])
    name, text = re.sub(r"[^A-Z0-9]", "", code.vocabulary.upper()), code.code.strip()
    if name.startswith("ATC"):
        shorter = next((length for length in ATC if length < len(text)), None)
        return replace(code, code=text[:shorter]) if shorter else None
    if name.startswith(_ICD_NAMES) and ICD.match(text) and len(text) > _ICD_ROOT:
        return replace(code, code=text[:-1].rstrip("."))
    return None
