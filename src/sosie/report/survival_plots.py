"""Survival as pictures: Kaplan-Meier curves group by group, and hazard ratios with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from sosie.report.plots import short, ticks
from sosie.report.svg import DOUBLES, INK, MUTED, REAL, RULE, Panel, figure
from sosie.report.utility import Curves, Hazard, Interval, Steps, Survival
from sosie.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_GROUPS = 8
MOST_HAZARDS = 25
SIZE = (232.0, 150.0)
_ROW, _NAME = 28.0, 150.0


def scale(shown: Sequence[Curves]) -> tuple[float, float]:
    """Return where the axes of an end point stop: the last time, and the bottom of the survival axis."""
    steps = [side for group in shown for side in (group.real, group.doubles) if side is not None]
    lowest = min((min(side.survival) for side in steps), default=0.0)
    return max((side.times[-1] for side in steps), default=0.0) or 1.0, 0.5 if lowest > 0.55 else 0.0


@dataclass(frozen=True)
class SurvivalCharts:
    """The pictures of one survival end point."""

    survival: Survival
    curves: tuple[Panel[Curves], ...]
    forest: Markup


def charts(survival: Survival, name: str, say: Words, axis: str = "utility.time_axis") -> SurvivalCharts:
    """Draw an end point; ``axis`` names the words under the axis of time."""
    shown = survival.curves[:MOST_GROUPS]
    end, floor = scale(shown)
    drawn = tuple(Panel(curves(group, f"{name}k{i}", end, floor, say, axis), group) for i, group in enumerate(shown))
    return SurvivalCharts(
        survival, drawn, forest(survival.hazards, f"{name}f", say) if survival.hazards else Markup("")
    )


def curves(group: Curves, name: str, end: float, floor: float, say: Words, axis: str = "utility.time_axis") -> Markup:
    """Draw the curves of one group: patients and doubles on the same axes."""

    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((0.15, 0.19, 0.81, 0.77))
        if group.real is not None:  # broad and pale underneath, so that doubles that agree do not hide it
            axes.step(*_steps(group.real, end), where="post", color=REAL, linewidth=3.6, alpha=0.5, zorder=2)
        if group.doubles is not None:
            axes.step(*_steps(group.doubles, end), where="post", color=DOUBLES, linewidth=1.3, zorder=3)
        axes.set_xlim(0, end)
        axes.set_ylim(floor, 1 + 0.02 * (1 - floor))
        shares = (floor, (1 + floor) / 2, 1.0)
        axes.set_yticks(shares, [say.percent(share, 0) for share in shares])
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.set_xticks(*ticks(0.0, end, 5, say))
        axes.set_xlabel(say(axis), fontsize=7.5, labelpad=1)

    return figure(name, SIZE, say("utility.survival_alt", group=group.group), paint)


def forest(hazards: Sequence[Hazard], name: str, say: Words) -> Markup:
    """Draw the hazard ratios of the patients and of the doubles, one above the other, on a logarithmic scale."""
    shown = [hazard for hazard in hazards if hazard.real or hazard.doubles][:MOST_HAZARDS]
    size = (900.0, 44.0 + _ROW * len(shown))

    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((_NAME / size[0], 34 / size[1], 470 / size[0], 1 - 40 / size[1]))
        for row, hazard in enumerate(shown):
            _interval(axes, hazard.real, row - 0.17, REAL, "o")
            _interval(axes, hazard.doubles, row + 0.17, DOUBLES, "D")
            _figures(axes, hazard, row, say)
        _log_axis(axes, shown, say)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_yticks(range(len(shown)), [short(hazard.name, 24) for hazard in shown])
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.spines["left"].set_visible(False)

    return figure(name, size, say("utility.cox_alt"), paint)


def _steps(side: Steps, end: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Start a curve at one, and hold its last value until the axis ends."""
    return (0.0, *side.times, max(end, side.times[-1])), (1.0, *side.survival, side.survival[-1])


def _interval(axes: Axes, interval: Interval | None, row: float, colour: str, marker: str) -> None:
    if interval is None:
        return
    axes.plot([interval.low, interval.high], [row, row], color=colour, linewidth=1.8)
    axes.plot([interval.ratio], [row], marker=marker, markersize=4.5, color=colour)


def _figures(axes: Axes, hazard: Hazard, row: float, say: Words) -> None:
    """Write the two intervals and their overlap to the right of the plot."""
    for interval, shift, colour in ((hazard.real, -0.19, REAL), (hazard.doubles, 0.19, "#a8540f")):
        if interval is not None:
            ratio, low, high = (say.number(value, 2) for value in (interval.ratio, interval.low, interval.high))
            line = f"{ratio}  [{low} ; {high}]"
            _beside(axes, 1.02, row + shift, line, colour)
    if hazard.overlap is not None:
        words = f"{say('utility.overlap').lower()} {say.percent(hazard.overlap, 0)}"
        _beside(axes, 1.3, row, words, MUTED)


def _beside(axes: Axes, column: float, row: float, words: str, colour: str) -> None:
    axes.text(column, row, words, transform=axes.get_yaxis_transform(), va="center", fontsize=8, color=colour)


def _log_axis(axes: Axes, hazards: Sequence[Hazard], say: Words) -> None:
    from matplotlib.ticker import NullLocator

    ends = [
        end for hazard in hazards for side in (hazard.real, hazard.doubles) if side for end in (side.low, side.high)
    ]
    # An interval that a model could not estimate must not flatten the others.
    low, high = max(min([*ends, 0.8]), 0.02), min(max([*ends, 1.25]), 50.0)
    axes.set_xscale("log")
    axes.set_xlim(low / 1.08, high * 1.08)
    known = (0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0, 20.0, 50.0)
    wide = math.log(high / low) > math.log(8)
    ticks = [tick for tick in known if low / 1.08 <= tick <= high * 1.08 and not (wide and tick in (0.8, 1.25))]
    axes.set_xticks(ticks, [say.number(tick, 0 if tick >= 1 and tick == int(tick) else 2) for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axvline(1, color=MUTED, linewidth=0.8, dashes=(3, 2))
    axes.set_xlabel(say("utility.hazard"), fontsize=7.5, labelpad=1)
