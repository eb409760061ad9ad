import pytest
from made_evidence import evidence

from sosie.report.datasheet import datasheet
from sosie.report.html import render
from sosie.report.red_team import red_team
from sosie.report.words import LANGUAGES, Language, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_officer_sees_the_most_exposed_records_and_that_the_list_stays(language: Language) -> None:
    page = render(evidence(), (), language)

    say = words(language)
    assert "<code>417</code>" in page
    for key in ("exposed.title", "exposed.stays", "history.composed", "shadow.title", "canary.title"):
        assert say(key).replace("'", "&#39;") in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recipient_sees_nothing_of_it(language: Language) -> None:
    page = datasheet(evidence(), language)

    say = words(language)
    for key in ("exposed.title", "history.title", "shadow.title", "canary.title", "frontier.title"):
        assert say(key) not in page
    assert not any(number in page for number in ("417", "426", "0.71", "0,71", "0.541", "0,541"))


@pytest.mark.parametrize("given", [None, 3, "x", [None], {"releases": "many"}, [{"number": None}]])
def test_what_cannot_be_read_is_left_out(given: object) -> None:
    bare = evidence()
    bare.privacy.update(shadow=given, exposed=given, history=given, canary=given)

    found = red_team(bare, words("en"))

    assert found.shadow == found.history == ()
    assert render(bare)


def test_no_more_than_ten_records_are_listed() -> None:
    given = evidence()
    given.privacy["exposed"] = [{"number": i, "auc": 0.6, "group": "isolated"} for i in range(40)]

    assert len(red_team(given, words("en")).exposed) == 10
