"""Images of fictitious patients, made for the tests."""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ROOT = "1.2.826.0.1.3680043.10.1234"
SECRET = ("DURANDAL", "Gontran", "IPP800123", "19600201", "RENNES")


def dataset(
    number: int = 1, patient: str = "IPP800123", name: str = "DURANDAL^Gontran", frames: int = 1
) -> FileDataset:
    """An image of 32 x 48 pixels; the corner of the first frame is white, as burned-in text would be."""
    made = FileDataset("", {}, preamble=bytes(128), file_meta=FileMetaDataset())
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = CAPTURE, f"{ROOT}.{number}"
    made.SpecificCharacterSet = "ISO_IR 192"
    made.StudyDate, made.Modality, made.InstitutionName = "20200312", "OT", "CHU DE RENNES"
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = name, patient, "19600201", "M"
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{ROOT}.8.{patient[-3:]}", f"{ROOT}.9.{patient[-3:]}"
    made.StudyID, made.SeriesNumber, made.InstanceNumber, made.ConversionType = "7", 1, number, "WSD"
    pixels = np.full((frames, 32, 48), number % 200, np.uint8)
    made.Rows, made.Columns, made.SamplesPerPixel = 32, 48, 1
    if frames > 1:
        made.NumberOfFrames = frames
    made.PhotometricInterpretation, made.PixelRepresentation = "MONOCHROME2", 0
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelData = pixels.tobytes()
    return made


def burned(made: FileDataset) -> FileDataset:
    pixels = np.frombuffer(made.PixelData, np.uint8).reshape(-1, 32, 48).copy()
    pixels[0, :8, :16] = 255
    made.PixelData = pixels.tobytes()
    return made


def written(made: FileDataset) -> bytes:
    buffer = BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()


def deflated(made: FileDataset) -> bytes:
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    return written(made)


def zipped(path: Path, members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def nifti(text: bytes = b"DURANDAL Gontran", extension: bytes = b"") -> bytes:
    """A NIfTI-1 file of 2 x 3 x 4 voxels of one byte."""
    header = bytearray(348)
    header[:4] = struct.pack("<i", 348)
    header[40:56] = struct.pack("<8h", 3, 2, 3, 4, 1, 1, 1, 1)
    header[70:74] = struct.pack("<2h", 2, 8)
    header[148 : 148 + len(text)] = text
    header[344:348] = b"n+1\0"
    more = b"\1\0\0\0" + struct.pack("<2i", 8 + len(extension), 6) + extension if extension else bytes(4)
    header[108:112] = struct.pack("<f", 348 + len(more))
    return bytes(header) + more + bytes(range(24))


def packed(data: bytes) -> bytes:
    buffer = BytesIO()
    with gzip.GzipFile("DURANDAL.nii", "wb", fileobj=buffer, mtime=1_500_000_000) as file:
        file.write(data)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
