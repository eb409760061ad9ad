"""Stored values that take the place of a text: of its surroundings, so that nothing of it can be told."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sosie.images.pixels.frames import Samples
from sosie.images.pixels.lines import Box

_RING = 4


def fill(samples: Samples, boxes: Iterable[Box], coded: bool = False) -> None:
    """Overwrite regions in place, each with one value that stands around it.

    Parameters
    ----------
    samples : array, shape (rows, columns) or (rows, columns, channels)
        As stored.
    boxes : iterable of box
    coded : bool
        Whether values are codes (of a palette, of a segment) that have no middle.
    """
    wanted = list(boxes)
    covered = np.zeros(samples.shape[:2], bool)
    for left, top, right, bottom in wanted:
        covered[top:bottom, left:right] = True
    shades = [_around(samples, covered, box, coded) for box in wanted]
    for (left, top, right, bottom), shade in zip(wanted, shades, strict=True):
        samples[top:bottom, left:right] = shade


def _around(samples: Samples, covered: np.ndarray, box: Box, coded: bool) -> Samples:
    """Return the value in the middle of those around a box, other texts left out; a value that occurs."""
    left, top, right, bottom = box
    low, high = (max(0, top - _RING), max(0, left - _RING)), (bottom + _RING, right + _RING)
    part = samples[low[0] : high[0], low[1] : high[1]]
    free = part[~covered[low[0] : high[0], low[1] : high[1]]]
    if not len(free):
        free = samples[~covered] if not covered.all() else samples.reshape(-1, *samples.shape[2:])
        return np.asarray(free.min(0))
    if coded:
        values, counts = np.unique(free, axis=0, return_counts=True)
        return np.asarray(values[counts.argmax()])
    return np.asarray(np.sort(free, axis=0)[(len(free) - 1) // 2])
