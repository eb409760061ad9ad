"""The stored samples of an image, frame by frame, whatever its transfer syntax.

A dataset comes in; arrays of stored values leave (no window, no colour transform), channels last. What no codec
reads is refused: pixels that nobody saw are not passed on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sosie.errors import UnreadableError
from sosie.images.pixels import codecs

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

Samples = NDArray[Any]
ELEMENTS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame.

    Parameters
    ----------
    samples : array, shape (rows, columns) or (rows, columns, channels)
        As stored.
    photometric : str
        What the samples are after decompression.
    """

    samples: Samples
    photometric: str


def element(dataset: Dataset) -> str | None:
    """Return the keyword of the element that holds the pixels, None where there are none."""
    return next((name for name in ELEMENTS if dataset.get(name)), None)


def count(dataset: Dataset) -> int:
    """Return the number of frames."""
    if element(dataset) is None:
        return 0
    try:
        return max(1, int(dataset.get("NumberOfFrames") or 1))
    except (TypeError, ValueError):
        return 1


def syntax(dataset: Dataset) -> UID:
    """Return the transfer syntax; where the file names none, the one by which it was read."""
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    meta = getattr(dataset, "file_meta", None)
    named: UID | None = None if meta is None else meta.get("TransferSyntaxUID")
    if named:
        return named
    implicit, little = dataset.original_encoding
    if implicit or implicit is None:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little or little is None else ExplicitVRBigEndian


def frame(dataset: Dataset, index: int) -> Frame:
    """Return a frame.

    Raises
    ------
    UnreadableError
        When no codec reads it.
    """
    from pydicom.pixels.decoders.base import get_decoder

    codecs.register()
    try:
        decoder = get_decoder(syntax(dataset))
        samples, described = decoder.as_array(_described(dataset), index=index, raw=True, validate=True)
    except Exception as problem:  # Codecs fail in as many ways as there are of them.
        raise UnreadableError("", f"the pixels of frame {index} cannot be decoded ({type(problem).__name__})") from None
    return Frame(samples, str(described["photometric_interpretation"]))


def _described(dataset: Dataset) -> Dataset:
    """Return the dataset with what old files leave out of the description of their pixels."""
    from pydicom.dataset import Dataset as Plain

    filled = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelRepresentation": 0,
        "BitsStored": dataset.get("BitsAllocated", 8),
    }
    missing = {name: value for name, value in filled.items() if dataset.get(name) is None}
    if dataset.get("SamplesPerPixel", 1) > 1 and dataset.get("PlanarConfiguration") is None:
        missing["PlanarConfiguration"] = 0
    if not missing:
        return dataset
    view = Plain(dataset)
    view.file_meta = dataset.file_meta
    for name, value in missing.items():
        setattr(view, name, value)
    return view
