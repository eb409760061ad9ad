"""The lines of a note as frames with slots."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stated import TEXTS, notes

from sosie.notes.document import Label, Span
from sosie.notes.facts import extract
from sosie.notes.frames import Line, fill, lines
from sosie.notes.languages import load
from sosie.notes.sentences import sentences


def cut(text: str, spans: list[Span] | None = None, language: str = "fr") -> tuple[Line, ...]:
    known = load(language)
    return lines(text, spans or [], extract(text, known, spans or []), known)


def span(text: str, part: str, label: Label = Label.LAST_NAME) -> Span:
    start = text.index(part)
    return Span(start, start + len(part), label, 1.0, "x")


def whole(line: Line) -> str:
    return fill(line.frame, [slot.text for slot in line.slots])


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 80), max_size=6), st.sampled_from(["fr", "en"]))
def test_a_frame_filled_with_its_own_texts_is_the_line(text: str, cuts: list[int], language: str) -> None:
    cuts = sorted({one for one in cuts if one <= len(text)})
    spans = [Span(start, end, Label.CITY, 1.0, "x") for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    at = 0
    for line in cut(text, spans, language):
        written = whole(line)
        assert written == written.strip()
        at = text.index(written, at) + len(written)
    assert len("".join(text.split())) == sum(len("".join(whole(line).split())) for line in cut(text, spans, language))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc .\n{}0123é-", max_size=60), st.integers(0, 40), st.integers(1, 12))
def test_nothing_of_an_identifier_is_in_a_frame(text: str, start: int, length: int) -> None:
    secret = "Ŵ" * length
    text = text[:start] + secret + text[start:]
    found = cut(text, [span(text, secret)])
    assert not any("Ŵ" in line.frame or "ŵ" in line.key for line in found)
    assert secret in [slot.text for line in found for slot in line.slots]


def test_a_line_keeps_what_is_common_and_takes_out_what_is_own() -> None:
    text = "Mme Girault, âgée de 72 ans, a une HTA. TA 13/8 le 12/03/2019 à 14h30."
    *clauses, second = cut(text, [span(text, "Girault")])
    assert [clause.frame for clause in clauses] == ["Mme {0},", "âgée de {0} ans,", "a une {0}."]
    assert [slot.kind for clause in clauses for slot in clause.slots] == ["LAST_NAME", "AGE", "PROBLEM"]
    assert second.key == "ta {measurement}/{measurement} le {date} a {time}."


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Revu dans 3 semaines", "DURATION", 21),
        ("pendant 10 jours", "DURATION", 10),
        ("en mars 2020", "DATE", None),
        ("depuis 2015", "DATE", None),
        ("à 8 h 45", "TIME", None),
        ("40 mg le matin", "NUMBER", 40),
        ("2,5 mg", "NUMBER", 2.5),
    ],
)
def test_a_figure_is_a_slot(text: str, kind: str, value: float | None) -> None:
    (line,) = cut(text)
    (slot,) = line.slots
    assert (slot.kind, slot.value) == (kind, value)


def test_a_month_is_no_verb() -> None:
    (line,) = cut("Cycle 5 may be given", language="en")
    assert [slot.kind for slot in line.slots] == ["NUMBER"]


def test_a_figure_inside_a_word_stays() -> None:
    (line,) = cut("Disque L5 en T2")
    assert line.slots == ()


def test_the_status_of_a_fact_is_in_the_key() -> None:
    assert cut("Pas d'HTA")[0].key == "pas d'{problem:negated}"
    assert cut("Une HTA")[0].key == "une {problem}"


def test_two_patients_share_a_key_and_not_their_values() -> None:
    one, other = (cut(text)[0] for text in ("HTA traitée par Lasilix 40 mg.", "Asthme  traitée par Ventoline 2 mg."))
    assert one.key.split() == other.key.split()
    assert one.slots != other.slots


@pytest.mark.parametrize(
    ("text", "language", "sex"),
    [
        ("Elle est hospitalisée", "fr", "F"),
        ("Monsieur est vu", "fr", "M"),
        ("Il n'y a pas de lésion", "fr", None),
        ("Abdomen souple", "fr", None),
        ("He was seen", "en", "M"),
        ("She saw him", "en", None),
        ("Patient : X", "fr", None),
        ("Moderate MR", "en", None),
    ],
)
def test_a_line_says_for_which_sex_its_words_are(text: str, language: str, sex: str | None) -> None:
    assert cut(text, language=language)[0].sex == sex


def test_breaks_tell_the_layout() -> None:
    assert [line.breaks for line in cut("Titre\n\n\nUne phrase. Une autre.\nFin")] == [0, 2, 0, 1]


@pytest.mark.parametrize(
    "text", ["Vu par le Dr. Untel ce jour", "M. Untel va bien", "1. Lasilix", "Fin.\nM. Untel va bien"]
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert len(sentences(text)) == 1 + text.count("\n")


def test_a_clause_is_no_sentence() -> None:
    assert len(sentences("Pas de fièvre, pas de toux.")) == 1
    assert len(sentences("Pas de fièvre, pas de toux.", clauses=True)) == 2


def test_braces_of_a_text_are_no_slots() -> None:
    (line,) = cut("{0} et {x}}")
    assert line.frame.startswith("{{")
    assert whole(line) == "{0} et {x}}"


def test_a_note_is_read_in_milliseconds() -> None:
    text = "\n".join(note.text for note in notes("fr"))[:15_000]
    cut(text)
    clock = time.process_time()
    cut(text)
    # Five milliseconds for 1,500 characters are the promise on an idle machine; a busy one gets six times that.
    assert time.process_time() - clock < 0.3


def test_a_long_text_takes_time_in_proportion() -> None:
    text = "Pas de fièvre, ni HTA ni asthme, CRP 12 " * 1_000
    clock = time.process_time()
    cut(text)
    assert time.process_time() - clock < 3
