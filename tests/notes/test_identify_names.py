import pytest
from marked import found

from sosie.notes.identify import find
from sosie.notes.languages import load


@pytest.mark.parametrize(
    "text",
    [
        "Vu par le Dr Kerloc'h ce jour",
        "Mme Rose va bien",
        "M. PETIT est sorti",
        "le Pr J-M. Vanderbeke",
        "Madame Le Bihan",
        "Dr d'Ornano",
        "mme kervella va bien",
        "M. N'Diaye",
    ],
)
def test_a_title_announces_a_name(text: str) -> None:
    assert "LAST_NAME" in found(text).values()


def test_a_header_tells_surname_from_first_name() -> None:
    assert found("Nom : KERVERN   Prénom : Maëlann") == {"KERVERN": "LAST_NAME", "Maëlann": "FIRST_NAME"}


def test_capitals_tell_surname_from_first_name() -> None:
    assert found("Patient : LE GOFF Jean-Yves") == {"LE GOFF": "LAST_NAME", "Jean-Yves": "FIRST_NAME"}


def test_a_list_of_people_is_read_to_its_end() -> None:
    assert set(found("Internes : Chloé Vasseur, Idriss Benkacem et Ana Popescu")) >= {"Vasseur", "Benkacem", "Popescu"}


@pytest.mark.parametrize(
    "text",
    [
        "Maladie de Parkinson, syndrome de Guillain-Barré",
        "Score de Glasgow à 15, signe de Babinski absent",
        "Sonde de Foley, drain de Redon",
        "Staphylococcus aureus et Escherichia coli",
        "PARACETAMOL 1 g, Lovenox, AUGMENTIN",
        "Petit épanchement, gros orteil, teint rose",
        "Canal de Wirsung et ampoule de Vater",
        "IRM, NFS et CRP normales",
    ],
)
def test_eponyms_drugs_bacteria_and_plain_words_are_no_names(text: str) -> None:
    assert not found(text)


def test_the_same_word_is_a_name_after_a_title_and_none_after_a_disease() -> None:
    text = "M. Parkinson n'a pas de maladie de Parkinson."
    assert [span.start for span in find(text, load("fr"))] == [text.index("Parkinson")]


def test_a_name_found_once_is_found_everywhere_in_the_note() -> None:
    text = "Patient : KERVERN Loïg. La famille est là. KERVERN dort. Le bilan de Kervern est normal."
    assert text.lower().count("kervern") == sum(piece.lower() == "kervern" for piece in _pieces(text))


def test_authors_of_a_reference_are_left_alone() -> None:
    assert not found("Döhner H, Estey EH, Amadori S, Appelbaum FR, Büchner T. Blood. 2010;115(3):453-74.")


def test_a_relative_with_a_name_is_found() -> None:
    assert found("Sa fille Soazig est venue") == {"Sa fille": "FAMILY", "Soazig": "FIRST_NAME"}


def test_a_table_gives_its_columns() -> None:
    text = "NOM|PRENOM|DDN|IPP\nROUVIERE|Aurelien|19/07/1982|8004412"
    assert found(text) == {
        "ROUVIERE": "LAST_NAME",
        "Aurelien": "FIRST_NAME",
        "19/07/1982": "BIRTH_DATE",
        "8004412": "PATIENT_NUMBER",
    }


def _pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find(text, load("fr"))]
