import re

import pytest
from made_evidence import HOSTILE, evidence, frontier

from sosie.report.frontier import MOST_POINTS
from sosie.report.frontier import frontier as drawn
from sosie.report.html import render
from sosie.report.words import LANGUAGES, Language, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frontier_is_a_picture_and_a_table_that_says_the_same(language: Language) -> None:
    say = words(language)

    found = drawn(evidence(), say)

    assert found is not None
    assert say("frontier.threshold", threshold=say.number(0.09, 2)) in found.picture
    assert len(found.rows) == found.total == 4
    assert found.rows[found.chosen][-1].endswith(say("frontier.chosen"))


@pytest.mark.parametrize("points", [None, [], frontier(1), [{"utility": 1.0}, {"auc": "x"}], "words"])
def test_fewer_than_two_points_are_no_frontier(points: object) -> None:
    given = evidence()
    given.privacy["frontier"] = points

    assert drawn(given, words("en")) is None
    assert words("en")("frontier.title") not in render(given)


def test_a_long_search_lists_its_best_settings_and_the_chosen_one() -> None:
    given = evidence()
    given.privacy["frontier"] = frontier(200)

    found = drawn(given, words("en"))

    assert found is not None
    assert (len(found.rows), found.total, found.chosen) == (MOST_POINTS, 200, 0)


def test_hostile_words_stay_text() -> None:
    given = evidence()
    given.privacy["frontier"] = [point | {"synthesizer": HOSTILE, "strength": HOSTILE} for point in frontier()]

    page = render(given)

    assert "<script" not in page
    assert re.search("&lt;script", page)
