from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.tables.encoders import learn
from sosie.tables.frame import ColumnFormat
from sosie.tables.native import plain, restore
from sosie.tables.resolution import UNITS, resolution


@given(
    step=st.integers(1, 3600),
    offset=st.integers(-500, 500),
    steps=st.sets(st.integers(-50, 50), min_size=6, max_size=30),
)
def test_what_is_on_the_marks_stays_and_what_is_between_goes_to_them(step: int, offset: int, steps: set[int]) -> None:
    values = np.array([offset + step * n for n in steps], dtype=np.float64)
    found = resolution(values)
    assert found.step % step == 0
    np.testing.assert_array_equal(found.snap(values), values)
    np.testing.assert_array_equal(found.snap(values + 0.4), values)


def test_few_values_and_fractions_have_no_common_step() -> None:
    assert resolution(np.array([0.0, 10.0, 20.0, np.nan])) == UNITS
    assert resolution(np.arange(20) / 2) == UNITS


@pytest.mark.parametrize(
    ("series", "kept"),
    [
        (pl.Series([datetime(2024, 1, 1) + timedelta(minutes=7 * n) for n in range(40)]), "1m"),
        (pl.Series([date(1950 + n, 1, 1) for n in range(40)]), "1y"),
        (pl.Series([date(2000 + n // 12, n % 12 + 1, 1) for n in range(40)]), "1mo"),
    ],
)
def test_doubles_of_whole_minutes_months_and_years_are_whole(series: pl.Series, kept: str) -> None:
    encoder = learn(series, ColumnFormat("x"), 11)
    drawn = encoder.decode(encoder.encode(series) + np.linspace(0.1, 0.9, 40))
    assert (drawn.dt.truncate(kept) == drawn).all()


def test_an_hour_that_the_clocks_skip_is_not_lost() -> None:
    zoned = pl.DataFrame({"at": [datetime(2021, 3, 28, 1, 30)]}).select(
        pl.col("at").dt.replace_time_zone("Europe/Paris")
    )
    typed, _ = plain(zoned, "t.parquet")
    skipped = typed.with_columns(pl.col("at") + timedelta(hours=1))
    restored = restore(skipped, zoned.schema)
    assert restored["at"].null_count() == 0
    assert restored.schema == zoned.schema


def test_a_few_thirds_do_not_give_every_double_six_decimals() -> None:
    halves = [n / 2 for n in range(200)]
    series = pl.Series([*halves, *(n / 3 for n in range(1, 10))])
    encoder = learn(series, ColumnFormat("cd4", decimals=6), 11)
    drawn = encoder.decode(np.linspace(0.1, 99.7, 300)).to_numpy()
    np.testing.assert_array_equal(drawn, np.round(drawn * 2) / 2)


def test_measures_keep_the_decimals_that_they_have() -> None:
    series = pl.Series([round(20 + n * n * 0.01, 2) for n in range(60)])
    drawn = learn(series, ColumnFormat("bmi", decimals=2), 11).decode(np.array([21.23456, 22.98765]))
    assert drawn.to_list() == [21.23, 22.99]


def test_tiny_numbers_are_not_rounded_away() -> None:
    series = pl.Series([n * 1e-300 for n in range(1, 200)])
    drawn = learn(series, ColumnFormat("p"), 11).decode(np.array([5.5e-300]))
    assert drawn.to_list() == [5.5e-300]


@given(seconds=st.lists(st.integers(0, 86_399), min_size=1), beyond=st.integers(-10, 90_000))
def test_times_of_day_come_back_as_times_of_day(seconds: list[int], beyond: int) -> None:
    given_ = pl.DataFrame({"at": pl.Series(seconds) * 1_000_000_000}, schema={"at": pl.Int64}).cast(pl.Time)
    typed, _ = plain(given_, "t.parquet")
    assert restore(typed, given_.schema).equals(given_)
    drawn = restore(pl.DataFrame({"at": [beyond]}), given_.schema)
    assert drawn.schema == given_.schema
