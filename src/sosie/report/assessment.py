"""The annex to a data protection impact assessment (GDPR, Article 35), as a document without a format.

The evidence of one run and the columns that identify people come in, a `Document` leaves: the order is that of the
CNIL's method (context, necessity, risks, measures, validation), the risks are those of Opinion 05/2014. What the
evidence does not hold is marked as to be completed, never made up; the most exposed records are left to the officer's
report. Of the columns, names and kinds are told, never a value.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sosie.cohort import Finding, Role
from sosie.evidence import Evidence
from sosie.report import account, exposure, risks, utility
from sosie.report.criteria import plain
from sosie.report.document import (
    Blanks,
    Block,
    Bullets,
    Definition,
    Definitions,
    Document,
    Paragraph,
    Section,
    Table,
    Tone,
)
from sosie.report.reading import mapping, number, text
from sosie.report.verdict import audited, facts, verdict
from sosie.report.words import Language, Words, words

MOST_LISTED = 60
"""Columns that a table of the annex lists."""
DECLARED = ("controller", "purpose", "recipient", "legal_basis", "threat_model")
"""What the manifest declares, in the order in which it is told."""
_TONES: dict[str, Tone] = {"released": "released", "open": "open", "refused": "refused"}


def assessment(evidence: Evidence, findings: Sequence[Finding] = (), language: Language = "en") -> Document:
    """Build the annex.

    Parameters
    ----------
    evidence : Evidence
        ``settings`` may hold ``controller``, ``purpose``, ``recipient``, ``legal_basis``, ``threat_model``, ``expires``
        (ISO date) and ``reassess_months``, as the manifest declared them; ``privacy["codecs"]`` the digest of each
        encoder, by its name. The rest is what the report reads.
    findings : sequence of Finding
        What was found to identify people.
    language : {"fr", "en"}
    """
    say = words(language)
    chapters = (
        _summary(evidence, say),
        _context(evidence, say),
        _data(evidence, findings, say),
        _method(evidence, say),
        _necessity(evidence, say),
        risks.section(evidence, say),
        _measures(evidence, say),
        _decision(say),
        _annex(evidence, say),
    )
    return Document(
        title=say("assessment.title"),
        subtitle=say("assessment.subtitle"),
        language=language,
        created=evidence.created,
        author=text(evidence.settings.get("controller")) or "Sosie",
        footer=say("page.footer", version=text(evidence.sosie_version), date=say.date(evidence.created)),
        sections=tuple(_numbered(chapter, f"{place}") for place, chapter in enumerate(chapters, 1)),
    )


def due(created: datetime, months: int) -> date:
    """Return the day some months later; the last of the month where that day does not exist."""
    year, month = divmod(created.year * 12 + created.month - 1 + months, 12)
    return date(year, month + 1, min(created.day, calendar.monthrange(year, month + 1)[1]))


def _numbered(section: Section, place: str) -> Section:
    below = tuple(_numbered(one, f"{place}.{i}") for i, one in enumerate(section.sections, 1))
    return Section(
        f"{place}. {section.title}" if "." not in place else f"{place} {section.title}", section.blocks, below
    )


def _summary(evidence: Evidence, say: Words) -> Section:
    told = verdict(evidence, say)
    seed = (Paragraph(told.seed, "warning"),) if told.seed else ()
    return Section(
        say("assessment.summary"),
        (
            Paragraph(say("assessment.status"), "quiet"),
            Paragraph(told.word, _TONES[told.tone]),
            Paragraph(told.lead, "lead"),
            Paragraph(told.meaning),
            *seed,
            Definitions(tuple(Definition(name, value) for name, value in told.facts)),
        ),
    )


def _context(evidence: Evidence, say: Words) -> Section:
    declared = tuple(_declared(name, evidence, say) for name in DECLARED)
    described = "assessment.audited_text" if audited(evidence) else "assessment.context_text"
    return Section(
        say("assessment.context"), (Paragraph(say(described)), Definitions((*declared, *_dates(evidence, say))))
    )


def _declared(name: str, evidence: Evidence, say: Words) -> Definition:
    term, value = say(f"assessment.{name}"), text(evidence.settings.get(name))
    return Definition(term, value) if value else Definition(term, say("assessment.missing_field", field=name), True)


def _dates(evidence: Evidence, say: Words) -> tuple[Definition, ...]:
    months = number(evidence.settings.get("reassess_months"))
    again = _missing("reassess", "reassess_months", say)
    if months is not None and 1 <= months <= 1200:
        told = say("assessment.reassess_on", day=say.day(due(evidence.created, int(months))), months=say.number(months))
        again = Definition(say("assessment.reassess"), told)
    try:
        end = date.fromisoformat(text(evidence.settings.get("expires"))[:10])
        expires = Definition(say("assessment.expires"), say.day(end))
    except ValueError:
        expires = _missing("expires", "expires", say)
    return expires, again


def _missing(term: str, field: str, say: Words) -> Definition:
    return Definition(say(f"assessment.{term}"), say("assessment.missing_field", field=field), True)


def _open(term: str, say: Words) -> Definition:
    return Definition(say(f"assessment.{term}"), say("assessment.missing"), True)


def _data(evidence: Evidence, findings: Sequence[Finding], say: Words) -> Section:
    counts = Counter(finding.role for finding in findings)
    measured = utility.read(evidence.utility.get("tables"))
    columns = sum(len(table.columns) for table in measured.tables) if measured else 0
    told = number(evidence.settings.get("columns")) or float(columns) or None
    roles = tuple(
        Definition(say(f"role.{role.value}").capitalize(), say.number(counts[role])) for role in Role if counts[role]
    )
    people = tuple(Definition(name, value) for name, value in facts(evidence, say)[:3])
    modelled = Definition(say("assessment.columns"), say.number(told))
    listed: tuple[Block, ...] = (_identifiers(findings, say),) if findings else (Paragraph(say("identity.none")),)
    walks = tuple(
        Section(walk.title, (Paragraph(say("identity.uniqueness_text"), "quiet"), _walk(walk, say)))
        for walk in exposure.walks(evidence.privacy.get("uniqueness"), say)[:1]
    )
    return Section(
        say("assessment.data"),
        (Paragraph(say("assessment.data_text")), Definitions((*people, modelled, *roles, _open("categories", say)))),
        (Section(say("identity.title"), (Paragraph(say("identity.lead"), "quiet"), *listed)), *walks),
    )


def _identifiers(findings: Sequence[Finding], say: Words) -> Table:
    found = exposure.columns(findings, say)
    header = tuple(say(f"identity.{name}") for name in ("column", "role", "label", "score"))
    rows = tuple((column.name, column.role_word, column.label, column.score) for column in found[:MOST_LISTED])
    rest = len(found) - len(rows)
    note = say("format.more", count=rest) if rest > 0 else ""
    return Table(header, rows, widths=(34, 24, 28, 14), figures=frozenset({3}), note=note)


def _walk(walk: exposure.Walk, say: Words) -> Table:
    header = (say("identity.known"), say("identity.alone"), say("identity.under_k", k=walk.k))
    rows = tuple((f"{'+ ' if step.more else ''}{step.columns}", step.alone, step.under_k) for step in walk.steps)
    return Table(header, rows, widths=(50, 20, 30), figures=frozenset({1, 2}))


def _method(evidence: Evidence, say: Words) -> Section:
    told = account.method(evidence, say)
    codecs = tuple(
        Definition(text(name), plain(value, say)) for name, value in mapping(evidence.privacy.get("codecs")).items()
    )
    blocks: list[Block] = [Paragraph(sentence) for sentence in told.sentences]
    if told.budget:
        blocks += [Paragraph(told.budget, "lead"), Paragraph(say("assessment.budget_text"))]
    if told.rules and not audited(evidence):
        # A rule may quote a category: the report lists them, the annex counts them.
        blocks.append(Paragraph(say("assessment.rules", count=say.number(len(told.rules)))))
    named = Section(say("assessment.codecs"), (Paragraph(say("assessment.codecs_text"), "quiet"), Definitions(codecs)))
    return Section(say("method.title"), tuple(blocks), (named,) if codecs else ())


def _necessity(evidence: Evidence, say: Words) -> Section:
    measured = utility.read(evidence.utility.get("tables"))
    given = (
        ()
        if measured is None
        else (
            ("shapes", "shapes_help", measured.shapes),
            ("pairs", "pairs_help", measured.pairs),
            ("tstr_gap", "tstr_help", measured.gap),
            ("propensity", "propensity_help", measured.propensity),
        )
    )
    rows = tuple(
        (say(f"utility.{name}"), say.number(value, 3), say(f"utility.{told}"))
        for name, told, value in given
        if value is not None
    )
    header = tuple(say(f"assessment.{name}") for name in ("measure", "figure", "reading"))
    kept: Block = Paragraph(say("utility.none"))
    if rows:
        kept = Table(header, rows, widths=(28, 14, 58), figures=frozenset({1}))
    return Section(
        say("assessment.necessity"),
        (
            Paragraph(say("assessment.necessity_text")),
            Definitions(
                tuple(_open(term, say) for term in ("proportionality", "minimisation", "information", "rights"))
            ),
        ),
        (Section(say("utility.title"), (Paragraph(say("assessment.utility_text"), "quiet"), kept)),),
    )


def _measures(evidence: Evidence, say: Words) -> Section:
    values = "k" if evidence.budget.epsilon is None else "noise"
    own = ("assessor",) if audited(evidence) else (values, "folder")
    taken = (*own, "digests", "offline")
    planned = ("access", "retention", "agreement", "incident")
    return Section(
        say("assessment.measures"),
        sections=(
            Section(
                say("assessment.taken"), (Bullets(tuple(("", say(f"assessment.taken_{name}")) for name in taken)),)
            ),
            Section(
                say("assessment.planned"),
                (
                    Paragraph(say("assessment.planned_text"), "quiet"),
                    Definitions((*(_open(name, say) for name in planned), *_dates(evidence, say))),
                    Paragraph(say("assessment.again")),
                ),
            ),
        ),
    )


def _decision(say: Words) -> Section:
    signature = ("name", "position", "date", "signature")
    lines = tuple(say(f"assessment.{name}") for name in signature)
    return Section(
        say("assessment.decision"),
        (Paragraph(say("assessment.decision_text")),),
        (
            Section(say("assessment.officer"), (Blanks((say("assessment.opinion"), *lines)),)),
            Section(say("assessment.persons"), (Blanks((say("assessment.persons_line"),)),)),
            Section(
                say("assessment.validation"),
                (
                    Paragraph(say("assessment.choices")),
                    Blanks((say("assessment.conditions"), *lines)),
                ),
            ),
        ),
    )


def _annex(evidence: Evidence, say: Words) -> Section:
    settings = account.method(evidence, say).settings
    told = {say.known("setting", name) for name in (*DECLARED, "expires", "reassess_months")}
    shown = tuple(Definition(name, value) for name, value in settings if name not in told)
    versions = (
        Definition(say("page.version"), f"Sosie {text(evidence.sosie_version)}"),
        Definition(say("assessment.schema"), text(evidence.schema_version)),
    )
    header = tuple(say(f"record.{name}") for name in ("name", "patients", "hmac"))
    rows = tuple((text(one.name), say.number(one.patients), text(one.hmac_sha256)) for one in evidence.inputs)
    sources = (Section(say("record.inputs"), (Table(header, rows, (30, 12, 58), frozenset({1})),)),) if rows else ()
    cited = Bullets(tuple(("", reference) for reference in say.section("reference").values()))
    return Section(
        say("assessment.annex"),
        sections=(
            Section(say("method.settings"), (Definitions((*versions, *shown)),)),
            *sources,
            Section(say("record.references"), (cited,)),
        ),
    )
