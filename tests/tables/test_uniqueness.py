import json
from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from conftest import part_of
from sosie.cohort import Finding, Role
from sosie.tables.uniqueness import singled_out


def finding(column: str, role: Role) -> Finding:
    return Finding("t0.csv", column, "X", role, 1.0, "test")


def test_two_columns_that_single_out_together() -> None:
    frame = pl.DataFrame({"a": np.repeat(np.arange(10), 10), "b": np.tile(np.arange(10), 10), "id": np.arange(100)})
    findings = [finding("a", Role.QUASI), finding("b", Role.QUASI), finding("id", Role.DIRECT)]
    account = singled_out(part_of(frame), findings, k=11)
    assert account["quasi_identifiers"] == account["all_columns"]
    assert account["quasi_identifiers"] == [
        {"columns": ["a"], "alone": 0.0, "under_k": 1.0},
        {"columns": ["a", "b"], "alone": 1.0, "under_k": 1.0},
    ]
    json.dumps(account)


def test_a_missing_value_singles_out_too() -> None:
    frame = pl.DataFrame({"a": [None] + [1] * 30, "text": ["x"] * 31})
    steps = singled_out(part_of(frame), [finding("a", Role.QUASI)], k=11)["quasi_identifiers"]
    assert steps == [{"columns": ["a"], "alone": round(1 / 31, 4), "under_k": round(1 / 31, 4)}]


def test_tables_are_crossed_and_named() -> None:
    one = pl.DataFrame({"a": np.repeat(np.arange(4), 4)})
    two = pl.DataFrame({"a": np.tile(np.arange(4), 4)})
    steps = singled_out(part_of(one, two), [], k=11)["all_columns"]
    assert steps[-1]["columns"] == ["t0.a", "t1.a"]  # type: ignore[index]
    assert steps[-1]["alone"] == 1.0  # type: ignore[index]


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=40))
def test_the_first_column_is_the_best_and_knowing_more_never_hides(rows: list[tuple[int, int, int]]) -> None:
    frame = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row")
    steps: list[dict[str, float]] = singled_out(part_of(frame), [], k=5)["all_columns"]  # type: ignore[assignment]
    alone = [step["alone"] for step in steps]
    assert alone == sorted(alone)
    best = max((frame[name].is_unique().mean() for (name,) in combinations("abc", 1)), default=0)
    if steps:
        assert alone[0] == round(float(best), 4)  # type: ignore[arg-type]


def test_no_patient_and_no_column() -> None:
    assert singled_out(part_of(pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})), [], k=11)["all_columns"] == []
