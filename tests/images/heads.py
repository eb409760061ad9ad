"""Heads that are nobody's: an ellipsoid for the skull, one for the brain, and a nose, eyes and chin in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from benchmarks.burned import dataset


@dataclass(frozen=True, eq=False)
class Phantom:
    """Values, shape (x, y, z) in the axes of DICOM; and what of them is brain, and what face."""

    values: NDArray[np.float64]
    brain: NDArray[np.bool_]
    face: NDArray[np.bool_]
    spacing: float


def phantom(modality: str, spacing: float = 2.0, seed: int = 1, size: float = 1.0) -> Phantom:
    """Draw a head of 190 mm (times a size) from front to back, that looks to the front, with a neck."""
    rng = np.random.default_rng(seed)
    grid = np.arange(0, 260, spacing)
    x, y, z = np.meshgrid(grid - 130, grid - 130, grid - 150, indexing="ij")
    x, y, z = x / size, y / size, z / size
    skull = (x / 75) ** 2 + (y / 95) ** 2 + (z / 95) ** 2 < 1
    jaw = (np.abs(x) < 50) & (y > -82) & (y < 10) & (z < -10) & (z > -120)
    nose = (np.abs(x) < 14) & (y < -70) & (y > -92 - 0.5 * (-15 - z)) & (z < -15) & (z > -55)
    chin = (x / 25) ** 2 + ((y + 80) / 15) ** 2 + ((z + 105) / 15) ** 2 < 1
    hollow = (np.abs(x) < 45) & (y < -84) & (z < 2) & (z > -16)
    neck = (x / 55) ** 2 + ((y - 20) / 60) ** 2 < 1
    head = ((skull & ~hollow) | jaw | nose | chin | (neck & (z < -60))) & (z > -145)
    brain = ((x / 64) ** 2 + ((y - 3) / 80) ** 2 + ((z - 8) / 72) ** 2 < 1) & (z > -45)
    brain &= ~((y < -35) & (z < -5))
    bone = skull & ~((x / 68) ** 2 + (y / 86) ** 2 + (z / 86) ** 2 < 1) & (z > -10)
    air, tissue, grey, hard = (-1000, 40, 35, 900) if modality == "CT" else (5, 180, 320, 60)
    values = np.where(head, tissue, air).astype(float)
    values[bone], values[brain] = hard, grey
    values += rng.normal(0, 8, values.shape)
    face = (nose | chin | (jaw & (y < -74) & (np.abs(x) < 40))) & head
    return Phantom(values, brain, face, spacing)


def slices(head: Phantom, modality: str) -> list[Dataset]:
    """Store a head as axial slices, from the head to the feet."""
    made = []
    for at in reversed(range(head.values.shape[2])):
        plane = head.values[:, :, at].T
        image = dataset(np.zeros(plane.shape), modality, 16)
        intercept = -1024 if modality == "CT" else 0
        image.PixelData = np.clip(plane - intercept, 0, 65535).round().astype("<u2").tobytes()
        image.RescaleIntercept, image.RescaleSlope = intercept, 1
        image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        image.ImagePositionPatient = [0, 0, at * head.spacing]
        image.PixelSpacing = [head.spacing, head.spacing]
        made.append(image)
    return made
