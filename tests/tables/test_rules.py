from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import formats, planted

from sosie.errors import ManifestError
from sosie.tables.discover import discover
from sosie.tables.expression import Name
from sosie.tables.frame import ColumnFormat
from sosie.tables.rules import Atom, Comparison, Condition, Indicator, Mapping, RuleSet, State, Steps, Together

STAYS = pl.DataFrame(
    {
        "weight": [70.0, 81.5, None, 64.2],
        "height": [1.75, 1.6, 1.8, 1.7],
        "bmi": [22.9, 31.8, None, 22.2],
        "start": [date(2024, 1, 30), date(2024, 2, 28), date(2023, 12, 31), None],
        "end": [date(2024, 2, 2), date(2024, 3, 1), date(2024, 1, 1), None],
        "sex": ["f", "m", None, "f"],
    }
)
FORMATS = [ColumnFormat(name, decimals=1 if name in ("weight", "bmi") else None) for name in STAYS.columns]


def declared(*rules: str) -> RuleSet:
    return RuleSet.declared(rules, STAYS, FORMATS)


def test_declared_rules_recompute_in_order_with_type_and_decimals() -> None:
    frame = STAYS.with_columns(los=pl.Series([3, 2, 1, None]), long=pl.Series([True, False, False, None]))
    rules = ["long = floor(los / 3)", "los = days(start, end)", "bmi = weight / height**2", "start <= end"]

    found = RuleSet.declared(rules, frame, FORMATS)

    assert set(found.derived) == {"bmi", "los", "long"}
    assert found.derived.index("los") < found.derived.index("long")
    assert found.apply(frame.drop("bmi", "los", "long")).select(frame.columns).equals(frame)


def test_a_broken_rule_names_row_and_count_and_no_value() -> None:
    with pytest.raises(ManifestError, match=r"broken by 3 rows of 4, first by row 2:") as refusal:
        declared("bmi = weight / height")
    assert "22.9" not in str(refusal.value)


@pytest.mark.parametrize(
    "rules", [["weight = weight"], ["bmi = weight / height**2", "bmi = round(weight / height**2, 1)"]]
)
def test_a_formula_of_itself_or_a_second_formula_is_refused(rules: list[str]) -> None:
    with pytest.raises(ManifestError, match=r"weight|bmi"):
        declared(*rules)


def test_formulas_that_need_each_other_are_refused() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": [2, 3]})
    with pytest.raises(ManifestError, match="need each other"):
        RuleSet.declared(["a = b - 1", "b = a + 1"], frame, [ColumnFormat("a"), ColumnFormat("b")])


def test_rows_out_of_order_are_reported_and_left_alone() -> None:
    broken = STAYS.with_columns(end=pl.col("start").dt.offset_by("-1d"))
    rules = declared("start <= end")

    np.testing.assert_array_equal(rules.holds(broken), [False, False, False, True])
    assert rules.apply(broken).equals(broken)


def test_atoms_set_erase_or_only_check() -> None:
    when = Condition("sex", State.IS, "m")
    constant = Atom(when, Condition("weight", State.IS, 60.0), pl.Float64())
    erased = Atom(when, Condition("start", State.MISSING), pl.Date())
    present = Atom(Condition("sex", State.PRESENT), Condition("end", State.PRESENT), pl.Date())
    rules = RuleSet((constant, erased, present))

    after = rules.apply(STAYS)

    assert after["weight"].to_list() == [70.0, 60.0, None, 64.2]
    assert after["start"].to_list() == [date(2024, 1, 30), None, date(2023, 12, 31), None]
    np.testing.assert_array_equal(rules.holds(after), [True, True, True, False])


def test_a_row_that_lacks_one_of_a_group_lacks_them_all() -> None:
    after = RuleSet((Together(("weight", "start")),)).apply(STAYS)

    assert after["start"].is_null().to_list() == after["weight"].is_null().to_list() == [False, False, True, True]


def test_a_level_outside_the_map_is_free_and_stays() -> None:
    rule = Mapping("sex", "bmi", ("f", None), (20.0, None), pl.Float64(), "bmi")

    assert RuleSet((rule,)).apply(STAYS)["bmi"].to_list() == [20.0, 31.8, None, 20.0]
    assert RuleSet((rule,)).apply(STAYS.drop("bmi"))["bmi"].to_list() == [20.0, None, None, 20.0]


def test_steps_include_their_lower_cut_and_name_what_is_missing() -> None:
    rule = Steps("weight", "class", (70.0, 80.0), ("low", "mid", "high"), "none", pl.Float64(), pl.String(), "class")

    assert RuleSet((rule,)).apply(STAYS)["class"].to_list() == ["mid", "high", "none", "low"]


def test_every_rule_is_said_in_both_languages() -> None:
    rules = RuleSet(
        (
            Together(("a", "b c")),
            Indicator("a", "known", False, True, pl.Boolean()),
            Mapping("ward", "floor", ("north", None), (1, None), pl.Int64(), "floor"),
            Atom(Condition("a", State.MISSING), Condition("d", State.IS, 0.5), pl.Float64()),
            Steps("day", "year", (19723.0,), (2023, 2024), None, pl.Date(), pl.Int64(), "year"),
            Comparison(Name("a"), Name("b c"), strict=True),
        )
    )
    assert sorted(rules.describe("fr")) == sorted(
        [
            "a, `b c` manquent ensemble",
            "known = False exactement là où a manque, sinon True",
            "floor est une fonction de ward (north → 1, manquant → manquant)",
            "d = 0.5 là où a manque",
            "year suit des intervalles de day (2023, 2024 à partir de 2024-01-01)",
            "a < `b c`",
        ]
    )
    assert "year follows intervals of day (2023, 2024 from 2024-01-01)" in rules.describe("en")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 400))
def test_a_table_obeys_its_rules_and_apply_leaves_it_as_it_is(seed: int, rows: int) -> None:
    frame = planted(rows, seed)
    rules = discover(frame, formats(frame), 11)

    assert rules.holds(frame).all()
    assert rules.apply(frame).equals(frame)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_derived_holds_on_any_rows_after_apply(seed: int) -> None:
    frame = planted(300, seed)
    rules = discover(frame, formats(frame), 11)
    rng = np.random.default_rng(seed)
    shuffled = frame.select(pl.col(name).gather(rng.permutation(300)) for name in frame.columns)

    once = rules.apply(shuffled)

    computed = RuleSet(tuple(rule for rule in rules.rules if rule.target is not None or isinstance(rule, Together)))
    assert computed.holds(once).all()
    assert rules.apply(once).equals(once)
    assert once.schema == frame.schema
