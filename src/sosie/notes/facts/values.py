"""Measurements: the name of a measure, and the figure that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from sosie.notes.facts.lexicon import Hit, Lexicon
from sosie.notes.facts.measures import Measure, measures, number
from sosie.notes.facts.mention import FactKind, Mention, Status

_PRESSURE = re.compile(
    r"(?P<v>\d{1,3}(?:[.,]\d)?)(?: ?mm ?hg)?(?: ?[/\-\\] ?| sur | over )"
    r"(?P<w>\d{1,3}(?:[.,]\d)?)(?![\d/.,]\d|\d)(?: ?(?:mm|cm) ?(?:de )?hg)?"
)
_LONE_PRESSURE = re.compile(r"(?<![\d/.,])(\d{2,3}) ?/ ?(\d{2,3}) ?mm ?hg")
_LONE_TEMPERATURE = re.compile(r"(?<![\d/.,])(?:3[4-9]|4[01])(?: ?[.,] ?\d ?° ?c?|° ?\d? ?c?|[.,]\d ?c\b)(?![a-z\d])")
_LONE_MASS = re.compile(r"(?<![\d/.,])(\d{2,3}(?:[.,]\d)?) ?kg,? (?:pour|for|et) ")
_NAMELESS = re.compile(r"mm ?hg|\d ?(?:[.,] ?\d ?)?°|\d[.,]\d ?c\b|kg,? (?:pour|for|et) ")
_HEIGHT_AFTER = re.compile(r" ?(?:pour|et|/|,|for|-) ?(?:(?:une taille )?(?:de )?)(?=[12] ?m ?\d|\d{3} ?cm)")
_ABOVE = 10


def find(hits: Sequence[Hit], folded: str, lexicon: Lexicon) -> Iterator[Mention]:
    """Yield the measurements of a folded text, by the names that stand in it and by units that need no name."""
    link = _link(lexicon.grammar["links"]["words"])
    known = measures()
    for hit in hits:
        if not hit.entry.measure:
            continue
        at = _after(link, folded, hit.end)
        if hit.entry.measure == "pressure":
            yield from _pressure(folded, at, known)
        else:
            yield from _measurement(known[hit.entry.measure], folded, at, known)
    if _NAMELESS.search(folded):
        yield from _nameless(folded, known)


def _measurement(measure: Measure, folded: str, at: int, known: Mapping[str, Measure]) -> Iterator[Mention]:
    read = measure.read(folded, at)
    if read is None:
        return
    yield _mention(measure, *read)
    if measure.name == "weight" and (match := _HEIGHT_AFTER.match(folded, read[1])):
        height = known["height"].read(folded, match.end())
        if height is not None:
            yield _mention(known["height"], *height)


def _pressure(folded: str, at: int, known: Mapping[str, Measure]) -> Iterator[Mention]:
    """Two figures; those under thirty are centimetres of mercury."""
    match = _PRESSURE.match(folded, at)
    if match is None:
        return
    high, low = number(match["v"]), number(match["w"])
    high, low = (10 * figure if high < 30 and figure < 20 else figure for figure in (high, low))
    top, bottom = known["systolic"], known["diastolic"]
    if low + _ABOVE <= high and top.low <= high <= top.high and bottom.low <= low <= bottom.high:
        yield _mention(top, *match.span("v"), high)
        yield _mention(bottom, match.start("w"), match.end(), low)


def _nameless(folded: str, known: Mapping[str, Measure]) -> Iterator[Mention]:
    for match in _LONE_PRESSURE.finditer(folded):
        yield from _pressure(folded, match.start(), known)
    for match in _LONE_TEMPERATURE.finditer(folded):
        yield from _measurement(known["temperature"], folded, match.start(), known)
    for match in _LONE_MASS.finditer(folded):
        if _HEIGHT_AFTER.match(folded, match.end(1) + len(" kg")) or _HEIGHT_AFTER.match(folded, match.end(1) + 2):
            yield from _measurement(known["weight"], folded, match.start(), known)


def _after(link: re.Pattern[str], folded: str, at: int) -> int:
    match = link.match(folded, at)
    return match.end() if match else at


@cache
def _link(words: str) -> re.Pattern[str]:
    """What may stand between a name and its figure: linking words, a remark in brackets, signs, a column's gap."""
    step = rf"(?:\([^()\n\d]{{0,25}}\)|(?:{words})(?![a-z])|[<>~≈≤≥.|;*-])[ \n|]{{0,3}}"
    return re.compile(rf"(?:[+°]{{1,2}}|-(?!\d))?(?: {{0,30}}|\n)(?:{step}){{0,5}}")


def _mention(measure: Measure, start: int, end: int, value: float) -> Mention:
    return Mention(start, end, FactKind.MEASUREMENT, measure.name, Status.PRESENT, value, measure.unit)
