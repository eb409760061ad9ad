"""Faces in head CT and MR: found in a volume, taken away, and measured: the face is gone, the brain is as it was.

A series of DICOM slices or a NIfTI volume comes in; the voxels in front of a surface behind nose, mouth and eyelids are
emptied in place. The surface stays in front of the brain: it is laid by the bridge of the nose, at the level of
the floor of the brain, and falls back below it (after the geometry of Bischoff-Grethe et al. 2007, without its atlas).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sosie.images.finding import BoxFinding

if TYPE_CHECKING:
    from pydicom import Dataset

    from sosie.images.faces.head import Head
    from sosie.images.faces.volume import Mask, Volume

__all__ = ["Defaced", "array", "series"]

MODALITIES = frozenset({"CT", "MR"})
_FEWEST = 12
_BEHIND, _SLOPE, _DEEPEST = 14.0, 0.5, 50.0
"""Millimetres behind the bridge of the nose where the surface starts, how fast it falls back, and how far at most."""
_BROWS, _SKIN, _ASIDE = 22.0, 9.0, 0.3
"""Millimetres above the bridge up to which brows and lids are taken, how deep; and how far from the midline, as a share
of the length of the head."""
_NEAR = 4.5
_POLES = 38.0
"""Millimetres behind the bridge of the nose where the temporal lobes begin, which reach below it."""
LEAST_GONE, LEAST_KEPT = 0.9, 0.999
"""Shares of the face's surface that must be gone, and of the brain that must be as it was, for a face to count as taken
away."""


@dataclass(frozen=True)
class Defaced:
    """What was done to a volume.

    Parameters
    ----------
    gone : float
        Share of the surface of the face that is no longer a surface.
    kept : float
        Share of the voxels deep in the head, above the face, that are as they were.
    nose : bool
        Whether a nose was seen; if not, the face was cut where it usually is.
    findings : mapping of int to list of BoxFinding
        By place of the instance in the series.
    notices : tuple of str
        What had to change besides.
    """

    gone: float
    kept: float
    nose: bool
    findings: dict[int, list[BoxFinding]]
    notices: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the face is gone and the brain is there."""
        return self.gone >= LEAST_GONE and self.kept >= LEAST_KEPT


def series(datasets: Sequence[Dataset]) -> Defaced | None:
    """Take the face away from the slices of one series, in place.

    Parameters
    ----------
    datasets : sequence of Dataset
        All instances of one series, in any order.

    Returns
    -------
    Defaced or None
        None where there is no head with a face in it.

    Raises
    ------
    UnreadableError
        When the pixels cannot be decoded.
    """
    from sosie.images.faces import head, volume

    modality = str(datasets[0].get("Modality") or "") if datasets else ""
    if modality not in MODALITIES or any(int(each.get("SamplesPerPixel") or 1) > 1 for each in datasets):
        return None
    stack = volume.stack(datasets)
    if stack is None or len(stack.slices) < _FEWEST:
        return None
    turned = volume.oriented(stack.voxels(), stack.affine)
    found = None if turned is None else head.find(turned, modality)
    if turned is None or found is None:
        return None
    face = _face(turned, found)
    here = turned.back(face)
    gone, kept = _quality(turned, found, face)
    findings: dict[int, list[BoxFinding]] = {}
    places = {id(dataset): at for at, dataset in enumerate(datasets)}
    for at, (dataset, index) in enumerate(stack.slices):
        if here[:, :, at].any():
            findings.setdefault(places[id(dataset)], []).append(_finding(here[:, :, at], index, gone))
    return Defaced(gone, kept, found.sure, findings, tuple(stack.blank(here)))


def array(voxels: NDArray[Any], affine: NDArray[np.float64], modality: str = "MR") -> Defaced | None:
    """Take the face away from a NIfTI volume, in place.

    Parameters
    ----------
    voxels : array, shape (i, j, k)
        Hounsfield units in CT.
    affine : array, shape (4, 4)
        As NIfTI has it: x to the right, y to the front.
    modality : str
        ``CT`` or ``MR``.
    """
    from sosie.images.faces import head, volume

    if voxels.ndim != 3:
        return None
    turned = volume.oriented(voxels, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)
    found = None if turned is None else head.find(turned, modality)
    if turned is None or found is None:
        return None
    face = _face(turned, found)
    gone, kept = _quality(turned, found, face)
    voxels[turned.back(face)] = np.percentile(voxels, 1).astype(voxels.dtype)
    return Defaced(gone, kept, found.sure, {})


def _face(volume: Volume, head: Head) -> Mask:
    """Return what is in front of the surface: below the bridge of the nose, and the further back the lower."""
    y = (np.arange(volume.voxels.shape[1]) + 0.5) * volume.spacing[1]
    z = (np.arange(volume.voxels.shape[2]) + 0.5) * volume.spacing[2]
    scale = head.length / 190
    below = head.bridge[1] - z
    cut = head.bridge[0] + scale * _BEHIND + np.clip(below * _SLOPE, 0, scale * _DEEPEST)
    front = (y[:, None] < cut[None, :]) & (below > 0)[None, :]
    return np.asarray(front[None] | _lids(volume, head, scale))


def _lids(volume: Volume, head: Head, scale: float) -> Mask:
    """Return the skin of brows, lids and cheeks, where the brain is too near for more."""
    from sosie.images.faces.head import GRID

    front = np.where(head.mask.any(1), head.mask.argmax(1), head.mask.shape[1]) * GRID
    x, y, z = ((np.arange(size) + 0.5) * step for size, step in zip(volume.voxels.shape, volume.spacing, strict=True))
    places = [np.minimum((each / GRID).astype(int), size - 1) for each, size in zip((x, z), front.shape, strict=True)]
    skin = front[np.ix_(*places)]
    near = (np.abs(x - head.middle) < _ASIDE * head.length)[:, None] & (skin < head.bridge[0] + 30 * scale)
    near &= ((z < head.bridge[1] + _BROWS * scale) & (z > head.bridge[1] - 0.6 * head.length))[None, :]
    return np.asarray((y[None, :, None] < skin[:, None, :] + _SKIN * scale) & near[:, None, :])


def _quality(volume: Volume, head: Head, face: Mask) -> tuple[float, float]:
    """Return the share of the face's surface that is gone, and the share of what is deep in the head that is kept."""
    from scipy import ndimage

    from sosie.images.faces.head import GRID

    removed = np.asarray(
        ndimage.zoom(face.astype(np.float32), np.array(volume.spacing) / GRID, order=1, grid_mode=True, mode="nearest")
        > 0.5
    )
    after = head.mask & ~removed
    x, y, z = (np.arange(size) * GRID for size in head.mask.shape)
    skin = head.mask & ~ndimage.binary_erosion(head.mask, border_value=1)
    facing = (
        (np.abs(x - head.middle) < 0.26 * head.length)[:, None, None]
        & (y < head.bridge[0] + 15)[None, :, None]
        & ((z < head.bridge[1] + 15) & (z > head.bridge[1] - 0.6 * head.length))[None, None, :]
    )
    before = skin & facing
    left = ndimage.distance_transform_edt(~(after & ~ndimage.binary_erosion(after, border_value=1))) * GRID <= _NEAR
    gone = 1.0 if not before.any() else 1 - float((before & left).sum()) / float(before.sum())
    deep = ndimage.binary_erosion(head.mask, iterations=round(15 / GRID), border_value=1)
    scale = head.length / 190
    deep[:, :, z < head.bridge[1] - 25 * scale] = False
    deep[:, (y < head.bridge[0] + _POLES * scale)[:, None] & (z < head.bridge[1])[None, :]] = False
    kept = 1.0 if not deep.any() else 1 - float((deep & removed).sum()) / float(deep.sum())
    return gone, kept


def _finding(mask: Mask, frame: int, score: float) -> BoxFinding:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return BoxFinding(frame, box, "FACE", "defaced", round(score, 3))
