import re
from datetime import date, timedelta
from itertools import count

import pytest
from given import SECRET, English, new, redacted
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.notes.redact.dates import moved, read
from sosie.notes.redact.style import Action, Style
from sosie.notes.redact.words import words
from sosie.pseudonyms import Pseudonyms

FRENCH = words("fr").calendar  # type: ignore[union-attr]
ENGLISH = words("en").calendar  # type: ignore[union-attr]
NEAR = date(2020, 6, 1)


def shifted(text: str, days: int, calendar: object = FRENCH) -> str | None:
    return moved(text, timedelta(days=days), calendar, NEAR, count(7))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "days", "after"),
    [
        ("12/03/1965", 10, "22/03/1965"),
        ("12/03/65", 20, "01/04/65"),
        ("1/3/2020", -1, "29/2/2020"),
        ("12-03-2020", 1, "13-03-2020"),
        ("12.03.2020", 1, "13.03.2020"),
        ("12 03 2020", 1, "13 03 2020"),
        ("08/ 09/28", 1, "09/ 09/28"),
        ("12032020", 1, "13032020"),
        ("20200312", 1, "20200313"),
        ("1 2 0 3 2 0 2 0", 1, "1 3 0 3 2 0 2 0"),
        ("2020-03-12", 30, "2020-04-11"),
        ("2020-03-12T10:30:00Z", 1, "2020-03-13T10:30:00Z"),
        ("12/03/2020 à 14h30", 1, "13/03/2020 à 14h30"),
        ("12 mars 2020", 30, "11 avril 2020"),
        ("1er mars 2020", 1, "2 mars 2020"),
        ("31 mars 2020", 1, "1er avril 2020"),
        ("12 MARS 2020", 30, "11 AVRIL 2020"),
        ("12 fév. 2020", 60, "12 avr. 2020"),
        ("12 fevrier 2020", 180, "10 aout 2020"),
        ("20 septernbre 2016", 30, "20 octobre 2016"),
        ("lundi 2 mars 2020", 1, "mardi 3 mars 2020"),
        ("Jeudi 12/03/2020", 7, "Jeudi 19/03/2020"),
        ("mars 2020", 61, "mai 2020"),
        ("03/2020", 61, "05/2020"),
        ("2020", -40, "2019"),
        ("12 mars", 30, "11 avril"),
        ("12/03", 30, "11/04"),
        ("mars", 40, "avril"),
        ("du 12 au 15 mars 2020", 3, "du 15 au 18 mars 2020"),
        ("O1/O3/2020", 1, "02/03/2020"),
    ],
)
def test_a_date_moves_in_its_own_format(before: str, days: int, after: str) -> None:
    assert shifted(before, days) == after


@pytest.mark.parametrize(
    ("before", "days", "after"),
    [
        ("03/12/2020", 1, "03/13/2020"),
        ("March 1st, 2020", 1, "March 2nd, 2020"),
        ("12 March 2020", 30, "11 April 2020"),
        ("MAR 12 2020", 30, "APR 11 2020"),
        ("Monday, March 2, 2020", 1, "Tuesday, March 3, 2020"),
        ("March 2020", 61, "May 2020"),
        ("25/12/2020", 1, "26/12/2020"),
    ],
)
def test_english_dates_too(before: str, days: int, after: str) -> None:
    assert shifted(before, days, ENGLISH) == after


@pytest.mark.parametrize("wrong", ["32/12/1975", "21/22/2025", "29/02/2021", "00/00/1980", "31/04/2020", "99/99/9999"])
def test_a_date_that_no_calendar_has_is_replaced_too(wrong: str) -> None:
    made = shifted(wrong, 12)
    assert made is not None
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", made)
    assert made != wrong
    assert date(int(made[6:]), int(made[3:5]), int(made[:2]))


def test_a_placeholder_does_not_tell_the_shift() -> None:
    assert shifted("01/01/1850", 12) != "13/01/1850"
    assert shifted("31/12/9999", 12) != "12/01/10000"


@settings(max_examples=50, deadline=None)
@given(st.dates(date(1905, 1, 1), date(2090, 1, 1)), st.integers(-365, 365).filter(bool))
def test_a_whole_date_moves_by_the_shift(day: date, days: int) -> None:
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"):
        made = shifted(day.strftime(pattern), days)
        assert made == (day + timedelta(days=days)).strftime(pattern)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    shifted(text, 12)
    read(text, FRENCH)


def test_what_is_no_date_becomes_a_tag() -> None:
    assert new("vu à [DATE:Pâques]") == "vu à <DATE>"


def days(text: str) -> list[date]:
    return [date(int(y), int(m), int(d)) for d, m, y in re.findall(r"(\d\d)/(\d\d)/(\d{4})", text)]


def test_intervals_stay_over_all_notes_of_a_patient() -> None:
    texts = redacted("[DATE:01/03/2020] [DATE:15/03/2020]", "[DATE:01/04/2021]", "né le [BIRTH_DATE:01/03/1960]")
    found = [day for each in texts for day in days(each.text)]
    shift = SECRET.date_shift("P1")
    assert found == [day + shift for day in (date(2020, 3, 1), date(2020, 3, 15), date(2021, 4, 1), date(1960, 3, 1))]


def test_years_and_months_keep_their_intervals() -> None:
    text = new("[DATE:2015] [DATE:2019] [DATE:mars 2018] [DATE:mai 2019]")
    first, second, _, one, _, other = text.split()
    assert int(second) - int(first) == 4
    assert int(other) - int(one) in (1, 2)
    assert "2015" not in text


def test_the_year_of_a_partial_date_is_that_of_the_note() -> None:
    for written, after in ((date(2020, 2, 20), 29), (date(2021, 2, 20), 1)):
        secret = next(s for n in range(256) if (s := Pseudonyms(bytes([n]) * 32)).date_shift("P1").days > 0)
        moved_ = new("[DATE:28/02]", written=written, pseudonyms=secret)
        day = date(written.year, 2, 28) + secret.date_shift("P1")
        assert moved_ == f"{day:%d/%m}", after


def test_weekdays_can_stay() -> None:
    weekly = Pseudonyms(b"s" * 32, weekdays=True)
    shifts = {weekly.date_shift(str(number)).days for number in range(3000)}
    assert all(shift % 7 == 0 for shift in shifts)
    assert 0 not in shifts
    assert len(shifts) == 104
    text = new("[DATE:lundi 02/03/2020]", pseudonyms=weekly)
    assert text.startswith("lundi")
    assert days(text)[0].weekday() == 0


def test_ages_agree_with_the_dates() -> None:
    text = new("né le [BIRTH_DATE:01/03/1960], vu le [DATE:01/09/2020], [AGE:60 ans]")
    born, seen = days(text)
    assert text.endswith("60 ans")
    assert (seen - born).days // 365.25 == 60


def test_nobody_is_above_ninety() -> None:
    text = new("née le [BIRTH_DATE:01/03/1922], vue le [DATE:01/09/2020], [AGE:98 ans]")
    born, seen = days(text)
    assert text.endswith("90 ans")
    assert (seen - born).days // 365.25 == 90


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("12 jours", "moins d'un mois"),
        ("5 mois", "moins de six mois"),
        ("18 MOIS", "MOINS DE DEUX ANS"),
        ("45 ans", "45 ans"),
    ],
)
def test_the_very_young_say_only_what_they_are_under(before: str, after: str) -> None:
    assert new(f"[AGE:{before}]") == after


def test_in_english_too() -> None:
    assert new("[AGE:5 months]", language=English()) == "under six months"
    assert new("[AGE:94-year-old]", language=English()) == "90-year-old"


def test_a_date_can_be_kept() -> None:
    style = Style({}, Action.SURROGATE)
    assert new("[DATE:12/03/2020]", style=style) != "12/03/2020"
