"""What the doubles keep of the tables, as the report reads it from `sosie.tables.compare`.

Every part is optional and none is trusted: a part that cannot be read is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sosie.report.reading import edges, mapping, mappings, matrix, number, numbers, sequence, text, texts


@dataclass(frozen=True)
class Sides:
    """One figure of the patients and of the doubles."""

    real: float | None
    doubles: float | None


@dataclass(frozen=True)
class Marginal:
    """The distribution of one column; ``bins`` (edges) or ``levels`` (labels), one of them empty; sides are shares."""

    name: str
    kind: str
    similarity: float | None
    missing: Sides
    bins: tuple[float, ...]
    levels: tuple[str, ...]
    real: tuple[float, ...]
    doubles: tuple[float, ...]

    @property
    def drawn(self) -> bool:
        """Whether there is something to draw."""
        groups = len(self.levels) or max(len(self.bins) - 1, 0)
        return groups > 0 and len(self.real) == len(self.doubles) == groups


@dataclass(frozen=True)
class Correlations:
    """Two matrices of association over the same columns."""

    columns: tuple[str, ...]
    real: tuple[tuple[float, ...], ...]
    doubles: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Pair:
    """Two columns, and how much of their relation is kept."""

    columns: tuple[str, ...]
    similarity: float | None


@dataclass(frozen=True)
class Prediction:
    """A model that learned once on patients and once on doubles."""

    target: str
    metric: str
    score: Sides
    gap: float | None


@dataclass(frozen=True)
class Steps:
    """A Kaplan-Meier curve, thinned."""

    times: tuple[float, ...]
    survival: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """The curves of one group."""

    group: str
    real: Steps | None
    doubles: Steps | None
    distance: float | None
    p: float | None


@dataclass(frozen=True)
class Interval:
    """A hazard ratio with its 95 % interval."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Hazard:
    """A hazard ratio among patients and among doubles."""

    name: str
    real: Interval | None
    doubles: Interval | None
    overlap: float | None


@dataclass(frozen=True)
class Survival:
    """One survival end point."""

    duration: str
    event: str
    group: str
    curves: tuple[Curves, ...]
    distance: float | None
    hazards: tuple[Hazard, ...]
    overlap: float | None


@dataclass(frozen=True)
class TableUtility:
    """What is kept of one table."""

    name: str
    columns: tuple[Marginal, ...]
    correlations: Correlations | None
    pairs_worst: tuple[Pair, ...]
    predictions: tuple[Prediction, ...]
    survival: tuple[Survival, ...]

    @property
    def ranked(self) -> tuple[Marginal, ...]:
        """The columns that can be drawn, the least similar first."""
        return tuple(sorted((column for column in self.columns if column.drawn), key=_similarity))


@dataclass(frozen=True)
class Utility:
    """What is kept of all the tables: four headlines, and each table."""

    shapes: float | None
    pairs: float | None
    propensity: float | None
    gap: float | None
    tables: tuple[TableUtility, ...]


def read(raw: object) -> Utility | None:
    """Read what was measured; None when nothing was."""
    source = mapping(raw)
    if not source:
        return None
    return Utility(
        shapes=number(source.get("shapes")),
        pairs=number(source.get("pairs")),
        propensity=number(source.get("propensity_auc")),
        gap=number(source.get("tstr_gap")),
        tables=(_table(source),) if mappings(source.get("columns")) else (),
    )


def _similarity(column: Marginal) -> float:
    return 2.0 if column.similarity is None else column.similarity


def _table(raw: Mapping[str, object]) -> TableUtility:
    correlations = mapping(raw.get("correlations"))
    return TableUtility(
        name="",
        columns=tuple(_marginal(column) for column in mappings(raw.get("columns"))),
        correlations=_correlations(correlations),
        pairs_worst=tuple(
            Pair(texts(pair.get("pair")), number(pair.get("similarity")))
            for pair in mappings(correlations.get("least_faithful"))
        ),
        predictions=tuple(_prediction(row) for row in mappings(raw.get("tstr"))),
        survival=tuple(survival(row) for row in mappings(raw.get("survival"))),
    )


def _sides(raw: Mapping[str, object]) -> Sides:
    return Sides(number(raw.get("original")), number(raw.get("doubles")))


def _marginal(raw: Mapping[str, object]) -> Marginal:
    histogram = mapping(raw.get("histogram"))
    return Marginal(
        name=text(raw.get("name")),
        kind=text(raw.get("kind")),
        similarity=number(raw.get("shape")),
        missing=_sides(mapping(raw.get("missing"))),
        bins=edges(histogram.get("edges")),
        levels=texts(histogram.get("levels")),
        real=_shares(histogram.get("original")),
        doubles=_shares(histogram.get("doubles")),
    )


def _shares(raw: object) -> tuple[float, ...]:
    counts = numbers(raw)
    total = sum(counts)
    return tuple(count / total if total > 0 else 0.0 for count in counts)


def _correlations(raw: Mapping[str, object]) -> Correlations | None:
    columns = texts(raw.get("columns"))
    real, doubles = matrix(raw.get("original"), len(columns)), matrix(raw.get("doubles"), len(columns))
    return Correlations(columns, real, doubles) if len(columns) > 1 and real and doubles else None


def _prediction(raw: Mapping[str, object]) -> Prediction:
    return Prediction(text(raw.get("target")), text(raw.get("metric")), _sides(raw), number(raw.get("gap")))


def survival(raw: Mapping[str, object]) -> Survival:
    """Read one survival end point."""
    return Survival(
        duration=text(raw.get("duration")),
        event=text(raw.get("event")),
        group=text(raw.get("group")),
        curves=_curves(raw),
        distance=number(raw.get("distance")),
        hazards=tuple(_hazard(row) for row in mappings(raw.get("cox"))),
        overlap=number(raw.get("overlap")),
    )


def _curves(raw: Mapping[str, object]) -> tuple[Curves, ...]:
    """Pair the curves of patients and doubles, group by group."""
    steps = {(text(row.get("group")), text(row.get("who"))): _steps(row) for row in mappings(raw.get("curves"))}
    measured = {text(row.get("group")): row for row in mappings(raw.get("groups"))}
    return tuple(
        Curves(
            group,
            steps.get((group, "original")),
            steps.get((group, "doubles")),
            number(measured.get(group, {}).get("distance")),
            number(measured.get(group, {}).get("logrank_p")),
        )
        for group in dict.fromkeys(group for group, _ in steps)
    )


def _steps(raw: Mapping[str, object]) -> Steps | None:
    times, survival = numbers(raw.get("time")), numbers(raw.get("survival"))
    return Steps(times, survival) if times and len(times) == len(survival) else None


def _hazard(raw: Mapping[str, object]) -> Hazard:
    real, doubles = _interval(raw.get("original")), _interval(raw.get("doubles"))
    return Hazard(text(raw.get("name")), real, doubles, number(raw.get("overlap")))


def _interval(raw: object) -> Interval | None:
    known = [number(value) for value in sequence(raw)][:3]
    ratio, low, high = (math.nan if value is None else value for value in [*known, None, None, None][:3])
    return Interval(ratio, low, high) if 0 < low <= ratio <= high else None
