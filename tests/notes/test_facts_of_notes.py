"""What a note says: problems, treatments, measurements, sex and age, and how surely."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stated import TEXTS, scores

from sosie.notes.document import Label, Span
from sosie.notes.facts import FactKind, Mention, Status, extract
from sosie.notes.facts.lexicon import folder_of, lexicon, listed
from sosie.notes.facts.measures import measures, number
from sosie.notes.languages import available, load


def told(text: str, language: str = "fr") -> dict[str, Mention]:
    return {text[one.start : one.end]: one for one in extract(text, load(language)) if one.kind is not FactKind.SEX}


def only(text: str, language: str = "fr") -> Mention:
    (mention,) = told(text, language).values()
    return mention


@pytest.mark.parametrize("language", ["fr", "en"])
def test_marked_notes_say_what_is_marked(language: str) -> None:
    for kind, row in scores([language]).items():
        assert row.found >= 0.96 * row.marked, kind
        assert row.right >= 0.94 * row.told, kind
        assert row.held >= 0.97 * row.found, kind


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("T 37°5", "temperature", 37.5),
        ("température à 38,4 °C", "temperature", 38.4),
        ("FC : 84 bpm", "heart_rate", 84),
        ("SpO2 98 % en AA", "oxygen_saturation", 98),
        ("SpO₂ à 94%", "oxygen_saturation", 94),
        ("pèse 72,5 kg", "weight", 72.5),
        ("taille 1m75", "height", 175),
        ("Taille : 162 cm", "height", 162),
        ("IMC à 24,5 kg/m²", "bmi", 24.5),
        ("Hémoglobine 102 g/L", "haemoglobin", 10.2),
        ("anémie à 8,1", "haemoglobin", 8.1),
        ("GB 12 000/mm3", "leucocytes", 12),
        ("leucocytes à 7,4 x10^9/L", "leucocytes", 7.4),
        ("plaquettes : 150000", "platelets", 150),
        ("CRP < 5 mg/L", "crp", 5),
        ("créatinine (plasmatique) : 12 mg/L", "creatinine", 106.08),
        ("créatininémie 85 µmol/L", "creatinine", 85),
        ("Urée 0,45 g/L", "urea", 7.4925),
        ("natrémie à 131", "sodium", 131),
        ("K+ = 5,2 mEq/L", "potassium", 5.2),
        ("glycémie à jeun 1,10 g/L", "glucose", 6.1061),
        ("HbA1c 7,2 %", "hba1c", 7.2),
        ("troponine 0,05 µg/L", "troponin", 50),
        ("lactates 2,3 mmol/L", "lactate", 2.3),
        ("FEVG estimée à 45 %", "lvef", 45),
        ("Sodium\t140\tmmol/L", "sodium", 140),
    ],
)
def test_a_measurement_is_read_in_one_unit(text: str, code: str, value: float) -> None:
    (mention,) = [one for one in extract(text, load("fr")) if one.kind is FactKind.MEASUREMENT]
    assert (mention.code, mention.value) == (code, pytest.approx(value))
    assert mention.unit == measures()[code].unit


@pytest.mark.parametrize(
    ("text", "high", "low"),
    [
        ("TA 12/8", 120, 80),
        ("TA : 130/80 mmHg", 130, 80),
        ("tension artérielle à 13,5/8", 135, 80),
        ("contrôlée à 145/92 mmHg", 145, 92),
        ("PA 120 / 70", 120, 70),
    ],
)
def test_a_blood_pressure_is_two_values(text: str, high: float, low: float) -> None:
    found = {one.code: one.value for one in extract(text, load("fr"))}
    assert found == {"systolic": high, "diastolic": low}


@pytest.mark.parametrize("text", ["TA le 12/08/2019", "FC 900", "CRP le 12/03", "K 2019", "UOP 20 ml/h", "Na 5 mg/L"])
def test_what_is_no_believable_value_is_no_measurement(text: str) -> None:
    assert not [one for one in extract(text, load("fr")) if one.kind is FactKind.MEASUREMENT]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Le patient présente une HTA.", Status.PRESENT),
        ("Pas d'HTA.", Status.NEGATED),
        ("HTA : non", Status.NEGATED),
        ("Ni diabète, ni HTA.", Status.NEGATED),
        ("Pas de fièvre, de toux ni d'HTA.", Status.NEGATED),
        ("Pas de fièvre mais HTA connue.", Status.PRESENT),
        ("Pas de fièvre, HTA traitée.", Status.PRESENT),
        ("Sans aucun doute, HTA.", Status.PRESENT),
        ("Suspicion d'HTA.", Status.POSSIBLE),
        ("HTA ?", Status.POSSIBLE),
        ("HTA probable.", Status.POSSIBLE),
        ("Antécédents : HTA.", Status.HISTORY),
        ("ATCD :\n- HTA\n- tabac", Status.HISTORY),
        ("HTA gravidique, HTA en 2012.", Status.HISTORY),
        ("HTA chez sa mère.", Status.FAMILY),
        ("Antécédents familiaux :\nHTA", Status.FAMILY),
        ("Père : tabac, HTA.", Status.FAMILY),
        ("Antécédents : asthme.\n\nExamen :\nHTA", Status.PRESENT),
        ("Accompagné par sa fille pour HTA.", Status.PRESENT),
    ],
)
def test_a_french_sentence_tells_how_a_fact_holds(text: str, status: Status) -> None:
    found = [one for one in extract(text, load("fr")) if one.code == "I10"]
    assert found[-1].status is status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("She has hypertension.", Status.PRESENT),
        ("No fever, cough, or hypertension.", Status.NEGATED),
        ("Denies fever but has hypertension.", Status.PRESENT),
        ("Hypertension was ruled out.", Status.NEGATED),
        ("Rule out hypertension.", Status.POSSIBLE),
        ("Hypertension cannot be ruled out.", Status.POSSIBLE),
        ("A 3 day history of hypertension.", Status.PRESENT),
        ("History of asthma and hypertension.", Status.HISTORY),
        ("Past Medical History:\n1. Hypertension", Status.HISTORY),
        ("Family History: hypertension", Status.FAMILY),
        ("Mother with asthma and hypertension.", Status.FAMILY),
    ],
)
def test_an_english_sentence_tells_how_a_fact_holds(text: str, status: Status) -> None:
    found = [one for one in extract(text, load("en")) if one.code == "I10"]
    assert found[-1].status is status


def test_an_allergy_denies_its_drug_and_is_a_problem() -> None:
    found = told("Allergie à la pénicilline.")
    assert (found["Allergie"].code, found["Allergie"].status) == ("T78", Status.PRESENT)
    assert found["pénicilline"].status is Status.NEGATED


def test_what_is_short_counts_in_capitals_only() -> None:
    assert only("EP bilatérale").code == "I26"
    assert not told("ep bilatérale")


@pytest.mark.parametrize(
    "text", ["cancer du sein", "CANCER DU SEIN", "cancers du  sein", "cancer sein", "cancer\ndu sein"]
)
def test_a_problem_is_found_however_it_is_written(text: str) -> None:
    assert only(text).code == "C50"


@pytest.mark.parametrize("shape", ["NFC", "NFD"])
def test_separate_accents_and_invisible_characters_hide_nothing(shape: str) -> None:
    text = unicodedata.normalize(shape, "Hypo\u200bthyroïdie substituée")
    mention = only(text)
    assert mention.code == "E03"
    assert text[mention.start : mention.end] == text


@pytest.mark.parametrize(
    ("text", "language", "code", "years"),
    [
        ("Patiente âgée de 72 ans", "fr", "year", 72),
        ("M. Untel, 66 ans, vu ce jour", "fr", "year", 66),
        ("Nourrisson de 6 mois", "fr", "month", 0.5),
        ("A 67-year-old woman", "en", "year", 67),
        ("58 y/o man", "en", "year", 58),
        ("6 month old boy", "en", "month", 0.5),
    ],
)
def test_an_age_is_in_years(text: str, language: str, code: str, years: float) -> None:
    (mention,) = [one for one in extract(text, load(language)) if one.kind is FactKind.AGE]
    assert (mention.code, mention.value) == (code, pytest.approx(years, abs=0.01))
    assert text[mention.start : mention.end].isdecimal()


@pytest.mark.parametrize(
    ("text", "language", "sex"),
    [("Mme X.", "fr", "F"), ("Sexe : M", "fr", "M"), ("un homme de 40 ans", "fr", "M"), ("a pleasant lady", "en", "F")],
)
def test_a_word_tells_the_sex(text: str, language: str, sex: str) -> None:
    assert [one.code for one in extract(text, load(language)) if one.kind is FactKind.SEX] == [sex]


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 80), max_size=6), st.sampled_from(["fr", "en"]))
def test_mentions_are_in_order_and_overlap_nothing(text: str, cuts: list[int], language: str) -> None:
    cuts = sorted({cut for cut in cuts if cut <= len(text)})
    spans = [Span(start, end, Label.LAST_NAME, 1.0, "x") for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    taken = sorted(
        [(one.start, one.end) for one in extract(text, load(language), spans)] + [(one.start, one.end) for one in spans]
    )
    assert all(0 <= start < end <= len(text) for start, end in taken)
    assert all(one[1] <= other[0] for one, other in pairwise(taken))


def test_a_fact_inside_an_identifier_is_not_told() -> None:
    text = "Service du docteur Crohn"
    assert not extract(text, load("fr"), [Span(19, 24, Label.LAST_NAME, 1.0, "x")])


def test_a_long_text_is_read_block_by_block() -> None:
    line = "Pas d'HTA, CRP à 12 mg/L.\n"
    text = line * 6_000
    found = extract(text, load("fr"))
    assert [text[one.start : one.end] for one in found] == ["HTA", "12 mg/L"] * 6_000


@pytest.mark.parametrize("figure", ["12000", "12 000", "12,000"])
def test_thousands_are_read(figure: str) -> None:
    assert number(figure) == 12_000


def test_every_language_names_measures_and_cues_that_are_known() -> None:
    for code in available():
        grammar = lexicon(code).grammar
        assert set(grammar["measures"]) <= {*measures(), "pressure"}
        for cue in grammar["cues"]:
            status, _, rest = cue.partition(" ")
            assert status in ("stop", "aside", "nothing") or Status[status]
            assert rest in ("", "before", "near", "after", "before treatment", "after treatment")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_listed_is_found_by_its_own_words(language: str) -> None:
    known = load(language)
    for name, kind in (("problems", FactKind.PROBLEM), ("treatments", FactKind.TREATMENT)):
        phrases = [phrase for _, phrase in listed(folder_of(language), name)][::40]
        found = [kind in {one.kind for one in extract(f"x {phrase} x", known)} for phrase in phrases]
        assert sum(found) > 0.98 * len(found)
