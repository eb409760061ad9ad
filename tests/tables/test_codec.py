from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from planted import formats, planted
from polars.testing import assert_frame_equal

from conftest import part_of
from sosie.cohort import Cohort, Role
from sosie.manifest import Manifest, TableManifest
from sosie.synthesis.trees import Trees
from sosie.tables.codec import PRESENT, TablesCodec
from sosie.tables.frame import TablesPart
from sosie.tables.modality import Tables

N = 300
FREE = Manifest(k=2)


def stay(n: int = N, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    entry = [date(2020, 1, 1) + timedelta(int(day)) for day in rng.integers(0, 900, n)]
    return pl.DataFrame(
        {
            "ipp": [f"P{i}" for i in rng.permutation(10 * n)[:n]],
            "ward": rng.choice(["surgery", "oncology", "geriatrics"], n, p=[0.6, 0.3, 0.1]),
            "entry": entry,
            "exit": [day + timedelta(int(gap)) for day, gap in zip(entry, rng.geometric(0.1, n), strict=True)],
            "weight": np.where(rng.random(n) < 0.2, np.nan, rng.normal(75, 14, n).round(1)),
            "alive": rng.random(n) < 0.9,
            "visits": rng.poisson(3, n),
        }
    ).with_columns(pl.col("weight").fill_nan(None))


def back(part: TablesPart, codec: TablesCodec) -> TablesPart:
    numbers = tuple(map(str, range(1, len(part.keys) + 1)))
    return codec.decode(codec.encode(part), Cohort(numbers), np.random.default_rng(0))


def sampled(part: TablesPart, manifest: Manifest, n: int = 500) -> tuple[TablesPart, TablesCodec]:
    rng = np.random.default_rng(0)
    codec = TablesCodec.fit(part, manifest)
    vectors = Trees(k=manifest.k, donors=0.5).fit(codec.encode(part), rng).sample(n, rng)
    return codec.decode(vectors, Cohort(tuple(map(str, range(1, n + 1)))), rng), codec


def test_what_is_encoded_comes_back() -> None:
    part = part_of(stay(), key="ipp")
    made = back(part, TablesCodec.fit(part, FREE)).tables[0]
    assert made.frame.schema == part.tables[0].frame.schema
    assert_frame_equal(made.frame.drop("ipp"), part.tables[0].frame.drop("ipp"))


def test_keys_of_doubles_are_numbers_of_the_type_of_the_keys() -> None:
    words, numbers = (
        part_of(stay(), key="ipp"),
        part_of(stay().with_columns(ipp=pl.int_range(7000, 7000 + N)), key="ipp"),
    )
    made = [back(part, TablesCodec.fit(part, FREE)).tables[0].frame["ipp"] for part in (words, numbers)]
    assert made[0].to_list() == [f"D{i:03d}" for i in range(1, N + 1)]
    assert made[1].to_list() == list(range(1, N + 1))


def test_direct_identifiers_and_free_text_are_blank() -> None:
    frame = stay().with_columns(name=pl.Series([f"DUPONT {i}" for i in range(N)]), note=pl.lit("seen by Dr Roux"))
    table = part_of(frame, key="ipp").tables[0]
    roles = {"name": Role.DIRECT, "note": Role.FREE_TEXT, "ipp": Role.KEY}
    part = part_of(frame, key="ipp")
    part = replace(part, tables=(table.with_columns([replace(c, role=roles.get(c.name)) for c in table.columns]),))
    made = back(part, TablesCodec.fit(part, FREE)).tables[0].frame
    assert made.columns == frame.columns
    assert made["name"].null_count() == made["note"].null_count() == N


def test_planted_rules_hold_on_every_double_and_derived_columns_are_computed() -> None:
    frame = planted(600, 0)
    part = part_of(frame)
    part = replace(part, tables=(part.tables[0].with_columns(formats(frame)),))
    made, codec = sampled(part, Manifest())
    doubles = made.tables[0].frame
    assert {"coma", "lab_done", "bmi"} <= set(codec.derived)
    assert not {column.name for column in codec.columns} & {f"t0.{name}" for name in codec.derived}
    valid = codec.valid(made)
    assert valid.mean() > 0.5
    kept = doubles.filter(pl.Series(valid))
    assert (kept["coma"] == kept["motor"] + kept["verbal"] + kept["eyes"]).all()
    assert ((kept["discharge"] - kept["admission"]).dt.total_days() == kept["los"]).all()
    assert (kept["lab_done"] == kept["lab"].is_not_null()).all()
    assert kept.filter(pl.col("sex") == "m")["pregnancies"].null_count() == (kept["sex"] == "m").sum()


def test_a_declared_rule_wins_and_is_obeyed() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.integers(0, 50, N), "b": rng.integers(0, 50, N)}).with_columns(c=pl.col("a") + 10)
    manifest = Manifest(tables={"t0": TableManifest(rules=("c = a + 10",))})
    made, codec = sampled(part_of(frame), manifest)
    assert codec.derived == ("c",)
    assert (made.tables[0].frame["c"] == made.tables[0].frame["a"] + 10).all()


def test_other_dates_are_counted_from_the_anchor() -> None:
    part = part_of(stay(), key="ipp")
    codec = TablesCodec.fit(part, FREE)
    assert codec.tables[0].anchor == "entry"
    block = codec.encode(part).block(["t0.exit"]).values[:, 0]
    gaps = (part.tables[0].frame["exit"] - part.tables[0].frame["entry"]).dt.total_days()
    np.testing.assert_array_equal(block, gaps)


def test_a_date_without_its_anchor_is_counted_from_the_middle() -> None:
    frame = stay().with_columns(entry=pl.when(pl.int_range(N) < 30).then(None).otherwise(pl.col("entry")))
    frame = frame.with_columns(exit=pl.when(pl.int_range(N) > 200).then(None).otherwise(pl.col("exit")))
    part = part_of(frame, key="ipp")
    assert_frame_equal(back(part, TablesCodec.fit(part, FREE)).tables[0].frame.drop("ipp"), frame.drop("ipp"))


def test_constants_come_back_and_are_not_modelled() -> None:
    frame = stay().with_columns(site=pl.lit("CHU"), empty=pl.lit(None, dtype=pl.Float64))
    made, codec = sampled(part_of(frame, key="ipp"), Manifest())
    assert not {"t0.site", "t0.empty"} & {column.name for column in codec.columns}
    assert set(made.tables[0].frame["site"]) == {"CHU"}
    assert made.tables[0].frame["empty"].null_count() == 500


def test_a_table_that_some_patients_lack_stays_so() -> None:
    rng = np.random.default_rng(0)
    first, second = stay(), pl.DataFrame({"score": rng.normal(size=N).round(2), "arm": rng.choice(["x", "y"], N)})
    lacking = rng.random(N) < 0.4
    gaps = second.with_columns(pl.when(pl.Series(lacking)).then(None).otherwise(pl.all()).name.keep())
    part = part_of(first, gaps)
    part = replace(part, present=(part.present[0], ~lacking))
    codec = TablesCodec.fit(part, Manifest())
    assert codec.columns[len(codec.tables[0].columns)].name == f"t1.{PRESENT}"
    same = back(part, codec)
    np.testing.assert_array_equal(same.present[1], ~lacking)
    assert_frame_equal(same.tables[1].frame, gaps)
    made, _ = sampled(part, Manifest())
    assert abs(made.present[1].mean() - 0.6) < 0.15
    assert (
        made.tables[1].frame.filter(pl.Series(~made.present[1])).null_count().row(0) == ((~made.present[1]).sum(),) * 2
    )
    assert codec.valid(made).all()


def test_weights_come_from_their_column_and_absent_patients_weigh_the_average() -> None:
    frame = stay().with_columns(w=pl.Series([1.0, 3.0] * (N // 2)))
    part = part_of(frame, key="ipp")
    manifest = Manifest(tables={"t0": TableManifest(weights="w")})
    weights = TablesCodec.fit(part, manifest).encode(part).weights
    assert weights is not None
    assert weights.tolist() == [1.0, 3.0] * (N // 2)
    here = np.arange(N) >= 2
    blank = part.take(np.where(here, np.arange(N), -1))
    weights = TablesCodec.fit(blank, manifest).encode(blank).weights
    assert weights is not None
    assert weights[:2].tolist() == [2.0, 2.0]


@pytest.mark.parametrize("columns", [["weight"], ["alive"], ["ipp"], ["entry", "exit"]])
def test_tables_of_few_columns(columns: list[str]) -> None:
    part = part_of(stay().select(columns))
    made = back(part, TablesCodec.fit(part, FREE)).tables[0].frame
    assert made.schema == part.tables[0].frame.schema
    assert made.height == N


def test_the_attackers_view_has_what_the_codec_hides() -> None:
    frame = stay().with_columns(ward=pl.Series(["rare"] * 3 + ["surgery"] * (N - 3)), double=pl.col("visits") * 2)
    part, modality = part_of(frame, key="ipp"), Tables()
    seen = modality.observe(part, Manifest())(part)
    names = [column.name for column in seen.columns]
    assert "t0.double" in names
    assert len(np.unique(seen.values[:, names.index("t0.ward")])) == 2
    assert "t0.ipp" not in names


def test_a_level_that_no_patient_has_is_unlike_all_of_theirs_for_the_attacker() -> None:
    part = part_of(stay(), key="ipp")
    other = part_of(stay().with_columns(ward=pl.lit("moon")), key="ipp")
    view = Tables().observe(part, Manifest())
    mine, theirs = (view(one).block(["t0.ward"]).values for one in (part, other))
    assert not np.isin(theirs, mine).any()
    assert not np.isnan(theirs).any()
