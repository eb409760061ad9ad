import re
from pathlib import Path

import pytest

import sosie.notes.languages
from sosie.notes.document import Label
from sosie.notes.languages import available, load
from sosie.notes.languages.folding import fold

FOLDER = Path(sosie.notes.languages.__file__).parent


def test_french_publishes_the_labels_that_hospitals_know() -> None:
    published = load("fr").published
    assert (published[Label.LAST_NAME], published[Label.NATIONAL_ID], published[Label.AGE]) == ("NOM", "SECU", "QI_AGE")


@pytest.mark.parametrize("code", available())
def test_a_language_is_data_alone(code: str) -> None:
    assert {path.suffix for path in (FOLDER / code).rglob("*") if path.is_file()} <= {".toml", ".txt", ".xz", ".md"}


@pytest.mark.parametrize("code", available())
def test_every_list_is_folded(code: str) -> None:
    language = load(code)
    for name in ("first_names", "last_names", "cities", "common_words", "titles", "kin", "eponyms"):
        assert all(word == fold(word) for word in language.gazetteer(name)), name


@pytest.mark.parametrize("code", available())
@pytest.mark.parametrize(
    "piece", ["label_full_name", "label_greeting", "house", "town_born", "postcode_town", "apposition", "age", "event"]
)
def test_every_language_has_the_pieces_that_the_parsers_ask_for(code: str, piece: str) -> None:
    assert re.compile(load(code).pattern(piece))


def test_an_unknown_language_says_what_there_is() -> None:
    with pytest.raises(ValueError, match="en, fr"):
        load("xx")
