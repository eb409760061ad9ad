import pytest

from sosie.notes.redact.words import spoken, words

BOTH = ("en", "fr")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le patient est vu avec sa fille pour une toux.", "fr"),
        ("The patient was seen with her daughter for a cough.", "en"),
        ("THE PATIENT WAS SEEN.\nHE IS WELL.", "en"),
        ("TA 12/8, FC 80, on note : RAS.", "fr"),
        ("", "fr"),
    ],
)
def test_a_text_shows_its_language(text: str, language: str) -> None:
    assert spoken(text, BOTH) == language


def test_a_language_that_is_alone_is_the_language() -> None:
    assert spoken("Le patient est vu.", ("en",)) == "en"


@pytest.mark.parametrize("code", BOTH)
def test_a_language_has_all_that_surrogates_are_made_of(code: str) -> None:
    known = words(code)
    assert known is not None
    assert len(known.calendar.months) == 12
    assert len(known.calendar.weekdays) == 7
    assert set(known.units.values()) == {"day", "week", "month", "year"}
    assert all(len(known.towns[size]) > 5 for size in (1, 2, 3, 4))
    assert all(town.postcodes for town in known.known.values())
    assert set(known.neutral) == {"event", "family", "place", "old"}


def test_a_language_without_words_has_none() -> None:
    assert words("xx") is None
