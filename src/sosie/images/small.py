"""One image of a source, small: its tones on a square, whose it is, and of which class.

An image with its bytes enters; what a cohort of pictures needs of it leaves. Of a volume or a film the middle picture
stands for all. No header stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sosie.errors import UnreadableError
from sosie.images import source
from sosie.images.pictures import Singles, toned
from sosie.images.reading import text_of
from sosie.images.source import Item, nifti, picture
from sosie.images.worker import fits, quiet

if TYPE_CHECKING:
    from pydicom import Dataset

SIDE = 64
_WORDS = ("Modality", "BodyPartExamined", "ViewPosition")


@dataclass(frozen=True)
class Small:
    """One picture.

    Parameters
    ----------
    name : str
        Of the file, relative to the source.
    pixels : ndarray of float32, shape (SIDE, SIDE)
    patient : str
        Patient key of the header; empty where there is none.
    kind : str
        Class that the header tells; empty where it tells none.
    middle : bool
        Whether it is the middle picture of several.
    dicom : bool
    """

    name: str
    pixels: Singles
    patient: str = ""
    kind: str = ""
    middle: bool = False
    dicom: bool = False


def small(item: Item) -> Small | None:
    """Read an image; None where there is no picture in it.

    Raises
    ------
    UnreadableError
        When it is damaged.
    """
    with quiet():
        try:
            if item.kind == "dicom":
                return _instance(item)
            if item.kind == "nifti":
                levels, several = nifti.middle(item.load())
                return Small(item.name, toned(levels, SIDE), middle=several)
            if item.kind == "picture":
                frames = picture.read(item.load()).frames
                levels = frames[len(frames) // 2]
                return Small(item.name, toned(levels, SIDE), middle=len(frames) > 1)
        except UnreadableError:
            raise
        except Exception as error:  # what damaged files make readers raise; its words could quote the file
            raise UnreadableError("image", f"cannot be read ({type(error).__name__})") from None
    return None


def _instance(item: Item) -> Small | None:
    from sosie.images.pixels import frames

    dataset = source.parse(item.load())
    total = frames.count(dataset)
    if not total:
        return None
    fits(dataset)
    levels = _levels(dataset, total // 2)
    kind = " ".join(word for word in (text_of(dataset, name) for name in _WORDS) if word)
    inverted = text_of(dataset, "PhotometricInterpretation") == "MONOCHROME1"
    tones = toned(levels, SIDE, inverted=inverted)
    return Small(item.name, tones, text_of(dataset, "PatientID"), kind, total > 1, dicom=True)


def _levels(dataset: Dataset, index: int) -> np.ndarray:
    """Return the levels of a frame: of a picture in shades of grey in its units, of one in colour as it is seen."""
    from pydicom.pixels.processing import apply_modality_lut

    from sosie.images.pixels import display, frames

    frame = frames.frame(dataset, index)
    if frame.samples.ndim == 3 or frame.photometric == "PALETTE COLOR":
        return display.plain(dataset, frame)
    return np.asarray(apply_modality_lut(frame.samples, dataset), dtype=np.float64)
