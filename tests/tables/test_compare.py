import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.cohort import Role
from sosie.manifest import Manifest, Target
from sosie.tables.aligned import align_column
from sosie.tables.compare import compare
from sosie.tables.frame import ColumnFormat, FileFormat, Table, TablesPart
from sosie.tables.marginals import bin_edges, marginal

K = 11
FILE = FileFormat("t.csv", "csv")


def part(frame: pl.DataFrame, **roles: Role) -> TablesPart:
    columns = tuple(ColumnFormat(name, roles.get(name)) for name in frame.columns)
    keys = tuple(str(row) for row in range(frame.height))
    return TablesPart(keys, (Table("t", frame, columns, FILE),), (np.ones(frame.height, bool),))


def patients(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    age = rng.normal(60, 10, n).round()
    return pl.DataFrame(
        {
            "age": age,
            "weight": np.where(rng.random(n) < 0.1, np.nan, age / 2 + rng.normal(40, 10, n)),
            "smoker": rng.random(n) < 0.3,
            "town": rng.choice(["A", "B", "C"], n, p=[0.6, 0.3, 0.1]),
            "admitted": [date(2020, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 900, n)],
            "arm": np.where(arm == 1, "drug", "placebo"),
            "days": rng.exponential(300 + 300 * arm).round() + 1,
            "death": (rng.random(n) < 0.6).astype(int),
        }
    )


def measured(original: TablesPart, doubles: TablesPart, manifest: Manifest | None = None) -> dict:
    report = compare(original, doubles, manifest or Manifest(), np.random.default_rng(0))
    json.dumps(report, allow_nan=False)
    return report


def test_another_sample_of_the_population_is_faithful() -> None:
    report = measured(part(patients(600, 0)), part(patients(600, 1)))
    assert min(report["shapes"], report["pairs"]) > 0.95
    assert report["propensity_auc"] < 0.6


def test_shuffled_and_stretched_columns_are_not() -> None:
    original = patients(600, 0)
    shuffled = original.select(original[name].shuffle(seed) for seed, name in enumerate(original.columns))
    report = measured(part(original), part(shuffled.with_columns(pl.col("age") * 2)))
    assert max(report["shapes"], report["pairs"]) < 0.97
    assert report["propensity_auc"] > 0.9


def test_a_copy_keeps_everything() -> None:
    report = measured(part(patients(300, 0)), part(patients(300, 0)))
    assert report["shapes"] == pytest.approx(1)
    assert report["pairs"] == pytest.approx(1)
    assert report["cox_overlap"] == pytest.approx(1)
    assert report["survival_distance"] == pytest.approx(0)


def test_survival_columns_and_groups_are_recognised_by_name() -> None:
    table = measured(part(patients(400, 0)), part(patients(300, 1)))
    (end_point,) = table["survival"]
    assert (end_point["duration"], end_point["event"], end_point["group"]) == ("days", "death", "arm")
    assert [one["target"] for one in table["tstr"]] == ["death"]


def test_declared_targets_win_over_recognised_ones() -> None:
    manifest = Manifest(targets=(Target(column="age"), Target(duration="days", event="death")))
    table = measured(part(patients(400, 0)), part(patients(400, 1)), manifest)
    assert [(one["target"], one["metric"]) for one in table["tstr"]] == [("age", "r2")]
    assert table["survival"][0]["group"] is None


def test_keys_identifiers_and_free_text_are_left_out() -> None:
    frame = patients(100, 0).with_columns(name=pl.lit("x"), note=pl.lit("y"))
    original = part(frame, name=Role.DIRECT, note=Role.FREE_TEXT)
    names = [one["name"] for one in measured(original, original)["columns"]]
    assert not {"name", "note"} & set(names)


def test_rare_values_are_never_shown() -> None:
    towns = ["common"] * 87 + ["rare-one"] * 8 + ["rare-two"] * 5
    original = part(pl.DataFrame({"town": towns, "score": [*range(99), 987654]}))
    text = json.dumps(measured(original, original))
    assert "common" in text
    assert "rare" not in text
    assert "987654" not in text


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9), st.sampled_from([0.0, 1.0, 7.5])), max_size=150),
    labels=st.lists(st.one_of(st.none(), st.sampled_from("abcdefgh")), min_size=1, max_size=150),
)
def test_every_count_of_the_original_stands_for_k_patients(
    values: list[float | None], labels: list[str | None]
) -> None:
    for series in (pl.Series("x", values, dtype=pl.Float64), pl.Series("x", labels, dtype=pl.String)):
        shown = marginal(align_column(series, series, ColumnFormat("x"), K), K)["histogram"]
        if shown is not None:
            assert all(count >= K for count in shown["original"])
            assert sum(shown["original"]) == pytest.approx(len(series), abs=len(shown["original"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2 * K, max_size=300))
def test_bins_end_at_the_kth_extremes(values: list[float]) -> None:
    ranked = np.sort(np.array(values))
    edges = bin_edges(ranked, K)
    assert (np.diff(edges) >= 0).all()
    assert edges[0] >= ranked[K - 1]
    assert edges[-1] <= ranked[-K]


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"x": [1]}),
        pl.DataFrame({"x": [None, None, None]}),
        pl.DataFrame({"x": [None] * 40, "y": ["same"] * 40}),
        pl.DataFrame({"x": [f"code {i}" for i in range(400)], "y": list(range(400))}),
        pl.DataFrame({"x": [float("inf"), float("nan"), -float("inf")] * 20, "y": [1, 2, 3] * 20}),
        pl.DataFrame({"x": pl.Series([], dtype=pl.Float64)}),
        pl.DataFrame({"days": [5.0] * 60, "death": [1] * 60}),
        pl.DataFrame({"days": [float(i) for i in range(60)], "death": [0] * 59 + [1], "arm": ["a"] * 60}),
        pl.DataFrame({"time": [float(i) for i in range(60)], "event": [0, 1] * 30, "arm": ["a"] * 59 + ["b"]}),
        pl.DataFrame({"at": [timedelta(days=i) for i in range(50)], "on": [date(2020, 1, 1)] * 50}),
    ],
)
def test_odd_tables_give_a_report_without_nan(frame: pl.DataFrame) -> None:
    report = measured(part(frame), part(frame))
    assert len(report["columns"]) == frame.width


def test_doubles_may_lack_every_value() -> None:
    original = patients(200, 0)
    doubles = original.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in original.schema.items())
    assert measured(part(original), part(doubles))["shapes"] is None


def test_patients_without_a_row_do_not_count() -> None:
    whole = part(patients(100, 0))
    partly = whole.take(np.array([-1] * 50 + list(range(50)), dtype=np.int64))
    assert measured(partly, whole)["rows"]["original"] == 50


def test_pairs_and_targets_cross_tables() -> None:
    frame = patients(300, 0)
    stay = Table("treatments", frame.select("days", "death"), (ColumnFormat("days"), ColumnFormat("death")), FILE)
    both = replace(part(frame.select("age", "arm")), tables=(*part(frame.select("age", "arm")).tables, stay))
    both = replace(both, present=(np.ones(300, bool), np.arange(300) < 250))
    manifest = Manifest(targets=(Target(table="treatments", column="death"), Target(duration="days", event="death")))
    report = measured(both, both, manifest)
    assert report["correlations"]["columns"] == ["t.age", "t.arm", "treatments.days", "treatments.death"]
    assert report["tstr"][0]["target"] == "treatments.death"
    assert measured(both, both)["survival"][0]["group"] == "t.arm"
