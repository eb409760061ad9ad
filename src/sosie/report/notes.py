"""What the doubles' notes keep, and what attacks on their texts found, as `sosie.notes.compare` measured it.

Every part is optional and none is trusted: a part that cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sosie.report.reading import mapping, mappings, number, numbers, text
from sosie.report.sides import Row
from sosie.report.words import Words

_MEDIAN = 1
"""Place of the median among the quantiles of lengths."""


@dataclass(frozen=True)
class NotesUtility:
    """What is kept of the notes, and what the attacks found."""

    kept: tuple[Row, ...]
    attacks: tuple[Row, ...]


def read(raw: object, say: Words) -> NotesUtility | None:
    """Read what was measured; None when nothing was."""
    source = mapping(raw)
    if not source:
        return None
    return NotesUtility(tuple(_kept(source, say)), tuple(_attacks(mapping(source.get("attacks")), say)))


def _kept(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    for name in ("patients", "notes"):
        sides = mapping(source.get(name))
        yield Row(say(f"notes.{name}"), *(say.number(number(sides.get(side))) for side in ("original", "doubles")))
    lengths = mapping(source.get("lengths"))
    for name in ("notes", "words"):
        medians = (_median(mapping(lengths.get(side)), name) for side in ("original", "doubles"))
        yield Row(say(f"notes.median_{name}"), *(say.number(value) for value in medians))
    for name in ("kinds_similarity", "facts_similarity", "measures_similarity"):
        value = number(source.get(name))
        if value is not None:
            yield Row(say(f"notes.{name}"), "", say.number(value, 3))
    vocabulary = number(mapping(source.get("vocabulary")).get("weighted"))
    if vocabulary is not None:
        yield Row(say("notes.vocabulary"), "", say.percent(vocabulary))
    for one in mappings(source.get("downstream")):
        target = say.known("notes", f"predict_{text(one.get('target'))}", text(one.get("target")))
        yield Row(target, *(say.percent(number(one.get(side))) for side in ("original", "doubles")))


def _attacks(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    rare = number(source.get("rare_rows"))
    if rare is not None:
        yield Row(say("notes.rare_rows"), "", say.number(rare))
    left = number(mapping(source.get("residual")).get("found"))
    if left is not None:
        yield Row(say("notes.residual"), "", say.number(left))
    near = mapping(source.get("nearest"))
    nearer = number(near.get("doubles_nearer"))
    if nearer is not None:
        yield Row(say("notes.nearer"), "", say.percent(nearer))
    for one in mappings(source.get("canaries")):
        patients, doubles = number(one.get("patients")), number(one.get("doubles"))
        yield Row(say("notes.canary", patients=say.number(patients)), "", say.number(doubles))


def _median(lengths: Mapping[str, object], name: str) -> float | None:
    found = numbers(lengths.get(name))
    return found[_MEDIAN] if len(found) > _MEDIAN else None
