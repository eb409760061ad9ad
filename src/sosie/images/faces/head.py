"""A head in a volume: whether there is one, where its surface is, where its face begins.

The face of a head that looks to the front lies below the bridge of the nose: in profile, the hollow above the most
prominent point. Nothing is learned and nothing registered, so that nothing has to be fetched; what does not look like a
head is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosie.images.faces.volume import Mask, Volume

GRID = 3.0
"""Millimetres of the grid on which the head is looked at."""
_AIR = -350.0
_WIDTHS, _LENGTHS = (100.0, 215.0), (120.0, 270.0)
"""Millimetres from side to side, and from front to back, that a head can have."""
_LEAST_HEIGHT = 70.0
_STRIPPED = 0.4


@dataclass(frozen=True, eq=False)
class Head:
    """A head on a coarse grid.

    Parameters
    ----------
    mask : array of bool, shape (x, y, z)
        All that is inside its surface, on the grid.
    bridge : tuple of float
        Millimetres (y, z) of the bridge of the nose, from the corner of the volume.
    middle : float
        Millimetres (x) of the midline.
    length : float
        Millimetres from front to back.
    sure : bool
        Whether a nose was seen; otherwise the bridge is where it usually is.
    """

    mask: Mask
    bridge: tuple[float, float]
    middle: float
    length: float
    sure: bool


def find(volume: Volume, modality: str) -> Head | None:
    """Return the head in a volume, None where there is none."""
    mask = surface(volume, modality)
    if mask is None:
        return None
    top = _top(mask)
    if top is None:
        return None
    level = top - round(60 / GRID)
    if level < 0:
        return None
    x, y = _extent(mask[:, :, level].any(1)), _extent(mask[:, :, level].any(0))
    width, length = (x[1] - x[0]) * GRID, (y[1] - y[0]) * GRID
    if not (_WIDTHS[0] < width < _WIDTHS[1] and _LENGTHS[0] < length < _LENGTHS[1] and length > 0.95 * width):
        return None
    if (top - _extent(mask.any((0, 1)))[0]) * GRID < _LEAST_HEIGHT:
        return None
    middle = (x[0] + x[1]) / 2
    bridge, sure = _bridge(mask, top, middle, length)
    if not sure and modality != "CT" and _stripped(volume):
        return None
    return Head(mask, bridge, middle * GRID, length, sure)


def _stripped(volume: Volume) -> bool:
    """Tell whether a program has taken away what is around the brain already: all of it has one value."""
    return float((volume.voxels == volume.voxels.min()).mean()) > _STRIPPED


def surface(volume: Volume, modality: str) -> Mask | None:
    """Return what is inside the surface of the body, on the grid; None where there is none."""
    from scipy import ndimage

    factors = [step / GRID for step in volume.spacing]
    coarse = ndimage.zoom(volume.voxels, factors, order=1, grid_mode=True, mode="nearest")
    level = _AIR if modality == "CT" else _between(coarse)
    tissue = ndimage.binary_opening(ndimage.gaussian_filter(coarse, 0.7) > level, iterations=1)
    labels, number = ndimage.label(tissue)
    if not number:
        return None
    largest = labels == 1 + int(np.argmax(ndimage.sum_labels(tissue, labels, range(1, number + 1))))
    closed = ndimage.binary_closing(np.pad(largest, 5), iterations=4)[5:-5, 5:-5, 5:-5] | largest
    for at in range(closed.shape[2]):
        closed[:, :, at] = ndimage.binary_fill_holes(closed[:, :, at])
    return np.asarray(closed)


def _between(values: NDArray[np.float32]) -> float:
    """Return a level between air and tissue (Otsu 1979), lowered: skin is fainter than brain."""
    low, high = np.percentile(values, (1, 99))
    counts, edges = np.histogram(np.clip(values, low, high), 128)
    centres = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts).astype(float)
    above = below[-1] - below
    mean = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (mean / below - (mean[-1] - mean) / above) ** 2
    level = float(centres[int(np.nanargmax(apart[:-1]))])
    return float(low) + 0.5 * (level - float(low))


def _top(mask: Mask) -> int | None:
    """Return the slice of the vertex; None where the volume ends before it."""
    areas = mask.sum((0, 1)) * GRID**2
    filled = np.flatnonzero(areas > 200)
    if not filled.size:
        return None
    top = int(filled[-1])
    # A head that is cut off a little above the brows still has its face.
    return top if areas[top] < 0.8 * areas.max() else None


def _extent(line: Any) -> tuple[int, int]:
    at = np.flatnonzero(line)
    return (int(at[0]), int(at[-1]) + 1) if at.size else (0, 0)


def _bridge(mask: Mask, top: int, middle: float, length: float) -> tuple[tuple[float, float], bool]:
    """Return where the bridge of the nose is (y, z in millimetres), and whether a nose was seen."""
    half = round(9 / GRID)
    strip = mask[max(0, int(middle) - half) : int(middle) + half + 1].any(0)
    front = np.where(strip.any(0), strip.argmax(0), strip.shape[0]).astype(float)
    usual = top - round(0.52 * length / GRID)
    low, high = max(0, top - round(0.95 * length / GRID)), max(1, top - round(0.45 * length / GRID))
    if high - low > round(20 / GRID):
        tip = low + int(front[low:high].argmin())
        above = slice(min(tip + round(25 / GRID), top), min(tip + round(65 / GRID), top))
        hollow = front[above]
        if hollow.size:
            # The last place before the forehead comes forward again.
            deepest = above.start + int(np.flatnonzero(hollow == hollow[: round(30 / GRID)].max())[0])
            if front[deepest] - front[tip] >= 4 / GRID and deepest <= top - round(0.35 * length / GRID):
                return (float(front[deepest]) * GRID, float(deepest) * GRID), True
    at = int(np.clip(usual, 0, strip.shape[1] - 1))
    return (float(min(front[at], strip.shape[0] - 1)) * GRID, float(at) * GRID), False
