"""A picture as a data set, so that what examines the pixels of DICOM examines it too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sosie.images.finding import BoxFinding
from sosie.stream import Fact

if TYPE_CHECKING:
    import numpy as np
    from pydicom import Dataset

_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary Capture Image Storage."""


def of(pixels: np.ndarray[Any, Any], key: str, facts: Sequence[Fact]) -> Dataset:
    """Return a data set that shows a picture.

    Parameters
    ----------
    pixels : array of shape (rows, columns) or (rows, columns, channels)
        Channels of transparency are left out.
    key : str
        Patient key.
    facts : sequence of Fact
        What the tables say of the patient.
    """
    import numpy as np
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    seen = pixels if pixels.ndim == 2 else pixels[..., 0] if pixels.shape[2] < 3 else pixels[..., :3]
    if seen.dtype not in (np.uint8, np.uint16):
        seen = _levels(seen)
    dataset = FileDataset("", {}, preamble=bytes(128), file_meta=FileMetaDataset(), is_implicit_VR=False)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = _CAPTURE, "2.25.0"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.Modality = "OT"
    dataset.PatientID = key[:64]
    _describe(dataset, facts)
    dataset.Rows, dataset.Columns = seen.shape[:2]
    dataset.SamplesPerPixel = 1 if seen.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if seen.ndim == 2 else "RGB"
    if seen.ndim == 3:
        dataset.PlanarConfiguration = 0
    bits = 8 * seen.dtype.itemsize
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    data = np.ascontiguousarray(seen).tobytes()
    dataset.PixelData = data + bytes(len(data) % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    return dataset


def numbered(boxes: Iterable[BoxFinding], frame: int) -> list[BoxFinding]:
    """Return boxes of a data set of one frame as boxes of a frame of the picture."""
    return [replace(box, frame=frame) for box in boxes]


def _describe(dataset: Dataset, facts: Sequence[Fact]) -> None:
    names = {fact.label: fact.value for fact in facts}
    last, first = names.get("NAME", ""), names.get("FIRST_NAME", "")
    if last or first:
        dataset.PatientName = f"{last}^{first}".replace("\\", " ")
    born = names.get("BIRTH_DATE", "")[:10].replace("-", "")
    if len(born) == 8 and born.isdecimal():
        dataset.PatientBirthDate = born
    others = [f for f in facts if f.label not in ("NAME", "FIRST_NAME", "BIRTH_DATE", "CITY", "ADDRESS")]
    if others:
        dataset.OtherPatientIDs = [fact.value.replace("\\", " ")[:64] for fact in others]


def _levels(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return values of any other type as 16 bits, between their least and their most."""
    import numpy as np

    values = np.nan_to_num(pixels.astype(np.float64))
    least, span = values.min(initial=0), np.ptp(values) if values.size else 0
    return np.asarray((values - least) * (65535 / span if span else 0), dtype=np.uint16)
