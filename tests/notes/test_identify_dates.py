import pytest
from marked import found


@pytest.mark.parametrize(
    "date",
    [
        "12/03/1965",
        "12-03-65",
        "12.03.2020",
        "2020-03-12",
        "1er mars 2020",
        "12 mars 2020",
        "mars 2020",
        "3 janv. 24",
        "l2/O3/1965",
        "deux mars deux mille vingt",
        "12 mars",
    ],
)
def test_a_date_is_found_in_every_form(date: str) -> None:
    assert found(f"Revu le {date}.")[date] == "DATE"


@pytest.mark.parametrize(
    "text",
    ["né le 12/03/1965", "Née en 1965", "DDN : 12.03.65", "Date de naissance : 12 mars 1965", "NÉ(E) LE 12/03/1965"],
)
def test_a_birth_date_is_told_by_what_stands_before_it(text: str) -> None:
    assert list(found(text).values()) == ["BIRTH_DATE"]


def test_both_ends_of_a_stay_are_found() -> None:
    assert set(found("Hospitalisé du 12 au 15 mars 2020")) == {"12", "15 mars 2020"}


@pytest.mark.parametrize(
    "text", ["depuis 15 jours", "dans 3 mois", "stade 2.1.3 atteint", "score 12/20", "il y a 10 ans"]
)
def test_durations_and_scores_are_no_dates(text: str) -> None:
    assert "DATE" not in found(text).values()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Revu le 12 puis le 19.", {"12", "19"}),
        ("Hospitalisé du 3 au 11 février.", {"3"}),
        ("Cures : 14/05, 28/05 et 11/06.", {"14/05", "28/05", "11/06"}),
        ("RDV jeudi 9 à 14h30.", {"9"}),
        ("Gastro-entérite fin mai.", {"mai"}),
        ("Vu en janvier dernier.", {"janvier"}),
    ],
)
def test_a_day_without_its_month_and_a_month_without_its_year_are_dates(text: str, days: set[str]) -> None:
    assert days <= set(found(text))


def test_scores_tensions_and_doses_are_no_days() -> None:
    assert not found("TA 13/08, EVA 08/10, acuité 10/10, appeler le 15, 2 cp le matin, le 3e jour, Apgar 9/10/10.")


def test_a_date_broken_at_the_end_of_a_line_is_one() -> None:
    assert any(value.startswith("05/") for value in found("Revu le 05/\n06/2024 en consultation."))
