import re
from datetime import date

import pytest
from given import SECRET, English, new

from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact


def digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(number))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


@pytest.mark.parametrize(
    "written", ["2 65 03 35 238 001 12", "265033523800112", "2 65 03 2A 238 001 / 12", "2 6 5 0 3 3 5 2 3 8 0 0 1 1 2"]
)
def test_an_insurance_number_keeps_layout_and_sex_and_gets_a_valid_key(written: str) -> None:
    text = new(f"[NATIONAL_ID:{written}]")
    number = digits(text)
    assert re.sub(r"\w", "x", text) == re.sub(r"\w", "x", written)
    assert number[0] == "2"
    assert number[5:7] == "00"
    assert int(number[13:]) == 97 - int(number[:13]) % 97


def test_an_insurance_number_is_born_when_its_bearer_is() -> None:
    for key in ("P1", "P2", "P3"):
        text = new("né le [BIRTH_DATE:28/03/1965], [NATIONAL_ID:165033523800112]", patient=key)
        born = date(1965, 3, 28) + SECRET.date_shift(key)
        assert digits(text)[8:][1:5] == f"{born:%y%m}"


def test_the_tables_make_the_same_insurance_number() -> None:
    born = date(1965, 3, 28)
    cell = SECRET.surrogate("P1", "NIR", "165033523800112", born=born)
    facts = [Fact("BIRTH_DATE", born.isoformat())]
    assert digits(new("[NATIONAL_ID:1 65 03 35 238 001 12]", facts=facts)) == cell


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("02 99 28 43 21", r"02 61 91 \d\d \d\d"),
        ("06.12.34.56.78", r"06\.39\.98\.\d\d\.\d\d"),
        ("+33 1 42 34 56 78", r"\+33 1 99 00 \d\d \d\d"),
        ("poste 11854", r"poste \d{5}"),
    ],
)
def test_a_telephone_keeps_its_zone_and_layout(written: str, shape: str) -> None:
    text = new(f"[PHONE:{written}]")
    assert re.fullmatch(shape, text)
    assert text != written


@pytest.mark.parametrize("label", ["PRACTITIONER_NUMBER:10003456789", "FACILITY_NUMBER:350000741"])
def test_numbers_of_professionals_and_facilities_have_a_valid_key_and_are_nobody_s(label: str) -> None:
    text = new(f"[{label}]")
    assert luhn(text)
    assert text.startswith(("99", "00"))
    assert text == new(f"[{label}]", patient="P2")


def test_an_iban_has_valid_keys_and_its_layout() -> None:
    text = new("[IDENTIFIER:FR76 3000 6000 0112 3456 7890 189]")
    assert re.fullmatch(r"FR\d\d 9999 9\d{3} \d{4} \d{4} \d{4} \d{3}", text)
    plain = text.replace(" ", "")
    assert int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
    bank, branch, account, key = plain[4:9], plain[9:14], plain[14:25], plain[25:]
    assert (89 * int(bank) + 15 * int(branch) + 3 * int(account) + int(key)) % 97 == 0


@pytest.mark.parametrize("written", ["8001234567", "AB-12345", "SN:9X8Y7Z"])
def test_other_numbers_keep_their_shape(written: str) -> None:
    text = new(f"[STAY_NUMBER:{written}]")
    assert re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", text)) == re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", written))
    assert text != written


@pytest.mark.parametrize("written", ["[NATIONAL_ID:1EG4-TE5-MK73]", "[PRACTITIONER_NUMBER:BT1234563]"])
def test_numbers_with_letters_keep_letters_where_they_had_them(written: str) -> None:
    before = written[1:-1].split(":")[1]
    text = new(written)
    assert [character.isalpha() for character in text] == [character.isalpha() for character in before]
    assert text != before


def test_the_patient_key_becomes_its_pseudonym_where_the_source_tells_it() -> None:
    assert new("[PATIENT_NUMBER:8001234]", patient="8001234") == str(SECRET.number("8001234"))
    assert new("[PATIENT_NUMBER:P-77]", patient="P77") == SECRET.pseudonym("P77")


def test_what_the_tables_have_in_its_place_wins() -> None:
    facts = [Fact("PATIENT_KEY", "8001234", "42")]
    assert new("[PATIENT_NUMBER:8 001 234]", facts=facts) == "42"


def test_mails_and_addresses_of_pages_are_nobody_s() -> None:
    text = new("[EMAIL:jean.dupont@chu-rennes.fr] [EMAIL:J@FREE.FR] [URL:www.chu-rennes.fr/dupont]")
    assert re.fullmatch(r"[a-z.]+\d+@example\.org [A-Z.]+\d+@EXAMPLE\.ORG example\.org/[a-z]+", text)


def test_american_numbers_are_nobody_s() -> None:
    assert new("[NATIONAL_ID:123-45-6789]", language=English()).startswith("666-")


def test_another_key_gives_other_numbers() -> None:
    made = {new("[STAY_NUMBER:12345678]", pseudonyms=Pseudonyms(bytes([n]) * 32)) for n in range(20)}
    assert len(made) == 20
