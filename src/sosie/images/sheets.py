"""Small pictures of what was masked, before and after, for a human who checks it.

What they show before identifies: they never lie in the copy.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sosie.images.answer import Sheet
from sosie.images.finding import BoxFinding

if TYPE_CHECKING:
    import numpy as np
    from pydicom import Dataset

    Pixels = np.ndarray[Any, np.dtype[Any]]

FRAMES, MARGIN, WIDEST = 3, 24, 640
"""Frames of an image that are drawn; pixels around what is masked; pixels of a small picture."""


@dataclass(frozen=True)
class Draft:
    """A region before it is masked."""

    frame: int
    labels: tuple[str, ...]
    region: tuple[slice, slice]
    levels: tuple[float, float]
    before: str


def before(dataset: Dataset, boxes: Sequence[BoxFinding]) -> list[Draft]:
    """Draw the regions of the first frames in which something is going to be masked."""
    import numpy as np

    by_frame: dict[int, list[BoxFinding]] = defaultdict(list)
    for box in boxes:
        by_frame[box.frame].append(box)
    drafts = []
    for frame in sorted(by_frame)[:FRAMES]:
        pixels = _frame(dataset, frame)
        some = by_frame[frame]
        left, top = min(box.box[0] for box in some), min(box.box[1] for box in some)
        right, bottom = max(box.box[2] for box in some), max(box.box[3] for box in some)
        rows = slice(max(0, top - MARGIN), bottom + MARGIN)
        region = rows, slice(max(0, left - MARGIN), right + MARGIN)
        low, high = np.percentile(pixels, (0.5, 99.9))
        levels = (0.0, 255.0) if pixels.ndim == 3 and pixels.dtype == np.uint8 else (float(low), float(high))
        labels = tuple(sorted({box.label for box in some}))
        drafts.append(Draft(frame, labels, region, levels, _drawn(pixels, region, levels)))
    return drafts


def after(dataset: Dataset, drafts: Sequence[Draft]) -> list[Sheet]:
    """Draw the same regions again, masked."""
    return [
        Sheet(each.frame, each.labels, each.before, _drawn(_frame(dataset, each.frame), each.region, each.levels))
        for each in drafts
    ]


def _frame(dataset: Dataset, frame: int) -> Pixels:
    from pydicom.pixels.utils import pixel_array

    return pixel_array(dataset, index=frame)


def _drawn(pixels: Pixels, region: tuple[slice, slice], levels: tuple[float, float]) -> str:
    import numpy as np
    from PIL import Image

    low, high = levels
    part = (pixels[region].astype(np.float32) - low) * (255 / max(high - low, 1e-6))
    picture = Image.fromarray(np.clip(part, 0, 255).astype(np.uint8))
    picture.thumbnail((WIDEST, WIDEST))
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
