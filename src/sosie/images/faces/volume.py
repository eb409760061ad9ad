"""A volume of a series, or of a NIfTI file, in the axes of the patient; and the same voxels put back where they were.

Axes are those of DICOM: x to the left, y to the back, z to the head of the patient, in millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sosie.images.pixels import frames, store

if TYPE_CHECKING:
    from pydicom import Dataset

Mask = NDArray[np.bool_]
_MOST_OBLIQUE = 0.8
"""Cosine between an axis of the voxels and the axis of the patient that it is taken for: less is too oblique."""


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels in the axes of the patient.

    Parameters
    ----------
    voxels : array of float, shape (x, y, z)
        x grows to the left, y to the back, z to the head.
    spacing : tuple of float
        Millimetres between voxels.
    axes : tuple of int
        Which axis of the source is x, y and z.
    flips : tuple of bool
        Which of x, y and z run against the source.
    """

    voxels: NDArray[np.float32]
    spacing: tuple[float, float, float]
    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    def back(self, mask: Mask) -> Mask:
        """Return a mask of the volume in the axes of the source."""
        for axis, flip in enumerate(self.flips):
            if flip:
                mask = np.flip(mask, axis)
        return mask.transpose(np.argsort(self.axes))


def oriented(voxels: NDArray[Any], affine: NDArray[np.float64]) -> Volume | None:
    """Turn voxels into the axes of the patient, without interpolation; None where they are too oblique.

    Parameters
    ----------
    voxels : array, shape (i, j, k)
    affine : array, shape (4, 4)
        From indices to millimetres, in the axes of DICOM.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    if not spacing.all():
        return None
    cosines = affine[:3, :3] / spacing
    axes = tuple(int(np.abs(cosines[at]).argmax()) for at in range(3))
    if len(set(axes)) < 3 or any(abs(cosines[at, axes[at]]) < _MOST_OBLIQUE for at in range(3)):
        return None
    flips = tuple(bool(cosines[at, axes[at]] < 0) for at in range(3))
    turned = voxels.transpose(axes)
    for axis, flip in enumerate(flips):
        if flip:
            turned = np.flip(turned, axis)
    steps = tuple(float(spacing[axis]) for axis in axes)
    return Volume(np.ascontiguousarray(turned, np.float32), steps, axes, flips)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Stack:
    """The slices of a series in their order, each a frame of an instance.

    Parameters
    ----------
    slices : tuple
        Pairs of an instance and the number of a frame in it.
    affine : array, shape (4, 4)
        From (row, column, slice) to millimetres.
    """

    slices: tuple[tuple[Dataset, int], ...]
    affine: NDArray[np.float64]

    def voxels(self) -> NDArray[np.float32]:
        """Return stored values, rescaled (to Hounsfield units in CT), shape (rows, columns, slices)."""
        planes = []
        for dataset, index in self.slices:
            slope = float(dataset.get("RescaleSlope") or 1)
            samples = frames.frame(dataset, index).samples.astype(np.float32)
            planes.append(samples * slope + float(dataset.get("RescaleIntercept") or 0))
        return np.stack(planes, axis=2)

    def blank(self, mask: Mask) -> list[str]:
        """Overwrite voxels by what is around the head, in place, and return the notices of what had to change besides.

        Parameters
        ----------
        mask : array of bool, shape (rows, columns, slices)
        """
        notices: dict[str, None] = {}
        for dataset in {id(each): each for each, _ in self.slices}.values():
            edits = {
                index: _emptied(mask[:, :, at])
                for at, (each, index) in enumerate(self.slices)
                if each is dataset and mask[:, :, at].any()
            }
            notice = store.edit(dataset, edits)
            notices |= {notice: None} if notice else {}
        return list(notices)


def _emptied(mask: Mask) -> store.Edit:
    def change(samples: NDArray[Any]) -> None:
        # The darkest hundredth: air, whatever its value is.
        samples[mask] = np.sort(samples, axis=None)[samples.size // 100]

    return change


def stack(datasets: Sequence[Dataset]) -> Stack | None:
    """Put the slices of one series in order; None where they are no volume."""
    placed = [each for dataset in datasets for each in _placed(dataset)]
    if len(placed) < 2 or len({(each[0].Rows, each[0].Columns) for each in placed}) > 1:
        return None
    first = placed[0]
    if any(np.abs(each[3] - first[3]).max() > 0.01 for each in placed):
        return None
    normal = np.cross(first[3][:3], first[3][3:])
    placed.sort(key=lambda each: float(each[2] @ normal))
    steps = np.diff([float(each[2] @ normal) for each in placed])
    step = float(np.median(steps))
    if step <= 0.01 or np.abs(steps - step).max() > 0.5 * step + 0.1:
        return None
    affine = np.eye(4)
    rows, columns = first[4]
    # Along a column the row grows, and the other way round.
    affine[:3, 0], affine[:3, 1] = first[3][3:] * rows, first[3][:3] * columns
    affine[:3, 2], affine[:3, 3] = normal * step, placed[0][2]
    return Stack(tuple((each[0], each[1]) for each in placed), affine)


def _placed(dataset: Dataset) -> list[tuple[Dataset, int, NDArray[Any], NDArray[Any], tuple[float, float]]]:
    """Return the frames of an instance that say where they are."""
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [None])[0]
    groups = dataset.get("PerFrameFunctionalGroupsSequence") or [None] * max(1, frames.count(dataset))
    found = []
    for index, group in enumerate(groups):
        try:
            position = _said((group, shared, dataset), "PlanePositionSequence", "ImagePositionPatient")
            directions = _said((group, shared, dataset), "PlaneOrientationSequence", "ImageOrientationPatient")
            spacing = _said((group, shared, dataset), "PixelMeasuresSequence", "PixelSpacing")
        except (TypeError, ValueError):
            continue
        if position is None or directions is None or spacing is None or len(directions) != 6:
            continue
        found.append((dataset, index, position, directions, (float(spacing[0]), float(spacing[1]))))
    return found


def _said(places: Sequence[Dataset | None], sequence: str, name: str) -> NDArray[np.float64] | None:
    """Look a value up in the functional groups of a frame, then in those of all, then in the dataset itself."""
    for place in places:
        if place is None:
            continue
        items = place.get(sequence) or [place]
        value = items[0].get(name)
        if value is not None:
            return np.array([float(part) for part in value])
    return None
