"""The criteria of the gate as lines of a table: a question, three figures, a picture and what the status means."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sosie.evidence import Criterion, CriterionId, Status
from sosie.report import gauge
from sosie.report.explanations import Explanation, explain
from sosie.report.reading import mapping, number, text
from sosie.report.words import Words

GROUPS = ("singling_out", "linkability", "inference", "membership", "reconstruction", "budget", "release")
"""The three criteria of WP29 first, then membership, then the release as a whole."""
MOST_LISTED = 30
"""Items of a list that a page shows: the 300 columns of a wide table make a cell that takes minutes to lay out."""
_NEEDED = re.compile(r"about (?P<count>\d+) (?:control )?(?P<what>rounds|patients|releases)\b.*")
_BESIDE = re.compile(r"(a bound of (?P<bound>[\d.]+) alone|no further release), beside (?P<count>\d+) earlier .*")
_SHARES = ("rate_with", "rate_without")


@dataclass(frozen=True)
class Line:
    """One criterion, in words."""

    title: str
    tag: str
    question: str
    unit: str
    value: str
    bound: str
    threshold: str
    status: Status
    gauge: Markup
    needed: str
    explained: Explanation
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """The criteria that answer one question."""

    title: str
    question: str
    status: Status
    lines: tuple[Line, ...]


def groups(criteria: Sequence[Criterion], say: Words, *, audit: bool = False) -> tuple[Group, ...]:
    """Sort the criteria by what they are about, in the order of the opinion."""
    found = []
    for name in GROUPS:
        members = [criterion for criterion in criteria if family(criterion.id) == name]
        if members:
            lines = tuple(_line(criterion, say, audit) for criterion in members)
            found.append(Group(say(f"group.{name}"), say(f"group_text.{name}"), worst(members), lines))
    return tuple(found)


def family(criterion: CriterionId) -> str:
    """Return the first part of a criterion's id: what it is about."""
    return criterion.value.partition(".")[0]


def worst(criteria: Sequence[Criterion]) -> Status:
    """Return the status of several criteria taken together."""
    found = {criterion.status for criterion in criteria}
    return next((status for status in (Status.FAILED, Status.NOT_DEMONSTRATED) if status in found), Status.PASSED)


def figure(criterion: Criterion, value: float | None, say: Words) -> str:
    """Write a figure in the unit of its criterion."""
    if value is not None and not math.isfinite(value):
        return "∞" if value > 0 else say("format.unknown")
    if gauge.unit(criterion.id) in ("auc", "other", "epsilon"):
        return say.number(value, 3)
    return say.percent(value)


def title(criterion: Criterion, say: Words) -> str:
    """Name a criterion in full, for a reader who does not see its group."""
    return f"{say(f'group.{family(criterion.id)}')} – {say(f'criterion_title.{criterion.id.value}').lower()}"


def needed(criterion: Criterion, say: Words) -> str:
    """Say what would demonstrate a criterion; what the gate says in other words is quoted."""
    beside = _BESIDE.fullmatch(text(criterion.needed))
    if beside is not None:
        room = beside["bound"]
        bound = say("format.unknown") if room is None else figure(criterion, float(room), say)
        return say(f"criteria.needed_{'none' if room is None else 'bound'}", bound=bound, count=beside["count"])
    found = _NEEDED.fullmatch(text(criterion.needed))
    if found is None:
        return text(criterion.needed)
    return say(f"criteria.needed_{found['what']}", count=say.number(float(found["count"])))


def _line(criterion: Criterion, say: Words, audit: bool) -> Line:
    value, threshold = (figure(criterion, given, say) for given in (criterion.value, criterion.threshold))
    bound = figure(criterion, criterion.upper_95, say)
    start = figure(criterion, gauge.scale(criterion)[0], say)
    described = say("criteria.gauge", value=value, bound=bound, threshold=threshold)
    return Line(
        title=say(f"criterion_title.{criterion.id.value}"),
        tag="" if criterion.group in GROUPS else text(criterion.group),
        question=say(f"criterion_question.{criterion.id.value}"),
        unit=say(f"unit.{gauge.unit(criterion.id)}"),
        value=value,
        bound=bound,
        threshold=threshold,
        status=criterion.status,
        gauge=Markup(gauge.draw(criterion, described, start, threshold)),
        needed=needed(criterion, say),
        explained=explain(criterion, say, audit=audit),
        details=tuple(_detail(name, value, say) for name, value in _ordered(criterion.details)),
    )


def _ordered(details: Mapping[str, object]) -> list[tuple[str, object]]:
    """Put the rates first and the long lists of columns last."""
    first = (*_SHARES, "guesses", "statistic", "worst")
    return sorted(
        details.items(), key=lambda item: (first.index(item[0]) if item[0] in first else 9, len(str(item[1])))
    )


def _detail(name: str, value: object, say: Words) -> tuple[str, str]:
    label = say.known("detail", text(name))
    found = number(value)
    if found is not None:
        whole = found == int(found) and name not in _SHARES
        return label, say.percent(found) if name in _SHARES else say.number(found, 0 if whole else 4)
    return label, plain(value, say)


def plain(value: object, say: Words) -> str:
    """Write any JSON value on one line."""
    if isinstance(value, bool):
        return say("format.yes" if value else "format.no")
    if isinstance(value, Mapping):
        return " ; ".join(f"{text(key)}: {plain(item, say)}" for key, item in mapping(value).items())
    if isinstance(value, list | tuple):
        nested = any(isinstance(item, list | tuple | Mapping) for item in value)
        shown = [plain(item, say) for item in value[:MOST_LISTED]]
        rest = [say("format.more", count=len(value) - MOST_LISTED)] if len(value) > MOST_LISTED else []
        return (" | " if nested else say("format.list")).join([*shown, *rest])
    found = number(value)
    if found is not None:
        return say.number(found, 0 if found == int(found) else 4)
    return text(value) or say("format.unknown")
