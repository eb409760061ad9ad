"""Survival as pictures: Kaplan-Meier curves group by group, and hazard ratios with their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sosie.report.plots import short, ticks
from sosie.report.svg import DOUBLES, INK, MUTED, REAL, RULE, figure
from sosie.report.utility import Curve, Hazard, Interval, Survival
from sosie.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_GROUPS = 8
MOST_HAZARDS = 25
_WIDTH, _HEIGHT = 232.0, 172.0
_ROW, _NAME = 26.0, 150.0


def curves(survival: Survival, name: str, say: Words) -> tuple[str, ...]:
    """Draw one picture for each group: patients and doubles on the same axes."""
    groups = list(dict.fromkeys(curve.group for curve in survival.curves))[:MOST_GROUPS]
    end = max((curve.time[-1] for curve in survival.curves), default=1.0)
    title = say("utility.survival_alt")
    return tuple(
        figure(f"{name}-{i}", (_WIDTH, _HEIGHT), title, _painter(survival, group, end, say))
        for i, group in enumerate(groups)
    )


def forest(hazards: Sequence[Hazard], name: str, say: Words) -> str:
    """Draw the hazard ratios of the patients and of the doubles, one above the other, on a logarithmic scale."""
    shown = [hazard for hazard in hazards if hazard.real or hazard.doubles][:MOST_HAZARDS]
    size = (700.0, 44.0 + _ROW * len(shown))

    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((_NAME / size[0], 34 / size[1], 340 / size[0], 1 - 40 / size[1]))
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


def _painter(survival: Survival, group: str, end: float, say: Words) -> Callable[[Figure], None]:
    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((0.14, 0.2, 0.82, 0.66))
        for curve in survival.curves:
            if curve.group == group:
                _curve(axes, curve)
        axes.set_xlim(0, end)
        axes.set_ylim(0, 1.02)
        axes.set_yticks([0, 0.5, 1], [say.percent(share, 0) for share in (0, 0.5, 1)])
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.set_xticks(*ticks(0.0, end, 5, say))
        axes.set_xlabel(say("utility.time_axis"), fontsize=7.5, labelpad=1)
        heading = f"{survival.group} = {group}" if survival.group and group else group or say("utility.everyone")
        axes.set_title(short(heading, 34), fontsize=8.5, color=INK, loc="left", pad=5)

    return paint


def _curve(axes: Axes, curve: Curve) -> None:
    colour, width = (REAL, 2.0) if curve.who == "real" else (DOUBLES, 1.4)
    time, survival = (0.0, *curve.time), (1.0, *curve.survival)
    axes.step(time, survival, where="post", color=colour, linewidth=width)


def _interval(axes: Axes, interval: Interval | None, row: float, colour: str, marker: str) -> None:
    if interval is None:
        return
    ratio, low, high = interval
    axes.plot([low, high], [row, row], color=colour, linewidth=1.8)
    axes.plot([ratio], [row], marker=marker, markersize=4.5, color=colour)


def _figures(axes: Axes, hazard: Hazard, row: float, say: Words) -> None:
    """Write the two intervals and their overlap to the right of the plot."""
    for interval, shift, colour in ((hazard.real, -0.19, REAL), (hazard.doubles, 0.19, "#a8540f")):
        if interval is not None:
            ratio, low, high = (say.number(value, 2) for value in interval)
            line = f"{ratio}  [{low} ; {high}]"
            axes.text(
                1.03, row + shift, line, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, color=colour
            )
    if hazard.overlap is not None:
        words = f"{say('utility.overlap').lower()} {say.percent(hazard.overlap, 0)}"
        axes.text(1.36, row, words, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, color=MUTED)


def _log_axis(axes: Axes, hazards: Sequence[Hazard], say: Words) -> None:
    from matplotlib.ticker import NullLocator

    ends = [value for hazard in hazards for side in (hazard.real, hazard.doubles) if side for value in side]
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
