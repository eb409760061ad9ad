"""The risks of an impact assessment: how they were judged, each attack with its figures, what remains.

The evidence comes in, one section of a document leaves. Every figure stands beside its baseline and its limit; what was
not attacked is named.
"""

from __future__ import annotations

from collections.abc import Sequence

from sosie.evidence import Criterion, Evidence
from sosie.report import account, criteria
from sosie.report.document import Block, Bullets, Definition, Definitions, Paragraph, Section, Table
from sosie.report.explanations import explain
from sosie.report.reading import number
from sosie.report.red_team import red_team
from sosie.report.verdict import advice, audited, residual
from sosie.report.words import Words

_FEARED = ("access", "change", "loss")


def section(evidence: Evidence, say: Words) -> Section:
    """Tell the risks, the attack table, its explanation, the history and what remains."""
    judged = "risk.audit_text" if audited(evidence) else "risk.text"
    hardest = red_team(evidence, say)
    below = [
        Section(say("risk.table"), (Paragraph(say("risk.table_text"), "quiet"), *_tables(evidence, say))),
        Section(say("risk.explained"), _advised(evidence, say), _explained(evidence, say)),
    ]
    if hardest.shadow or hardest.canary:
        told = tuple(Paragraph(sentence) for sentence in hardest.shadow)
        planted = (Paragraph(say("canary.text")), _definitions(hardest.canary)) if hardest.canary else ()
        below.append(Section(say("shadow.title"), (*told, *planted)))
    lines: tuple[Block, ...] = (Paragraph(say("history.none")),)
    if hardest.history:
        lines = (Paragraph(say("history.text"), "quiet"), _definitions(hardest.history))
    below += [
        Section(say("history.title"), lines),
        _not_attacked(evidence, say),
        Section(say("residual.title"), _remains(evidence, say)),
        Section(say("risk.feared"), (Paragraph(say("risk.feared_text"), "quiet"), _feared(say))),
    ]
    return Section(say("risk.title"), (Paragraph(say(judged)),), tuple(below))


def _tables(evidence: Evidence, say: Words) -> tuple[Block, ...]:
    found = evidence.verdict.criteria
    return (_table(found, say),) if found else (Paragraph(say("criteria.none")),)


def _table(found: Sequence[Criterion], say: Words) -> Table:
    """Put the criteria in the order of the opinion, one a row, each with its two rates."""
    ordered = [one for family in criteria.GROUPS for one in found if criteria.family(one.id) == family]
    header = tuple(say(f"risk.{name}") for name in ("attack", "with", "without", "value", "bound", "limit", "status"))
    return Table(
        header=header,
        rows=tuple(_row(one, say) for one in ordered),
        widths=(34, 10, 10, 11, 11, 10, 14),
        figures=frozenset({1, 2, 3, 4, 5}),
        statuses=tuple(one.status for one in ordered),
    )


def _row(one: Criterion, say: Words) -> tuple[str, ...]:
    rates = (number(one.details.get(name)) for name in ("rate_with", "rate_without"))
    figures = (one.value, one.upper_95, one.threshold)
    return (
        criteria.title(one, say),
        *(say.percent(rate) for rate in rates),
        *(criteria.figure(one, value, say) for value in figures),
        say(f"status.{one.status.value}"),
    )


def _explained(evidence: Evidence, say: Words) -> tuple[Section, ...]:
    audit = audited(evidence)
    sections = []
    for name in criteria.GROUPS:
        members = [one for one in evidence.verdict.criteria if criteria.family(one.id) == name]
        if members:
            items = tuple(_item(one, say, audit) for one in members)
            sections.append(
                Section(say(f"group.{name}"), (Paragraph(say(f"group_text.{name}"), "quiet"), Bullets(items)))
            )
    return tuple(sections)


def _advised(evidence: Evidence, say: Words) -> tuple[Block, ...]:
    once = advice(evidence, say)
    return (Paragraph(once, "lead"),) if once else ()


def _item(one: Criterion, say: Words, audit: bool) -> tuple[str, str]:
    name = f"{say(f'criterion_title.{one.id.value}')} ({say(f'status.{one.status.value}')})"
    needed = criteria.needed(one, say)
    more = (say("criteria.needed", needed=needed) + ".",) if needed else ()
    told = explain(one, say, audit=audit)
    return name, " ".join((*(told.told if audit else told.sentences), *more))


def _definitions(lines: Sequence[tuple[str, str]]) -> Definitions:
    return Definitions(tuple(Definition(name, value) for name, value in lines))


def _not_attacked(evidence: Evidence, say: Words) -> Section:
    left = account.remains(evidence, say).not_attacked
    if not left:
        return Section(say("residual.not_attacked"), (Paragraph(say("residual.all_attacked")),))
    items = Bullets(tuple(("", attack) for attack in left))
    return Section(say("residual.not_attacked"), (Paragraph(say("residual.not_attacked_text"), "quiet"), items))


def _remains(evidence: Evidence, say: Words) -> tuple[Block, ...]:
    bounds = tuple(("", sentence) for sentence in residual(evidence, say))
    return (Paragraph(say("residual.text")), Paragraph(say("risk.bounds"), "quiet"), Bullets(bounds))


def _feared(say: Words) -> Table:
    header = tuple(say(f"risk.{name}") for name in ("event", "sources", "severity", "likelihood"))
    blank = say("assessment.missing")
    rows = tuple((say(f"risk.{name}"), say(f"risk.{name}_sources"), blank, blank) for name in _FEARED)
    return Table(header, rows, widths=(30, 34, 18, 18), missing=blank)
