"""The charts of single columns and of correlations, patients beside doubles, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from sosie.cohort import Floats, Rows
from sosie.report.svg import DOUBLES, INK, MUTED, REAL, figure
from sosie.report.utility import Correlations, Marginal
from sosie.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL = (236.0, 132.0)
MOST_LEVELS = 7
MOST_MAPPED = 40
_LONGEST = 15
_STEPS = 21
_MAP = 290.0


def marginal(column: Marginal, name: str, say: Words) -> Markup:
    """Draw the distribution of one column among the patients and among the doubles."""
    title = say("utility.marginal_alt", column=column.name, value=say.number(column.similarity, 3))

    def paint(canvas: Figure) -> None:
        if column.levels:
            _levels(canvas, column, say)
        else:
            _bins(canvas, column, say)

    return figure(name, PANEL, title, paint)


def mapped(correlations: Correlations) -> tuple[int, ...]:
    """Return the columns that the maps show: all, or those whose correlations changed most, in their order."""
    if len(correlations.columns) <= MOST_MAPPED:
        return tuple(range(len(correlations.columns)))
    change = np.nan_to_num(np.abs(np.array(correlations.doubles) - np.array(correlations.real)))
    worst = np.argsort(-change.max(axis=0), kind="stable")[:MOST_MAPPED]
    return tuple(sorted(int(i) for i in worst))


def heat_maps(correlations: Correlations, name: str, say: Words) -> tuple[Markup, ...]:
    """Draw the correlations of the patients, of the doubles, and their difference: three pictures."""
    kept = mapped(correlations)
    shown = np.ix_(kept, kept)
    real, doubles = np.array(correlations.real)[shown], np.array(correlations.doubles)[shown]
    names = [correlations.columns[i] for i in kept]
    largest = say.number(float(np.nanmax(np.abs(doubles - real), initial=0.0)), 2)
    title = say("utility.correlations_alt", value=largest)
    maps = (("real_map", real), ("doubles_map", doubles), ("difference_map", doubles - real))
    return tuple(
        figure(
            f"{name}-{key}",
            (_MAP, _MAP + 24),
            title,
            partial(_map, cells=cells, names=names, heading=say(f"utility.{key}")),
        )
        for key, cells in maps
    )


def ticks(low: float, high: float, most: int, say: Words, *, dates: bool = False) -> tuple[list[float], list[str]]:
    """Return a few round positions on an axis, and how the language writes them."""
    from matplotlib.ticker import MaxNLocator

    round_ones = MaxNLocator(most).tick_values(low, high)
    places = [float(place) for place in round_ones if low <= place <= high]
    if dates:
        days = [date(1970, 1, 1) + timedelta(days=round(place)) for place in places]
        return places, [f"{day:%Y-%m}" if high - low < 2000 else f"{day:%Y}" for day in days]
    gap = float(round_ones[1] - round_ones[0])
    decimals = max(0, min(6, -int(np.floor(np.log10(gap) + 1e-9))))
    if gap * 10**decimals % 1 > 0.01:  # 2.5 is a round step too
        decimals += 1
    return places, [say.number(place, decimals) for place in places]


def short(label: str, most: int) -> str:
    """Shorten a label in its middle, where codes differ least."""
    if len(label) <= most:
        return label
    return f"{label[: most // 2]}…{label[-(most - most // 2 - 1) :]}"


def _bins(canvas: Figure, column: Marginal, say: Words) -> None:
    axes = canvas.add_axes((0.04, 0.17, 0.92, 0.79))
    edges = np.array(column.bins)
    widths = np.diff(edges)
    # Bins are merged until each holds k patients, so that their widths differ: areas, not heights, are shares.
    axes.stairs(np.array(column.real) / widths, edges, fill=True, color=REAL, alpha=0.38, linewidth=0)
    axes.stairs(np.array(column.real) / widths, edges, color=REAL, linewidth=0.9)
    axes.stairs(np.array(column.doubles) / widths, edges, color=DOUBLES, linewidth=1.6)
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.set_xticks(*ticks(*axes.get_xlim(), 4, say, dates=column.kind == "date"))


def _levels(canvas: Figure, column: Marginal, say: Words) -> None:
    order = np.argsort(-np.array(column.real), kind="stable")[:MOST_LEVELS]
    if column.kind == "ordinal":
        order = np.sort(order)
    labels = [short(say.known("level", column.levels[i]), _LONGEST) for i in order]
    left = 0.05 + 0.021 * max(len(label) for label in labels)
    axes = canvas.add_axes((left, 0.03, 0.86 - left, 0.94))
    rows = np.arange(len(order))
    real, doubles = np.array(column.real)[order], np.array(column.doubles)[order]
    thick = 0.38
    axes.barh(rows - thick / 2, real, thick, color=REAL)
    axes.barh(rows + thick / 2, doubles, thick, color=DOUBLES)
    most = max(float(real.max(initial=0)), float(doubles.max(initial=0)), 1e-9)
    for row, share, other in zip(rows, real, doubles, strict=True):
        axes.text(
            max(share, other) + 0.03 * most, float(row), say.percent(share, 0), va="center", fontsize=7, color=MUTED
        )
    axes.set_xlim(0, most)
    middle, half = (len(order) - 1) / 2, max(len(order), 3) / 2
    axes.set_ylim(middle + half, middle - half)
    axes.set_yticks(rows, labels)
    axes.tick_params(length=0)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _map(canvas: Figure, cells: Floats, names: Sequence[str], heading: str) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("sosie", [REAL, "#f4f5f6", DOUBLES])
    size = len(names)
    labels = [short(name, _LONGEST) for name in names]
    font = min(8.0, max(4.0, 160 / size))
    edge = (8 + 0.62 * font * max(len(label) for label in labels)) / _MAP
    side = 0.985 - edge
    axes = canvas.add_axes((edge, 1 - (24 + side * _MAP) / (_MAP + 24), side, side * _MAP / (_MAP + 24)))
    level = np.where(np.isnan(cells), -1, np.rint((np.clip(cells, -1, 1) + 1) / 2 * (_STEPS - 1)))
    for step in np.unique(level):
        colour = "#ffffff" if step < 0 else colours(step / (_STEPS - 1))
        _squares(axes, np.argwhere(level == step), colour)
    axes.set_xlim(0, size)
    axes.set_ylim(size, 0)
    middles = np.arange(size) + 0.5
    axes.set_xticks(middles, labels, rotation=90, fontsize=font)
    axes.set_yticks(middles, labels, fontsize=font)
    axes.tick_params(length=0, pad=2)
    axes.spines[:].set_visible(False)
    canvas.text(edge, 1 - 16 / (_MAP + 24), heading, fontsize=9, fontweight="bold", color=INK)


def _squares(axes: Axes, cells: Rows, colour: object) -> None:
    """Paint all the cells of one colour as one path: a map of 40 columns stays small."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)])
    vertices = (cells[:, None, ::-1] + corners[None]).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], len(cells))
    axes.add_patch(PathPatch(Path(vertices, codes), facecolor=colour, linewidth=0, antialiased=False))
