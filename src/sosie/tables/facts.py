"""What tables know of each patient, by which other modalities recognise them and replace them alike.

Tables and their pseudonymised copy come in, facts leave: direct identifiers, birth date, town, and the patient key,
each with what stands for it in the copy. They serve the run alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import polars as pl

from sosie.cohort import Finding, Role
from sosie.stream import Fact, Knowledge
from sosie.tables import redact
from sosie.tables.frame import TablesPart
from sosie.tables.identify import place

OF_OTHERS = frozenset({"PRACTITIONER", "RPPS", "ADELI", "FINESS"})
OF_PATIENTS = frozenset({"BIRTH_DATE", "CITY"})


def knowledge(part: TablesPart, copy: TablesPart | None, findings: Sequence[Finding]) -> Knowledge:
    """Return what the tables say of each patient.

    Parameters
    ----------
    part : TablesPart
    copy : TablesPart, optional
        The pseudonymised copy, with the same columns and rows.
    findings : sequence of Finding
    """
    known = {(finding.document, finding.place): finding for finding in findings}
    facts: dict[str, list[Fact]] = defaultdict(list)
    found: list[dict[str, Finding]] = []
    for at, table in enumerate(part.tables):
        where = {name: known.get((table.file.path, place(part, table, name))) for name in table.frame.columns}
        found.append({name: finding for name, finding in where.items() if finding is not None})
        for name, finding in found[-1].items():
            if not _tells(finding):
                continue
            label = "PATIENT_KEY" if name == table.key else finding.label
            after = None if copy is None else copy.tables[at].frame[name]
            for key, value, new in _rows(part.keys, table.frame[name], after):
                facts[key].append(Fact(label, value, new if label not in OF_PATIENTS else None))
    return Knowledge(dict(facts), redact.taken(part, found))


def _tells(finding: Finding) -> bool:
    personal = finding.role in (Role.KEY, Role.DIRECT) or finding.label in OF_PATIENTS
    return personal and finding.label not in OF_OTHERS


def _rows(keys: Sequence[str], before: pl.Series, after: pl.Series | None) -> list[tuple[str, str, str | None]]:
    new = [None] * len(keys) if after is None else after.to_list()
    return [
        (key, _text(value), None if other is None else _text(other))
        for key, value, other in zip(keys, before.to_list(), new, strict=True)
        if value is not None and key
    ]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
