"""What is too large to be held: a modality whose pseudonymised copy is made as it is read, patient by patient.

Notes and images are. A stream reads its files, replaces what identifies in them and writes them, with a line for each
finding; it keeps nothing but counts. What the tables know of the patients is handed to it, so that both copies agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sosie.checkpoint import Checkpoint
    from sosie.cohort import Finding, Floats, Part
    from sosie.engine import Listener
    from sosie.manifest import Manifest
    from sosie.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Fact:
    """What one modality knows of a patient, by which another recognises them; it never leaves the run.

    Parameters
    ----------
    label : str
        Kind of identifier, as findings name it.
    value : str
    replacement : str, optional
        What stands for it in the pseudonymised copy.
    """

    label: str
    value: str = field(repr=False)
    replacement: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Knowledge:
    """What one modality knows of all patients.

    Parameters
    ----------
    facts : mapping of str to sequence of Fact
        By patient key.
    taken : collection of str
        Folded names of everyone, which no surrogate may become.
    """

    facts: Mapping[str, Sequence[Fact]] = field(default_factory=dict, repr=False)
    taken: Collection[str] = field(default=frozenset(), repr=False)

    def completed(self, other: Knowledge) -> Knowledge:
        """Return both together; of a patient whom both know, this one is right where both tell."""
        facts = dict(self.facts)
        for key, more in other.facts.items():
            told = {fact.label for fact in facts.get(key, ())}
            facts[key] = [*facts.get(key, ()), *(fact for fact in more if fact.label not in told)]
        return Knowledge(facts, frozenset(self.taken) | frozenset(other.taken))


NOTHING = Knowledge()


@runtime_checkable
class Knowing(Protocol):
    """A modality that recognises its patients elsewhere."""

    def knowledge(self, part: Part, copy: Part | None, findings: Sequence[Finding]) -> Knowledge:
        """Return what the original says of each patient, and what its pseudonymised copy says instead."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A stream that recognises its patients in the streams that follow it."""

    def told(self) -> Knowledge:
        """Return what was copied says of each patient, and what the copy says instead."""
        ...


@dataclass(frozen=True)
class Measured:
    """Values of one measurement.

    Parameters
    ----------
    values : ndarray of float64, shape (patients,)
        NaN where there is none.
    unit : str
        As it is written (``g/dL``); empty where it is not told.
    """

    values: Floats
    unit: str = ""


@dataclass(frozen=True)
class Described:
    """What a part says of its patients, for another part to agree with.

    Parameters
    ----------
    sex : sequence of str
        ``F``, ``M`` or nothing.
    age : ndarray of float64
        Years, NaN where it is not told.
    followed : ndarray of float64, optional
        Days from the patient's own origin to the end of follow-up, NaN where it is not told.
    dead : ndarray of float64, optional
        1 where the patient died at the end of follow-up, 0 where not, NaN where it is not told.
    birth, start : ndarray of float64, optional
        Days since 1970-01-01 of the birth, and of the beginning of the patient's story (an admission, an inclusion);
        NaN where they are not told.
    measures : mapping of str to Measured
        First value of each measurement, by LOINC code.
    problems : sequence of sequence of str
        Categories of ICD-10 (three characters) that the patient is said to have, the main one first; empty where the
        part does not tell.
    """

    sex: Sequence[str]
    age: Floats
    followed: Floats | None = None
    dead: Floats | None = None
    birth: Floats | None = None
    start: Floats | None = None
    measures: Mapping[str, Measured] = field(default_factory=dict)
    problems: Sequence[Sequence[str]] = ()


@runtime_checkable
class Describing(Protocol):
    """A part that says who its patients are."""

    def described(self) -> Described:
        """Return the sex and the age of each patient."""
        ...


@runtime_checkable
class Attentive(Protocol):
    """A modality that takes long to find what its patients' data say, and finds it once."""

    def attend(self, part: Part, manifest: Manifest, knowledge: Knowledge, jobs: int, listener: Listener) -> Part:
        """Return the part with what it says; what others know of the patients helps to find who is named."""
        ...


@dataclass(frozen=True)
class Problem:
    """Something that could not be read, or not wholly: where, and why; never a value."""

    name: str
    reason: str


@dataclass(frozen=True)
class Tally:
    """What was found in a stream.

    Parameters
    ----------
    documents : int
    touched : int
        Documents in which something was found.
    labels : mapping of str to int
        Findings by label.
    detectors : mapping of str to int
        Findings by what found them.
    problems : tuple of Problem
        The first of them.
    troubled : int
        Number of problems.
    paths : mapping of str to str
        From each file that was read to the one that was written, both relative.
    """

    documents: int = 0
    touched: int = 0
    labels: Mapping[str, int] = field(default_factory=dict)
    detectors: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    troubled: int = 0
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Order:
    """What is asked of a stream.

    Parameters
    ----------
    pseudonyms : Pseudonyms
    knowledge : Knowledge
    profile : Path, optional
        What to do with each label.
    review : bool
        Whether to write pages for a human reader.
    jobs : int
        Processes; 0 for one a core.
    words : str
        Language of the pages.
    sheets : Path, optional
        Folder to make for small pictures of what was masked, which show it before it was: never a part of the copy.
    """

    pseudonyms: Pseudonyms
    knowledge: Knowledge = NOTHING
    profile: Path | None = None
    review: bool = False
    jobs: int = 0
    words: str = "en"
    sheets: Path | None = None


class Stream(Protocol):
    """A modality that is copied as it is read. An entry point in the group ``sosie.streams`` names its class."""

    name: str

    def recognises(self, source: Path | str, manifest: Manifest) -> bool:
        """Tell whether a file or a folder holds something of this modality."""
        ...

    def claims(self, source: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return the files that another modality could read, and that are of this one beyond doubt."""
        ...

    def order(self, order: Order) -> Order:
        """Return an order whose pseudonyms follow its profile.

        Raises
        ------
        ManifestError
            When the profile asks for what does not exist.
        """
        ...

    def inspect(self, source: Path, manifest: Manifest, order: Order, listener: Listener) -> Tally:
        """Count what identifies."""
        ...

    def copy(
        self, source: Path, manifest: Manifest, out: Path, order: Order, kept: Checkpoint, listener: Listener
    ) -> Tally:
        """Write ``out/data`` and add to ``out/findings.jsonl``; what was done before goes on from ``kept``.

        Raises
        ------
        UnreadableError
            When nothing could be read.
        """
        ...


def streams() -> dict[str, Stream]:
    """Return an instance of each installed stream, by name."""
    found = {entry.name: entry.load()() for entry in entry_points(group="sosie.streams")}
    return dict(sorted(found.items()))
