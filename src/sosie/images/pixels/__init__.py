"""Text in the pixels of an image: found, judged, masked where it identifies, and looked for again.

A dataset and what its header says of people come in; findings (boxes, never what was read) leave, and pixels in which
nothing of the text is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sosie.images.finding import BoxFinding

if TYPE_CHECKING:
    from pydicom import Dataset

    from sosie.images.pixels.meaning import Identifiers

__all__ = ["find", "hide", "mask", "verify"]

GRAPHICS = "GRAPHICS"
"""Label of what is kept in bits that hold no value of a pixel."""
_PASSES = 3


def find(dataset: Dataset, identifiers: Identifiers) -> list[BoxFinding]:
    """Find the text that identifies.

    Parameters
    ----------
    dataset : Dataset
        Not cleaned yet.
    identifiers : Identifiers
        Of its header.

    Returns
    -------
    list of BoxFinding
        Sorted by frame; what may stay is not in it.

    Raises
    ------
    UnreadableError
        When the pixels cannot be decoded.
    """
    return _found(dataset, identifiers, second=False)


def verify(dataset: Dataset, identifiers: Identifiers) -> list[BoxFinding]:
    """Look again after masking, in other views: what is left, empty where all is well."""
    return _found(dataset, identifiers, second=True)


def mask(dataset: Dataset, boxes: Iterable[BoxFinding]) -> str | None:
    """Overwrite what was found, in place.

    Returns
    -------
    str or None
        A notice where more had to change than the regions.
    """
    from sosie.images.pixels import frames, store

    regions: dict[int, list[tuple[int, int, int, int]]] = {}
    for each in boxes:
        if each.label == GRAPHICS:
            store.clear_unused(dataset)
        elif each.action == "masked":
            regions.setdefault(each.frame, []).append(each.box)
    if not frames.count(dataset):
        return None
    return store.overwrite(dataset, regions)


def hide(dataset: Dataset, identifiers: Identifiers) -> tuple[list[BoxFinding], list[BoxFinding], str | None]:
    """Find, mask and verify until nothing is found any more.

    Returns
    -------
    masked : list of BoxFinding
    left : list of BoxFinding
        What is found even after several passes: such an image must not be passed on.
    notice : str or None
    """
    masked: list[BoxFinding] = []
    notice = None
    for step in range(_PASSES):
        left = _found(dataset, identifiers, second=step % 2 == 1)
        if not left:
            break
        notice = mask(dataset, left) or notice
        masked += left
    else:
        left = _found(dataset, identifiers, second=True)
    return masked, left, notice


def _found(dataset: Dataset, identifiers: Identifiers, second: bool) -> list[BoxFinding]:
    from sosie.images.pixels import film, frames, store
    from sosie.images.pixels.meaning import Judge

    if not frames.count(dataset):
        return []
    found = [
        BoxFinding(each.frame, each.told.box, each.told.label or "", "masked", round(min(each.told.score, 1.0), 3))
        for each in film.search(dataset, Judge(identifiers, dataset), second)
    ]
    if store.unused_bits(dataset):
        whole = (0, 0, int(dataset.Columns), int(dataset.Rows))
        found.insert(0, BoxFinding(0, whole, GRAPHICS, "masked"))
    return found
