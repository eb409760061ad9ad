"""Pictures of doubles as files: PNG in a folder for each double and class, or DICOM.

Every identifier is new and the header is coherent: one patient, one study for each double, one series for each class of
its pictures. Nothing comes from a header of the source; what a header says of a double comes from the double.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sosie.images.listing import VIEWS
from sosie.images.naming import ROOT
from sosie.images.pictures import Pictures, Singles

if TYPE_CHECKING:
    from pydicom import Dataset

Form = Literal["dicom", "png"]
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
CLASSES = {"CR": "1.2.840.10008.5.1.4.1.1.1"}
"""Storage classes that a made picture can fill without inventing an acquisition; others are secondary captures."""
DEEPEST = 4095
BITS = 12
METHOD = "Synthetic: a double drawn from a model, no patient"


@dataclass(frozen=True)
class Person:
    """What a header says of a double.

    Parameters
    ----------
    key : str
        Number or name of the double.
    sex : str
        ``F``, ``M``, ``O`` or nothing.
    age : float, optional
        Years.
    """

    key: str
    sex: str = ""
    age: float | None = None


def write(pictures: Pictures, people: Sequence[Person], folder: Path, form: Form, rng: np.random.Generator) -> None:
    """Write pictures as ``images/<double>/<class>/<number>.png`` or ``images/<double>/<number>.dcm`` in a folder.

    Parameters
    ----------
    pictures : Pictures
    people : sequence of Person
        One for each patient of the pictures.
    folder : Path
    form : {"dicom", "png"}
    rng : numpy.random.Generator
        Draws the UIDs.
    """
    root = folder / ROOT
    root.mkdir(parents=True, exist_ok=True)
    number = [0] * len(people)
    studies: dict[tuple[int, int], str] = {}
    for pixels, whose, label in zip(pictures.pixels, pictures.patient, pictures.label, strict=True):
        number[whose] += 1
        person, name = people[whose], pictures.labels[label]
        if form == "png":
            place = root / person.key / _plain(name) / f"{number[whose]}.png"
        else:
            place = root / person.key / f"{number[whose]}.dcm"
        place.parent.mkdir(parents=True, exist_ok=True)
        if form == "png":
            _png(pixels, place)
        else:
            study = studies.setdefault((whose, -1), _uid(rng))
            series = studies.setdefault((whose, label), _uid(rng))
            made = dataset(pixels, person, name, (study, series, _uid(rng)), (int(label) + 1, number[whose]))
            made.save_as(place, enforce_file_format=True)


def dataset(
    pixels: Singles, person: Person, label: str, uids: tuple[str, str, str], numbers: tuple[int, int]
) -> Dataset:
    """Return the DICOM instance of one picture.

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns)
        Tones from 0 to 1.
    person : Person
    label : str
        Class of the picture: words such as a modality, a part of the body, a view.
    uids : tuple of str
        Of the study, the series and the instance.
    numbers : tuple of int
        Of the series and the instance.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    words = label.upper().split()
    modality = next((word for word in words if len(word) == 2 and word not in VIEWS and word.isalpha()), "OT")
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = UID(CLASSES.get(modality, SECONDARY_CAPTURE))
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = UID(uids[2])
    made.StudyInstanceUID, made.SeriesInstanceUID = uids[0], uids[1]
    made.SpecificCharacterSet = "ISO_IR 192"
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.Modality = modality
    made.PatientName, made.PatientID = f"Double^{person.key}", person.key
    made.PatientBirthDate, made.PatientSex = "", person.sex
    if person.age is not None and np.isfinite(person.age):
        made.PatientAge = f"{int(np.clip(round(person.age), 0, 999)):03d}Y"
    made.PatientIdentityRemoved, made.DeidentificationMethod = "YES", METHOD
    made.StudyDate = made.StudyTime = made.AccessionNumber = made.ReferringPhysicianName = ""
    made.StudyID, made.SeriesNumber, made.InstanceNumber = "1", numbers[0], numbers[1]
    made.PatientOrientation = made.Manufacturer = ""
    made.SeriesDescription = label[:64]
    if made.SOPClassUID == SECONDARY_CAPTURE:
        made.ConversionType, made.Laterality = "SYN", ""
    else:
        made.BodyPartExamined = next((word for word in words if len(word) > 3), "")
        made.ViewPosition = next((word for word in words if word in VIEWS), "")
    _fill(made, pixels)
    return made


def _fill(made: Dataset, pixels: Singles) -> None:
    levels = np.rint(np.clip(pixels, 0.0, 1.0) * DEEPEST).astype("<u2")
    made.Rows, made.Columns = levels.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, BITS, BITS - 1, 0
    made.WindowCenter, made.WindowWidth = (DEEPEST + 1) // 2, DEEPEST + 1
    made.PixelData = levels.tobytes()


def _plain(label: str) -> str:
    """Return the name of a class as the name of a folder."""
    return "".join(character if character.isalnum() or character in " -_" else "_" for character in label) or "image"


def _png(pixels: Singles, place: Path) -> None:
    from PIL import Image

    Image.fromarray(np.rint(np.clip(pixels, 0.0, 1.0) * 255.0).astype(np.uint8)).save(place)


def _uid(rng: np.random.Generator) -> str:
    """Return a new UID (2.25 and a version 4 UUID, DICOM PS3.5 B.2)."""
    drawn = int.from_bytes(rng.bytes(16))
    drawn = drawn & ~(0xF << 76) | (0x4 << 76)
    return f"2.25.{drawn & ~(0x3 << 62) | (0x2 << 62)}"
