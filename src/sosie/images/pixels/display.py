"""What a person sees in stored samples, for the networks: eight bits, all that stands out kept visible.

Two views leave: `plain`, where anatomy gets most of the range and what is beyond it (text at the highest value) the
rest, and `local`, where each place gets the whole range, so that text of little contrast stands out. For speckle there
is `bright`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sosie.images.pixels.frames import Frame, Samples
from sosie.images.pixels.reader import Image

if TYPE_CHECKING:
    from pydicom import Dataset

_DARK, _BRIGHT = 12.0, 235.0
_SAMPLE = 40_000
_SPECKLE = 0.7
"""Pixels over which noise is evened out."""
_AROUND = 12.0
"""Pixels around a place by which its contrast is judged."""


def plain(dataset: Dataset, frame: Frame) -> Image:
    """Return a frame as a picture.

    Returns
    -------
    array of uint8, shape (rows, columns, 3)
    """
    if frame.samples.ndim == 3:
        return _coloured(dataset, frame)
    if frame.photometric == "PALETTE COLOR":
        return _looked_up(dataset, frame.samples)
    return _grey(stretched(frame.samples))


def local(picture: Image, smooth: bool = True) -> Image:
    """Return a picture in which contrast is the same everywhere.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    smooth : bool
        Whether noise is evened out first; small faint letters are as well.
    """
    import cv2

    # The brightest channel: blue text on black is nearly black as a grey.
    grey = picture.max(2).astype(np.float32)
    if smooth:
        grey = cv2.GaussianBlur(grey, (0, 0), _SPECKLE)
    mean = cv2.GaussianBlur(grey, (0, 0), _AROUND)
    spread = np.sqrt(cv2.GaussianBlur((grey - mean) ** 2, (0, 0), _AROUND))
    return _grey(np.clip(128 + 45 * (grey - mean) / (spread + 4), 0, 255).astype(np.uint8))


def bright(picture: Image) -> Image:
    """Return a picture in which little but the brightest is left: letters on speckle.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns, 3)
    """
    import cv2

    smooth = cv2.GaussianBlur(picture.max(2).astype(np.float32), (0, 0), _SPECKLE)
    return _grey((smooth * smooth / 255).astype(np.uint8))


def stretched(samples: Samples) -> Image:
    """Bring stored values to eight bits: the middle 99 % get most of them, monotonously.

    Parameters
    ----------
    samples : array, shape (rows, columns)
    """
    values = samples.astype(np.float32)
    if not np.isfinite(values).all():
        values = np.nan_to_num(values, posinf=0, neginf=0)
    lowest, highest = float(values.min()), float(values.max())
    if lowest == highest:
        return np.zeros(values.shape, np.uint8)
    some = values.ravel()[:: max(1, values.size // _SAMPLE)]
    # A border of one value (padding, the dark around a patient) would take all the room.
    inner = some[(some > lowest) & (some < highest)]
    low, high = np.percentile(inner if inner.size > some.size // 50 else some, (0.5, 99.5))
    points = np.array([lowest, low, high, highest])
    shades = np.array([0.0, _DARK if low > lowest else 0.0, _BRIGHT if high < highest else 255.0, 255.0])
    keep = np.r_[True, np.diff(points) > 0]
    keep[:-1] &= points[:-1] < highest
    keep[-1] = True
    mapped: NDArray[np.float64] = np.interp(values.astype(np.float64), points[keep], shades[keep])
    return mapped.astype(np.uint8)


def _coloured(dataset: Dataset, frame: Frame) -> Image:
    samples = frame.samples[..., :3]
    if samples.dtype.itemsize > 1:
        bits = max(8, int(dataset.get("BitsStored") or 8 * samples.dtype.itemsize))
        samples = np.clip(samples >> (bits - 8), 0, 255) if samples.dtype.kind in "iu" else samples
    picture = np.ascontiguousarray(samples.astype(np.uint8))
    if frame.photometric.startswith("YBR_FULL"):
        from pydicom.pixels.processing import convert_color_space

        return convert_color_space(picture, "YBR_FULL", "RGB").astype(np.uint8)
    return picture


def _looked_up(dataset: Dataset, samples: Samples) -> Image:
    from pydicom.pixels.processing import apply_color_lut

    try:
        coloured = apply_color_lut(samples, dataset)
    except Exception:  # A palette that is missing or broken: what is stored is all that can be shown.
        return _grey(stretched(samples))
    shift = 8 * (coloured.dtype.itemsize - 1)
    return np.ascontiguousarray((coloured >> shift)[..., :3].astype(np.uint8))


def _grey(shades: Image) -> Image:
    return np.repeat(shades[..., None], 3, axis=2)
