"""A fact that a note states: its kind, its code, whether it holds, its value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """What a mention tells of a patient."""

    PROBLEM = "PROBLEM"
    TREATMENT = "TREATMENT"
    MEASUREMENT = "MEASUREMENT"
    SEX = "SEX"
    AGE = "AGE"


class Status(StrEnum):
    """Of whom, when and how surely a fact is told."""

    PRESENT = "PRESENT"
    NEGATED = "NEGATED"
    POSSIBLE = "POSSIBLE"
    HISTORY = "HISTORY"
    FAMILY = "FAMILY"


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact, in the text of a note.

    Parameters
    ----------
    start, end : int
        Code points, the end excluded. Of a measurement the figure and its unit; of an age the figure alone.
    kind : FactKind
    code : str
        The same in every language. Of a problem its category of ICD-10 (``I10``); of a treatment its ATC code, or the
        name of a procedure; of a measurement its name in ``measures.toml`` (``haemoglobin``); of a sex ``F`` or ``M``;
        of an age the unit of its figure (``year``, ``month``, ``week``, ``day``).
    status : Status
    value : float, optional
        Of a measurement in ``unit``, of an age in years.
    unit : str, optional
        The one unit of its measure.
    """

    start: int
    end: int
    kind: FactKind
    code: str
    status: Status
    value: float | None = None
    unit: str | None = None
