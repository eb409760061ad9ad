"""The OMOP common data model 5.3 and 5.4: tables, fields, types and keys, as OHDSI publishes them (``data/NOTICE``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

VERSIONS = ("5.3", "5.4")
VOCABULARY = frozenset(
    {
        "concept",
        "vocabulary",
        "domain",
        "concept_class",
        "concept_relationship",
        "relationship",
        "concept_synonym",
        "concept_ancestor",
        "source_to_concept_map",
        "drug_strength",
    }
)
"""Tables that say nothing of any patient."""
OLDER = frozenset({"cohort_attribute"})
"""Tables of earlier versions that sources still bring; they are written with their header alone."""
LOCAL = 2_000_000_000
"""Concepts from this number on are a site's own, as OHDSI's conventions have it."""


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Parameters
    ----------
    name : str
    type : str
        ``integer``, ``float``, ``date``, ``datetime`` or ``varchar(...)``.
    required, primary : bool
    refers : str
        Table whose primary key it holds; empty where it is no foreign key.
    """

    name: str
    type: str
    required: bool
    primary: bool
    refers: str


Tables = Mapping[str, Mapping[str, Field]]


@cache
def tables(version: str) -> Tables:
    """Return the fields of each table, by name, of a version of the model."""
    raw = files("sosie.timelines.source.omop").joinpath("data", "fields.tsv").read_text(encoding="utf-8")
    found: dict[str, dict[str, Field]] = {}
    for line in raw.splitlines():
        of, table, name, kind, marks, refers = line.split("\t")
        if of == version:
            found.setdefault(table, {})[name] = Field(name, kind, "R" in marks, "P" in marks, refers)
    return found


@cache
def names() -> frozenset[str]:
    """Return the names of the tables of any version."""
    return OLDER | frozenset(name for version in VERSIONS for name in tables(version))


def key(table: str, version: str) -> str | None:
    """Return the primary key of a table."""
    return next((field.name for field in tables(version).get(table, {}).values() if field.primary), None)


def version_of(columns: Mapping[str, frozenset[str]], said: str = "") -> str:
    """Return the version that a source follows, by what it says, else by the columns of its tables."""
    for version in VERSIONS:
        if said.strip().lower().lstrip("v").startswith(version):
            return version

    def known(version: str) -> int:
        """Count columns that this version knows."""
        model = tables(version)
        return sum(len(given & frozenset(model.get(table, {}))) for table, given in columns.items())

    return max(VERSIONS, key=lambda version: (known(version), version))
