import unicodedata

import pytest

from sosie.notes.document import Label, Span
from sosie.notes.identify import find
from sosie.notes.identify.merge import merge
from sosie.notes.languages import load


def test_invisible_characters_hide_nothing_and_offsets_point_into_the_original() -> None:
    text = "Patient : Ker\u200bvern \u202eLoïg\u202c, né le 12/0\u00ad3/1965"
    pieces = [text[span.start : span.end] for span in find(text, load("fr"))]
    assert pieces == ["Ker\u200bvern", "Loïg", "12/0\u00ad3/1965"]


def test_separate_accents_hide_nothing() -> None:
    text = unicodedata.normalize("NFD", "Née le 3 février 1950 : Mme Quéméneur")
    pieces = [text[span.start : span.end] for span in find(text, load("fr"))]
    assert [unicodedata.normalize("NFC", piece) for piece in pieces] == ["3 février 1950", "Quéméneur"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\x00\x01\xff", "🙂🙂", "a" * 5000, "1 " * 2000, "Dr. " * 500, "(((((", "|" * 300]
)
def test_strange_texts_break_nothing(text: str) -> None:
    spans = find(text, load("fr"))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_merged_spans_do_not_overlap_and_uncover_no_word() -> None:
    text = "CHU de Brest Dr Kervella"
    spans = [Span(0, 12, Label.HOSPITAL, 0.8, "a"), Span(7, 24, Label.LAST_NAME, 0.9, "b")]
    merged = merge(spans, text)
    assert [(text[span.start : span.end], span.label) for span in merged] == [
        ("CHU de", Label.HOSPITAL),
        ("Brest Dr Kervella", Label.LAST_NAME),
    ]


def test_a_long_note_is_searched_block_by_block_and_a_name_is_found_in_all_of_it() -> None:
    filler = "Le bilan est normal, la surveillance se poursuit.\n" * 1400
    text = f"Patient : KERVERN Loïg\n{filler}La famille de kervern est venue le 12/03/2020."
    pieces = [text[span.start : span.end] for span in find(text, load("fr"))]
    assert pieces == ["KERVERN", "Loïg", "kervern", "12/03/2020"]
