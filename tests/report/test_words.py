from datetime import UTC, datetime
from string import Formatter

import pytest

from sosie.cohort import Role
from sosie.columns.labels import LABELS
from sosie.evidence import CriterionId, Status
from sosie.report.words import LANGUAGES, Language, words


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_language_has_the_same_keys_with_the_same_fields() -> None:
    french, english = words("fr"), words("en")

    assert {section: sorted(entries) for section, entries in french.entries.items()} == {
        section: sorted(entries) for section, entries in english.entries.items()
    }
    for section, entries in english.entries.items():
        for key, text in entries.items():
            assert fields(text) == fields(french.entries[section][key]), f"{section}.{key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_criterion_status_role_and_label_has_words(language: Language) -> None:
    say = words(language)

    for criterion in CriterionId:
        assert say(f"criterion_title.{criterion.value}")
        assert say(f"criterion_question.{criterion.value}")
        assert say(f"group.{criterion.value.partition('.')[0]}")
    for status in Status:
        assert say(f"status.{status.value}")
        assert say(f"status_help.{status.value}")
    for role in Role:
        assert say(f"role.{role.value}")
    assert set(LABELS) <= set(say.section("label"))


def test_no_text_is_empty_nor_the_same_in_both_languages_when_it_is_a_sentence() -> None:
    english, french = words("en"), words("fr")

    for section, entries in english.entries.items():
        for key, text in entries.items():
            assert text, f"{section}.{key}"
            if text.endswith(".") and section not in ("reference", "format"):
                assert text != french.entries[section][key], f"{section}.{key}"


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert words("en").number(-12345.678, 2) == "\u221212,345.68"
    assert words("fr").number(-12345.678, 2) == "\u221212\u202f345,68"
    assert words("fr").percent(0.0314) == "3,1\u202f%"
    assert words("en").percent(0.0314) == "3.1%"
    assert words("en").number(-0.0001, 2) == "0.00"
    assert words("fr").number(float("nan")) == "–"
    assert words("fr").date(datetime(2026, 2, 3, 4, 5, tzinfo=UTC)).startswith("3 février 2026")


def test_french_takes_its_no_break_spaces() -> None:
    for entries in words("fr").entries.values():
        for text in entries.values():
            assert not any(f" {mark}" in text for mark in ":;!?%»"), text
            assert "« " not in text, text
