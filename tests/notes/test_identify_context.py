from collections.abc import Sequence
from datetime import date

import pytest

from sosie.notes.document import Document, Span
from sosie.notes.identify import Known, find, find_all
from sosie.notes.languages import load


def pieces(text: str, spans: list[Span]) -> set[str]:
    return {text[span.start : span.end] for span in spans}


@pytest.mark.parametrize(
    "text", ["la famille bellamy est venue", "bellamy dort", "vu ce jour belamy, calme", "Avis sur BELLAMI"]
)
def test_the_patient_of_the_tables_is_found_in_any_case_and_misspelt(text: str) -> None:
    known = Known(last_names=("Bellamy",), first_names=("Rosemonde",))
    assert any(span.detector == "context" for span in find(text, load("fr"), known))


def test_numbers_birth_date_and_town_of_the_tables_are_found() -> None:
    known = Known(numbers=("4417",), birth_date=date(1950, 3, 2), town="Petit-Bourg")
    text = "dossier 44.17 ouvert 2/3/50, petit bourg"
    assert pieces(text, find(text, load("fr"), known)) == {"44.17", "2/3/50", "petit bourg"}


def test_a_name_that_is_a_word_counts_with_a_capital_only() -> None:
    known = Known(last_names=("Petit",))
    assert not find("un petit épanchement", load("fr"), known)


def test_what_one_note_of_a_patient_tells_is_found_in_the_others() -> None:
    notes = [Document("a", "Patient : KERVERN Loïg"), Document("b", "kervern a bien dormi")]
    _, second = find_all(notes, load("fr"))
    assert pieces(notes[1].text, second) == {"kervern"}


def test_a_learned_detector_adds_to_the_rules_and_overrules_the_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    from sosie.notes.document import Label
    from sosie.notes.identify import learned

    class Learned:
        def tag(self, text: str, tokens: object, language: object) -> list[Span]:
            return [Span(0, 5, Label.PLACE, 0.9, "ner")]

        def weigh(self, text: str, tokens: object, language: object, spans: Sequence[Span]) -> list[float]:
            return [0.0] * len(spans)

    monkeypatch.setattr(learned, "tokenize", lambda text: [(0, 5)])
    assert [span.detector for span in find("Ferme isolée, puis Zorvantel", load("fr"), tagger=Learned())] == ["ner"]
