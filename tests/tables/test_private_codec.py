from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from sosie.budget import Budget
from sosie.cohort import Cohort
from sosie.errors import ManifestError
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.noise import Fast
from sosie.tables import private
from sosie.tables.codec import TablesCodec
from sosie.tables.encoders import OTHER
from sosie.tables.frame import TablesPart
from sosie.tables.source import from_frame

N = 400


def frame() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "nom": [f"Patient {i}" for i in range(N)],
            "age": rng.integers(20, 90, N),
            "ward": ["north"] * 250 + ["south"] * 149 + ["alone"],
            "stage": rng.choice(["I", "II", "III"], N),
            "dead": rng.random(N) < 0.3,
        }
    )


def manifest(**columns: ColumnManifest) -> Manifest:
    return Manifest(tables={"table": TableManifest(columns=columns)})


def fit(part: TablesPart, said: Manifest, budget: Budget | None = None) -> TablesCodec:
    return private.fit(part, said, budget or Budget(2.0, 1e-4, reserved=5e-5), Fast(np.random.default_rng(0)))


STAGES = ColumnManifest(categories=("I", "II", "III"))


def test_a_codec_of_declared_columns_spends_nothing_and_sees_nobody() -> None:
    said = manifest(
        stage=STAGES, ward=ColumnManifest(categories=("north", "south")), age=ColumnManifest(bounds=(0, 99))
    )
    budget = Budget(2.0, 1e-4)

    whole = fit(from_frame(frame()), said, budget)
    few = fit(from_frame(frame().head(3)), said, budget)

    assert not budget.charges
    assert whole.columns == few.columns
    assert whole.columns[0].bounds == (0, 99)
    assert whole.columns[0].step == 1.0


def test_a_direct_identifier_is_left_out_by_its_name() -> None:
    names = [column.name for column in fit(from_frame(frame()), manifest(stage=STAGES)).columns]

    assert names == ["table.age", "table.ward", "table.stage", "table.dead"]


def test_categories_that_many_share_are_found_and_paid_for_and_a_lone_one_is_not() -> None:
    budget = Budget(2.0, 1e-4, reserved=5e-5)

    codec = fit(from_frame(frame()), manifest(stage=STAGES), budget)

    assert codec.tables[0].encoders["ward"].values == ("north", "south", OTHER)  # type: ignore[attr-defined]
    assert budget.covers == ("categories",)
    assert budget.charges[0].delta == pytest.approx(5e-5)


def test_a_value_out_of_the_declared_list_becomes_missing() -> None:
    part = from_frame(frame())
    codec = fit(
        part, manifest(stage=ColumnManifest(categories=("I", "II")), ward=ColumnManifest(categories=("north",)))
    )

    encoded = codec.encode(part).values

    assert np.isnan(encoded[:, 2]).sum() == (frame()["stage"] == "III").sum()


def test_doubles_come_back_in_the_types_of_the_table() -> None:
    part = from_frame(frame())
    codec = fit(part, manifest(stage=STAGES))
    block = codec.encode(part)

    made = codec.decode(block, Cohort(part.keys), np.random.default_rng(0)).tables[0].frame

    assert made.schema == frame().schema
    assert made["nom"].null_count() == N
    assert made["stage"].to_list() == frame()["stage"].to_list()


def test_categories_of_another_type_are_refused_with_the_name_of_the_column() -> None:
    with pytest.raises(ManifestError, match=r"column 'age'.*categories"):
        fit(from_frame(frame()), manifest(age=ColumnManifest(categories=("young", "old"))))


def test_bounds_the_wrong_way_round_are_refused_with_the_name_of_the_column() -> None:
    with pytest.raises(ManifestError, match=r"column 'age'.*highest"):
        fit(from_frame(frame()), manifest(age=ColumnManifest(bounds=(99, 0))))


def test_a_declared_rule_is_kept_and_its_column_is_not_modelled() -> None:
    twice = frame().with_columns(double=pl.col("age") * 2)
    said = Manifest(tables={"table": TableManifest(rules=("double = age * 2",), columns={"stage": STAGES})})
    part = from_frame(twice)

    codec = fit(part, said)
    made = codec.decode(codec.encode(part), Cohort(part.keys), np.random.default_rng(0)).tables[0].frame

    assert "table.double" not in [column.name for column in codec.columns]
    assert (made["double"] == made["age"] * 2).all()
