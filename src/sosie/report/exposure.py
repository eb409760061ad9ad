"""What identifies people, as tables to read: the columns that play a role, and how few of them single out a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sosie.cohort import Finding, Role
from sosie.report.reading import mapping, mappings, number, text, texts
from sosie.report.words import Words

_ORDER = tuple(Role)


@dataclass(frozen=True)
class Column:
    """One finding, in words."""

    name: str
    document: str
    role: Role
    role_word: str
    label: str
    score: str
    reason: str


@dataclass(frozen=True)
class Step:
    """What somebody who knows some columns can isolate."""

    known: int
    columns: str
    more: bool
    """Whether ``columns`` is the one that is known besides those of the step before."""
    alone: str
    under_k: str
    share: float


@dataclass(frozen=True)
class Walk:
    """One, two, three ... known columns."""

    title: str
    k: str
    steps: tuple[Step, ...]


def columns(findings: Sequence[Finding], say: Words) -> tuple[Column, ...]:
    """Put the findings in words, the most identifying roles first."""
    several = len({finding.document for finding in findings}) > 1
    return tuple(_column(finding, several, say) for finding in sorted(findings, key=_rank))


def walks(uniqueness: object, say: Words) -> tuple[Walk, ...]:
    """Read what `sosie.tables.uniqueness` measured."""
    source = mapping(uniqueness)
    k = say.number(number(source.get("k")))
    found = []
    for name in ("quasi_identifiers", "all_columns"):
        steps = _steps(mappings(source.get(name)), say)
        if steps:
            found.append(Walk(say(f"identity.{name}"), k, steps))
    return tuple(found)


def _rank(finding: Finding) -> tuple[int, float]:
    return _ORDER.index(finding.role), -finding.score


def _column(finding: Finding, several: bool, say: Words) -> Column:
    # Detectors explain themselves in English; another language says on what they relied.
    family = say.known("basis", finding.detector.partition(":")[0], say("basis.other"))
    basis = say.known("basis", finding.detector, family)
    return Column(
        name=text(finding.place),
        document=text(finding.document) if several else "",
        role=finding.role,
        role_word=say(f"role.{finding.role.value}"),
        label=say.known("label", text(finding.label)),
        score=say.percent(finding.score, 0),
        reason=(text(finding.reason) or basis) if say.language == "en" else basis,
    )


def _steps(raw: Sequence[Mapping[str, object]], say: Words) -> tuple[Step, ...]:
    known = [texts(step.get("columns")) for step in raw]
    return tuple(
        _step(step, names, bool(before) and names[:-1] == before, say)
        for step, names, before in zip(raw, known, [(), *known], strict=False)
    )


def _step(raw: Mapping[str, object], names: tuple[str, ...], more: bool, say: Words) -> Step:
    alone = number(raw.get("alone"))
    return Step(
        known=len(names),
        columns=names[-1] if more else say("format.list").join(names),
        more=more,
        alone=say.percent(alone),
        under_k=say.percent(number(raw.get("under_k"))),
        share=min(max(alone or 0.0, 0.0), 1.0),
    )
