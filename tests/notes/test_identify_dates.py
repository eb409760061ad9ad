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
