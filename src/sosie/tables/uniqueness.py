"""How many columns single out a patient.

A part and its findings come in; a JSON-ready account leaves: for one to five columns that somebody knows, chosen as
they would be (the next column is the one that leaves most patients alone), the share of patients who are alone with
their values, and of those who are in a group of fewer than k. Values are taken as recorded; a missing value is a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sosie.cohort import Finding, Role, Rows
from sosie.tables.frame import Table, TablesPart
from sosie.tables.identify import place

MOST = 5
"""Columns known to the attacker, at most."""
ROWS = 20_000
"""Patients among whom the columns are chosen; the shares are then counted over all."""
CANDIDATES = 40
"""Columns that are tried at each step, those of the greatest entropy."""
_SKIPPED = (Role.KEY, Role.DIRECT, Role.CONSTANT, Role.FREE_TEXT)


@dataclass(frozen=True)
class _Coded:
    """A column as dense codes, one a patient."""

    name: str
    codes: Rows
    levels: int


def singled_out(part: TablesPart, findings: Sequence[Finding], k: int) -> dict[str, object]:
    """Measure how few columns single out a patient.

    Parameters
    ----------
    part : TablesPart
    findings : sequence of Finding
        Keys, direct identifiers, constants and free text are left out; quasi-identifiers and dates are looked at first.
    k : int
        Size of the smallest group that hides a patient.

    Returns
    -------
    dict
        ``patients``, ``k``, and for ``quasi_identifiers`` and ``all_columns`` a list of
        ``{"columns": [...], "alone": share, "under_k": share}`` for 1, 2, ... known columns.
    """
    roles = {(finding.document, finding.place): finding.role for finding in findings}
    known = {
        f"{table.name}.{name}" if len(part.tables) > 1 else name: roles.get((table.file.path, place(part, table, name)))
        for table in part.tables
        for name in table.frame.columns
    }
    columns = [column for column in _coded(part) if known[column.name] not in _SKIPPED and column.levels > 1]
    quasi = [column for column in columns if known[column.name] in (Role.QUASI, Role.DATE)]
    return {
        "patients": len(part.keys),
        "k": k,
        "quasi_identifiers": _walk(quasi, len(part.keys), k),
        "all_columns": _walk(columns, len(part.keys), k),
    }


def _coded(part: TablesPart) -> list[_Coded]:
    several = len(part.tables) > 1
    return [
        _code(f"{table.name}.{name}" if several else name, table, name)
        for table in part.tables
        for name in table.frame.columns
    ]


def _code(label: str, table: Table, name: str) -> _Coded:
    codes = table.frame[name].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    return _Coded(label, codes, len(np.unique(codes)))


def _walk(columns: Sequence[_Coded], patients: int, k: int) -> list[Mapping[str, object]]:
    rows = np.arange(0, patients, max(1, -(-patients // ROWS)), dtype=np.int64)
    candidates = sorted(columns, key=lambda column: (-_entropy(column.codes[rows]), column.name))[:CANDIDATES]
    cells, sampled = np.zeros(patients, dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    steps: list[Mapping[str, object]] = []
    chosen: list[str] = []
    while candidates and len(chosen) < MOST:
        best = max(candidates, key=lambda column: _rank(_join(sampled, column.codes[rows]), k))
        candidates.remove(best)
        chosen.append(best.name)
        cells, sampled = _join(cells, best.codes), _join(sampled, best.codes[rows])
        sizes = np.bincount(cells)[cells]
        alone, small = float(np.mean(sizes == 1)), float(np.mean(sizes < k))
        steps.append({"columns": list(chosen), "alone": round(alone, 4), "under_k": round(small, 4)})
        if alone == 1:
            break
    return steps


def _rank(cells: Rows, k: int) -> tuple[int, int, int]:
    """Order combinations by who is alone, then by who is in a small group, then by the number of groups."""
    counts = np.bincount(cells)
    return int((counts == 1).sum()), int(counts[counts < k].sum()), len(counts)


def _join(cells: Rows, codes: Rows) -> Rows:
    """Return dense codes of the pairs."""
    joined = cells * (int(codes.max(initial=0)) + 1) + codes
    dense = pl.Series(joined).rank("dense").to_numpy().astype(np.int64)
    return dense - 1


def _entropy(codes: Rows) -> float:
    counts = np.bincount(codes)
    shares = counts[counts > 0] / max(len(codes), 1)
    return float(-(shares * np.log(shares)).sum())
