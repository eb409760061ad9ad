from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from conftest import part_of
from sosie.cohort import Role
from sosie.errors import ManifestError
from sosie.manifest import Manifest
from sosie.tables.modality import Tables

N = 60
MODALITY = Tables()


def frame(seed: int = 0, n: int = N) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, n)
    return pl.DataFrame({"age": age, "months": age * 12, "sodium": rng.normal(140, 3, n).round(1)})


def test_a_derived_column_is_found_and_said() -> None:
    part = part_of(frame())
    found = MODALITY.identify(part, Manifest())
    assert Role.DERIVED in {finding.role for finding in found if finding.place in {"age", "months"}}
    told = MODALITY.describe(MODALITY.assign(part, found, Manifest()), Manifest())
    assert any("months" in rule for rule in told["rules"]["en"])  # type: ignore[index]


def test_another_table_takes_the_columns_types_and_name_of_the_first() -> None:
    like = part_of(frame())
    other = part_of(
        frame(1).with_columns(pl.col("age").cast(pl.Float64), extra=pl.lit("x")).select("sodium", "extra", "age")
    )
    made = MODALITY.conform(replace(other, tables=(replace(other.tables[0], name="release"),)), like)
    assert made.tables[0].name == "t0"
    assert made.tables[0].frame.schema == frame().select("age", "sodium").schema


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (pl.DataFrame({"weight": [1.0]}), "no column in common"),
        (frame(1).with_columns(age=pl.lit("SECRET")), "column 'age': 60 values are not of the type"),
    ],
)
def test_what_cannot_be_compared_is_named_without_a_value(other: pl.DataFrame, message: str) -> None:
    with pytest.raises(ManifestError, match=message) as raised:
        MODALITY.conform(part_of(other), part_of(frame()))
    assert "SECRET" not in str(raised.value)


def test_a_table_without_counterpart_is_named() -> None:
    one = part_of(frame())
    with pytest.raises(ManifestError, match="'t1'"):
        MODALITY.conform(one, part_of(frame(), frame(1)))


def test_what_both_have_is_kept() -> None:
    part, other = part_of(frame()), part_of(frame(1).drop("months"))
    shared = MODALITY.shared(part, other)
    assert shared.tables[0].frame.columns == [column.name for column in shared.tables[0].columns] == ["age", "sodium"]


def test_the_view_of_an_attacker_has_the_same_columns_for_every_cohort() -> None:
    part = part_of(frame())
    view = MODALITY.observe(part, Manifest())
    mine, theirs = view(part), view(part_of(frame(1, 10).with_columns(sodium=pl.lit(None, dtype=pl.Float64))))
    assert mine.columns == theirs.columns
    assert theirs.values.shape == (10, len(mine.columns))
    assert np.isnan(theirs.values).any()
