"""What the doubles keep of the tables, as the report reads it: every part is optional, none is trusted.

The shape of the JSON is described in `sosie.report.html`; the patients' side is called ``real`` or ``original``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sosie.report.reading import edges, mapping, mappings, matrix, number, numbers, sequence, text, texts

Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Marginal:
    """The distribution of one column; ``bins`` (edges) or ``levels`` (labels), one of them empty."""

    name: str
    kind: str
    similarity: float | None
    missing: tuple[float | None, float | None]
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
    """Two correlation matrices over the same columns."""

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
    real: float | None
    doubles: float | None
    gap: float | None


@dataclass(frozen=True)
class Curve:
    """One Kaplan-Meier curve."""

    group: str
    who: Literal["real", "doubles"]
    time: tuple[float, ...]
    survival: tuple[float, ...]


@dataclass(frozen=True)
class Hazard:
    """A hazard ratio with its interval, twice; empty when unknown."""

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
    curves: tuple[Curve, ...]
    distance: float | None
    logrank_p: float | None
    cox: tuple[Hazard, ...]


@dataclass(frozen=True)
class Utility:
    """What `sosie.tables.compare` measured."""

    shapes: float | None
    pairs: float | None
    propensity: float | None
    columns: tuple[Marginal, ...]
    correlations: Correlations | None
    pairs_worst: tuple[Pair, ...]
    tstr: tuple[Prediction, ...]
    survival: tuple[Survival, ...]

    @property
    def gap(self) -> float | None:
        """The largest loss of a model that learned from the doubles."""
        return max((row.gap for row in self.tstr if row.gap is not None), default=None)

    @property
    def ranked(self) -> tuple[Marginal, ...]:
        """The columns that can be drawn, the least similar first."""
        return tuple(sorted((column for column in self.columns if column.drawn), key=_similarity))


def read(raw: object) -> Utility | None:
    """Read what was measured; None when nothing was."""
    source = mapping(raw)
    if not source:
        return None
    return Utility(
        shapes=number(source.get("shapes")),
        pairs=number(source.get("pairs")),
        propensity=number(source.get("propensity_auc")),
        columns=_marginals(source.get("columns")),
        correlations=_correlations(mapping(source.get("correlations"))),
        pairs_worst=_pairs(source),
        tstr=tuple(_prediction(row) for row in mappings(source.get("tstr"))),
        survival=tuple(_survival(row) for row in mappings(source.get("survival"))),
    )


def _similarity(column: Marginal) -> float:
    return 2.0 if column.similarity is None else column.similarity


def _marginals(raw: object) -> tuple[Marginal, ...]:
    named = mapping(raw).items() if isinstance(raw, Mapping) else ((row.get("name"), row) for row in mappings(raw))
    return tuple(_marginal(name, mapping(column)) for name, column in named)


def _marginal(name: object, raw: Mapping[str, object]) -> Marginal:
    histogram = mapping(raw.get("histogram")) or raw
    missing = raw.get("missing")
    sides = (_real(missing), missing.get("doubles")) if isinstance(missing, Mapping) else sequence(missing)
    real, doubles = (number(side) for side in (*sides, None, None)[:2])
    return Marginal(
        name=text(name),
        kind=text(raw.get("kind")),
        similarity=number(raw.get("shape")),
        missing=(real, doubles),
        bins=edges(histogram.get("bins", histogram.get("edges"))),
        levels=texts(histogram.get("levels")),
        real=_shares(_real(histogram)),
        doubles=_shares(histogram.get("doubles")),
    )


def _shares(raw: object) -> tuple[float, ...]:
    """Return counts or shares as shares."""
    found = numbers(raw)
    total = sum(found)
    return tuple(value / total for value in found) if total > 0 and min(found) >= 0 else tuple(0.0 for _ in found)


def _correlations(raw: Mapping[str, object]) -> Correlations | None:
    columns = texts(raw.get("columns"))
    real, doubles = matrix(_real(raw), len(columns)), matrix(raw.get("doubles"), len(columns))
    return Correlations(columns, real, doubles) if len(columns) > 1 and real and doubles else None


def _pairs(source: Mapping[str, object]) -> tuple[Pair, ...]:
    found = mappings(source.get("pairs_worst")) or mappings(mapping(source.get("correlations")).get("least_faithful"))
    return tuple(Pair(texts(pair.get("columns", pair.get("pair"))), number(pair.get("similarity"))) for pair in found)


def _prediction(raw: Mapping[str, object]) -> Prediction:
    real, doubles, gap = (number(value) for value in (_real(raw), raw.get("doubles"), raw.get("gap")))
    if gap is None and real is not None and doubles is not None:
        gap = real - doubles
    return Prediction(text(raw.get("target")), text(raw.get("metric")), real, doubles, gap)


def _survival(raw: Mapping[str, object]) -> Survival:
    curves = (_curve(curve) for curve in mappings(raw.get("curves")))
    return Survival(
        duration=text(raw.get("duration")),
        event=text(raw.get("event")),
        group=text(raw.get("group")),
        curves=tuple(curve for curve in curves if curve is not None),
        distance=number(raw.get("distance")),
        logrank_p=number(raw.get("logrank_p")),
        cox=tuple(_hazard(row) for row in mappings(raw.get("cox"))),
    )


def _hazard(raw: Mapping[str, object]) -> Hazard:
    return Hazard(
        text(raw.get("name")), _interval(_real(raw)), _interval(raw.get("doubles")), number(raw.get("overlap"))
    )


def _real(raw: Mapping[str, object]) -> object:
    return raw.get("real", raw.get("original"))


def _curve(raw: Mapping[str, object]) -> Curve | None:
    time, survival, who = numbers(raw.get("time")), numbers(raw.get("survival")), raw.get("who")
    if len(time) < 2 or len(time) != len(survival) or who not in ("real", "original", "doubles"):
        return None
    return Curve(text(raw.get("group")), "doubles" if who == "doubles" else "real", time, survival)


def _interval(raw: object) -> Interval | None:
    found = [number(value) for value in sequence(raw)]
    if len(found) != 3 or any(value is None or value <= 0 for value in found):
        return None
    ratio, low, high = (math.nan if value is None else value for value in found)
    return ratio, low, high
