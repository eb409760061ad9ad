from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import part_of
from sosie.cohort import Role
from sosie.columns.generalise import age, postcode, shift
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.tables.frame import TablesPart
from sosie.tables.identify import roles
from sosie.tables.redact import action, redact

SECRET = Pseudonyms(b"s" * 32)


def redacted(part: TablesPart) -> TablesPart:
    return redact(part, roles(part, Manifest()), SECRET)


def cells(frame: pl.DataFrame) -> set[str]:
    return {str(value) for name in frame.columns for value in frame[name].drop_nulls()}


def test_nothing_of_the_direct_identifiers_remains(hospital: pl.DataFrame) -> None:
    part = part_of(hospital, key="IPP")
    direct = [f.place for f in roles(part, Manifest()) if f.role in (Role.KEY, Role.DIRECT)]
    after = redacted(part)
    assert len(direct) == 8
    assert not cells(hospital.select(direct)) & cells(after.tables[0].frame)
    assert not set(hospital["IPP"]) & set(after.keys)


def test_the_table_keeps_its_shape(hospital: pl.DataFrame) -> None:
    after = redacted(part_of(hospital, key="IPP")).tables[0].frame
    assert after.schema == hospital.schema
    assert after.select("creatinine", "stade", "diag_principal", "sexe", "centre").equals(
        hospital.select("creatinine", "stade", "diag_principal", "sexe", "centre")
    )
    assert after["observations"].null_count() == len(after)


def test_intervals_and_times_of_day_stay(hospital: pl.DataFrame) -> None:
    after = redacted(part_of(hospital, key="IPP")).tables[0].frame
    stay = pl.col("dt_sortie") - pl.col("dt_entree")
    assert after.select(stay).equals(hospital.select(stay))
    assert (after["dt_entree"].dt.time() == hospital["dt_entree"].dt.time()).all()
    assert (after["dt_entree"] != hospital["dt_entree"]).all()


def test_the_oldest_lose_their_birth_date(hospital: pl.DataFrame) -> None:
    after = redacted(part_of(hospital, key="IPP")).tables[0].frame
    assert after["age"].max() == 90
    assert after.filter(hospital["age"] > 89)["DDN"].null_count() == hospital.filter(hospital["age"] > 89).height


def test_a_patient_is_the_same_in_every_table() -> None:
    one = pl.DataFrame({"id": ["b", "a"], "nom": ["Roux", "Dupont"], "visite": [date(2020, 1, 1), date(2020, 2, 1)]})
    two = pl.DataFrame({"id": ["b", "a"], "nom": ["ROUX", "DUPONT"], "visite": [date(2021, 1, 1), date(2021, 2, 1)]})
    first, second = redacted(part_of(one, two, key="id")).tables
    assert first.frame["id"].equals(second.frame["id"])
    assert first.frame["nom"].str.to_uppercase().equals(second.frame["nom"])
    assert (second.frame["visite"] - first.frame["visite"]).equals(two["visite"] - one["visite"])


def test_keys_of_two_types_still_join() -> None:
    one, two = pl.DataFrame({"id": [7, 8]}), pl.DataFrame({"id": ["7", "8"]})
    first, second = redacted(part_of(one, two, key="id")).tables
    assert first.frame["id"].cast(pl.String).equals(second.frame["id"])
    assert first.frame["id"].dtype == pl.Int64


def test_a_patient_without_a_row_stays_without() -> None:
    part = part_of(pl.DataFrame({"id": ["a", None], "nom": ["Dupont", None]}), key="id")
    after = redacted(TablesPart(("a", "b"), part.tables, part.present))
    assert after.tables[0].frame.row(1) == (None, None)
    assert None not in after.keys


def test_row_numbers_become_distinct_pseudonyms() -> None:
    after = redacted(part_of(pl.DataFrame({"rownames": range(1, 201)}))).tables[0].frame["rownames"]
    assert after.n_unique() == 200
    assert after.min() > 10**14  # type: ignore[operator]


def test_placeholders_do_not_tell_the_shift() -> None:
    column = pl.Series("d", [date(9999, 12, 31), date(1900, 1, 1), date(2020, 1, 1), None])
    moved = shift(column, pl.Series([10, 10, 10, 10]))
    assert moved.to_list() == [date(9999, 12, 31), date(1900, 1, 1), date(2020, 1, 11), None]


def test_a_zone_keeps_the_hour_over_a_change_of_clocks() -> None:
    column = pl.Series("d", [datetime(2024, 3, 30, 9, 30)]).dt.replace_time_zone("Europe/Paris")
    moved = shift(column, pl.Series([2]))
    assert moved.dt.replace_time_zone(None).to_list() == [datetime(2024, 4, 1, 9, 30)]


@pytest.mark.parametrize(
    ("before", "after"),
    [("75014", "75000"), ("2A004", "2A000"), ("SW1A 1AA", "SW0X 0XX"), (None, None)],
)
def test_a_postcode_keeps_two_characters(before: str | None, after: str | None) -> None:
    assert postcode(pl.Series("cp", [before], dtype=pl.String)).to_list() == [after]


@given(st.lists(st.integers(0, 120), min_size=1))
def test_ages_up_to_89_stay(ages: list[int]) -> None:
    assert age(pl.Series("age", ages)).to_list() == [min(value, 90) for value in ages]


def test_an_age_in_days_or_in_words_is_grouped_too() -> None:
    assert age(pl.Series("age", [20_000, 36_000])).to_list() == [20_000, 32_872]
    assert age(pl.Series("age", ["42 ans", "93 ans", None])).to_list() == ["42 ans", "90+", None]


def test_actions_say_what_happens(hospital: pl.DataFrame) -> None:
    done = {f.place: action(f) for f in roles(part_of(hospital, key="IPP"), Manifest())}
    assert done["IPP"] == "pseudonym"
    assert done["NIR"] == "surrogate"
    assert done["DDN"] == "shift"
    assert done["observations"] == done["ville"] == "blank"
    assert done["CP"] == "truncate"
    assert done["age"] == "group"
    assert done["sexe"] == done["centre"] == "keep"


def test_a_date_that_a_rule_computes_moves_with_the_others() -> None:
    start = [date(2020, 1, 1) + timedelta(days=7 * i) for i in range(40)]
    frame = pl.DataFrame({"admission": start, "sortie": [day + timedelta(days=3) for day in start]})
    part = part_of(frame)
    findings = roles(part, Manifest(), derived=("sortie",))

    table = redact(part, findings, SECRET).tables[0].frame

    assert (table["sortie"] - table["admission"]).unique().to_list() == [timedelta(days=3)]
    assert (table["sortie"] != frame["sortie"]).all()
