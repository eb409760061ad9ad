import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from made_evidence import DECLARED, HOSTILE, criterion, evidence, findings

from sosie.cohort import Finding, Role
from sosie.evidence import Budget, CriterionId, Evidence, Status
from sosie.report.annex import to_html
from sosie.report.assessment import MOST_LISTED, assessment, due
from sosie.report.document import Definition, Definitions, Document, Section, Table
from sosie.report.html import render
from sosie.report.words import LANGUAGES, Language, words

ANONYMOUS = re.compile(r"\banonym(ous|e|es)\b", re.IGNORECASE)
VOID = {"meta", "br", "col", "circle"}


def sections(of: Document | Section) -> Iterator[Section]:
    for section in of.sections:
        yield section
        yield from sections(section)


def definitions(document: Document) -> dict[str, Definition]:
    blocks = [block for section in sections(document) for block in section.blocks]
    return {entry.term: entry for block in blocks if isinstance(block, Definitions) for entry in block.entries}


def tables(document: Document) -> list[Table]:
    return [block for section in sections(document) for block in section.blocks if isinstance(block, Table)]


class Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_manifest_declares_is_told(language: Language) -> None:
    found = definitions(assessment(evidence(**DECLARED), findings(), language))

    say = words(language)
    for name in ("controller", "purpose", "recipient", "legal_basis", "threat_model"):
        entry = found[say(f"assessment.{name}")]
        assert (entry.value, entry.missing) == (DECLARED[name], False)
    assert "2027" in found[say("assessment.expires")].value
    assert not found[say("assessment.reassess")].missing


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("empty", ["", None, "   "])
def test_what_the_manifest_leaves_out_is_marked_and_not_made_up(language: Language, empty: object) -> None:
    found = definitions(assessment(evidence(**dict.fromkeys(DECLARED, empty)), (), language))

    say = words(language)
    for name in DECLARED:
        entry = found[say("assessment.reassess" if name == "reassess_months" else f"assessment.{name}")]
        assert entry.missing
        assert entry.value == say("assessment.missing_field", field=name)


@pytest.mark.parametrize("value", ["soon", 3, "2027-13-45", float("nan"), [], True])
def test_a_date_that_cannot_be_read_is_missing(value: Any) -> None:
    found = definitions(assessment(evidence(expires=value, reassess_months=value if value != 3 else "x")))

    say = words("en")
    assert found[say("assessment.expires")].missing
    assert found[say("assessment.reassess")].missing


def test_the_day_of_reassessment_exists() -> None:
    assert due(datetime(2026, 11, 30, tzinfo=UTC), 3).isoformat() == "2027-02-28"
    assert due(datetime(2026, 12, 1, tzinfo=UTC), 12).isoformat() == "2027-12-01"


def test_each_attack_has_its_baseline_its_bound_and_its_limit() -> None:
    given = evidence()
    given.verdict.criteria[8].details.update(rate_with=0.173, rate_without=0.112)

    found = next(table for table in tables(assessment(given)) if table.statuses)

    assert len(found.rows) == len(found.statuses) == len(CriterionId)
    assert ("Singling out – by one column", "17.3%", "11.2%", "1.0%", "2.0%", "9.0%", "passed") in found.rows


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("decision", "failing", "command"),
    [
        ("refused", Status.FAILED, "anonymize"),
        ("refused", Status.NOT_DEMONSTRATED, "anonymize"),
        ("released", Status.NOT_DEMONSTRATED, "audit"),
        ("released", None, "audit"),
    ],
)
def test_only_a_passed_gate_is_called_anonymous(
    language: Language, decision: str, failing: Status | None, command: str
) -> None:
    refused = to_html(assessment(evidence(decision, failing=failing, command=command), findings(), language))

    assert not ANONYMOUS.search(refused)
    assert ANONYMOUS.search(to_html(assessment(evidence(), (), language)))


def test_the_guarantee_of_differential_privacy_is_told_with_its_unit_and_cover() -> None:
    given = evidence().model_copy(update={"budget": Budget(epsilon=3.0, delta=1e-5, covers=["bounds", "marginals"])})

    page = to_html(assessment(given, (), "en"))

    assert "ε = 3, δ = 1 × 10^−5, per patient" in page
    assert "the bounds of the numbers, the tables of counts" in page
    assert words("en")("assessment.taken_noise") in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_offline_and_its_words_stay_text(language: Language) -> None:
    page = to_html(assessment(evidence(**{**DECLARED, "purpose": HOSTILE}), findings(), language))

    balance = Balance()
    balance.feed(page)
    assert not balance.open
    assert "<script" not in page
    assert not re.search(r"""(?:src|href|action)\s*=|https?://|//[a-z]|@import|@font-face|url\(""", page)
    assert f'<html lang="{language}">' in page


def test_exposed_records_distributions_and_rules_stay_in_the_report() -> None:
    page = to_html(assessment(evidence(), findings()))

    assert not any(secret in page for secret in ("417", "0.71", "hazard", "arm says treatment"))
    assert words("en")("assessment.rules", count=1) in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_audit_gives_its_advice_once_and_its_figures_for_each_attack_that_succeeded(language: Language) -> None:
    given = evidence("refused", failing=Status.FAILED, command="audit")
    given.verdict.criteria[5] = criterion(CriterionId.REFERENCE_AUC, Status.FAILED, value=0.69, threshold=0.55)
    say = words(language)

    for page in (to_html(assessment(given, (), language)), render(given, (), language)):
        assert page.count(say("explain_advice.audit_failed").replace("'", "&#39;")) == 1
        assert say.number(69.0, 1) in page


def test_a_wide_table_is_cut_and_says_so() -> None:
    many = tuple(Finding("t.csv", f"column {i}", "AGE", Role.QUASI, 0.9, "name:en", "") for i in range(2000))

    document = assessment(evidence(), many)

    assert max(len(table.rows) for table in tables(document)) <= MOST_LISTED
    assert words("en")("format.more", count=2000 - MOST_LISTED) in [table.note for table in tables(document)]
    assert len(to_html(document)) < 200_000


def test_evidence_with_nothing_but_a_verdict_makes_an_annex() -> None:
    bare: Evidence = evidence("refused").model_copy(
        update={"utility": {}, "privacy": {}, "settings": {}, "timing": {}, "inputs": []}
    )
    bare.verdict.criteria[:] = [criterion(CriterionId.LINKABILITY, Status.FAILED, upper_95=float("inf"))]

    assert words("en")("utility.none") in to_html(assessment(bare))
