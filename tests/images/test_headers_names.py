"""Names, numbers and dates that a header writes otherwise than where it declares them."""

import base64

import pytest

from sosie.images.identify.spellings import others
from sosie.images.redact import guesses
from tests.images.given_headers import cleaned, header, item, items


def text(written: str, **changes: object) -> str:
    return str(cleaned(header(ImageComments=written, **changes)).ImageComments)


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("CŒURDEROY^Anaël", "COEURDEROY Anael"),
        ("COEURDEROY^Anaël", "Cœurderoy"),
        ("WEIẞHÄUPL^Jörg", "WEISSHAEUPL"),
        ("Лопухина^Дарья", "Lopukhina Darya"),
        ("Παπαδόγγονας^Λουκάς", "PAPADONGONAS"),
        ("TRÉVÉNEUC^Aubin", "TREVENEUCAUBIN"),
    ],
)
def test_a_name_is_found_in_its_other_spellings(name: str, spelt: str) -> None:
    new = text(f"Coupe pour {spelt} du foie", PatientName=name)
    assert not [word for word in spelt.split() if word.lower() in new.lower()]
    assert new.startswith("Coupe")
    assert new.endswith("foie")


def test_no_other_spelling_of_a_short_or_french_name() -> None:
    assert not others("QUEMENER")
    assert not others("Rae")


@pytest.mark.parametrize(
    "written",
    [
        "Contrôle vu par TRÉGLAMUZ Solveig",
        "Vérifié B. Trégladuz",
        "Tréglamuz^Solveig, foie",
        "saved by Treglamuz on 3 T",
    ],
)
def test_staff_that_only_a_text_names_is_found_by_the_shape_of_the_name(written: str) -> None:
    assert "glam" not in text(written).lower()
    assert "gladuz" not in text(written).lower()


def test_who_is_named_in_one_text_is_found_in_the_others() -> None:
    done = cleaned(
        header(
            ImageComments="Relu : TRÉGLAMUZ Solveig",
            RequestAttributesSequence=items(item(ScheduledProcedureStepDescription="Foie (TREGLAMUZ)")),
        )
    )
    step = done.RequestAttributesSequence[0].ScheduledProcedureStepDescription
    assert "treglamuz" not in step.lower()
    assert step.startswith("Foie")


@pytest.mark.parametrize(
    "written",
    [
        "Cor STIR Bilat Hips",
        "GammaKnife Axial",
        "Propeller Blade T2",
        "B. Diffusion",
        "LOCALIZER Haste",
        "Protocole Hotel-Dieu bas dose",
        "Matrix 512 512 1024",
    ],
)
def test_technique_has_no_shape_of_a_name(written: str) -> None:
    assert not [*guesses.names(written), *guesses.telephones(written)]


def test_dates_in_words_of_another_language_move_with_the_others() -> None:
    done = cleaned(header(ImageComments="Compared to March 12, 2023 and 02-Mar-2023, liver"))
    assert "March 12, 2023" not in done.ImageComments
    assert "02-Mar-2023" not in done.ImageComments
    assert done.ImageComments.endswith("liver")


def test_a_number_of_letters_and_signs_is_found() -> None:
    done = cleaned(
        header(PatientID="QZX-60-4417-B", SeriesDescription="LOCALIZER QZX-60-4417-B", StudyDescription="QZX 604417B")
    )
    assert done.SeriesDescription.startswith("LOCALIZER ")
    assert "4417" not in done.SeriesDescription + done.StudyDescription


@pytest.mark.parametrize("number", ["(555) 013-4471", "03-5550-1277", "+47 915 55 1042"])
def test_telephones_of_other_countries_are_found(number: str) -> None:
    assert number not in text(f"Rappeler au {number} le soir")


def test_words_that_somebody_encoded_do_not_stay() -> None:
    written = base64.b64encode("Relecture par Tréglamuz".encode()).decode()
    assert written not in text(f"note {written} fin")


def test_a_sequence_of_references_keeps_them_under_other_uids() -> None:
    study = "1.2.250.1.59.1.20230314.1"
    done = cleaned(
        header(
            ReferencedStudySequence=items(
                item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=study)
            )
        )
    )
    assert done.ReferencedStudySequence[0].ReferencedSOPInstanceUID == done.StudyInstanceUID != study


def test_a_patient_has_one_name_whoever_else_a_header_names() -> None:
    one = cleaned(header(PatientName="KERVADEC^Armelle^J"))
    two = cleaned(
        header(PatientName="KERVADEC^Armelle^J", ResponsiblePerson="Armelle Kervadec", OperatorsName="JAOUEN^Jildaz")
    )
    assert str(one.PatientName) == str(two.PatientName)
