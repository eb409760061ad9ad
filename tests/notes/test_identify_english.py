import pytest
from marked import found


@pytest.mark.parametrize(
    ("text", "piece", "label"),
    [
        ("Seen by Dr. Oluwaseun Adebayo", "Adebayo", "LAST_NAME"),
        ("Patient Name: Thistlewood, Harriet", "Harriet", "FIRST_NAME"),
        ("DOB: 04/17/1952", "04/17/1952", "BIRTH_DATE"),
        ("admitted on March 9, 2021", "March 9, 2021", "DATE"),
        ("call 423-555-0188", "423-555-0188", "PHONE"),
        ("SSN 123-45-6789", "123-45-6789", "NATIONAL_ID"),
        ("NHS number 943 476 5919", "943 476 5919", "NATIONAL_ID"),
        ("MRN: 00451277", "00451277", "PATIENT_NUMBER"),
        ("at the Royal Infirmary", "Royal Infirmary", "HOSPITAL"),
        ("118 Larkspur Lane, Chattanooga, TN 37402", "118 Larkspur Lane", "ADDRESS"),
        ("118 Larkspur Lane, Chattanooga, TN 37402", "37402", "POSTCODE"),
        ("her husband Alistair came", "her husband", "FAMILY"),
        ("a 93-year-old woman", "93-year-old", "AGE"),
    ],
)
def test_english_is_served_by_the_same_cascade(text: str, piece: str, label: str) -> None:
    assert found(text, "en").get(piece) == label


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease",
        "Murphy's sign was negative",
        "Foley catheter removed",
        "Rose spots were absent",
        "BP 120/80, HR 72",
    ],
)
def test_english_eponyms_and_measurements_are_left_alone(text: str) -> None:
    assert not found(text, "en")
