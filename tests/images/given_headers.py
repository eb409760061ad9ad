"""Headers of fictitious patients, for the tests."""

from __future__ import annotations

import io
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from sosie.images.redact import Cleaner, Profile
from sosie.pseudonyms import Pseudonyms

KEY = bytes(range(32))


def header(**changes: Any) -> Dataset:
    """Return a CT header of Armelle Kervadec; changes go by keyword, None removes."""
    dataset = Dataset()
    given = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": "1.2.250.1.59.1.20230314.4471",
        "StudyInstanceUID": "1.2.250.1.59.1.20230314.1",
        "SeriesInstanceUID": "1.2.250.1.59.1.20230314.2",
        "StudyDate": "20230314",
        "StudyTime": "101112.5",
        "AccessionNumber": "AC77120934",
        "Modality": "CT",
        "Manufacturer": "SIEMENS",
        "InstitutionName": "Clinique Belharra",
        "ReferringPhysicianName": "QUEMENER^Ronan",
        "PatientName": "KERVADEC^Armelle",
        "PatientID": "8830127645",
        "PatientBirthDate": "19510623",
        "PatientSex": "F",
        "StudyID": "771209",
        "SeriesNumber": "3",
        "Rows": 4,
    }
    for keyword, value in (given | changes).items():
        if value is not None:
            setattr(dataset, keyword, value)
    return dataset


def item(**values: Any) -> Dataset:
    """Return an item of a sequence."""
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def items(*of: Dataset) -> Sequence:
    """Return a sequence."""
    return Sequence(of)


def stored(dataset: Dataset, preamble: bytes = bytes(128)) -> Dataset:
    """Return a dataset as it is read from a file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta, dataset.preamble = meta, preamble
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    target.seek(0)
    return dcmread(target)


def written(dataset: Dataset) -> bytes:
    """Return the bytes of a dataset."""
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=False)
    return target.getvalue()


def cleaner(**options: Any) -> Cleaner:
    """Return a cleaner whose profile differs from the default."""
    return Cleaner(Profile(**options), Pseudonyms(KEY), language="fr")


def cleaned(dataset: Dataset, **options: Any) -> Dataset:
    """Return a header cleaned, after it went through a file."""
    read = stored(dataset)
    cleaner(**options).clean(read)
    return dcmread(io.BytesIO(written(read)))
