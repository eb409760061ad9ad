"""What one process does with one image: read, find, mask, clean, look again, write under a name that tells nothing.

An image that makes any of these steps fail is a problem; it is never copied as it was.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sosie.errors import SosieError, UnreadableError, disk_is_full
from sosie.images import naming, source
from sosie.images.answer import Answer, Kept, Sheet
from sosie.images.facts import Person
from sosie.images.finding import BoxFinding, TagFinding
from sosie.images.owners import Owners
from sosie.images.source import Item, nifti, picture
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact, Knowledge

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

    from sosie.images.redact import Cleaner, Profile

PASSES = 3
"""Times that pixels are looked at again and masked, before an image is given up."""
FEWEST = 12
"""Slices of the smallest volume in which a face is looked for."""
LARGEST_PIXELS = 4 << 30
"""Bytes of the largest pixel data, decoded."""
DIRECTORY = (
    "a DICOMDIR: it names every patient and every file of the source, so it is left out; make another of the copy "
    "(`dcmmkdir`) where one is needed"
)
_STILL = "text that identifies still shows in its pixels after they were masked; not copied"


@dataclass(frozen=True)
class Treated:
    """An image that can be copied."""

    data: bytes
    path: str
    tags: Sequence[TagFinding]
    boxes: Sequence[BoxFinding] = ()
    notices: Sequence[str] = ()
    sheets: Sequence[Sheet] = ()
    key: str = ""
    facts: Sequence[Fact] = ()


@dataclass(frozen=True)
class Faces:
    """What was done to the face in a slice of a volume.

    Parameters
    ----------
    gone : bool
        Whether there was a face, and it is gone.
    boxes : sequence of BoxFinding
    notices : sequence of str
    """

    gone: bool
    boxes: Sequence[BoxFinding] = ()
    notices: Sequence[str] = ()


@dataclass(frozen=True)
class Worker:
    """Treats images; the same for all processes.

    Parameters
    ----------
    pseudonyms : Pseudonyms
    profile : Profile
    knowledge : Knowledge
        What the tables say of the patients.
    owners : Owners
    kept : Kept
    language : str
        Of descriptions, where they do not show it.
    review : bool
        Whether to draw what was masked.
    """

    pseudonyms: Pseudonyms = field(repr=False)
    profile: Profile
    knowledge: Knowledge = field(repr=False)
    owners: Owners
    kept: Kept
    language: str = "fr"
    review: bool = False

    def __call__(self, item: Item) -> Answer:
        """Treat an image, or return what was made of it before."""
        if item.kind == "dicomdir":
            return Answer(item.name, problem=DIRECTORY)
        return guarded(item, lambda: self._one(item))

    def together(self, items: Sequence[Item]) -> list[Answer]:
        """Treat the slices of a volume, in which a face may show that none shows alone."""
        if len(items) < FEWEST or not self.profile.clean_recognizable_visual_features:
            return [self(item) for item in items]
        from sosie.images import slices

        with quiet():
            return slices.treated(self, items)

    @cached_property
    def cleaner(self) -> Cleaner:
        """What cleans headers."""
        from sosie.images.redact import Cleaner

        return Cleaner(self.profile, self.pseudonyms, self.knowledge, self.language)

    def digest(self, item: Item, data: bytes, among: str = "") -> str:
        """Return what an answer depends on, ``among`` others of its volume."""
        if self.kept.folder is None:
            return ""
        whose = "" if item.kind == "dicom" else self._patient(item.name)
        told = f"{item.name}\0{item.kind}\0{self.review}\0{among}\0{whose}\0".encode("utf-8", "surrogatepass")
        return self.pseudonyms.hmac(told + data)

    def known(self, item: Item, data: bytes, digest: str) -> Answer | None:
        """Return an answer that was kept, with what the header says of the patient, which was not."""
        answer = self.kept.load(digest, item.name)
        if answer is None or item.kind != "dicom":
            return answer
        person, copy = (Person.of(source.parse(each)) for each in (data, self.kept.read(answer)))
        return replace(answer, key=person.key, facts=person.facts(copy))

    def saved(self, item: Item, digest: str, done: Treated) -> Answer:
        """Keep what was made of an image."""
        found = {"tags": tuple(done.tags), "boxes": tuple(done.boxes), "sheets": tuple(done.sheets)}
        told = {"notices": tuple(done.notices), "key": done.key, "facts": tuple(done.facts)}
        return self.kept.save(digest, Answer(item.name, path=done.path, **found, **told), done.data)  # type: ignore[arg-type]

    def instance(self, dataset: FileDataset, faces: Faces | None = None) -> Treated:
        """Treat an instance, in whose pixels faces were looked for or not."""
        from sosie.images.identify import identifiers

        told = identifiers(dataset)
        origin, person = naming.Origin(dataset), Person.of(dataset)
        boxes, notices, sheets = self._masked(dataset, told) if self.profile.clean_pixel_data else ([], [], [])
        done = faces is not None and faces.gone
        tags = list(self.cleaner.clean(dataset, known=told, faces=done))
        if source.trailing(dataset) and not any(tag.tag == "trailing bytes" for tag in tags):
            tags.append(TagFinding("trailing bytes", "METADATA", "removed"))
        if faces is not None:
            boxes, notices = [*faces.boxes, *boxes], [*faces.notices, *notices]
        new = source.write(dataset)
        path = naming.instance(origin, dataset, self.pseudonyms)
        facts = person.facts(Person.of(dataset))
        return Treated(new, path, tags, boxes, notices, sheets, person.key, facts)

    def _one(self, item: Item) -> Answer:
        data = item.load()
        digest = self.digest(item, data)
        return self.known(item, data, digest) or self.saved(item, digest, self._treated(item, data))

    def _frames(self, dataset: FileDataset) -> Faces | None:
        """Look for a face in a volume that is one file of many frames."""
        from sosie.images import slices

        if _number(dataset, "NumberOfFrames") < FEWEST or not self.profile.clean_recognizable_visual_features:
            return None
        return slices.faces({0: dataset})[0]

    def _treated(self, item: Item, data: bytes) -> Treated:
        with quiet():
            if item.kind == "dicom":
                dataset = source.parse(data)
                fits(dataset)
                return self.instance(dataset, self._frames(dataset))
            return self._volume(item, data) if item.kind == "nifti" else self._picture(item, data)

    def _masked(self, dataset: Dataset, told: Any) -> tuple[list[BoxFinding], list[str], list[Sheet]]:
        """Find what identifies in pixels, mask it, and look again until nothing is found."""
        from sosie.images import pixels, sheets

        found: list[BoxFinding] = list(pixels.find(dataset, told))
        to_mask = [box for box in found if box.action != "kept"]
        drawn = sheets.before(dataset, to_mask) if self.review and to_mask else []
        notices: dict[str, None] = {}
        for _ in range(PASSES):
            if not to_mask:
                break
            notice = pixels.mask(dataset, to_mask)
            notices |= {notice: None} if notice else {}
            to_mask = [box for box in pixels.verify(dataset, told) if box.action != "kept"]
            found += to_mask
        if to_mask:
            raise UnreadableError("image", _STILL)
        return found, list(notices), sheets.after(dataset, drawn) if drawn else []

    def _volume(self, item: Item, data: bytes) -> Treated:
        new, tags = nifti.clean(data)
        suffix = ".nii.gz" if new.startswith(b"\x1f\x8b") else ".nii"
        there = self._folder(self._patient(item.name))
        return Treated(new, naming.file(item.name, there, suffix, self.pseudonyms), tags)

    def _picture(self, item: Item, data: bytes) -> Treated:
        from sosie.images import capture
        from sosie.images.identify import identifiers

        seen = picture.read(data)
        key = self._patient(item.name)
        facts = self.knowledge.facts.get(key, ())
        found: list[BoxFinding] = []
        drawn: list[Sheet] = []
        for at, frame in enumerate(seen.frames):
            dataset = capture.of(frame, key, facts)
            boxes, _, some = self._masked(dataset, identifiers(dataset))
            found += capture.numbered(boxes, at)
            drawn += some
        boxes = [box for box in found if box.action != "kept"]
        new, tags, notice = picture.write(data, seen, boxes)
        there = self._folder(key)
        suffix = {"PNG": ".png", "JPEG": ".jpg", "TIFF": ".tif"}[seen.form]
        path = naming.file(item.name, there, suffix, self.pseudonyms)
        return Treated(new, path, tags, found, [notice] if notice else [], drawn)

    def _folder(self, key: str) -> str:
        facts = self.knowledge.facts.get(key, ())
        new = next((fact.replacement for fact in facts if fact.label == "PATIENT_KEY" and fact.replacement), "")
        return naming.folder(key, new, self.pseudonyms)

    def _patient(self, name: str) -> str:
        """Return the key of whose a file is; where nothing tells, it is a patient of its own."""
        return self.owners.find(name, self.knowledge.facts) or name


def guarded(item: Item, treat: Callable[[], Answer]) -> Answer:
    """Treat an image; what cannot be treated is a problem, told without a word of the image."""
    try:
        return treat()
    except UnreadableError as error:
        return Answer(item.name, problem=error.problem)
    except SosieError:
        raise
    except Exception as error:
        if disk_is_full(error):
            raise
        # The kind of the error alone: its words may quote the image.
        return Answer(item.name, problem=f"could not be treated ({type(error).__name__}); not copied")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence libraries: they quote the data in their warnings and in their logs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
        yield


def fits(dataset: Dataset) -> None:
    """Refuse pixels that cannot be held; nothing is copied that was not looked at."""
    if "PixelData" not in dataset:
        return
    sizes = [_number(dataset, name) for name in ("Rows", "Columns", "SamplesPerPixel", "NumberOfFrames")]
    size = -(-_number(dataset, "BitsAllocated") // 8)
    for each in sizes:
        size *= each
    if size > LARGEST_PIXELS:
        raise UnreadableError("image", f"its pixels would take {size >> 30} GiB of memory; not copied")


def _number(dataset: Dataset, name: str) -> int:
    try:
        return max(int(dataset.get(name) or 1), 1)
    except (TypeError, ValueError):
        return 1
