import re
import time

import pytest
from made_evidence import HOSTILE, criterion, evidence, findings, utility

from sosie.evidence import Budget, CriterionId, Status
from sosie.report.html import render
from sosie.report.words import LANGUAGES, Language, words

ANONYMOUS = re.compile(r"\banonym(ous|e|es)\b", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_released_cohort_is_called_anonymous_with_its_residual_risk(language: Language) -> None:
    page = render(evidence(), findings(), language)

    assert ANONYMOUS.search(page)
    assert words(language)("verdict.residual_title") in page
    assert f"<html lang={language!r}>".replace("'", '"') in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("decision", "failing"),
    [("refused", Status.FAILED), ("refused", Status.NOT_DEMONSTRATED), ("released", Status.NOT_DEMONSTRATED)],
)
def test_nothing_else_is_called_anonymous(language: Language, decision: str, failing: Status) -> None:
    page = render(evidence(decision, failing=failing), findings(), language)

    assert not ANONYMOUS.search(page)
    assert words(language)(f"status.{failing.value}") in page


def test_a_release_without_any_criterion_is_not_called_anonymous() -> None:
    empty = evidence()
    empty.verdict.criteria.clear()

    assert not ANONYMOUS.search(render(empty))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_demonstrate_a_criterion_is_said_in_the_language(language: Language) -> None:
    page = render(evidence("refused", failing=Status.NOT_DEMONSTRATED), (), language)

    assert words(language)("criteria.needed_rounds", count="60").replace("'", "&#39;") in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_epsilon_does_not_cover_is_said_beside_what_it_covers(language: Language) -> None:
    promised = evidence()
    promised.budget = Budget(epsilon=1.0, delta=1e-5, unit="patient", covers=["pairs"])
    promised.privacy["uncovered"] = [{"en": "the report", "fr": "le rapport"}]
    page = render(promised, (), language)

    assert words(language)("budget.uncovered") in page
    assert f"<li>{promised.privacy['uncovered'][0][language]}</li>" in page


def test_hostile_names_stay_text() -> None:
    page = render(evidence(), findings(), "en")

    assert "<script" not in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_the_page_refers_to_nothing_outside() -> None:
    page = render(evidence(), findings(), "fr")

    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!#)""", page)
    assert not re.search(r"https?://|//[a-z]|@import|@font-face|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_ids_are_unique_and_every_reference_has_its_target() -> None:
    page = render(evidence(), findings(), "en")

    ids = re.findall(r'\bid="([^"]+)"', page)
    references = re.findall(r'(?:href="#|url\(#|aria-labelledby=")([^")]+)', page)
    assert len(ids) == len(set(ids))
    assert set(references) <= set(ids)


def test_the_same_evidence_gives_the_same_page() -> None:
    given = evidence()

    assert render(given, findings(), "en") == render(given, findings(), "en")


def test_a_seed_is_warned_of() -> None:
    assert words("en")("verdict.seed", seed="987654") in render(evidence(seed=987654))
    assert "987654" not in render(evidence()).partition('id="criteria"')[0].partition('id="verdict"')[2]


def test_evidence_with_nothing_but_a_verdict_is_readable() -> None:
    bare = evidence().model_copy(update={"utility": {}, "privacy": {}, "settings": {}, "timing": {}, "inputs": []})

    page = render(bare, (), "en")

    assert words("en")("utility.none") in page


def test_an_audit_says_who_made_the_data() -> None:
    page = render(evidence("refused", failing=Status.FAILED, command="audit"))

    assert words("en")("verdict.audit_failed") in page
    assert words("en")("method.audit_text") in page


def test_bounds_that_are_not_finite_are_shown() -> None:
    given = evidence("refused")
    infinite = criterion(CriterionId.LINKABILITY, Status.NOT_DEMONSTRATED, upper_95=float("inf"))
    given.verdict.criteria[:] = [infinite, criterion(CriterionId.INFERENCE, upper_95=None)]

    assert "∞" in render(given)


def test_a_wide_table_shows_its_least_similar_columns_and_says_so() -> None:
    given = evidence()
    given.utility["tables"] = utility(tuple(f"column {i}" for i in range(90)))

    started = time.perf_counter()
    page = render(given)

    assert page.count("<figcaption>") == 60 + 1
    assert words("en")("utility.marginals_worst", shown=60, total=90) in page
    assert words("en")("utility.correlations_worst", shown=40, total=90) in page
    assert time.perf_counter() - started < 20
