"""Notes whose facts are marked, ``[HTA|I10~]``, and how many of them are found.

After the code: ``-`` denied, ``?`` doubted, ``~`` history, ``^`` family; of a measurement or an age, ``=`` and its
value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from sosie.notes.facts import FactKind, Mention, Status, extract
from sosie.notes.languages import load

PIECES = st.sampled_from(
    [
        *(
            "Antécédents : ",
            "HTA",
            "diabète de type 2",
            "pas de ",
            "TA 13/8",
            "T° 37°5",
            "Hb 10,2 g/dL",
            "âgée de 72 ans",
        ),
        *(
            "Poids 72 kg pour 1m75",
            "Lasilix 40 mg",
            "mère : ",
            "?",
            "\n",
            "\n\n",
            ". ",
            ", ",
            " ",
            "{0}",
            "é",
            "\u200b",
        ),
        *("denies ", "fever", "BP 132/84 mmHg", "Past Medical History:\n", "e\u0301", "\r\n", "- ", "K+ 4,2", "œdèmes"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join))
_MARK = re.compile(r"\[([^\[\]|]+)\|([A-Za-z0-9_]+)(?:=([\d.]+)|([-?~^]))?\]")
_STATUS = {"-": Status.NEGATED, "?": Status.POSSIBLE, "~": Status.HISTORY, "^": Status.FAMILY, None: Status.PRESENT}
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


@dataclass
class Scores:
    """Counts of one kind: facts marked, found, found with their status; mentions told, and right."""

    marked: int = 0
    found: int = 0
    held: int = 0
    told: int = 0
    right: int = 0


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


def scores(languages: Iterable[str]) -> dict[str, Scores]:
    """Count by kind what is marked, and what is found of it."""
    counted: dict[str, Scores] = defaultdict(Scores)
    for language in languages:
        for note in notes(language):
            told = [mention for mention in extract(note.text, load(language)) if mention.kind is not FactKind.SEX]
            for mention in told:
                counted[mention.kind.value].told += 1
                counted[mention.kind.value].right += any(same(fact, mention) for fact in note.facts)
            for fact in note.facts:
                hit = next((mention for mention in told if same(fact, mention)), None)
                row = counted[kind(fact)]
                row.marked += 1
                row.found += hit is not None
                row.held += hit is not None and (fact.value is not None or hit.status is fact.status)
    return dict(counted)
