"""Slices of one volume, together: what shows only in the whole, a face, is looked for in the whole.

Items come in the order of the walk. Those of a CT or MR series that lie in one folder leave together, when the folder
ends; any other item leaves alone, at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO

from sosie.images.source.item import Held, Item
from sosie.stream import Problem

MOST = 1_000
"""Slices that are treated together; a longer series is treated in parts."""
HEAD = 1 << 16
"""Bytes in which the header tells its series."""
_MODALITIES = frozenset({"CT", "MR"})
_FACELESS = frozenset(
    {"ABDOMEN", "CHEST", "THORAX", "PELVIS", "KNEE", "HIP", "SHOULDER", "LSPINE", "TSPINE", "HEART", "BREAST", "LEG"}
    | {"PROSTATE", "LIVER", "KIDNEY", "HAND", "FOOT", "ANKLE", "WRIST", "ELBOW", "FEMUR", "ABDOMENPELVIS", "EXTREMITY"}
)
"""Parts of the body (PS3.16, Annex L) in whose volumes there is no head."""


def gathered(found: Iterable[Item | Problem]) -> Iterator[tuple[Item, ...] | Problem]:
    """Put the slices of each volume together.

    Yields
    ------
    tuple of Item, or Problem
    """
    folder, groups = "", dict[str, list[Item]]()
    for each in found:
        if isinstance(each, Problem):
            yield each
            continue
        place = each.name.rpartition("/")[0]
        if place != folder:
            yield from _ended(groups)
            folder = place
        series = series_of(each)
        if not series:
            yield (each,)
            continue
        group = groups.setdefault(series, [])
        group.append(each)
        if len(group) >= MOST:
            yield tuple(groups.pop(series))
    yield from _ended(groups)


def series_of(item: Item) -> str:
    """Return the UID of the series of a slice of CT or MR in which there may be a face; nothing for any other image."""
    # What an archive gave in one direction is held in memory: a whole series might not fit.
    if item.kind != "dicom" or isinstance(item.load, Held) or not hasattr(item.load, "head"):
        return ""
    from pydicom.filereader import read_partial

    try:
        head = read_partial(BytesIO(item.load.head(HEAD)), lambda tag, vr, length: tag > 0x0020000E, force=True)
        told = [str(head.get(name) or "") for name in ("Modality", "BodyPartExamined", "SeriesInstanceUID")]
    except Exception:  # a header that cannot be read is told when the image is treated
        return ""
    modality, part, series = told
    return series if modality in _MODALITIES and part.strip().upper() not in _FACELESS else ""


def _ended(groups: dict[str, list[Item]]) -> Iterator[tuple[Item, ...]]:
    yield from map(tuple, groups.values())
    groups.clear()
