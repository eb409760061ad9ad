from pathlib import Path

import pytest
from given import French, new, note, redacted

from sosie.errors import ManifestError
from sosie.notes.document import Label
from sosie.notes.redact import Action, Double, Style, paths, redact
from sosie.notes.redact.style import load
from sosie.pseudonyms import Pseudonyms

SECRET = Pseudonyms(b"s" * 32)
MARKED = "M. [LAST_NAME:DUPONT] vu le [DATE:12/03/2020] à [CITY:Rennes]."


def test_only_the_spans_change_and_the_new_ones_are_told() -> None:
    document, spans = note(MARKED)
    done = redact(document, spans, SECRET, French())
    assert done.text.startswith("M. ")
    assert done.text.endswith(".")
    assert [each.source for each in done.spans] == spans
    for each in done.spans:
        assert done.text[each.start : each.end] not in document.text
        assert document.text[each.source.start : each.source.end] not in done.text


def test_tags_say_the_published_label() -> None:
    assert new(MARKED, style=Style(default=Action.TAG)) == "M. <NOM> vu le <DATE> à <VILLE>."


def test_each_label_has_its_own_action() -> None:
    style = Style({Label.CITY: Action.KEEP, Label.LAST_NAME: Action.TAG})
    text = new(MARKED, style=style)
    assert text.startswith("M. <NOM> vu le ")
    assert text.endswith("Rennes.")


def test_what_identifies_indirectly_becomes_neutral() -> None:
    text = new("[PROFESSION:institutrice], [FAMILY:Sa sœur], [EVENT:attaquée par un ours], [PLACE:au zoo]")
    assert text.endswith("Une personne de l'entourage, un événement particulier, un lieu")
    assert "institutrice" not in text


def test_a_language_without_words_has_tags() -> None:
    class Other(French):
        code = "xx"

    text = new("[LAST_NAME:DUPONT] [CITY:Rennes] [PHONE:02 99 28 43 21]", language=Other())
    assert text.split()[1] == "<VILLE>"
    assert text.split()[0].isupper()


def test_the_same_patient_is_the_same_in_two_runs() -> None:
    assert redacted(MARKED)[0].text == redacted(MARKED, "autre note de M. [LAST_NAME:Dupont]")[0].text


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("cr/DUPONT_Jean_20200312.txt", "dupont"),
        ("P77/note1.txt", "P77"),
        ("cr-12-03-2020.txt", "12-03-2020"),
        ("cr_8001234567.txt", "8001234567"),
    ],
)
def test_a_path_that_identifies_changes(path: str, kept: str) -> None:
    document, spans = note("M. [LAST_NAME:Dupont] [FIRST_NAME:Jean]", path, "P77")
    double = Double("P77", [(document, spans)], SECRET, French())
    made = paths.redacted(path, double)
    assert kept.casefold() not in made.casefold()
    assert made.endswith(".txt")
    assert made.count("/") == path.count("/")


def test_a_path_that_says_nothing_stays() -> None:
    document, spans = note("M. [LAST_NAME:Dupont]", "cardio/letter-0180.txt")
    double = Double("P1", [(document, spans)], SECRET, French())
    assert paths.redacted(document.name, double) == document.name


def profile(tmp_path: Path, text: str) -> Style:
    (tmp_path / "profile.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path / "profile.yaml", {"fr": lambda: French.published})


def test_a_profile_is_read(tmp_path: Path) -> None:
    read = profile(
        tmp_path, "version: 1\nlanguage: fr\nweekdays: true\nlabels: {NOM: tag, CITY: keep, QI_AGE: shift}\n"
    )
    assert read.language == "fr"
    assert read.weekdays
    assert [read.action(label) for label in (Label.LAST_NAME, Label.CITY, Label.AGE, Label.DATE, Label.PHONE)] == [
        Action.TAG,
        Action.KEEP,
        Action.SHIFT,
        Action.SHIFT,
        Action.SURROGATE,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("labels: {NOOM: tag}", "'NOOM' is no label"),
        ("labels: {NOM: shift}", "only dates"),
        ("labels: {NOM: blur}", "labels.NOM"),
        ("language: xx", "expected one of fr"),
        ("colour: red", "colour"),
        ("model: gone", "no such file"),
        ("[", "not a readable YAML"),
    ],
)
def test_a_profile_that_cannot_be_followed_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        profile(tmp_path, text)
