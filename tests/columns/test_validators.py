import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.columns.validators import named


def passes(label: str, *values: str) -> list[bool]:
    masks = [validator.matches(pl.Series(values)) for validator in named(label)]
    return np.any(masks, axis=0).tolist()


@pytest.mark.parametrize(
    ("label", "good"),
    [
        ("NIR", "2 55 08 14 168 025 38"),
        ("PHONE", "06.12.34.56.78"),
        ("PHONE", "+33 (0)6 12 34 56 78"),
        ("PHONE", "+44 20 7946 0958"),
        ("PHONE", "(212) 555-0123"),
        ("EMAIL", "zoe@chu.fr"),
        ("IBAN", "FR14 2004 1010 0505 0001 3M02 606"),
        ("IBAN", "GB82 WEST 1234 5698 7654 32"),
        ("NHS", "943 476 5919"),
        ("SSN", "123-45-6789"),
        ("URL", "https://exemple.fr/x"),
        ("IP", "192.0.2.17"),
        ("IP", "2001:db8:0:0:0:0:0:1"),
        ("MAC", "02:00:5e:10:00:01"),
        ("UID", "1.2.840.10008.5.1.4.1.1.2"),
        ("RPPS", "79927398713"),
        ("FINESS", "2A0000014"),
        ("POSTCODE", "2A004"),
        ("POSTCODE", "SW1A 1AA"),
        ("DIAGNOSIS_CODE", "E11.9"),
        ("DRUG_CODE", "A10BA02"),
        ("PROCEDURE_CODE", "YYYY465"),
    ],
)
def test_known_forms_pass(label: str, good: str) -> None:
    assert passes(label, good) == [True]


@pytest.mark.parametrize(
    ("label", "bad"),
    [
        ("NIR", "255081416802539"),
        ("PHONE", "00 12 34 56 78"),
        ("EMAIL", "zoe@chu"),
        ("IBAN", "GB82WEST12345698765433"),
        ("NHS", "9434765918"),
        ("SSN", "666-45-6789"),
        ("SSN", "123-45-678"),
        ("IP", "300.1.1.1"),
        ("UID", "1.2.3"),
        ("RPPS", "79927398710"),
        ("POSTCODE", "99000"),
    ],
)
def test_look_alikes_fail(label: str, bad: str) -> None:
    assert passes(label, bad) == [False]


@given(
    st.integers(1, 2),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from(["01", "75", "2A", "2B", "97"]),
    st.integers(0, 999_999),
    st.integers(0, 96),
)
def test_a_social_security_number_has_one_key(
    sex: int, year: int, month: int, department: str, rest: int, key: int
) -> None:
    body = f"{sex}{year:02d}{month:02d}{department}{rest:06d}"
    number = int(body.replace("2A", "19") if department == "2A" else body.replace("2B", "18"))
    assert bool(named("NIR")[0].matches(pl.Series([f"{body}{key + 1:02d}"]))[0]) == (key + 1 == 97 - number % 97)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_no_text_breaks_a_validator(values: list[str]) -> None:
    for label in ("NIR", "IBAN", "NHS", "RPPS", "PHONE", "DATE", "UID"):
        assert len(passes(label, *values)) == len(values)
