"""The report: the evidence of one release comes in, one offline HTML page leaves.

What is read of the evidence, every part of it optional but the verdict:

``settings``
    ``guarantee``, ``synthesizer``, ``doubles`` (number of rows; else ``patients``, as asked for), ``k``, ``leaf``,
    ``rounds``, ``seed`` (only when one was given), ``cohort`` (a name), ``command`` (``anonymize`` or ``audit``); all
    are listed.
``privacy``
    ``uniqueness`` (of ``tables.uniqueness``), ``rules`` (sentences, or mappings of languages to sentences),
    ``not_attacked`` (criterion ids, names of attacks or sentences), ``distances`` (a name, ``dcr`` or ``nndr`` among
    them, and one number for the doubles, or ``{"original": ..., "doubles": ...}``).
    ``frontier`` is told in `sosie.report.frontier`; ``shadow``, ``canary``, ``exposed`` and ``history`` in
    `sosie.report.red_team`.
``criteria[].details``
    ``rate_with`` and ``rate_without``, ``guesses``, ``attacked`` and ``auxiliary`` (column names); all are listed.
``criteria[].needed``
    ``about 60 rounds ...`` and ``about 900 ... patients`` are put in words; anything else is quoted.
``utility["tables"]``, ``utility["timelines"]``
    What ``tables.compare.compare`` and ``timelines.compare.compare`` return.

A number that is missing, null or not finite is shown as unknown; a part that cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from sosie.cohort import Finding
from sosie.evidence import Evidence
from sosie.report import (
    account,
    criteria,
    exposure,
    genomes,
    images,
    joint,
    notes,
    plots,
    survival_plots,
    svg,
    timelines,
    utility,
)
from sosie.report.frontier import frontier
from sosie.report.reading import text
from sosie.report.red_team import red_team
from sosie.report.survival_plots import SurvivalCharts
from sosie.report.svg import Panel
from sosie.report.utility import Marginal, TableUtility, Utility
from sosie.report.verdict import audited, verdict
from sosie.report.words import Language, Words, words

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_COLUMNS = 60
"""Columns whose distribution is drawn; of more, the least similar."""


@dataclass(frozen=True)
class TableCharts:
    """The pictures of one table."""

    table: TableUtility
    marginals: tuple[Panel[Marginal], ...]
    heat_maps: tuple[Markup, ...]
    mapped: int
    survival: tuple[SurvivalCharts, ...]


def render(evidence: Evidence, findings: Sequence[Finding] = (), language: Language = "en") -> str:
    """Write the report of one release as one HTML page that refers to nothing outside itself.

    Parameters
    ----------
    evidence : Evidence
    findings : sequence of Finding
        What was found to identify people.
    language : {"fr", "en"}
    """
    say = words(language)
    measured = utility.read(evidence.utility.get("tables"))
    page = environment().get_template("report.html.j2")
    return page.render(
        say=say,
        evidence=evidence,
        audited=audited(evidence),
        verdict=verdict(evidence, say),
        groups=criteria.groups(evidence.verdict.criteria, say, audit=audited(evidence)),
        columns=exposure.columns(findings, say),
        walks=exposure.walks(evidence.privacy.get("uniqueness"), say),
        method=account.method(evidence, say),
        remains=account.remains(evidence, say),
        hardest=red_team(evidence, say),
        frontier=frontier(evidence, say),
        utility=measured,
        notes=notes.read(evidence.utility.get("notes"), say),
        genomes=genomes.read(evidence.utility.get("genomes"), say),
        joint=joint.read(evidence.utility.get("cohort"), say),
        trajectories=timelines.singled(evidence.privacy.get("uniqueness"), say),
        timelines=timelines.read(evidence.utility.get("timelines"), say),
        images=images.read(evidence.utility.get("images"), say),
        charts=() if measured is None else charts(measured, say),
    )


def charts(measured: Utility, say: Words) -> tuple[TableCharts, ...]:
    """Draw every chart, table by table."""
    with svg.style():
        return tuple(_table(table, f"t{i}", say) for i, table in enumerate(measured.tables))


@cache
def environment() -> Environment:
    """Return the templates; whatever they write is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("sosie.report")
    templates = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters["line"] = text
    return templates


def _table(table: TableUtility, name: str, say: Words) -> TableCharts:
    shown = table.ranked[:MOST_COLUMNS]
    maps = () if table.correlations is None else plots.heat_maps(table.correlations, f"{name}r", say)
    return TableCharts(
        table=table,
        marginals=tuple(Panel(plots.marginal(column, f"{name}m{i}", say), column) for i, column in enumerate(shown)),
        heat_maps=maps,
        mapped=0 if table.correlations is None else len(plots.mapped(table.correlations)),
        survival=tuple(survival_plots.charts(one, f"{name}s{i}", say) for i, one in enumerate(table.survival)),
    )
