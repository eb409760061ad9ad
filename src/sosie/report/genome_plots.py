"""Genomes as pictures: frequencies, linkage by distance, structure and association of patients beside doubles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from sosie.report.reading import mapping, number, numbers, sequence
from sosie.report.svg import DOUBLES, MUTED, REAL, figure
from sosie.report.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE, WIDE = (280.0, 220.0), (580.0, 200.0)
_ROOM = (0.15, 0.17, 0.81, 0.79)


def charts(source: Mapping[str, object], say: Words) -> Iterator[Markup]:
    """Draw what was measured."""
    points = [pair for pair in map(numbers, sequence(mapping(source.get("frequencies")).get("points"))) if pair]
    if points and all(len(pair) == 2 for pair in points):
        yield _scatter([pair[0] for pair in points], [pair[1] for pair in points], say)
    linkage = mapping(source.get("linkage"))
    distance, real, made = (numbers(linkage.get(name)) for name in ("distance", "original", "doubles"))
    if distance and len(distance) == len(real) == len(made) and min(distance) > 0:
        yield _decay(distance, real, made, say)
    grid = mapping(mapping(source.get("structure")).get("grid"))
    cells = number(grid.get("cells"))
    if cells:
        yield _structure(grid, cells, say)
    hits = mapping(mapping(source.get("association")).get("manhattan"))
    site, real, made = (numbers(hits.get(name)) for name in ("site", "original", "doubles"))
    if site and len(site) == len(real) == len(made):
        yield _manhattan(site, real, made, say)


def _scatter(real: list[float], made: list[float], say: Words) -> Markup:
    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes(_ROOM)
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6)
        axes.plot(real, made, "o", color=DOUBLES, markersize=2.2, alpha=0.6, markeredgewidth=0)
        axes.set_xlabel(say("genomes.frequency_real"), fontsize=7.5)
        axes.set_ylabel(say("genomes.frequency_doubles"), fontsize=7.5)

    return figure("gf", SIZE, say("genomes.frequency_alt"), paint)


def _decay(distance: tuple[float, ...], real: tuple[float, ...], made: tuple[float, ...], say: Words) -> Markup:
    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes(_ROOM)
        axes.semilogx(distance, real, color=REAL, linewidth=3.6, alpha=0.5)
        axes.semilogx(distance, made, color=DOUBLES, linewidth=1.3)
        axes.minorticks_off()
        axes.set_ylim(0, None)
        axes.set_xlabel(say("genomes.distance"), fontsize=7.5)
        axes.set_ylabel(say("genomes.r_squared"), fontsize=7.5)

    return figure("gl", SIZE, say("genomes.linkage_alt"), paint)


def _structure(grid: Mapping[str, object], cells: float, say: Words) -> Markup:
    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes(_ROOM)
        for name, colour, shift in (("original", REAL, 0.38), ("doubles", DOUBLES, 0.62)):
            filled = [cell for cell in map(numbers, sequence(grid.get(name))) if len(cell) == 3]
            most = max((cell[2] for cell in filled), default=1.0)
            sizes = [60.0 * cell[2] / most for cell in filled]
            across = [cell[0] + shift for cell in filled]
            axes.scatter(across, [cell[1] + 0.5 for cell in filled], s=sizes, color=colour, alpha=0.6, linewidths=0)
        axes.set_xlim(0, cells)
        axes.set_ylim(0, cells)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(say("genomes.axis", number=1), fontsize=7.5)
        axes.set_ylabel(say("genomes.axis", number=2), fontsize=7.5)

    return figure("gp", SIZE, say("genomes.structure_alt"), paint)


def _manhattan(site: tuple[float, ...], real: tuple[float, ...], made: tuple[float, ...], say: Words) -> Markup:
    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((0.08, 0.19, 0.9, 0.77))
        axes.axhline(0, color=MUTED, linewidth=0.6)
        axes.plot(site, real, "o", color=REAL, markersize=1.8, markeredgewidth=0)
        axes.plot(site, [-value for value in made], "o", color=DOUBLES, markersize=1.8, markeredgewidth=0)
        top = max([*real, *made, 1.0])
        axes.set_ylim(-1.05 * top, 1.05 * top)
        axes.set_yticks([-top, 0, top], [say.number(top, 0), "0", say.number(top, 0)])
        axes.set_xlabel(say("genomes.along"), fontsize=7.5)
        axes.set_ylabel(say("genomes.log_p"), fontsize=7.5)

    return figure("gm", WIDE, say("genomes.manhattan_alt"), paint)
