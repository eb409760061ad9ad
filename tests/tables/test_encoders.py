import string
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.cohort import Kind
from sosie.tables.encoders import OTHER, Category, learn
from sosie.tables.frame import ColumnFormat

SAMPLES = {
    "integers": pl.Series([1, None, -3]),
    "small integers": pl.Series([1, None, 3], dtype=pl.UInt8),
    "floats": pl.Series([1.25, None, 3.5]),
    "single precision": pl.Series([1.25, None, 3.1], dtype=pl.Float32),
    "decimals": pl.Series(["1.25", None, "3.10"]).cast(pl.Decimal(10, 2)),
    "dates": pl.Series([date(2020, 1, 1), None, date(1899, 5, 1)]),
    "times of day": pl.Series([time(3, 4, 5), None, time(23, 59, 59)]),
    "moments": pl.Series([datetime(2020, 1, 1, 3, 4, 5), None, datetime(1899, 5, 1)]),
    "moments in nanoseconds": pl.Series([datetime(2020, 1, 1, 3, 4, 5), None]).cast(pl.Datetime("ns")),
    "moments of a zone": pl.Series([datetime(2020, 7, 1, 3), datetime(2020, 1, 1)]).dt.replace_time_zone(
        "Europe/Paris"
    ),
    "durations": pl.Series([timedelta(3), None, timedelta(hours=-2)]),
    "durations in milliseconds": pl.Series([timedelta(3), None]).cast(pl.Duration("ms")),
    "booleans": pl.Series([True, None, False]),
    "words": pl.Series(["a", None, "é", "=1+1"]),
    "categories": pl.Series(["b", None, "a"]).cast(pl.Categorical),
    "nulls": pl.Series([None, None]),
    "nulls of a type": pl.Series([None, None], dtype=pl.Int64),
}


@pytest.mark.parametrize("series", SAMPLES.values(), ids=SAMPLES)
def test_any_number_that_noise_may_draw_becomes_a_value_of_the_type(series: pl.Series) -> None:
    encoder = learn(series, ColumnFormat("x"), 1)
    if encoder.kind is Kind.NUMERIC:
        drawn = encoder.decode(np.array([-1e20, -1e12, -1e6, 0.0, 1e6, 1e12, 1e20, np.nan]))
        assert drawn.dtype == series.dtype
        assert len(drawn) == 8
        assert isinstance(series.dtype, pl.Duration) or len(drawn.cast(pl.String)) == 8


@pytest.mark.parametrize("series", SAMPLES.values(), ids=SAMPLES)
def test_a_series_comes_back_as_it_went(series: pl.Series) -> None:
    encoder = learn(series, ColumnFormat("x"), 1)
    back = encoder.decode(encoder.encode(series))
    assert back.to_list() == series.to_list()
    assert back.dtype == series.dtype


@given(st.lists(st.none() | st.integers(-(10**6), 10**6)), st.integers(0, 4))
def test_numbers_come_back_with_their_decimals(units: list[int | None], decimals: int) -> None:
    series = pl.Series(
        [None if unit is None else round(unit / 10**decimals, decimals) for unit in units], dtype=pl.Float64
    )
    encoder = learn(series, ColumnFormat("x", decimals=decimals), 1)
    assert encoder.decode(encoder.encode(series)).to_list() == series.to_list()
    between = np.random.default_rng(0).normal(size=20)
    np.testing.assert_array_equal(encoder.decode(between).to_numpy(), np.round(between, decimals))


@given(st.lists(st.none() | st.text(string.ascii_uppercase[:3] + ".9", max_size=4), max_size=60), st.integers(1, 5))
@pytest.mark.parametrize("hierarchy", [None, "prefix"])
def test_no_level_stands_for_fewer_than_k_patients(hierarchy: str | None, codes: list[str | None], k: int) -> None:
    series = pl.Series(codes, dtype=pl.String)
    encoder = learn(series, ColumnFormat("x", hierarchy=hierarchy), k)
    published = encoder.decode(encoder.encode(series)).drop_nulls()
    assert all(count >= k for count in published.value_counts()["count"])
    if hierarchy:
        kept = zip(series, encoder.decode(encoder.encode(series)), strict=True)
        assert all(code is None or now is None or code.startswith(now) or now.startswith(OTHER) for code, now in kept)


def test_infinities_and_nan_are_missing() -> None:
    encoded = learn(pl.Series([1.0]), ColumnFormat("x"), 1).encode(pl.Series([np.inf, -np.inf, np.nan, 2.0]))
    np.testing.assert_array_equal(encoded, [np.nan, np.nan, np.nan, 2.0])


@pytest.mark.parametrize(
    ("values", "published"),
    [
        (["a"] * 20 + ["b"] * 15 + ["c"] * 6 + ["d"] * 6, {"a", "b", OTHER}),
        (["a"] * 20 + ["b"] * 15 + ["c"] * 3, {"a", "b"}),
        (["a"] * 20 + [None] * 15 + ["c"] * 3, {"a", None}),
        ([OTHER] * 20 + ["c"] * 6 + ["d"] * 6, {OTHER, f"{OTHER} (<11)"}),
        (list("abcdefgh"), {None}),
    ],
)
def test_rare_words_join_a_rest_or_the_most_frequent(values: list[str | None], published: set[str | None]) -> None:
    series = pl.Series(values)
    encoder = learn(series, ColumnFormat("x"), 11)
    assert set(encoder.decode(encoder.encode(series))) == published


def test_rare_codes_merge_into_the_longest_prefix_that_k_patients_share() -> None:
    series = pl.Series(
        ["I10"] * 15 + ["E11.9"] * 6 + ["E11.2"] * 5 + ["C50"] * 3 + ["D12"] * 4 + [OTHER] * 12 + ["Z9"] * 5
    )
    encoder = learn(series, ColumnFormat("x", hierarchy="prefix"), 11)
    published = dict(zip(series, encoder.decode(encoder.encode(series)), strict=True))
    assert published["I10"] == "I10"
    assert published["E11.9"] == published["E11.2"] == "E11"
    assert published["C50"] == published["D12"] == published["Z9"] == f"{OTHER} (<11)"
    assert published[OTHER] == OTHER


def test_rare_numbers_that_are_codes_take_the_nearest_level() -> None:
    series = pl.Series([1] * 20 + [2] * 20 + [9] * 2 + [0])
    encoder = learn(series, ColumnFormat("x", categorical=True), 11)
    assert encoder.kind is Kind.CATEGORICAL
    assert encoder.decode(encoder.encode(series)).to_list() == [1] * 20 + [2] * 22 + [1]


def test_a_word_that_was_never_seen_is_missing_or_in_the_rest() -> None:
    rare = learn(pl.Series(["a"] * 12 + list("bcdefghijklm")), ColumnFormat("x"), 11)
    assert rare.decode(rare.encode(pl.Series(["new"]))).to_list() == [OTHER]
    plain = learn(pl.Series(["a", "b"]), ColumnFormat("x"), 1)
    assert isinstance(plain, Category)
    assert np.isnan(plain.encode(pl.Series(["new"]))).all()


def test_ten_thousand_words_are_learned_at_once() -> None:
    series = pl.Series([f"w{i}" for i in range(15_000)])
    encoder = learn(series, ColumnFormat("x"), 1)
    assert encoder.levels == 10_001
