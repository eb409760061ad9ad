"""``sosie.yaml``: the sources, the patient key, the roles, the rules and the guarantee.

Everything in it is optional: what it leaves out is found in the data. What it declares wins over what is found.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sosie.cohort import Role
from sosie.errors import ManifestError

FILE_NAME = "sosie.yaml"
K = 11


def _expression(value: str | None) -> str | None:
    if value is not None:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression ({error})") from None
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnManifest(_Strict):
    """What the user declares about one column."""

    role: Role | None = None
    kind: Literal["numeric", "categorical", "date", "text"] | None = None
    decimals: int | None = Field(default=None, ge=0, le=15)
    date_format: str | None = None
    missing: tuple[str, ...] = ()
    hierarchy: Literal["none", "prefix"] | str | None = None
    """``prefix`` merges rare codes upward by their leading characters; any other word names a CSV (code, parent)."""
    bounds: tuple[float, float] | None = None
    """Lowest and highest value of a number, known without looking at the data (differential privacy needs them)."""
    categories: tuple[str, ...] = ()
    """Every value that a category can take, known without looking at the data."""


class TableManifest(_Strict):
    """What the user declares about one table."""

    columns: dict[str, ColumnManifest] = Field(default_factory=dict)
    rules: tuple[str, ...] = ()
    """Formulas over column names: ``bmi = weight / height**2``, ``admission <= discharge``."""
    weights: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None


class NotesManifest(_Strict):
    """What the user declares about one file of notes, or about a folder of them.

    A table (CSV, Parquet) that is declared here is a table of notes; its columns are given by name. Of files that hold
    one note each, ``path`` tells what their names say, relative to the source and with ``/``: a regular expression with
    groups ``patient``, ``date`` and ``kind``.
    """

    text: str | None = None
    patient: str | None = None
    document: str | None = None
    date: str | None = None
    kind: str | None = None
    path: str | None = None
    encoding: str | None = None

    _compiles = field_validator("path")(_expression)


class ImagesManifest(_Strict):
    """What the user declares about pictures and volumes, which name no patient.

    ``path`` tells what their names say, relative to the source and with ``/``: a regular expression with the group
    ``patient``.
    """

    path: str | None = None

    _compiles = field_validator("path")(_expression)


class TimelinesManifest(_Strict):
    """What the user declares about one file of events, its columns by name; a file declared here is one.

    Without ``code`` each column that is not named here, and that changes within a patient, is a measurement.
    """

    patient: str | None = None
    time: str | None = None
    end: str | None = None
    code: str | None = None
    value: str | None = None
    unit: str | None = None
    visit: str | None = None
    group: (
        Literal["condition", "drug", "procedure", "measurement", "observation", "device", "visit", "other"] | None
    ) = None
    """What its events are, where the file does not tell."""
    hierarchy: str | None = None
    """CSV (code, parent), relative to the manifest, by which rare codes are published as their ancestors."""


class GenomesManifest(_Strict):
    """What the user declares about genomes; paths are relative to the manifest."""

    panel: str | None = None
    """Public reference panel (VCF, BCF, PLINK)."""
    map: str | None = None
    """Genetic map (contig, position, centimorgan); a uniform rate without it."""
    variants: tuple[str, ...] = ()
    """Variants that matter (identifiers, or ``contig:position:ref:alt``): traits, clinically notable ones."""
    scores: dict[str, str] = Field(default_factory=dict)
    """Polygenic scores, by name: files of variant, effect allele and weight."""
    samples: str | None = None
    """CSV (sample, patient) where the samples of the files do not bear the patients' keys."""


class Target(_Strict):
    """A question that the doubles must still answer: a column to predict, or a survival end point."""

    table: str | None = None
    column: str | None = None
    duration: str | None = None
    event: str | None = None
    group: str | None = None


class Manifest(_Strict):
    """The manifest of one cohort."""

    version: Literal[1] = 1
    patient: str | None = None
    """Name of the column that holds the patient key."""
    k: int = Field(default=K, ge=2)
    tables: dict[str, TableManifest] = Field(default_factory=dict)
    """By file name without its extension (or by SQL table name)."""
    notes: dict[str, NotesManifest] = Field(default_factory=dict)
    """By file name without its extension; ``*`` stands for every other file."""
    images: ImagesManifest = Field(default_factory=ImagesManifest)
    timelines: dict[str, TimelinesManifest] = Field(default_factory=dict)
    """By file name without its extension."""
    genomes: GenomesManifest = Field(default_factory=GenomesManifest)
    faulty: Literal["stop", "drop", "keep"] = "drop"
    """What becomes of events that contradict themselves (after a death, before a birth, an end before its start)."""
    query: dict[str, str] = Field(default_factory=dict)
    """SQL queries, by table name, where the source is a database."""
    targets: tuple[Target, ...] = ()
    purpose: str = ""
    recipient: str = ""
    threat_model: str = ""
    controller: str = ""
    """Who decides on the processing and signs the assessment."""
    legal_basis: str = ""
    expires: date | None = None
    """Day after which the recipient must no longer use the release."""
    reassess_months: int = Field(default=12, ge=1)
    """Months after which the residual risk is assessed again."""

    def table(self, name: str) -> TableManifest:
        """Return what is declared about a table, empty when nothing is."""
        return self.tables.get(name, TableManifest())

    def note(self, name: str) -> NotesManifest:
        """Return what is declared about a file of notes, empty when nothing is."""
        return self.notes.get(name) or self.notes.get("*") or NotesManifest()


def load(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    ManifestError
        When the file is not YAML, or holds an unknown or ill-typed field; the message names the field.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise ManifestError(f"{path.name}{line}: not a readable YAML file") from error
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise ManifestError(f"{path.name}, field {field!r}: {first['msg']}") from error


def find(source: Path | str, given: Path | None = None) -> Manifest:
    """Return the given manifest, else the one in the source folder, else an empty one."""
    if given is not None:
        return load(given)
    folder = Path(source)
    if folder.is_file():
        folder = folder.parent
    path = folder / FILE_NAME
    return load(path) if path.is_file() else Manifest()


def dump(manifest: Manifest) -> str:
    """Return a manifest as YAML, without the fields left at their defaults."""
    text: str = yaml.safe_dump(
        {"version": manifest.version, **manifest.model_dump(mode="json", exclude_defaults=True)},
        sort_keys=False,
        allow_unicode=True,
    )
    return text
