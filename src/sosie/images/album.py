"""The pictures of a cohort, read and held small: DICOM and PNG, JPEG or TIFF files with a patient each.

A folder enters, the part of a cohort leaves. A DICOM file names its patient and its class (modality, part of the body,
view). Other pictures are of the patient whose folder they lie in, and of the class of the folder inside that, as
`sosie.images.decode.files` writes them. Held are tones on a square of `SIDE` pixels, no header.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from sosie.cohort import Rows
from sosie.errors import UnreadableError
from sosie.images.decode.files import Form, Person
from sosie.images.pictures import Pictures, Singles, gathered, toned

SIDE = 64
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
DICOM = frozenset({".dcm", ".dicom", ".ima", ""})
UNREAD = "{count} files that look like images could not be read; the first: {name}"
FLAT = "DICOM instances of several frames or in colour have no doubles yet: {count} were left out"


@dataclass(frozen=True)
class ImagesPart:
    """The pictures of some patients.

    Parameters
    ----------
    keys : tuple of str
    pictures : Pictures
        Their patients are the keys, in order.
    form : {"dicom", "png"}
        In which doubles are written.
    people : tuple of Person
        Of doubles: what their headers say.
    seed : int
        Of the UIDs of doubles.
    notices : tuple of str
        What was left out.
    """

    keys: tuple[str, ...]
    pictures: Pictures
    form: Form = "png"
    people: tuple[Person, ...] = field(default=(), repr=False)
    seed: int = 0
    notices: tuple[str, ...] = ()

    def take(self, rows: Rows) -> ImagesPart:
        """Return the part of some patients, some of them more than once; a row of -1 is a patient without pictures."""
        own = [np.flatnonzero(self.pictures.patient == row) for row in rows]
        chosen = np.concatenate(own) if own else np.zeros(0, dtype=np.int64)
        whose = np.repeat(np.arange(len(rows)), [len(some) for some in own])
        source = self.pictures
        taken = Pictures(source.pixels[chosen], whose, len(rows), source.label[chosen], source.labels)
        keys = tuple(self.keys[row] if row >= 0 else "" for row in rows)
        people = tuple(self.people[row] for row in rows) if self.people else ()
        return ImagesPart(keys, taken, self.form, people, self.seed, self.notices)


@dataclass(frozen=True)
class _Read:
    patient: str
    kind: str
    pixels: Singles


def holds(source: Path) -> bool:
    """Tell whether a file or a folder holds images that are read here."""
    return next(_files(source), None) is not None


def read(source: Path, least: int) -> ImagesPart:
    """Read the images of a folder; classes of fewer than ``least`` patients go together.

    Raises
    ------
    UnreadableError
        When none can be read.
    """
    found: list[_Read] = []
    unread: list[str] = []
    flat = 0
    dicom = 0
    for path in _files(source):
        name = path.relative_to(source).as_posix() if path != source else path.name
        try:
            one = _dicom(path, name) if _is_dicom(path) else _picture(path, name)
        except Exception:  # what damaged files make readers raise; its words could quote the file
            unread.append(name)
            continue
        if one is None:
            flat += 1
            continue
        dicom += path.suffix.lower() not in SUFFIXES
        found.append(one)
    if not found:
        raise UnreadableError(source.name, "no image of one frame in shades of grey could be read")
    patients, kinds = [one.patient for one in found], [one.kind for one in found]
    pictures, keys = gathered([one.pixels for one in found], patients, kinds, least)
    notices = [UNREAD.format(count=len(unread), name=unread[0])] if unread else []
    notices += [FLAT.format(count=flat)] if flat else []
    return ImagesPart(keys, pictures, "dicom" if 2 * dicom >= len(found) else "png", notices=tuple(notices))


def relabelled(part: ImagesPart, labels: Sequence[str]) -> ImagesPart:
    """Return a part whose classes are numbered as others are; what they lack is of the last."""
    own = part.pictures
    number = np.array([labels.index(name) if name in labels else len(labels) - 1 for name in own.labels] or [0])
    pictures = Pictures(own.pixels, own.patient, own.patients, number[own.label], tuple(labels))
    return ImagesPart(part.keys, pictures, part.form, part.people, part.seed, part.notices)


def _files(source: Path) -> Iterator[Path]:
    paths = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    for path in paths:
        if path.is_symlink() or path.name.startswith("."):
            continue
        if path.suffix.lower() in SUFFIXES or (path.suffix.lower() in DICOM and _is_dicom(path)):
            yield path


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _picture(path: Path, name: str) -> _Read:
    from PIL import Image

    folders = PurePosixPath(name).parts[:-1]
    with Image.open(path) as opened:
        levels = np.asarray(opened)
    return _Read(folders[0] if folders else name, folders[1] if len(folders) > 1 else "image", toned(levels, SIDE))


def _dicom(path: Path, name: str) -> _Read | None:
    """Return the picture of a DICOM file, None where it is no single frame in shades of grey."""
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_modality_lut

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(path)
        if int(dataset.get("NumberOfFrames") or 1) > 1 or dataset.get("SamplesPerPixel", 1) != 1:
            return None
        levels = np.asarray(apply_modality_lut(dataset.pixel_array, dataset), dtype=np.float64)
    words = (str(dataset.get(each, "") or "").strip() for each in ("Modality", "BodyPartExamined", "ViewPosition"))
    inverted = dataset.get("PhotometricInterpretation") == "MONOCHROME1"
    kind = " ".join(word for word in words if word) or "image"
    return _Read(str(dataset.get("PatientID") or name), kind, toned(levels, SIDE, inverted=inverted))
