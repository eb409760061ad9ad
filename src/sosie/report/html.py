"""The report: the evidence of one release comes in, one offline HTML page leaves.

What is read of the evidence, every part of it optional but the verdict:

``settings``
    ``guarantee``, ``synthesizer``, ``doubles`` (number of rows; else ``patients``, as asked for), ``k``, ``leaf``,
    ``rounds``, ``seed`` (only when one was given), ``cohort`` (a name), ``command`` (``anonymize`` or ``audit``); all
    are listed.
``privacy``
    ``uniqueness`` (of ``tables.uniqueness``), ``rules`` (sentences), ``not_attacked`` (criterion ids or sentences),
    ``distances`` (``{"dcr": [real, doubles], "nndr": [real, doubles]}``, medians, or any mapping of names to numbers).
``criteria[].details``
    ``with`` and ``without`` (rates), ``guesses``, ``attacked`` and ``auxiliary`` (column names), others are listed.
``utility["tables"]``
    What ``tables.compare.compare`` returns; shares are of the patients that have a value, groups hold k or more.
    ``original`` may be said for ``real``, and counts be given for shares::

        {"shapes": float, "pairs": float, "propensity_auc": float,
         "columns": {name: {"kind": "numeric" | "categorical" | "date", "shape": float,
                            "missing": [real, doubles],
                            "bins": [edge, ...],            # numeric: numbers; date: ISO text or days since 1970
                            "levels": [label, ...],         # categorical, instead of bins
                            "real": [share, ...], "doubles": [share, ...]}},
         "correlations": {"columns": [name, ...], "real": [[r, ...], ...], "doubles": [[r, ...], ...]},
         "pairs_worst": [{"columns": [a, b], "similarity": float}],
         "tstr": [{"target": name, "metric": "auc" | "r2" | ..., "real": float, "doubles": float, "gap": float}],
         "survival": [{"duration": name, "event": name, "group": name | None,
                       "curves": [{"group": str, "who": "real" | "doubles", "time": [...], "survival": [...]}],
                       "distance": float, "logrank_p": float,
                       "cox": [{"name": str, "real": [hr, low, high], "doubles": [hr, low, high], "overlap": float}]}]}

    A number that is missing, null or not finite is shown as unknown; a part that is missing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from sosie.cohort import Finding
from sosie.evidence import Evidence
from sosie.report import account, criteria, exposure, plots, survival_plots, svg, utility
from sosie.report.utility import Marginal, Survival, Utility
from sosie.report.verdict import audited, verdict
from sosie.report.words import Language, Words, words

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_COLUMNS = 60
"""Columns whose distribution is drawn; of more, the least similar."""


@dataclass(frozen=True)
class Panel:
    """One picture with its caption."""

    picture: Markup
    column: Marginal


@dataclass(frozen=True)
class SurvivalPanel:
    """One survival end point: its numbers and its pictures."""

    survival: Survival
    curves: tuple[Markup, ...]
    forest: Markup


@dataclass(frozen=True)
class Charts:
    """The pictures of the report."""

    marginals: tuple[Panel, ...] = ()
    heat_maps: tuple[Markup, ...] = ()
    mapped: int = 0
    survival: tuple[SurvivalPanel, ...] = ()


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
        groups=criteria.groups(evidence.verdict.criteria, say),
        columns=exposure.columns(findings, say),
        walks=exposure.walks(evidence.privacy.get("uniqueness"), say),
        method=account.method(evidence, say),
        remains=account.remains(evidence, say),
        utility=measured,
        charts=Charts() if measured is None else charts(measured, say),
    )


def charts(measured: Utility, say: Words) -> Charts:
    """Draw every chart."""
    with svg.style():
        marginals = tuple(
            Panel(Markup(plots.marginal(column, f"m{i}", say)), column)
            for i, column in enumerate(measured.ranked[:MOST_COLUMNS])
        )
        correlations = measured.correlations
        maps = () if correlations is None else plots.heat_maps(correlations, "r", say)
        survival = tuple(_survival(end_point, f"s{i}", say) for i, end_point in enumerate(measured.survival))
    mapped = 0 if correlations is None else len(plots.mapped(correlations))
    return Charts(marginals, tuple(Markup(picture) for picture in maps), mapped, survival)


@cache
def environment() -> Environment:
    """Return the templates; whatever they write is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("sosie.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _survival(end_point: Survival, name: str, say: Words) -> SurvivalPanel:
    pictures = tuple(Markup(picture) for picture in survival_plots.curves(end_point, f"{name}k", say))
    drawn = any(hazard.real or hazard.doubles for hazard in end_point.cox)
    forest = Markup(survival_plots.forest(end_point.cox, f"{name}f", say) if drawn else "")
    return SurvivalPanel(end_point, pictures, forest)
