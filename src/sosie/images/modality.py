"""Images as a modality: the rooms of this folder behind the one protocol, for doubles' pictures.

A pseudonymised copy is made as images are read; doubles need the pictures of the whole cohort, which are held small.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Cohort, Column, Finding, Kind, Mask, Role, Vectors
from sosie.errors import ManifestError
from sosie.images import album
from sosie.images import compare as comparison
from sosie.images import source as sources
from sosie.images.album import SIDE, ImagesPart
from sosie.images.decode import files
from sosie.images.decode.files import Person
from sosie.images.encode.cosine import Cosine, CosineBasis, coordinates
from sosie.images.encode.patients import NAME, PatientCodec
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Describing, Knowledge

if TYPE_CHECKING:
    from sosie.engine import Listener

LATER = "images are pseudonymised as they are read: see `sosie deidentify`"
SMALL = "doubles' images are squares of {side} pixels with shades of grey, coarse in what they say of a patient"
PHANTOMS = "what is fine in the doubles' images (ribs, edges) is drawn from phantoms and says nothing of any patient"


@dataclass(frozen=True)
class ImagesCodec:
    """The codec of the pictures of a cohort: levels of patients in a frozen basis.

    The pictures of doubles are smooth: so they are attacked. Detail, which no cohort teaches, is added as they are
    written.

    Parameters
    ----------
    patients : PatientCodec
    form : {"dicom", "png"}
    """

    patients: PatientCodec
    form: files.Form
    frozen: str | None = None

    def encode(self, part: ImagesPart) -> Vectors:
        """Return one row for each patient."""
        return self.patients.encode(part.pictures)

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> ImagesPart:
        """Draw the pictures of doubles; their headers say what the doubles' other parts say of them."""
        pictures = self.patients.decode(block, rng)
        return ImagesPart(doubles.keys, pictures, self.form, _people(doubles), int(rng.integers(2**63)))

    def valid(self, part: ImagesPart) -> Mask:
        """Tell which doubles obey every rule: images have none."""
        return np.ones(len(part.keys), dtype=bool)


class Images:
    """Pictures, several a patient."""

    name = NAME

    def recognises(self, source: Path | str, without: Collection[Path] = ()) -> bool:
        """Tell whether a file or a folder holds images."""
        return sources.recognises(source)

    def read(self, source: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> ImagesPart:
        """Read the images of a source, small."""
        return album.read(Path(source), manifest)

    def attend(
        self, part: ImagesPart, manifest: Manifest, knowledge: Knowledge, jobs: int, listener: Listener
    ) -> ImagesPart:
        """Give images that name nobody to the patients of the tables whose keys stand in their paths."""
        return album.placed(part, knowledge.facts)

    def identify(self, part: ImagesPart, manifest: Manifest) -> tuple[Finding, ...]:
        """Tell that images identify: a face, a scar, an implant do, whatever their headers say."""
        reason = f"{len(part.pictures)} images of {len(part.keys)} patients"
        return (Finding(NAME, "pixels", "IMAGE", Role.DIRECT, 1.0, "modality", reason),)

    def assign(self, part: ImagesPart, findings: Sequence[Finding], manifest: Manifest) -> ImagesPart:
        """Return the part: pixels have no roles."""
        return part

    def redact(self, part: ImagesPart, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> ImagesPart:
        """Refuse: copies are streamed."""
        raise ManifestError(LATER)

    def fit_codec(self, part: ImagesPart, manifest: Manifest, rng: np.random.Generator) -> ImagesCodec:
        """Learn what sets classes apart, and how pictures scatter around their patients; the basis is frozen."""
        encoder = Cosine(coordinates(len(part.keys)))
        return ImagesCodec(PatientCodec.fit(part.pictures, encoder, rng, k=manifest.k), part.form)

    def observe(self, part: ImagesPart, manifest: Manifest) -> Callable[[ImagesPart], Vectors]:
        """Return the attacker's view: how many pictures of which class, and where they lie in a frozen basis."""
        labels = part.pictures.labels
        basis = CosineBasis(SIDE, comparison.SEEN)
        columns = (
            Column(f"{NAME}.count", Kind.NUMERIC),
            *(Column(f"{NAME}.{label}", Kind.NUMERIC) for label in labels),
            *(Column(f"{NAME}.mean{at}", Kind.NUMERIC) for at in range(basis.width)),
        )

        def look(other: ImagesPart) -> Vectors:
            pictures = other.pictures
            counts = pictures.counts
            number = counts.sum(axis=1)
            sums = np.zeros((len(counts), basis.width))
            np.add.at(sums, pictures.patient, basis.encode(pictures.pixels))
            with np.errstate(invalid="ignore", divide="ignore"):
                means, shares = sums / number[:, None], counts / number[:, None]
            return Vectors(columns, np.column_stack([number, shares, means]))

        return look

    def conform(self, part: ImagesPart, like: ImagesPart) -> ImagesPart:
        """Return a part whose classes are numbered as in ``like``."""
        return album.relabelled(part, like.pictures.labels)

    def shared(self, part: ImagesPart, other: ImagesPart) -> ImagesPart:
        """Return the part: pictures have no columns."""
        return part

    def describe(self, part: ImagesPart, manifest: Manifest) -> Mapping[str, object]:
        """Tell what doubles' images are, and are not."""
        notices = [SMALL.format(side=comparison.SHOWN), *([PHANTOMS] if comparison.chests(part) else []), *part.notices]
        return {"rules": {"en": [], "fr": []}, "uniqueness": {}, "notices": notices}

    def compare(
        self, original: ImagesPart, doubles: ImagesPart, manifest: Manifest, rng: np.random.Generator
    ) -> Mapping[str, object]:
        """Measure what the pictures of doubles keep, and draw a page of them."""
        return comparison.compare(original, doubles, manifest.k, rng)

    def write(self, part: ImagesPart, directory: Path) -> None:
        """Write the pictures in the form that most of the source's were in, under the numbers of the doubles."""
        rng = np.random.default_rng(part.seed)
        people = part.people or tuple(Person(key) for key in part.keys)
        files.write(comparison.finished(part, rng) if part.people else part.pictures, people, directory, part.form, rng)


def _people(doubles: Cohort) -> tuple[Person, ...]:
    """Return what the parts that were decoded before say of each double."""
    for part in doubles.parts.values():
        if isinstance(part, Describing):
            told = part.described()
            return tuple(
                Person(key, sex, float(age)) for key, sex, age in zip(doubles.keys, told.sex, told.age, strict=True)
            )
    return tuple(Person(key) for key in doubles.keys)
