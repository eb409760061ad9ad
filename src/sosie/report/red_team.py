"""What the hardest attacks add to their criteria: how they were run, the most exposed records, earlier attempts.

Read of the evidence, every part of it optional:

``privacy["shadow"]``
    ``releases`` and ``targets`` (numbers), ``isolated`` and ``random`` (lists of an AUC a target, or of mappings with
    ``auc``).
``privacy["canary"]``
    Any mapping; listed.
``privacy["exposed"]``
    At most ten mappings of ``number`` (pseudonymous), ``auc`` and ``group``.
``privacy["history"]``
    ``attempts``, ``releases``, ``confidence`` (a share), ``composed_auc``.

The list of exposed records stays in the officer's folder: the report has it, the assessment and the data sheet do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sosie.evidence import Evidence
from sosie.report.criteria import plain
from sosie.report.reading import mapping, mappings, number, sequence, text
from sosie.report.words import Words

MOST_EXPOSED = 10


@dataclass(frozen=True)
class Exposed:
    """One of the records that the attacks recognise best."""

    number: str
    auc: str
    group: str


@dataclass(frozen=True)
class RedTeam:
    """What the hardest attacks add."""

    shadow: tuple[str, ...]
    canary: tuple[tuple[str, str], ...]
    exposed: tuple[Exposed, ...]
    history: tuple[tuple[str, str], ...]


def red_team(evidence: Evidence, say: Words) -> RedTeam:
    """Read what was told of the hardest attacks."""
    privacy = evidence.privacy
    return RedTeam(
        shadow=_shadow(mapping(privacy.get("shadow")), say),
        canary=tuple(
            (say.known("detail", text(name)), plain(value, say))
            for name, value in mapping(privacy.get("canary")).items()
        ),
        exposed=tuple(_exposed(row, say) for row in mappings(privacy.get("exposed"))[:MOST_EXPOSED]),
        history=history(evidence, say),
    )


def history(evidence: Evidence, say: Words) -> tuple[tuple[str, str], ...]:
    """Tell how many times the cohort was attempted and released, and what that costs."""
    found = mapping(evidence.privacy.get("history"))
    lines = [
        (say(f"history.{name}"), say.number(number(found.get(name))))
        for name in ("attempts", "releases")
        if number(found.get(name)) is not None
    ]
    confidence, composed = number(found.get("confidence")), number(found.get("composed_auc"))
    if confidence is not None:
        lines.append((say("history.confidence"), say.percent(confidence, 2)))
    if composed is not None:
        lines.append((say("history.composed"), say.number(composed, 3)))
    return tuple(lines)


def _shadow(raw: Mapping[str, object], say: Words) -> tuple[str, ...]:
    releases, targets = number(raw.get("releases")), number(raw.get("targets"))
    groups = {name: _areas(raw.get(name)) for name in ("isolated", "random")}
    if targets is None:
        targets = float(sum(len(areas) for areas in groups.values())) or None
    if releases is None or targets is None:
        return ()
    sentences = [say("shadow.size", releases=say.number(releases), targets=say.number(targets))]
    sentences += [
        say(f"shadow.{name}", count=len(areas), least=say.number(min(areas), 3), most=say.number(max(areas), 3))
        for name, areas in groups.items()
        if areas
    ]
    return tuple(sentences)


def _areas(raw: object) -> tuple[float, ...]:
    known = [number(mapping(item).get("auc") if mapping(item) else item) for item in sequence(raw)]
    return tuple(area for area in known if area is not None)


def _exposed(raw: Mapping[str, object], say: Words) -> Exposed:
    given = number(raw.get("number"))
    written = text(raw.get("number")) if given is None else f"{given:.0f}"
    group = say.known("exposed_group", text(raw.get("group")))
    return Exposed(written or say("format.unknown"), say.number(number(raw.get("auc")), 3), group)
