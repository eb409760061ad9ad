"""The recipient's datasheet: what the data are, how they were made and what they keep.

Of the evidence it tells the columns, the family of the method, the number of doubles and how useful they are, rounded.
It tells nothing of the attacks, of the inputs, of the settings, nor of any distribution among the patients. Under
differential privacy it tells no measured figure at all: epsilon covers the data, and nothing that compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sosie.errors import RefusedError
from sosie.evidence import Evidence
from sosie.report import utility
from sosie.report.account import method_name
from sosie.report.html import environment
from sosie.report.utility import Utility
from sosie.report.verdict import demonstrated, doubles
from sosie.report.words import Language, Words, words


@dataclass(frozen=True)
class Row:
    """One column of the data."""

    name: str
    kind: str
    similarity: str


def datasheet(evidence: Evidence, language: Language = "en") -> str:
    """Write the datasheet of a release as one HTML page that refers to nothing outside itself.

    Raises
    ------
    RefusedError
        When the gate did not release: there is no recipient.
    """
    if not demonstrated(evidence):
        raise RefusedError("No datasheet: the gate did not release these data, nobody may receive them.")
    say = words(language)
    private = evidence.budget.epsilon is not None
    measured = None if private else utility.read(evidence.utility.get("tables"))
    return (
        environment()
        .get_template("datasheet.html.j2")
        .render(
            say=say,
            evidence=evidence,
            facts=(
                (say("datasheet.count"), say.number(doubles(evidence))),
                (say("page.date"), say.date(evidence.created)),
                (say("page.version"), f"Sosie {evidence.sosie_version}"),
            ),
            method=method_name(evidence, say),
            guarantee=_guarantee(evidence, say),
            rows=() if measured is None else _rows(measured, say),
            utility=measured,
            predictions=() if measured is None else [row for table in measured.tables for row in table.predictions],
        )
    )


def _guarantee(evidence: Evidence, say: Words) -> str:
    """Return the formal guarantee in words, empty where there is none."""
    budget = evidence.budget
    if budget.epsilon is None or budget.delta is None:
        return ""
    return say("datasheet.dp", epsilon=f"{budget.epsilon:g}", delta=f"{budget.delta:.0e}")


def _rows(measured: Utility, say: Words) -> tuple[Row, ...]:
    return tuple(
        Row(column.name, say.known("kind", column.kind, say("kind.other")), say.number(column.similarity, 2))
        for table in measured.tables
        for column in table.columns
    )
