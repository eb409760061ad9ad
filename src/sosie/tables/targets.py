"""The questions that the doubles must still answer: those of the manifest, else those that the columns suggest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sosie.manifest import Target
from sosie.tables.aligned import ATOMS, OTHER, Aligned

GROUPS = 6
DURATION = re.compile(
    r"(days?|jours?|weeks?|semaines?|months?|mois|years?|time|temps|futime|stime|tenure|os|pfs|dfs|rfs|efs|fup|fu"
    r"|t|durations?|duree|delai|surviv\w*|survie|follow\w*|suivi)$"
)
EVENT = re.compile(
    r"(cens\w*|events?|evenements?|status|statut|fustat|fstat|death|dead|died|deces|decede\w*|mort|relapse\w*|rechute"
    r"|recidive\w*|progress\w*|arrest|e)$"
)
GROUP = (
    re.compile(r"(arms?|bras|rand\w*)$"),
    re.compile(r"(treat\w*|traite\w*|trt|rx|tx|therap\w*|horth|group\w*|grp)$"),
)
OUTCOME = re.compile(
    r"(outcome|target|class|classe|diagnos\w*|label|response|reponse|readmi\w*|death|dead|died|deces|mort\w*|y|cible)$"
)


@dataclass(frozen=True)
class EndPoint:
    """A survival end point, by the names of its columns."""

    duration: str
    event: str
    group: str | None = None


@dataclass(frozen=True)
class Questions:
    """What is asked of one table: columns to predict, end points to follow."""

    predictions: tuple[str, ...] = ()
    end_points: tuple[EndPoint, ...] = ()


def questions(columns: Sequence[Aligned], declared: Sequence[Target]) -> Questions:
    """Return what the manifest asks; where it asks nothing, what the columns suggest.

    A target whose columns are not among those compared (identifiers, say) is left out.
    """
    if not declared:
        return suggested(columns)
    predictions: list[str] = []
    end_points: list[EndPoint] = []
    for target in declared:
        names = {
            column.column: column.name for column in columns if target.table in (None, column.table or target.table)
        }
        if target.column in names:
            predictions.append(names[target.column])
        if target.duration in names and target.event in names:
            end_points.append(EndPoint(names[target.duration], names[target.event], names.get(target.group or "")))
    return Questions(tuple(predictions), tuple(end_points))


def suggested(columns: Sequence[Aligned]) -> Questions:
    """Recognise a survival pair, its groups and an outcome by their names and values."""
    end_point = _end_point(columns)
    outcome = end_point.event if end_point else _outcome(columns)
    return Questions((outcome,) if outcome else (), (end_point,) if end_point else ())


def _end_point(columns: Sequence[Aligned]) -> EndPoint | None:
    durations = [column for column in columns if _is_duration(column)]
    events = [column for column in columns if _matches(EVENT, column) and 2 <= _named(column) <= 3]
    pairs = [(duration, event) for duration in durations for event in events]
    if not pairs:
        return None
    duration, event = max(pairs, key=lambda pair: _kinship(*pair))
    return EndPoint(duration.name, event.name, _group(columns, {duration.name, event.name}))


def _is_duration(column: Aligned) -> bool:
    if column.scale != "numeric" or not _matches(DURATION, column):
        return False
    values = column.values("original")
    known = values[~np.isnan(values)]
    return len(known) > ATOMS and bool(known.min() >= 0)


def _group(columns: Sequence[Aligned], taken: set[str]) -> str | None:
    for pattern in GROUP:
        for column in columns:
            fits = column.name not in taken and 2 <= _named(column) <= GROUPS
            if fits and _matches(pattern, column):
                return column.name
    return None


def _outcome(columns: Sequence[Aligned]) -> str | None:
    """Return the column named as an outcome, else the last one of two levels, of few levels, of numbers."""
    usable = [column for column in columns if column.scale == "numeric" or 2 <= _named(column) <= ATOMS]
    if len(usable) < 2:
        return None
    named = [column.name for column in usable if _matches(OUTCOME, column)]
    two = [column.name for column in usable if _named(column) == 2]
    few = [column.name for column in usable if column.codes is not None]
    return (named or two or few or [column.name for column in usable])[-1]


def _named(column: Aligned) -> int:
    return sum(level != OTHER for level in column.levels)


def _words(column: Aligned) -> list[str]:
    plain = unicodedata.normalize("NFKD", column.column).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return [word for word in re.split(r"[^a-z]+", spaced.lower()) if word]


def _matches(pattern: re.Pattern[str], column: Aligned) -> bool:
    words = _words(column)
    return any(pattern.match(word) for word in (*words, "".join(words)))


def _kinship(first: Aligned, second: Aligned) -> int:
    return len(set(_words(first)) & set(_words(second))) + (first.table == second.table)
