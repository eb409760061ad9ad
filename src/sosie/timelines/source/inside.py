"""A format that stands in a folder of a cohort's: OMOP, FHIR, HL7 or MEDS beside tables, letters and images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sosie.timelines.form import Form
from sosie.timelines.source.reader import Reader, Sheet, Take, Treatment

if TYPE_CHECKING:
    import polars as pl

    from sosie.manifest import Manifest
    from sosie.timelines.events import TimelinesPart

FOLDER = "folder"
"""Detail of a form: where in the cohort its files stand."""


@dataclass(frozen=True)
class Inside:
    """A reader of one folder of a source.

    Parameters
    ----------
    reader : Reader
    folder : str
        Its name in the source.
    """

    reader: Reader
    folder: str

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of forms that the reader writes."""
        return self.reader.kinds

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether the folder is of the reader's format."""
        return self.reader.recognises(Path(place) / self.folder, manifest)

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return every file of the folder: what the reader leaves is no table of one row a patient either."""
        taken = self.reader.claims(Path(place) / self.folder, manifest)
        return taken | frozenset(path for path in (Path(place) / self.folder).rglob("*") if path.is_file())

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read the folder."""
        part = self.reader.read(Path(place) / self.folder, manifest)
        form = part.form
        return replace(part, form=Form(form.kind, form.name, {**form.details, FOLDER: self.folder}))

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write a folder of the same name."""
        (directory / self.folder).mkdir(parents=True, exist_ok=True)
        self.reader.write(part, directory / self.folder)

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return the files of the folder, named from the source."""
        return tuple(_Placed(one, self.folder) for one in self.reader.sheets(Path(place) / self.folder, manifest))


@dataclass(frozen=True)
class _Placed:
    sheet: Sheet
    folder: str

    @property
    def name(self) -> str:
        return f"{self.folder}/{self.sheet.name}"

    @property
    def patient(self) -> str | None:
        return self.sheet.patient

    @property
    def treatments(self) -> Mapping[str, Treatment]:
        return self.sheet.treatments

    def windows(self) -> Iterator[pl.DataFrame]:
        return self.sheet.windows()

    def writing(self, target: Path) -> AbstractContextManager[Take]:
        return self.sheet.writing(target)
