import pytest
from made_evidence import criterion

from sosie.evidence import CriterionId, Status
from sosie.report.explanations import TOPICS, explain
from sosie.report.words import LANGUAGES, Language, words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audit", [False, True])
@pytest.mark.parametrize("status", Status)
def test_every_criterion_is_explained_whatever_its_status(language: Language, audit: bool, status: Status) -> None:
    for identity in CriterionId:
        told = explain(criterion(identity, status), words(language), audit=audit)

        assert all(sentence.endswith(".") for sentence in (told.attack, told.found, told.meaning)), identity
        assert bool(told.advice) == (status is not Status.PASSED), identity


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_explanation_is_left_over_nor_missing(language: Language) -> None:
    say = words(language)

    assert set(say.section("explain_attack")) == {identity.value for identity in CriterionId}
    assert set(TOPICS) == set(CriterionId)
    expected = {f"{topic}.{status.value}" for topic in TOPICS.values() for status in Status}
    assert set(say.section("explain_meaning")) == expected


def test_the_figures_are_so_many_of_a_hundred_with_their_baseline() -> None:
    found = criterion(CriterionId.SINGLING_OUT_UNIVARIATE, Status.FAILED, value=0.123, upper_95=0.151)
    found.details.update(rate_with=0.2, rate_without=0.077)

    told = explain(found, words("en")).found

    assert told.startswith("Of 100 guesses, 20.0 succeed with the patient in the data and 7.7 without: 12.3 more")
    assert "the limit is 9." in told
    assert "15.1" in told


def test_an_audit_compares_with_patients_who_were_not_in_the_data() -> None:
    found = criterion(CriterionId.EXACT_COPIES, Status.FAILED, value=0.4)
    found.details.update(rate_with=0.4, rate_without=0.0)

    told = explain(found, words("en"), audit=True)

    assert "Of 100 patients who were in the data 40.0 are found, of 100 who were not 0.0" in told.found
    assert "personal data" in told.advice


def test_an_area_becomes_a_choice_between_two_patients() -> None:
    found = criterion(CriterionId.REFERENCE_AUC, Status.FAILED, value=0.69, upper_95=0.72, threshold=0.55)

    told = explain(found, words("fr")).found

    assert "69,0 fois sur 100" in told
    assert "la limite est 55." in told


def test_an_epsilon_is_no_share() -> None:
    found = criterion(CriterionId.EMPIRICAL_EPSILON, value=0.42, upper_95=None, threshold=3.0)

    assert "an epsilon of 0.42" in explain(found, words("en")).found


def test_figures_that_are_not_finite_are_told() -> None:
    for value in (float("nan"), float("inf")):
        found = criterion(CriterionId.LINKABILITY, Status.FAILED, value=value, upper_95=value)

        assert "nan" not in explain(found, words("en")).found
        assert "inf" not in explain(found, words("en")).found
