import pytest
from marked import covers, found, notes

from sosie.notes.identify.view import View
from sosie.notes.languages import load


@pytest.mark.parametrize(
    "number",
    ["1 85 05 78 006 084 36", "185057800608436", "2 69 05 2A 588 157 80", "1 85 05 78 006 084", "269052A588157 80"],
)
def test_an_insurance_number_is_found_in_every_layout(number: str) -> None:
    assert found(f"Sécu : {number}, mutuelle MGEN")[number] == "NATIONAL_ID"


def test_an_insurance_number_is_found_through_scanner_errors() -> None:
    assert "1 8S 05 78 OO6 084 36" in found("NIR : 1 8S 05 78 OO6 084 36")


@pytest.mark.parametrize(
    "number",
    [
        "06 12 34 56 78",
        "0612345678",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "+33 6 12 34 56 78",
        "+33(0)612345678",
        "0033 6 12 34 56 78",
    ],
)
def test_a_telephone_number_is_found_in_every_layout(number: str) -> None:
    assert found(f"joignable au {number}.")[number] == "PHONE"


@pytest.mark.parametrize("text", ["Rappeler au poste 4512", "bip 2214", "Fax : 0 825 12 34"])
def test_an_internal_number_is_found_by_its_label(text: str) -> None:
    assert "PHONE" in found(text).values()


@pytest.mark.parametrize(
    "text",
    [
        "Plaquettes 250 000 /mm3",
        "Hb 13,2 g/dL, TA 120/80",
        "Lovenox 4000 UI/0,4 ml",
        "Fréquence 88/min, EVA 3/10",
        "Child B7, T3N1M0",
    ],
)
def test_measurements_are_left_alone(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("IPP : 8004512776", "PATIENT_NUMBER"),
        ("N° de séjour 223004518", "STAY_NUMBER"),
        ("RPPS 10003456781", "PRACTITIONER_NUMBER"),
        ("FINESS : 290000017", "FACILITY_NUMBER"),
        ("prothèse n° de série K7723B-0914", "IDENTIFIER"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", "IDENTIFIER"),
        ("véhicule AB-123-CD", "IDENTIFIER"),
        ("écrire à j.dupont@chu-exemple.fr", "EMAIL"),
        ("écrire à j.dupont (at) chu-exemple.fr", "EMAIL"),
        ("voir https://exemple.fr/dossier?id=4", "URL"),
    ],
)
def test_other_identifiers_are_named_for_what_they_are(text: str, label: str) -> None:
    assert label in found(text).values()


def test_an_account_number_with_a_wrong_key_is_none() -> None:
    assert "FR76 3000 6000 0112 3456 7890 188" not in found("lot FR76 3000 6000 0112 3456 7890 188")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("N° de plainte 2023/004512", "2023/004512"),
        ("Boîtier HX-3320817 posé", "HX-3320817"),
        ("n° sinistre AGR-5520-18", "AGR-5520-18"),
        ("Mat. 77-4410", "77-4410"),
        ("mon rib : FR49 1450 8000 3027 1849", "FR49 1450 8000 3027 1849"),
        ("rendez-vous sur kinemarais.fr/rdv", "kinemarais.fr/rdv"),
    ],
)
def test_any_word_announces_a_number(text: str, number: str) -> None:
    assert covers(text, number)


def test_rules_that_are_tried_at_letters_find_what_a_search_finds() -> None:
    language = load("fr")
    for note in notes():
        view = View.of(note.text)
        for rule in language.rules:
            if rule.begins:
                searched = [match.span() for match in rule.pattern.finditer(view.folded)]
                assert [match.span() for match in view.at_letters(rule.pattern, rule.begins)] == searched, rule.name
