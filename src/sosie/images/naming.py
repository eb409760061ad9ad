"""Where an image goes in the copy: a path that tells nothing of the patient, and is the same for the same image.

``images/PATIENT/STUDY/SERIES/INSTANCE.dcm``; ``images/PATIENT/FILE.nii.gz`` for what has no study.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sosie.images.reading import text_of
from sosie.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pydicom import Dataset

ROOT = "images"
SHORT = 8
"""Letters and digits (40 bits) that name a study or a series in the folder of its patient."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")
_MODALITIES = frozenset(
    {"T1w", "T2w", "T2star", "FLAIR", "PDw", "PD", "T1map", "T2map", "bold", "cbv", "sbref", "dwi", "epi"}
    | {"asl", "m0scan", "pet", "ct", "CT", "angio", "magnitude", "phasediff", "mask", "dseg", "probseg"}
)
"""Last words of the names of files, as BIDS defines them, that say what an image is."""


def folder(key: str, pseudonym: str, pseudonyms: Pseudonyms) -> str:
    """Return the folder of a patient: the pseudonym that stands in their images, where that can name a folder.

    Parameters
    ----------
    key : str
        Patient key.
    pseudonym : str
        What stands for it.
    pseudonyms : Pseudonyms
    """
    fits = _SAFE.fullmatch(pseudonym) and pseudonym.casefold() != key.strip().casefold()
    return f"{ROOT}/{pseudonym if fits else pseudonyms.pseudonym(key.strip())}"


def instance(original: Origin, cleaned: Dataset, pseudonyms: Pseudonyms) -> str:
    """Return the path of a DICOM instance."""
    key = original.patient or original.study or original.instance
    there = folder(key, str(cleaned.get("PatientID") or "").strip(), pseudonyms)
    study = pseudonyms.pseudonym(original.study or "none", "study")[:SHORT]
    series = pseudonyms.pseudonym(original.series or "none", "series")[:SHORT]
    return f"{there}/{study}/{series}/{pseudonyms.pseudonym(original.instance, 'instance')}.dcm"


class Origin:
    """The identifiers of an instance, before it is cleaned."""

    def __init__(self, dataset: Dataset) -> None:
        self.patient, self.study, self.series, self.instance = (
            text_of(dataset, name) for name in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        )


def file(name: str, there: str, suffix: str, pseudonyms: Pseudonyms) -> str:
    """Return the path of a picture or a volume in the folder of its patient.

    Parameters
    ----------
    name : str
        In the source.
    there : str
        Folder of the patient.
    suffix : str
        Of the format, with its dot.
    pseudonyms : Pseudonyms
    """
    stem = name.rpartition("/")[2].partition(".")[0]
    last = stem.rpartition("_")[2]
    kind = f"_{last}" if last in _MODALITIES else ""
    return f"{there}/{pseudonyms.pseudonym(name, 'file')}{kind}{suffix}"


def numbered(path: str, number: int) -> str:
    """Return a path beside another, for an image that would bear the same name."""
    stem, dot, suffix = path.partition(".")
    return f"{stem}-{number}{dot}{suffix}"
