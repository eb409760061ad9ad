"""What a native format of timelines offers: reading and writing it whole, and its files window by window for a copy.

A folder is read by one reader: the first that recognises it. A copy never holds a file: each is a `Sheet`, which gives
windows of cells, and takes back the same windows with other cells in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sosie.cohort import Role

if TYPE_CHECKING:
    import polars as pl

    from sosie.manifest import Manifest
    from sosie.timelines.events import TimelinesPart

Take = Callable[["pl.DataFrame"], None]
"""Takes the windows of a sheet, in their order, with what stands for its cells in the copy."""


NUMBER = "number"
"""Format of dates that are numbers, counted from some day."""


class Action(StrEnum):
    """What becomes of a cell that identifies."""

    PSEUDONYM = "pseudonym"
    """Of a patient, or of another thing (``Treatment.kind``): the same everywhere."""
    SHIFT = "shift"
    """A date: moved by its patient's shift."""
    GROUP = "group"
    """An age (of ``Treatment.unit`` in a year): those above 89 years become 90."""
    BIRTH_YEAR = "birth year"
    """Blank for who is above 89 (an event 90 years later), else kept."""
    SURROGATE = "surrogate"
    """A fictitious value of the same shape, by its label (``NAME``, ``NIR``, ``PHONE`` ...)."""
    TRUNCATE = "truncate"
    """A postcode: its first two characters."""
    BLANK = "blank"


@dataclass(frozen=True)
class Treatment:
    """Why and how the cells of one column are replaced.

    Parameters
    ----------
    action : Action
    label : str
        Kind of identifier (``PATIENT_KEY``, ``DATE``, ``NIR`` ...).
    role : Role
    detector, score
        What found it, and its confidence.
    kind : str
        Of pseudonyms: what they name (``patient``, ``visit``, ``provider`` ...).
    date_format : str, optional
        ``strftime`` pattern of dates that are text; where it is not given they are those of ISO 8601, dashed or not
        (``2024``, ``2024-03-01T08:30:00Z``, ``20240301083000``), of whatever precision. `NUMBER` for numbers that
        count from a day of the calendar.
    digits : bool
        Whether identifiers that are text are numbers; columns of integers tell by themselves.
    words : bool
        Whether only cells that are no numbers are replaced.
    unit : float
        Of ages: how many make a year. Of dates that are numbers: how many make a day.
    reason : str
    """

    action: Action
    label: str
    role: Role
    detector: str = "format"
    score: float = 1.0
    kind: str = "patient"
    date_format: str | None = None
    digits: bool = False
    words: bool = False
    unit: float = 1.0
    reason: str = ""


class Sheet(Protocol):
    """One file of a source, as its copy is made.

    Cells are polars columns of any type: text, numbers, dates. A format that is no table (NDJSON, HL7) gives the cells
    that identify as columns of their own, and puts them back where they stood.
    """

    @property
    def name(self) -> str:
        """Path relative to the source, with ``/``."""
        ...

    @property
    def patient(self) -> str | None:
        """Name of the column whose cell is the key of the patient of the row; None where no row is a patient's."""
        ...

    @property
    def treatments(self) -> Mapping[str, Treatment]:
        """What identifies, by column; every other column stays as it is."""
        ...

    def windows(self) -> Iterator[pl.DataFrame]:
        """Yield the cells, a window of rows after the other."""
        ...

    def writing(self, target: Path) -> AbstractContextManager[Take]:
        """Open the copy of this file, in its format."""
        ...


class Reader(Protocol):
    """One native format of timelines."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of `Form` that it writes."""
        ...

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file, a folder or an address is of this format."""
        ...

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return its files that a reader of tables would take."""
        ...

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read the events of all patients."""
        ...

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write in the format, under the file names and with the details that came in."""
        ...

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return its files, for a copy."""
        ...
