"""Both sides of a table of the report: what is of the patients, beside what is of their doubles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table, in words; a figure of both sides stands under the doubles."""

    name: str
    real: str
    doubles: str
