"""Pictures of a cohort, side by side in memory: what an encoder reads and a decoder makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Rows

Singles = NDArray[np.float32]
Levels = NDArray[np.integer] | NDArray[np.floating]
NARROW, WIDE = 0.005, 0.995


@dataclass(frozen=True)
class Pictures:
    """Pictures, whose they are and of which class.

    Parameters
    ----------
    pixels : ndarray of float32, shape (pictures, side, side)
        Tones from 0 (black) to 1 (white).
    patient : ndarray of int64, shape (pictures,)
        Number of the patient, from 0.
    patients : int
        Number of patients, those without a picture included.
    label : ndarray of int64, shape (pictures,)
        Class of the picture, a number in ``labels``.
    labels : tuple of str
        Names of the classes (a view, a modality, a part of the body): what a user wants to tell apart.
    """

    pixels: Singles
    patient: Rows
    patients: int
    label: Rows
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def counts(self) -> Rows:
        """Pictures of each patient and class, shape (patients, classes)."""
        found = np.zeros((self.patients, len(self.labels)), dtype=np.int64)
        np.add.at(found, (self.patient, self.label), 1)
        return found

    @property
    def weights(self) -> Floats:
        """Weight of each picture, so that every patient who has some weighs the same; their sum is 1."""
        whole = 1.0 / np.bincount(self.patient, minlength=self.patients)[self.patient]
        return np.asarray(whole / max(whole.sum(), 1e-12))

    def of(self, chosen: Rows) -> Pictures:
        """Return the pictures of some patients, who are numbered from 0 in the order given."""
        number = np.full(self.patients, -1)
        number[chosen] = np.arange(len(chosen))
        kept = number[self.patient] >= 0
        whose = number[self.patient[kept]]
        return Pictures(self.pixels[kept], whose, len(chosen), self.label[kept], self.labels)


def toned(levels: Levels, side: int, *, inverted: bool = False) -> Singles:
    """Return one picture of ``side`` pixels a side with tones from 0 to 1, whatever its size, depth and units.

    The whole picture is kept and its proportions are not: a decoder knows one shape.

    Parameters
    ----------
    levels : ndarray, shape (rows, columns) or (rows, columns, colours)
    side : int
    inverted : bool
        Whether high levels are dark (MONOCHROME1).
    """
    from PIL import Image

    grey = np.asarray(levels, dtype=np.float32)
    if grey.ndim == 3:
        grey = grey[..., :3].mean(axis=-1)
    if levels.dtype == np.uint8:
        low, high = 0.0, 255.0
    else:
        low, high = (float(level) for level in np.quantile(grey, [NARROW, WIDE]))
    tones = np.clip((grey - low) / max(high - low, 1e-6), 0.0, 1.0)
    drawn = Image.fromarray(1.0 - tones if inverted else tones).resize((side, side), Image.Resampling.BOX)
    return np.asarray(drawn, dtype=np.float32)


def gathered(
    pixels: Sequence[Singles], patients: Sequence[str], classes: Sequence[str], least: int
) -> tuple[Pictures, tuple[str, ...]]:
    """Number the patients and the classes of some pictures, and return the keys of the patients.

    A class of fewer than ``least`` patients joins the others that are as rare, under the name ``other``.
    """
    keys = tuple(dict.fromkeys(patients))
    number = {key: at for at, key in enumerate(keys)}
    owners = {name: {key for key, one in zip(patients, classes, strict=True) if one == name} for name in set(classes)}
    named = [name if len(owners[name]) >= least else "other" for name in classes]
    labels = tuple(sorted(set(named)))
    whose = np.array([number[key] for key in patients], dtype=np.int64)
    label = np.array([labels.index(name) for name in named], dtype=np.int64)
    return Pictures(np.stack(pixels), whose, len(keys), label, labels), keys
