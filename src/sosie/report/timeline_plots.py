"""Timelines as pictures: how many have each code, the gaps between days of care, measurements over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from sosie.report.plots import short, ticks
from sosie.report.reading import mapping, mappings, number, numbers, sequence, text
from sosie.report.svg import DOUBLES, INK, MUTED, REAL, RULE, Panel, figure
from sosie.report.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (232.0, 150.0)
_BOX = (0.17, 0.2, 0.79, 0.74)
_LOW, _MIDDLE, _HIGH = range(3)
_COURSES = 6
_NAMED = 0.08
"""Difference of shares from which a code is named beside its point."""


def pictures(source: Mapping[str, object], say: Words) -> Iterator[Panel[str]]:
    """Draw what was measured, each with its caption."""
    codes = mappings(mapping(source.get("prevalence")).get("codes"))
    if codes:
        yield Panel(_prevalence(codes, say), say("timelines.prevalence"))
    gaps = mapping(mapping(source.get("gaps")).get("histogram"))
    if numbers(gaps.get("original")):
        yield Panel(_gaps(gaps, say), say("timelines.gap_classes"))
    for at, band in enumerate(mappings(mapping(source.get("values")).get("bands"))[:_COURSES]):
        if len(_course(band, "original")) > 1:
            yield Panel(_band(band, f"tlb{at}", say), text(band.get("code")))


def _prevalence(codes: Sequence[Mapping[str, object]], say: Words) -> Markup:
    points = [(number(code.get("original")), number(code.get("doubles")), text(code.get("code"))) for code in codes]
    shown = [(x, y, name) for x, y, name in points if x is not None and y is not None]

    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes(_BOX)
        most = max((max(x, y) for x, y, _ in shown), default=1.0) * 1.05 or 1.0
        axes.plot([0, most], [0, most], color=MUTED, linewidth=0.8, dashes=(3, 2))
        axes.scatter([x for x, _, _ in shown], [y for _, y, _ in shown], s=12, color=DOUBLES, alpha=0.8, linewidths=0)
        for x, y, name in shown:
            if abs(x - y) > _NAMED:
                axes.text(x, y, f" {short(name, 14)}", fontsize=6.5, color=INK, va="center")
        axes.set_xlim(0, most)
        axes.set_ylim(0, most)
        places = [most * share for share in (0.0, 0.5, 1.0)]
        words = [say.percent(place, 0) for place in places]
        axes.set_xticks(places, words)
        axes.set_yticks(places, words)
        axes.set_xlabel(say("page.real"), fontsize=7.5, labelpad=1)
        axes.set_ylabel(say("page.fake"), fontsize=7.5, labelpad=1)

    return figure("tlp", SIZE, say("timelines.prevalence_alt"), paint)


def _gaps(gaps: Mapping[str, object], say: Words) -> Markup:
    edges = [number(edge) for edge in sequence(gaps.get("edges"))]
    real, doubles = numbers(gaps.get("original")), numbers(gaps.get("doubles"))

    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((0.14, 0.26, 0.83, 0.7))
        places = range(len(real))
        axes.bar([at - 0.2 for at in places], real, 0.4, color=REAL)
        axes.bar([at + 0.2 for at in range(len(doubles))], doubles, 0.4, color=DOUBLES)
        top = max((*real, *doubles), default=0.0) or 1.0
        axes.set_yticks([0.0, top], [say.percent(0.0, 0), say.percent(top, 0)])
        last = f"> {say.number(edges[-2])}" if len(edges) > 1 else ""
        labels = [last if edge is None else f"≤ {say.number(edge)}" for edge in edges]
        axes.set_xticks(list(range(len(labels))), labels, rotation=60, fontsize=6)
        axes.tick_params(axis="x", length=0)

    return figure("tlg", SIZE, say("timelines.gap_classes"), paint)


def _course(band: Mapping[str, object], side: str) -> list[tuple[float, tuple[float, ...]]]:
    steps = [(number(step.get("years")), numbers(step.get(side))) for step in mappings(band.get("steps"))]
    return [(years, quartiles) for years, quartiles in steps if years is not None and len(quartiles) == _HIGH + 1]


def _band(band: Mapping[str, object], name: str, say: Words) -> Markup:
    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes(_BOX)
        for side, colour, width in (("original", REAL, 2.4), ("doubles", DOUBLES, 1.3)):
            course = _course(band, side)
            years = [at for at, _ in course]
            low, middle, high = ([quartiles[which] for _, quartiles in course] for which in (_LOW, _MIDDLE, _HIGH))
            axes.fill_between(years, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(years, middle, color=colour, linewidth=width)
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.margins(x=0.02)
        axes.set_xticks(*ticks(*axes.get_xlim(), 4, say))
        axes.set_yticks(*ticks(*axes.get_ylim(), 4, say))
        axes.set_xlabel(say("timelines.years"), fontsize=7.5, labelpad=1)

    return figure(name, SIZE, say("timelines.band_alt", code=text(band.get("code"))), paint)
