"""The frontier that the search for a setting walked: what each setting keeps, against what an attacker recognises.

``privacy["frontier"]`` comes in (one mapping a setting), a chart and its table leave. Fewer than two points are no
frontier, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from sosie.evidence import CriterionId, Evidence
from sosie.report import criteria, svg
from sosie.report.plots import ticks
from sosie.report.reading import mappings, number, text
from sosie.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (560.0, 300.0)
MOST_POINTS = 40
"""Settings that the table lists."""
_FEWEST = 2
_MARKS = (("o", svg.REAL), ("s", svg.DOUBLES), ("^", "#1d6b58"), ("D", "#6b4c9a"))


@dataclass(frozen=True)
class Point:
    """One setting that was tried."""

    synthesizer: str
    strength: str
    utility: float
    auc: float
    shapes: float | None
    tpr: float | None
    isolated: float | None
    shadow: float | None
    passes: bool
    chosen: bool


@dataclass(frozen=True)
class Frontier:
    """The chart, and what it shows as a table."""

    picture: Markup
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chosen: int
    """Place of the chosen setting among the rows; -1 for none."""
    total: int


def frontier(evidence: Evidence, say: Words) -> Frontier | None:
    """Draw the settings that were tried; None where there are fewer than two."""
    found = points(evidence.privacy.get("frontier"), say)
    if len(found) < _FEWEST:
        return None
    threshold = next((one.threshold for one in evidence.verdict.criteria if one.id is CriterionId.MEMBERSHIP_AUC), None)
    with svg.style():
        picture = svg.figure(
            "frontier", SIZE, say("frontier.alt"), lambda canvas: _paint(canvas, found, threshold, say)
        )
    shown = sorted(found, key=lambda point: (not point.chosen, -point.utility))[:MOST_POINTS]
    return Frontier(
        picture=picture,
        header=tuple(
            say(f"frontier.{name}")
            for name in ("synthesizer", "strength", "utility", "auc", "tpr", "isolated", "shadow", "passes")
        ),
        rows=tuple(_row(point, say) for point in shown),
        chosen=next((i for i, point in enumerate(shown) if point.chosen), -1),
        total=len(found),
    )


def points(raw: object, say: Words) -> tuple[Point, ...]:
    """Read the settings whose utility and whose AUC are known."""
    return tuple(point for point in (_point(row, say) for row in mappings(raw)) if point is not None)


def _point(raw: Mapping[str, object], say: Words) -> Point | None:
    utility, auc = number(raw.get("utility")), number(raw.get("auc"))
    if utility is None or auc is None:
        return None
    shapes, tpr, isolated, shadow = (number(raw.get(name)) for name in ("shapes", "tpr", "isolated_auc", "shadow_auc"))
    return Point(
        synthesizer=say.known("synthesizer", text(raw.get("synthesizer"))),
        strength=criteria.plain(raw.get("strength"), say),
        utility=utility,
        auc=auc,
        shapes=shapes,
        tpr=tpr,
        isolated=isolated,
        shadow=shadow,
        passes=raw.get("passes") is True,
        chosen=raw.get("chosen") is True,
    )


def _row(point: Point, say: Words) -> tuple[str, ...]:
    passes = say("format.yes" if point.passes else "format.no")
    return (
        point.synthesizer,
        point.strength,
        say.number(point.utility, 3),
        say.number(point.auc, 3),
        say.percent(point.tpr),
        say.number(point.isolated, 3),
        say.number(point.shadow, 3),
        f"{passes}, {say('frontier.chosen')}" if point.chosen else passes,
    )


def _paint(canvas: Figure, found: Sequence[Point], threshold: float | None, say: Words) -> None:
    axes = canvas.add_axes((0.1, 0.15, 0.64, 0.8))
    low, high = _span([point.auc for point in found] + ([] if threshold is None else [threshold]))
    bottom, top = _span([point.utility for point in found])
    axes.set_xlim(low, high)
    axes.set_ylim(bottom, top)
    if threshold is not None:
        axes.axvspan(threshold, high, color="#f5dcd6", alpha=0.6, linewidth=0)
        axes.axvline(threshold, color=svg.INK, linewidth=1.4)
        label = say("frontier.threshold", threshold=say.number(threshold, 2))
        axes.text(threshold, top, label, fontsize=7.5, ha="center", va="bottom", color=svg.INK)
    names = tuple(dict.fromkeys(point.synthesizer for point in found))
    for place, name in enumerate(names):
        _family(axes, [point for point in found if point.synthesizer == name], name, place)
    for point in found:
        if point.chosen:
            axes.scatter([point.auc], [point.utility], s=170, facecolors="none", edgecolors=svg.INK, linewidths=1.6)
    axes.scatter([], [], s=110, facecolors="none", edgecolors=svg.INK, linewidths=1.6, label=say("frontier.chosen"))
    axes.scatter([], [], s=36, facecolors="none", edgecolors=svg.MUTED, label=say("frontier.not_passing"))
    axes.legend(loc="center left", bbox_to_anchor=(1.03, 0.5), frameon=False, fontsize=8, labelspacing=0.9)
    axes.set_xticks(*ticks(low, high, 6, say))
    axes.set_yticks(*ticks(bottom, top, 5, say))
    axes.set_xlabel(say("frontier.x"))
    axes.set_ylabel(say("frontier.y"))


def _family(axes: Axes, members: Sequence[Point], name: str, place: int) -> None:
    mark, colour = _MARKS[place % len(_MARKS)]
    axes.scatter([], [], s=36, marker=mark, color=colour, label=name)
    for passes in (True, False):
        chosen = [point for point in members if point.passes is passes]
        axes.scatter(
            [point.auc for point in chosen],
            [point.utility for point in chosen],
            s=36,
            marker=mark,
            facecolors=colour if passes else "none",
            edgecolors=colour,
            linewidths=1.2,
        )


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = max(0.12 * (high - low), 0.005)
    return low - margin, high + margin
