import numpy as np
import polars as pl
import pytest
from planted import formats, noise, planted

from sosie.cohort import Role
from sosie.tables.discover import discover
from sosie.tables.frame import ColumnFormat
from sosie.tables.rules import RuleSet

K = 11


def found(frame: pl.DataFrame, columns: list[ColumnFormat] | None = None) -> RuleSet:
    return discover(frame, formats(frame) if columns is None else columns, K)


@pytest.mark.parametrize(("rows", "strictness"), [(300, "<="), (2_000, "<")])
def test_planted_rules_are_found_and_no_others(rows: int, strictness: str) -> None:
    frame = planted(rows, 1)

    assert set(found(frame).describe("en")) == {
        "floor is a function of ward (cardiology → 1, geriatrics → 3, oncology → 2, surgery → 1)",
        "discharge = admission + los",
        "bmi = weight / height**2",
        "coma = motor + verbal + eyes",
        "age = years(birth, admission)",
        "group follows intervals of age (young, middle from 40, old from 65)",
        "lab_done = False exactly where lab is missing, else True",
        "sex = m exactly where pregnancies is missing, else f",
        "lab, lab_two are missing together",
        f"lab {strictness} lab_two",
        "admission <= discharge",
    }


def test_derived_columns_come_after_their_inputs_and_reproduce_the_original() -> None:
    frame = planted(500, 2)
    rules = found(frame)

    derived = rules.derived
    again = rules.apply(frame.drop(derived))

    assert set(derived) == {"floor", "discharge", "bmi", "coma", "age", "group", "lab_done", "sex"}
    assert derived.index("age") < derived.index("group")
    assert again.select(frame.columns).equals(frame)


@pytest.mark.parametrize("rows", [60, 100, 1_000])
def test_nothing_is_found_in_noise(rows: int) -> None:
    for seed in range(50 if rows == 100 else 10):
        assert found(noise(rows, seed)).describe("en") == ()


def test_a_large_table_is_searched_on_a_sample_and_verified_on_all_rows() -> None:
    frame = planted(20_000, 3)
    exception = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 12_345).then(99).otherwise(pl.col("floor")).alias("floor")
    )

    assert "floor" in found(frame).derived
    assert "floor" not in found(exception).derived


def test_of_equivalent_columns_the_first_represents_the_others() -> None:
    codes = np.random.default_rng(4).choice(["a", "b", "c"], 400)
    names = pl.Series(codes).replace_strict({"a": "Ain", "b": "Brest", "c": "Caen"})
    frame = pl.DataFrame({"code": codes, "name": names, "rank": names.rank("dense")})

    assert set(found(frame).derived) == {"name", "rank"}


def test_a_level_of_fewer_than_k_patients_is_in_no_rule() -> None:
    rng = np.random.default_rng(5)
    ward = np.where(np.arange(1_500) < 3, "secret ward", rng.choice(["north", "south"], 1_500))
    frame = pl.DataFrame({"ward": ward, "site": pl.Series(ward).replace({"secret ward": "hidden"})})

    rules = found(frame)

    assert rules.derived == ("site",)
    assert not any("secret" in text or "hidden" in text for text in rules.describe("en"))
    assert rules.apply(frame).equals(frame)


def test_keys_direct_identifiers_and_free_text_take_no_part() -> None:
    frame = planted(300, 6)
    columns = [ColumnFormat(name, role=Role.DIRECT if name == "ward" else None) for name in frame.columns]

    assert "ward" not in {name for rule in found(frame, columns).rules for name in rule.columns}


def test_declared_rules_win_and_no_circle_arises() -> None:
    frame = planted(400, 7)
    declared = RuleSet.declared(["los = days(admission, discharge)"], frame, formats(frame))

    rules = discover(frame, formats(frame), K, declared)

    assert "los" in rules.derived
    assert "discharge" not in rules.derived
    assert rules.apply(frame.drop(rules.derived)).select(frame.columns).equals(frame)


@pytest.mark.parametrize(
    ("formula", "description"),
    [
        (9 / 5 * pl.col("celsius") + 32, "fahrenheit = 1.8 * celsius + 32"),
        (pl.col("celsius") * 10, "fahrenheit = 10 * celsius"),
    ],
)
def test_a_change_of_unit_is_found(formula: pl.Expr, description: str) -> None:
    celsius = np.round(np.random.default_rng(8).normal(37, 1, 200), 1)
    frame = pl.DataFrame({"celsius": celsius}).with_columns(fahrenheit=formula.round(2))

    assert found(frame).describe("en") == (description,)


def test_a_total_of_missing_parts_keeps_its_own_missing_values_and_is_still_repaired() -> None:
    rng = np.random.default_rng(9)
    frame = pl.DataFrame({"a": rng.integers(0, 50, 300), "b": rng.integers(0, 50, 300)})
    frame = frame.with_columns(
        total=pl.when(pl.Series(rng.random(300) < 0.2)).then(None).otherwise(pl.sum_horizontal("a", "b"))
    )
    rules = found(frame)

    wrong = frame.with_columns(pl.col("total") + 1)

    assert rules.derived == ()
    assert not rules.holds(wrong)[frame["total"].is_not_null().to_numpy()].any()
    assert rules.apply(wrong).equals(frame)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        pl.DataFrame({"a": []}),
        pl.DataFrame({"a": [1], "b": [2]}),
        pl.DataFrame({"a": [None] * 50, "b": [1] * 50}),
        pl.DataFrame({"a": [float("inf"), 1.0, float("nan")] * 30, "b": [1.0, 2.0, 3.0] * 30}),
        pl.DataFrame({"a": [[1]] * 60, "b": list(range(60)), "c": [str(i) for i in range(60)]}),
    ],
)
def test_degenerate_tables_are_left_as_they_are(frame: pl.DataFrame) -> None:
    rules = found(frame)

    assert rules.apply(frame).equals(frame)
    assert rules.holds(frame).all()
