"""What identifies in the frames of an image: each frame that differs is looked at, what stays in place is found once.

A first pass goes over the frames: a frame that brings nothing new is not searched, one in which little changed is
searched there. A second pass carries each region to all frames that show the same thing in it: what a moving background
hid from the network in one frame, it showed in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sosie.images.pixels import display, frames
from sosie.images.pixels.lines import FIRST, SECOND, SPECKLED, Box, area, overlap
from sosie.images.pixels.meaning import Judge
from sosie.images.pixels.reader import Image
from sosie.images.pixels.search import Told, told

if TYPE_CHECKING:
    from pydicom import Dataset

_DIFFERENT = 10
"""Shades by which a pixel differs from the frame before."""
_ALIKE = 0.4
"""Correlation from which two frames show the same thing in a region."""
_STILL = 0.9
"""Correlation from which it need not be read again."""
_ROOM = 24
_FEW = 4
"""Frames of an image up to which each is searched in all views."""


@dataclass(frozen=True)
class Seen:
    """A region of a frame."""

    frame: int
    told: Told


def search(dataset: Dataset, judge: Judge, second: bool = False) -> list[Seen]:
    """Return the regions that identify, frame by frame."""
    total = frames.count(dataset)
    regions = hinted(dataset)
    views = [*(SECOND if second else FIRST), *(SPECKLED if _speckled(dataset) else ())]
    if total == 1:
        picture = display.plain(dataset, frames.frame(dataset, 0))
        return [Seen(0, each) for each in told(picture, judge, regions, views) if each.label is not None]
    found: list[Seen] = []
    judged: list[tuple[Told, Image]] = []
    reference: Image | None = None
    for index in range(total):
        picture = display.plain(dataset, frames.frame(dataset, index))
        part = _changed(picture, reference)
        if part is None:
            continue
        left, top, right, bottom = part
        cut = np.ascontiguousarray(picture[top:bottom, left:right])
        known = _Known(picture, judged, left, top)
        # Where every frame is another one, the views take turns: what one misses, the other sees in the next frame.
        chosen = views if reference is None or total <= _FEW else [views[index % len(views)]]
        for each in told(cut, judge, _shifted(regions, left, top), chosen, known):
            moved = _moved(each, left, top)
            judged.append((moved, _patch(picture, moved.box)))
            if moved.label is not None:
                found.append(Seen(index, moved))
        reference = picture
    marks = [(mark, patch) for mark, patch in judged if mark.label is not None]
    return sorted({*found, *_carried(dataset, marks, total)}, key=lambda each: (each.frame, each.told.box))


class _Known:
    """What was judged in the frames before, and stands there still."""

    def __init__(self, picture: Image, judged: Sequence[tuple[Told, Image]], left: int, top: int) -> None:
        self._left, self._top = left, top
        self._still = [mark.box for mark, patch in judged if _like(_patch(picture, mark.box), patch, _STILL)]

    def __call__(self, box: Box) -> bool:
        """Tell whether a box, in the part of the frame that is searched, was judged before."""
        moved = (box[0] + self._left, box[1] + self._top, box[2] + self._left, box[3] + self._top)
        return any(overlap(moved, other) > 0.85 * area(moved) for other in self._still)


def _speckled(dataset: Dataset) -> bool:
    """Tell whether an image may have the texture of ultrasound."""
    return dataset.get("Modality") in ("US", "IVUS") or bool(dataset.get("SequenceOfUltrasoundRegions"))


def hinted(dataset: Dataset) -> list[Box]:
    """Return where the device says that the image proper is (Sequence of Ultrasound Regions)."""
    found = []
    for item in dataset.get("SequenceOfUltrasoundRegions") or ():
        try:
            left, top = int(item.RegionLocationMinX0), int(item.RegionLocationMinY0)
            found.append((left, top, int(item.RegionLocationMaxX1) + 1, int(item.RegionLocationMaxY1) + 1))
        except (AttributeError, TypeError, ValueError):
            continue
    return found


def _changed(picture: Image, reference: Image | None) -> Box | None:
    """Return the box around what differs from the frame that was searched last, None where nothing does."""
    if reference is None or reference.shape != picture.shape:
        return 0, 0, picture.shape[1], picture.shape[0]
    different = np.abs(picture.astype(np.int16) - reference).max(2) > _DIFFERENT
    rows, columns = np.flatnonzero(different.any(1)), np.flatnonzero(different.any(0))
    if not rows.size or different.sum() < 12:
        return None
    return (
        max(0, int(columns[0]) - _ROOM),
        max(0, int(rows[0]) - _ROOM),
        min(picture.shape[1], int(columns[-1]) + 1 + _ROOM),
        min(picture.shape[0], int(rows[-1]) + 1 + _ROOM),
    )


def _carried(dataset: Dataset, marks: Sequence[tuple[Told, Image]], total: int) -> Iterator[Seen]:
    """Yield each region in every frame that shows the same thing there."""
    if not marks:
        return
    for index in range(total):
        picture = display.plain(dataset, frames.frame(dataset, index))
        for mark, patch in marks:
            if _like(_patch(picture, mark.box), patch, _ALIKE):
                yield Seen(index, mark)


def _patch(picture: Image, box: Box) -> Image:
    left, top, right, bottom = box
    return np.asarray(picture[top:bottom, left:right].max(2))


def _like(one: Image, other: Image, least: float) -> bool:
    first, second = one.astype(np.float32).ravel(), other.astype(np.float32).ravel()
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first @ first) * (second @ second)))
    return scale > 0 and float(first @ second) / scale > least


def _moved(each: Told, left: int, top: int) -> Told:
    box = (each.box[0] + left, each.box[1] + top, each.box[2] + left, each.box[3] + top)
    return Told(box, each.label, each.score)


def _shifted(regions: Sequence[Box], left: int, top: int) -> list[Box]:
    return [(a - left, b - top, c - left, d - top) for a, b, c, d in regions]
