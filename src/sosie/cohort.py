"""Patients, and the protocols that every modality and every synthesizer follows.

A cohort is a list of patients and one part for each modality (tables, timelines, notes, images, genomes).
Parts are aligned: row ``i`` of each part is patient ``i``, present or not. This module does no I/O and knows no
modality; attacks and synthesizers see cohorts through it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sosie.manifest import Manifest
    from sosie.pseudonyms import Pseudonyms

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Role(StrEnum):
    """What a column (or a field, a tag, a span) is to the person it describes."""

    KEY = "key"
    DIRECT = "direct_identifier"
    QUASI = "quasi_identifier"
    SENSITIVE = "sensitive"
    DATE = "date"
    FREE_TEXT = "free_text"
    CONSTANT = "constant"
    DERIVED = "derived"


@dataclass(frozen=True)
class Finding:
    """Something that identifies, where it stands and why we say so; never its value.

    Parameters
    ----------
    document : str
        File, relative to the source, with ``/``.
    place : str
        Column, tag path or ``start-end`` span inside the document.
    label : str
        Kind of identifier (``NIR``, ``POSTCODE``, ``NAME`` ...).
    role : Role
    score : float
        Confidence in [0, 1].
    detector : str
        What found it (``name:fr``, ``validator:nir``, ``manifest`` ...).
    reason : str
        One sentence for a human reader.
    """

    document: str
    place: str
    label: str
    role: Role
    score: float
    detector: str
    reason: str = ""


class Kind(StrEnum):
    """How a column of the patient vector behaves."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True)
class Column:
    """One column of the patient vector.

    Parameters
    ----------
    name : str
        ``block.column``.
    kind : Kind
        ``numeric``, or ``categorical`` with codes ``0 .. levels - 1``.
    levels : int
        Number of levels of a categorical column, 0 for a numeric one.
    after : str, optional
        Name of a column that this one should follow in a sequential model (an event after its duration).
    bounds : tuple of float, optional
        Lowest and highest number, where they are known without looking at the patients.
    step : float
        What numbers are multiples of, where that is known without looking at the patients; 0 where it is not.
    block : str
        Modality that it belongs to, where several are seen together.
    sequence : tuple of str
        Sequences of what happened to a patient that this column continues: somebody may know the first of them. Their
        numbers are days.
    """

    name: str
    kind: Kind
    levels: int = 0
    after: str | None = None
    bounds: tuple[float, float] | None = None
    step: float = 0.0
    block: str = ""
    sequence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vectors:
    """One mixed-type row for each patient.

    Parameters
    ----------
    columns : tuple of Column
    values : ndarray of float64, shape (patients, columns)
        Numbers, or the codes of a categorical column; NaN is missing.
    weights : ndarray of float64, shape (patients,), optional
        Sampling weights of the patients, 1 when absent.
    """

    columns: tuple[Column, ...]
    values: Floats
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Rows) -> Vectors:
        """Return the vectors of some patients, in the order given."""
        weights = None if self.weights is None else self.weights[rows]
        return Vectors(self.columns, self.values[rows], weights)

    def block(self, names: Sequence[str]) -> Vectors:
        """Return some columns, by name, in the order given."""
        position = {column.name: i for i, column in enumerate(self.columns)}
        chosen = [position[name] for name in names]
        return Vectors(tuple(self.columns[i] for i in chosen), self.values[:, chosen], self.weights)

    @staticmethod
    def beside(blocks: Sequence[Vectors]) -> Vectors:
        """Put the blocks of several modalities of the same patients side by side."""
        columns = tuple(column for block in blocks for column in block.columns)
        weights = next((block.weights for block in blocks if block.weights is not None), None)
        return Vectors(columns, np.hstack([block.values for block in blocks]), weights)


@runtime_checkable
class Part(Protocol):
    """The data of one modality for a list of patients, row ``i`` being patient ``i``."""

    @property
    def keys(self) -> Sequence[str]:
        """Patient keys, in row order."""
        ...

    def take(self, rows: Rows) -> Part:
        """Return the part of some patients; a row of -1 is a patient without this modality."""
        ...


class Codec(Protocol):
    """Turns a part into a block of the patient vector, and sampled vectors into a part of doubles."""

    frozen: str | None
    """Hash of a codec that learned nothing from the cohort; None for one that did and must be refitted."""

    def encode(self, part: Part) -> Vectors:
        """Return one row for each patient."""
        ...

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> Part:
        """Return the part of ``len(block)`` doubles; ``doubles`` holds the parts decoded before this one."""
        ...

    def valid(self, part: Part) -> Mask:
        """Tell which doubles obey every rule of the modality."""
        ...


class Modality(Protocol):
    """The five rooms of a modality. An entry point in the group ``sosie.modalities`` names its class."""

    name: str

    def recognises(self, source: Path | str, without: Collection[Path] = ()) -> bool:
        """Tell whether a file, a folder (some of its files left out) or an address holds data of this modality."""
        ...

    def read(self, source: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> Part:
        """Read the native format (streaming where it is large)."""
        ...

    def identify(self, part: Part, manifest: Manifest) -> tuple[Finding, ...]:
        """Find what identifies people."""
        ...

    def assign(self, part: Part, findings: Sequence[Finding], manifest: Manifest) -> Part:
        """Return the part with the roles that were found."""
        ...

    def redact(self, part: Part, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> Part:
        """Return the pseudonymised copy."""
        ...

    def fit_codec(self, part: Part, manifest: Manifest, rng: np.random.Generator) -> Codec:
        """Learn to encode and decode; what is learned from the cohort is judged with the rest."""
        ...

    def observe(self, part: Part, manifest: Manifest) -> Callable[[Part], Vectors]:
        """Return the attacker's uncensored view: a frozen map from any part of this shape to vectors."""
        ...

    def conform(self, part: Part, like: Part) -> Part:
        """Return a part of the same shape as another (a release, a control): its columns, their types."""
        ...

    def shared(self, part: Part, other: Part) -> Part:
        """Return a part without what another of its shape lacks."""
        ...

    def describe(self, part: Part, manifest: Manifest) -> Mapping[str, object]:
        """Tell what a report should say of the source: rules, uniqueness, notices (JSON-ready, no values)."""
        ...

    def compare(
        self, original: Part, doubles: Part, manifest: Manifest, rng: np.random.Generator
    ) -> Mapping[str, object]:
        """Measure what the doubles keep of the original (JSON-ready; groups of at least k only)."""
        ...

    def write(self, part: Part, directory: Path) -> None:
        """Write in the format, under the file names and with the details that came in."""
        ...


class Model(Protocol):
    """A fitted synthesizer."""

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        """Draw ``n`` new patients; their order carries nothing."""
        ...


class Synthesizer(Protocol):
    """Fits the patient vectors and draws new ones. It sees no modality."""

    def fit(self, vectors: Vectors, rng: np.random.Generator) -> Model:
        """Learn the joint distribution of the rows."""
        ...


@dataclass(frozen=True)
class Cohort:
    """Patients and their parts, aligned.

    Parameters
    ----------
    keys : tuple of str
        Patient keys; never written in a log, an error, a report or a release.
    parts : mapping of str to Part
        One part for each modality, each with ``len(keys)`` rows.
    """

    keys: tuple[str, ...]
    parts: Mapping[str, Part] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Mapping[str, Part]) -> Cohort:
        """Align parts on the union of their patients, in order of first appearance."""
        keys = tuple(dict.fromkeys(key for part in parts.values() for key in part.keys))
        aligned: dict[str, Part] = {}
        for name, part in parts.items():
            if tuple(part.keys) == keys:
                aligned[name] = part
                continue
            rows = {key: row for row, key in enumerate(part.keys)}
            aligned[name] = part.take(np.array([rows.get(key, -1) for key in keys], dtype=np.int64))
        return cls(keys, aligned)

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: Rows) -> Cohort:
        """Return some patients, in every modality."""
        return Cohort(
            tuple(self.keys[row] for row in rows), {name: part.take(rows) for name, part in self.parts.items()}
        )


def modalities() -> dict[str, Modality]:
    """Return an instance of each installed modality, by name, in the order in which doubles are decoded."""
    order = {"tables": 0, "timelines": 1, "notes": 2, "images": 3, "genomes": 4}
    found = {entry.name: entry.load()() for entry in entry_points(group="sosie.modalities")}
    return dict(sorted(found.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))
