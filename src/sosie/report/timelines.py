"""What the doubles' timelines keep, and what attacks on trajectories found, as `sosie.timelines.compare` measured it.

Every part is optional and none is trusted: a part that cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from sosie.report import survival_plots, svg, timeline_plots, utility
from sosie.report.reading import mapping, mappings, number, text
from sosie.report.survival_plots import SurvivalCharts
from sosie.report.svg import Panel
from sosie.report.words import Words

RESOLUTIONS = ("day", "week", "month")
_SIDES, _FOUND = ("original", "doubles"), ("strangers", "doubles")
_YEAR = 365.25


@dataclass(frozen=True)
class Row:
    """One line of a table, and a sentence on how to read it; of an attack, strangers stand for the patients."""

    name: str
    real: str
    doubles: str
    text: str


@dataclass(frozen=True)
class Known:
    """How many patients something known singles out: to the day, the week, the month; and where no day is known."""

    name: str
    shares: tuple[str, ...]


@dataclass(frozen=True)
class TimelinesUtility:
    """What is kept of the timelines, its pictures, and what the attacks found."""

    kept: tuple[Row, ...]
    pictures: tuple[Panel[str], ...]
    survival: SurvivalCharts | None
    attacks: tuple[Row, ...]


def read(raw: object, say: Words) -> TimelinesUtility | None:
    """Read what was measured, and draw it; None when nothing was."""
    source = mapping(raw)
    if not source:
        return None
    end_point = mapping(source.get("survival"))
    with svg.style():
        pictures = tuple(timeline_plots.pictures(source, say))
        charts = (
            survival_plots.charts(utility.survival(end_point), "tls", say, "timelines.years") if end_point else None
        )
    return TimelinesUtility(
        tuple(_kept(source, say)), pictures, charts, tuple(_attacks(mapping(source.get("attacks")), say))
    )


def singled(raw: object, say: Words) -> tuple[Known, ...]:
    """Read how little of a trajectory singles out a patient of the source."""
    source = mapping(raw)
    found = []
    for what in ("events", "gaps", "codes", "diagnoses"):
        for step in mappings(source.get(what)):
            known = number(step.get("known"))
            name = say(f"timelines.known_{what}", count=say.number(known))
            dated = [
                say.percent(value) if (value := number(step.get(each))) is not None else "" for each in RESOLUTIONS
            ]
            alone = number(step.get("alone"))
            found.append(Known(name, (*dated, "" if alone is None else say.percent(alone))))
    return tuple(found)


def _kept(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    for name in ("patients", "events"):
        yield _row(name, mapping(source.get(name)), say, 0)
    for name in ("prevalence", "cooccurrence", "bigrams"):
        yield from _one(name, number(mapping(source.get(name)).get("r2")), say)
    yield from _one("gaps", number(mapping(source.get("gaps")).get("ks")), say)
    for name in ("days_ks", "followed_ks"):
        yield from _one(name, number(source.get(name)), say)
    values = mapping(source.get("values"))
    for name in ("median_ks", "median_group_ks"):
        yield from _one(name, number(values.get(name)), say)
    told = [mapping(test.get("autocorrelation")) for test in mappings(values.get("tests"))]
    follows = {side: _middle([number(one.get(side)) for one in told]) for side in _SIDES}
    if None not in follows.values():
        yield _row("autocorrelation", follows, say, 2)
    survival = mapping(source.get("survival"))
    yield from _one("survival_distance", number(survival.get("distance")), say)
    yield from _one("log_rank", number(survival.get("logrank_p")), say)
    yield from _one("hazards", number(survival.get("overlap")), say)
    yield from _predictions(mappings(source.get("prediction")), say)
    broken = mappings(source.get("rules"))
    if broken:
        counts = {side: [number(rule.get(side)) for rule in broken] for side in _SIDES}
        yield _row("rules", {side: _total(each) for side, each in counts.items()}, say, 0)


def _predictions(raw: Sequence[Mapping[str, object]], say: Words) -> Iterator[Row]:
    for one in raw:
        real, doubles = (say.number(number(one.get(side)), 3) for side in _SIDES)
        days = number(one.get("days"))
        if text(one.get("target")) == "next_visit":
            yield Row(say("timelines.predict_next"), real, doubles, say("timelines.predict_next_text"))
        elif days:
            years = say.number(days / _YEAR, 0 if days >= _YEAR else 2)
            name = say("timelines.predict_death", years=years)
            yield Row(name, real, doubles, say("timelines.predict_death_text"))


def _attacks(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    for what in ("known_events", "known_gaps"):
        for step in mappings(source.get(what)):
            real, doubles = (say.percent(number(mapping(step.get(side)).get("day"))) for side in _FOUND)
            name = say(f"timelines.attack_{what}", count=say.number(number(step.get("known"))))
            yield Row(name, real, doubles, say(f"timelines.attack_{what}_text"))
    linked = mapping(source.get("linkage"))
    if linked:
        real, doubles = (say.percent(number(linked.get(side))) for side in _FOUND)
        yield Row(say("timelines.attack_linkage"), real, doubles, say("timelines.attack_linkage_text"))
    stretches = mapping(source.get("stretches"))
    for name in ("mean", "high", "longest") if stretches else ():
        figures = (number(mapping(stretches.get(side)).get(name)) for side in _FOUND)
        real, doubles = (say.number(figure, 1 if name == "mean" else 0) for figure in figures)
        yield Row(say(f"timelines.stretch_{name}"), real, doubles, say("timelines.stretch_text"))


def _row(name: str, sides: Mapping[str, object], say: Words, decimals: int) -> Row:
    real, doubles = (say.number(number(sides.get(side)), decimals) for side in _SIDES)
    return Row(say(f"timelines.{name}"), real, doubles, say(f"timelines.{name}_text"))


def _one(name: str, figure: float | None, say: Words) -> Iterator[Row]:
    """Tell a figure of both sides, which stands under the doubles, where it is known."""
    if figure is not None:
        told = say.percent(figure, 0) if name == "hazards" else say.number(figure, 3)
        yield Row(say(f"timelines.{name}"), "", told, say(f"timelines.{name}_text"))


def _total(values: Sequence[float | None]) -> float | None:
    """Return a sum, or nothing where one of the numbers is too small to be told."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _middle(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
