"""Notes whose facts are marked, ``[HTA|I10~]``, and how many of them are found.

After the code: ``-`` denied, ``?`` doubted, ``~`` history, ``^`` family; of a measurement or an age, ``=`` and its value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sosie.notes.facts import FactKind, Mention, Status, extract
from sosie.notes.languages import load

_MARK = re.compile(r"\[([^\[\]|]+)\|([A-Za-z0-9_]+)(?:=([\d.]+)|([-?~^]))?\]")
_STATUS = {"-": Status.NEGATED, "?": Status.POSSIBLE, "~": Status.HISTORY, "^": Status.FAMILY, None: Status.PRESENT}
_ATC = re.compile(r"[A-Z]\d\d(?:[A-Z].*)?|[a-z_]+")
_NEAR = 0.02
"""Share by which a value may be off: marks are rounded."""


@dataclass(frozen=True)
class Fact:
    """A marked fact."""

    start: int
    end: int
    code: str
    status: Status
    value: float | None


@dataclass(frozen=True)
class Marked:
    """A note, its patient's sex, its facts."""

    name: str
    sex: str
    text: str
    facts: tuple[Fact, ...]


def notes(language: str) -> Iterator[Marked]:
    """Yield the marked notes of a language."""
    source = (Path(__file__).parent / f"facts_{language}.txt").read_text(encoding="utf-8")
    for block in re.split(r"^== ", source, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        name, _, sex = head.rpartition(" ")
        yield _marked(name, sex, body)


def _marked(name: str, sex: str, body: str) -> Marked:
    text, facts, last = "", [], 0
    for match in _MARK.finditer(body):
        text += body[last : match.start()]
        value = float(match[3]) if match[3] else None
        facts.append(Fact(len(text), len(text) + len(match[1]), match[2], _STATUS[match[4]], value))
        text += match[1]
        last = match.end()
    return Marked(name, sex, text + body[last:], tuple(facts))


def same(fact: Fact, mention: Mention) -> bool:
    """Tell whether a mention is a marked fact: its place, its code and its value."""
    if mention.end <= fact.start or fact.end <= mention.start:
        return False
    if fact.value is None:
        return mention.code == fact.code
    right = fact.code == ("age" if mention.kind is FactKind.AGE else mention.code)
    return right and mention.value is not None and abs(mention.value - fact.value) <= max(_NEAR * fact.value, 0.006)


def kind(fact: Fact) -> str:
    """Return the kind of a marked fact."""
    if fact.value is not None:
        return "AGE" if fact.code == "age" else "MEASUREMENT"
    return "TREATMENT" if not re.fullmatch(r"[A-Z]\d\d", fact.code) else "PROBLEM"


def scores(languages: Iterable[str]) -> dict[str, tuple[int, int, int, int]]:
    """Count by kind: marked, found, found with the right status, told in all."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for language in languages:
        for note in notes(language):
            told = [mention for mention in extract(note.text, load(language)) if mention.kind is not FactKind.SEX]
            for mention in told:
                counted[mention.kind.value][3] += 1
            for fact in note.facts:
                hits = [mention for mention in told if same(fact, mention)]
                row = counted[hits[0].kind.value if hits else kind(fact)]
                row[0] += 1
                row[1] += bool(hits)
                row[2] += bool(hits) and (fact.value is not None or hits[0].status is fact.status)
    return {name: (row[0], row[1], row[2], row[3]) for name, row in counted.items()}
