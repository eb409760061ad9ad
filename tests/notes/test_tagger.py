"""The learned detector: what ships finds names that no list holds, and leaves the traps alone."""

from itertools import pairwise

import numpy as np
import pytest

from sosie.errors import ManifestError
from sosie.notes.document import Label, Span
from sosie.notes.tagger import LearnedTagger, Tagger, TransformerTagger
from sosie.notes.tagger.features import LAYOUT, fold, layout
from sosie.notes.tagger.learned import _BLOCK, ALONE
from sosie.notes.tagger.network import others
from sosie.notes.tokens import tokenize


class NoLists:
    """A language without lists: what is found is found by its surroundings."""

    def gazetteer(self, name):
        return frozenset()


@pytest.fixture(scope="module")
def tagger():
    return LearnedTagger(LearnedTagger.load().weights, ALONE)


def found(tagger, text):
    return {(text[span.start : span.end], span.label) for span in tagger.tag(text, tokenize(text), NoLists())}


def test_names_out_of_every_list_are_found_by_their_surroundings(tagger):
    spans = found(tagger, "Je vous remercie de m'avoir adressé Madame Quervelou, vue avec le Dr Zbrouniak.")
    assert {("Quervelou", Label.LAST_NAME), ("Zbrouniak", Label.LAST_NAME)} <= spans


def test_a_form_of_labels_and_values_is_read(tagger):
    spans = found(
        tagger,
        "Nom : TREVOUX\nPrénom : Maïlys\nNé(e) le : 12/03/1954\nIPP : 8812345678\n"
        "Adresse : 12 rue des Lilas, 35000 Rennes\n",
    )
    expected = {
        Label.LAST_NAME,
        Label.FIRST_NAME,
        Label.BIRTH_DATE,
        Label.PATIENT_NUMBER,
        Label.ADDRESS,
        Label.POSTCODE,
        Label.CITY,
    }
    assert expected <= {label for _, label in spans}


def test_english_is_read_by_the_same_network(tagger):
    spans = found(
        tagger, "Dear Dr Ostrowick,\n\nThank you for referring Mrs Ellen Braithgate, seen on 12 March 2021.\n"
    )
    assert {"Ostrowick", "Braithgate", "12 March 2021"} <= {text for text, _ in spans}


def test_words_of_medicine_are_left_alone(tagger):
    text = "Maladie de Parkinson traitée par Modopar 125 mg. Score de Glasgow à 15. Pas de signe de Babinski."
    assert found(tagger, text) == set()


def test_what_a_rule_took_for_a_name_is_weighed(tagger):
    text = "Vu par le Dr Zbrouniak. Syndrome de Cushing."
    spans = [Span(13, 22, Label.LAST_NAME, 0.5, "rule"), Span(36, 43, Label.LAST_NAME, 0.5, "rule")]
    name, trap = tagger.weigh(text, tokenize(text), NoLists(), spans)
    assert trap < 0.3 < name


def test_an_empty_text_holds_nothing(tagger):
    assert tagger.tag("", [], NoLists()) == []


def test_strange_signs_do_no_harm(tagger):
    text = "\u202eDr\u200b Martin\u0301ez \U0001f600\ufeff 12/03/2020\r\n" * 3
    assert all(0 <= span.start < span.end <= len(text) for span in tagger.tag(text, tokenize(text), NoLists()))


@pytest.mark.parametrize("sign", ["³", "²", "①", "₂", "Ⅳ", "٣"])
def test_figures_that_are_no_decimal_numbers_do_no_harm(tagger, sign):
    text = f"Polynucléaires 1,2 x 10{sign}, vus par le Dr Zbrouniak."
    assert "Zbrouniak" in {name for name, _ in found(tagger, text)}


def test_spans_of_a_text_longer_than_a_block_are_in_order_and_apart(tagger):
    text = "Madame Quervelou est venue. " * (_BLOCK // 4)
    spans = tagger.tag(text, tokenize(text), NoLists())
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert sum(text[span.start : span.end] == "Quervelou" for span in spans) > _BLOCK // 4 - 3


def test_the_same_text_gives_the_same_spans_whatever_came_before(tagger):
    text = "Vu par le Dr Kermadeuc le 3 mai 2019."
    fresh = LearnedTagger(tagger.weights, ALONE)
    assert fresh.tag(text, tokenize(text), NoLists()) == tagger.tag(text, tokenize(text), NoLists())


def test_layout_stays_within_its_table():
    text = "Nom : DUPONT\r\n\r\n\tvu le 12/03  \n" * 30
    rows = layout(text, tokenize(text))
    edges = np.cumsum((0, *LAYOUT))
    assert ((rows >= edges[:-1]) & (rows < edges[1:])).all()


def test_the_mean_of_other_occurrences_leaves_out_the_word_itself():
    hidden = np.array([[1.0], [2.0], [4.0], [8.0]], dtype=np.float32)
    assert others(hidden, np.array([7, -1, 7, 3])).ravel().tolist() == [4, 0, 1, 0]


def test_folding_takes_case_and_accents_away():
    assert fold("ŒDÈME L’Haÿ Łódź") == "oedeme l'hay lodz"


def test_a_file_that_is_no_detector_is_refused_by_name(tmp_path):
    (tmp_path / "other.npz").write_bytes(b"nothing")
    with pytest.raises(ManifestError, match=r"other\.npz"):
        LearnedTagger.load(tmp_path / "other.npz")


def test_a_folder_without_a_transformer_is_refused(tmp_path):
    with pytest.raises(ManifestError, match=r"config\.json"):
        Tagger.load(tmp_path)


def test_a_transformer_without_its_libraries_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text('{"id2label": {"0": "O", "1": "B-NOM"}}')
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ManifestError, match="torch and transformers"):
        Tagger.load(tmp_path)


def test_marks_of_a_transformer_grow_to_whole_tokens_and_come_apart():
    text = "Vu par Kermadeuc hier"
    marks = [(7, 12, "B-NOM", 0.8), (9, 16, "PER", 0.9), (17, 21, "MISC", 0.9)]
    spans = TransformerTagger(lambda part: marks).tag(text, tokenize(text), NoLists())
    assert [(text[span.start : span.end], span.label) for span in spans] == [("Kermadeuc", Label.LAST_NAME)]
