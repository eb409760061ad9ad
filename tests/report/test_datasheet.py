import pytest
from made_evidence import HOSTILE, evidence

from sosie.errors import RefusedError
from sosie.evidence import Budget, Status
from sosie.report.datasheet import datasheet
from sosie.report.words import LANGUAGES, Language, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recipient_learns_what_the_data_are(language: Language) -> None:
    page = datasheet(evidence(), language)

    say = words(language)
    assert say("datasheet.duty").replace("'", "&#39;") in page
    assert say.number(1200) in page
    assert "<code>age</code>" in page
    assert say("kind.numeric") in page


def test_the_recipient_learns_nothing_of_the_attacks_nor_of_the_inputs() -> None:
    given = evidence(seed=987_654)
    given.verdict.criteria[0].value = 0.0123456

    page = datasheet(given, "en")

    for secret in ("patients.csv", "ab" * 32, "987654", "membership.", "0.0123", "1,000", "leave-out", "<svg class"):
        assert secret not in page
    assert HOSTILE not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_under_differential_privacy_it_tells_the_guarantee_and_no_measured_figure(language: Language) -> None:
    given = evidence().model_copy(update={"budget": Budget(epsilon=2.0, delta=1e-5, covers=["columns"])})

    page = datasheet(given, language)

    assert "epsilon 2, delta 1e-05" in page
    assert "<code>age</code>" not in page


@pytest.mark.parametrize("failing", [Status.FAILED, Status.NOT_DEMONSTRATED])
def test_there_is_no_recipient_of_a_refused_release(failing: Status) -> None:
    with pytest.raises(RefusedError):
        datasheet(evidence("refused", failing=failing))
