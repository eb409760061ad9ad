import pytest
from marked import found


@pytest.mark.parametrize(
    ("text", "piece", "label"),
    [
        ("Seen by Dr. Oluwaseun Adebayo", "Adebayo", "LAST_NAME"),
        ("Patient Name: Thistlewood, Harriet", "Harriet", "FIRST_NAME"),
        ("DOB: 04/17/1952", "04/17/1952", "BIRTH_DATE"),
        ("call 423-555-0188", "423-555-0188", "PHONE"),
        ("her husband Alistair came", "Alistair", "FIRST_NAME"),
        ('She prefers to be called "Poppet" by staff.', "Poppet", "FIRST_NAME"),
        ("Emergency contact: sister, Rowena Tunstall, 0113 496 0177", "Rowena", "FIRST_NAME"),
    ],
)
def test_english_is_served_by_the_same_cascade(text: str, piece: str, label: str) -> None:
    assert found(text, "en").get(piece) == label


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("admitted on March 9, 2021", "March 9, 2021"),
        ("listed for 12th of May", "12th of May"),
        ("to return 3/12 with films", "3/12"),
        ("DOB: 1971 Feb 3", "1971 Feb 3"),
        ("onset last April", "April"),
        ("wound check due 19/9.", "19/9"),
        ("gave birth on Christmas Eve", "Christmas Eve"),
    ],
)
def test_english_dates_are_found_in_all_their_forms(text: str, date: str) -> None:
    assert found(text, "en").get(date) in ("DATE", "BIRTH_DATE")


@pytest.mark.parametrize(
    ("text", "piece", "label"),
    [
        ("SSN 123-45-6789", "123-45-6789", "NATIONAL_ID"),
        ("last 4 of SSN: 4417", "4417", "NATIONAL_ID"),
        ("NHS number 943 476 5919", "943 476 5919", "NATIONAL_ID"),
        ("MBI 1EG4-TE5-MK73 on file", "1EG4-TE5-MK73", "NATIONAL_ID"),
        ("NI number QQ123456C", "QQ123456C", "NATIONAL_ID"),
        ("HCN: 1234 567 897", "1234 567 897", "NATIONAL_ID"),
        ("Aadhaar: 4821 9034 1177", "4821 9034 1177", "NATIONAL_ID"),
        ("MRN: 00451277", "00451277", "PATIENT_NUMBER"),
        ("Hosp No: KD118240", "KD118240", "PATIENT_NUMBER"),
        ("MR# 210-77-3", "210-77-3", "PATIENT_NUMBER"),
        ("Acct #: H7710029331", "H7710029331", "STAY_NUMBER"),
        ("NPI 1234567893", "1234567893", "PRACTITIONER_NUMBER"),
        ("DEA BT1234563 on the pad", "BT1234563", "PRACTITIONER_NUMBER"),
        ("GMC 7712045", "7712045", "PRACTITIONER_NUMBER"),
        ("CLIA 14D0991122", "14D0991122", "FACILITY_NUMBER"),
        ("generator serial TLM-8841907", "TLM-8841907", "IDENTIFIER"),
        ("Our ref: GP/mk/40217", "GP/mk/40217", "IDENTIFIER"),
        ("claim no. WC-88-20417", "WC-88-20417", "IDENTIFIER"),
        ("license plate 4KRT882", "4KRT882", "IDENTIFIER"),
        ("member ID XJW440918273", "XJW440918273", "IDENTIFIER"),
    ],
)
def test_english_numbers_are_told_by_their_labels_and_forms(text: str, piece: str, label: str) -> None:
    assert found(text, "en").get(piece) == label


@pytest.mark.parametrize(
    ("text", "piece", "label"),
    [
        ("118 Larkspur Lane, Chattanooga, TN 37402", "118 Larkspur Lane", "ADDRESS"),
        ("118 Larkspur Lane, Chattanooga, TN 37402", "Chattanooga, TN", "CITY"),
        ("118 Larkspur Lane, Chattanooga, TN 37402", "37402", "POSTCODE"),
        ("P.O. Box 4410, Dry Fork, VA 24549", "P.O. Box 4410", "ADDRESS"),
        ("Thornaby TS17 6QQ", "TS17 6QQ", "POSTCODE"),
        ("Antigonish, NS  B2G 1A9", "B2G 1A9", "POSTCODE"),
        ("Eircode F92 K4W1", "F92 K4W1", "POSTCODE"),
        ("9 Wattle Parade, Bendigo VIC 3550", "3550", "POSTCODE"),
        ("Private Bag X77, Mthatha 5099", "5099", "POSTCODE"),
        ("moved to Anacortes, Washington last week", "Anacortes, Washington", "CITY"),
        ("Kilrush, Co. Clare", "Kilrush, Co. Clare", "CITY"),
    ],
)
def test_english_addresses_of_several_countries_are_read(text: str, piece: str, label: str) -> None:
    assert found(text, "en").get(piece) == label


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("at the Royal Infirmary", "Royal Infirmary"),
        ("transferred from St. Finbar's Hospital", "St. Finbar's Hospital"),
        ("followed at Four Oaks Pediatrics", "Four Oaks Pediatrics"),
        ("script sent to Thimble & Rye Pharmacy.", "Thimble & Rye Pharmacy"),
        ("Dr Osei, Marsh Lane Surgery", "Marsh Lane Surgery"),
        ("discharged to Larch Hollow Nursing Home", "Larch Hollow Nursing Home"),
        ("Rang the Children's Hospital of Wexcombe today", "Children's Hospital of Wexcombe"),
        ("bloods to thornbeck surgery", "thornbeck surgery"),
    ],
)
def test_english_houses_are_named_before_their_kind(text: str, house: str) -> None:
    assert found(text, "en").get(house) == "HOSPITAL"


@pytest.mark.parametrize(
    ("text", "piece", "label"),
    [
        ("a 93-year-old woman", "93-year-old", "AGE"),
        ("18 mo F here with dad", "18 mo", "AGE"),
        ("a 58-year-old ferry captain with gout", "ferry captain", "PROFESSION"),
        ("Social: retired grain elevator operator.", "retired grain elevator operator", "PROFESSION"),
        ("she works as a court interpreter.", "court interpreter", "PROFESSION"),
        ("sings with the Tolland Handbell Guild", "the Tolland Handbell Guild", "PLACE"),
        ("the eighth of eleven children", "eighth of eleven children", "FAMILY"),
    ],
)
def test_english_indirect_identifiers_are_found(text: str, piece: str, label: str) -> None:
    assert found(text, "en").get(piece) == label


@pytest.mark.parametrize(
    ("text", "piece", "label"),
    [
        ("TH reviewed, closed by K.M.", "K.M.", "INITIALS"),
        ("report to day rn -- b.t. rn", "b.t.", "INITIALS"),
        ("Minutes: RW/jp", "RW/jp", "INITIALS"),
    ],
)
def test_initials_that_sign_are_found(text: str, piece: str, label: str) -> None:
    assert found(text, "en").get(piece) == label


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease",
        "Murphy's sign was negative",
        "Foley catheter removed",
        "Rose spots were absent",
        "BP 120/80, HR 72",
        "pain 6/10, strength 5/5, prednisolone for 3/52",
        "HOSPITAL COURSE",
        "seen in Fracture Clinic and the Pain Clinic",
        "He is a poor historian and an ex-smoker.",
        "Continue Keppra, Eliquis and Lantus; Vicryl to skin.",
        "MRI L4-L5, T12-L1, HLA-B27 and CA19-9 were normal",
        "Bosniak II cyst, 6 mm, Nottingham grade 2",
    ],
)
def test_english_medicine_is_left_alone(text: str) -> None:
    assert not found(text, "en")
