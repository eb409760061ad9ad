"""The chest films of the fictitious cohort: DICOM instances of drawn chests, with full headers and a burned-in name.

A film shows an opacity at the base of the right lung, or a large heart, where the patient's life says so.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sosie.fictitious.letters import HOSPITAL
from sosie.fictitious.lives import Lives

if TYPE_CHECKING:
    from pydicom import Dataset

FOLDER = "images"
SIDE = 256
DEEPEST = 4095
COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"
ROOT = "1.2.826.0.1.3680043.10.1583."
OPACITY, HEART = 0.35, 0.2

Films = NDArray[np.float32]


def write(given: Lives, directory: Path, rng: np.random.Generator) -> None:
    """Write ``images/<number>/<number>.dcm``, one film a patient."""
    folder = directory / FOLDER
    for row, film in enumerate(films(given, rng)):
        made = _dataset(given, row, _burned(film, given, row), rng)
        place = folder / str(given.keys[row])
        place.mkdir(parents=True, exist_ok=True)
        made.save_as(place / "film.dcm", enforce_file_format=True)


def films(given: Lives, rng: np.random.Generator) -> Films:
    """Draw the films, shape (patients, side, side), from 0 (black) to 1."""
    from sosie.images.decode.phantom import phantoms

    drawn = phantoms(len(given), SIDE // 2, rng).repeat(2, axis=1).repeat(2, axis=2)
    line = ((np.arange(SIDE) + 0.5) / SIDE * 2.0 - 1.0).astype(np.float32)
    x, y = line[None, None, :], line[None, :, None]
    one = (len(given), 1, 1)
    at_x = rng.normal(-0.42, 0.04, one)
    at_y, size = rng.normal(0.32, 0.05, one), rng.uniform(0.16, 0.24, one)
    opacity = np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * size**2))
    wide = rng.uniform(0.42, 0.55, one)
    heart = 1.0 / (1.0 + np.exp((((x - 0.2) / wide) ** 2 + ((y - 0.3) / 0.3) ** 2 - 1.0) / 0.12))
    shown = drawn + OPACITY * given.opaque[:, None, None] * opacity + HEART * given.large[:, None, None] * heart
    return np.clip(shown, 0.0, 1.0).astype(np.float32)


def _burned(film: NDArray[np.float32], given: Lives, row: int) -> NDArray[np.uint16]:
    """Return the film with the patient's name and number in a corner, and the side that it shows."""
    from PIL import Image, ImageDraw, ImageFont

    person = given.persons[row]
    canvas = Image.fromarray((film * 255).astype(np.uint8))
    draw, font = ImageDraw.Draw(canvas), ImageFont.truetype(_font(), 12)
    name = f"{person.surname.upper()} {person.first_name}"
    draw.text((6, 4), name, fill=255, font=font, stroke_width=1, stroke_fill=0)
    draw.text(
        (6, 20),
        f"{given.births[row]:%d/%m/%Y}  IPP {given.keys[row]}",
        fill=255,
        font=font,
        stroke_width=1,
        stroke_fill=0,
    )
    draw.text((SIDE - 18, 4), "D", fill=255, font=font, stroke_width=1, stroke_fill=0)
    written = np.asarray(canvas)
    shades = (film * DEEPEST).astype(np.uint16)
    changed = written != (film * 255).astype(np.uint8)
    shades[changed] = (written[changed].astype(np.uint32) * DEEPEST // 255).astype(np.uint16)
    return shades


def _font() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")


def _dataset(given: Lives, row: int, shades: NDArray[np.uint16], rng: np.random.Generator) -> Dataset:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    person, key = given.persons[row], str(given.keys[row])
    day = given.admissions[row] + timedelta(days=int(rng.integers(0, 2)))
    uids = [ROOT + str(int(rng.integers(10**15))) for _ in range(3)]
    made: Any = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = COMPUTED_RADIOGRAPHY
    made.file_meta.MediaStorageSOPInstanceUID = uids[2]
    made.SpecificCharacterSet = "ISO_IR 192"
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.SOPClassUID, made.SOPInstanceUID = COMPUTED_RADIOGRAPHY, uids[2]
    made.StudyInstanceUID, made.SeriesInstanceUID = uids[0], uids[1]
    made.PatientName = f"{person.surname.upper()}^{person.first_name}"
    made.PatientID = key
    made.PatientBirthDate = f"{given.births[row]:%Y%m%d}"
    made.PatientSex = "F" if given.women[row] else "M"
    made.PatientAge = f"{given.ages[row]:03d}Y"
    made.PatientAddress = f"{person.postcode} {person.town}"
    made.OtherPatientIDs = person.nir
    made.InstitutionName = HOSPITAL
    made.ReferringPhysicianName = "Benali^Yasmine"
    made.StudyDate = made.SeriesDate = made.ContentDate = f"{day:%Y%m%d}"
    made.StudyTime = made.SeriesTime = made.ContentTime = f"{rng.integers(8, 19):02d}{rng.integers(60):02d}00"
    made.AccessionNumber = f"A{key}"
    made.StudyID = "1"
    made.StudyDescription = f"Radiographie du thorax de face {person.surname.upper()}"
    made.Modality, made.BodyPartExamined, made.ViewPosition = "CR", "CHEST", "PA"
    made.Manufacturer = "Fictif"
    made.SeriesNumber = made.InstanceNumber = 1
    made.PatientOrientation = ["L", "F"]
    made.BurnedInAnnotation = "YES"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = shades.shape
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.PixelSpacing = [1.4, 1.4]
    block = made.private_block(0x0011, "FICTIF PRIVATE", create=True)
    block.add_new(0x01, "LO", f"{person.surname.upper()} {person.first_name} {key}")
    made.PixelData = shades.tobytes()
    return made  # type: ignore[no-any-return]
