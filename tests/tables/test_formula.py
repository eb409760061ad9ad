import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.errors import ManifestError
from sosie.tables.expression import Expression, Name, Number, Operation
from sosie.tables.formula import Nature, parse

NATURES = {
    "weight": Nature.NUMBER,
    "height": Nature.NUMBER,
    "day of birth": Nature.DATE,
    "admission": Nature.DATE,
    "sex": Nature.TEXT,
    "alk.phos": Nature.NUMBER,
    "âge": Nature.NUMBER,
}
VALUES = {
    "weight": np.array([70.0, np.nan, 64.0]),
    "height": np.array([1.75, 1.6, 0.0]),
    "day of birth": np.array([11016.0, -1.0, np.nan]),  # 29 February 2000
    "admission": np.array([18320.0, 18320.0, 18320.0]),  # 28 February 2020
    "sex": np.array([0.0, np.nan, 0.0]),
}


def value(rule: str) -> np.ndarray:
    (statement,) = parse(rule, NATURES)
    return statement.right.evaluate(VALUES.__getitem__)


def test_a_missing_input_or_a_division_by_zero_gives_a_missing_result() -> None:
    np.testing.assert_allclose(value("âge = weight / height**2"), [70 / 1.75**2, np.nan, np.nan])


def test_a_person_born_on_29_february_is_not_older_on_the_28th() -> None:
    np.testing.assert_array_equal(value("weight = years(`day of birth`, admission)"), [19.0, 50.0, np.nan])


def test_functions_count_days_round_and_tell_what_is_missing() -> None:
    np.testing.assert_array_equal(value("weight = days(admission, admission + 3)"), [3, 3, 3])
    np.testing.assert_array_equal(value("weight = round(height, 1) - floor(height)"), [0.8, 0.6000000000000001, 0])
    np.testing.assert_array_equal(value("weight = missing(sex)"), [0, 1, 0])


def test_a_chain_of_comparisons_is_several_statements() -> None:
    statements = parse("weight >= height > `alk.phos`", NATURES)
    assert [(s.left, s.operator, s.right) for s in statements] == [
        (Name("height"), "<=", Name("weight")),
        (Name("alk.phos"), "<", Name("height")),
    ]


def test_a_name_with_a_dot_needs_no_quotes() -> None:
    assert parse("alk.phos = 2 * weight", NATURES)[0].left == Name("alk.phos")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("weight = heigth / 2", "position 10: unknown column 'heigth'"),
        ("  weight = `hei ght` / 2", "position 12: unknown column 'hei ght'"),
        ("âge = étage", "position 7: unknown column 'étage'"),
        ("weight = sex + 1", "'sex' is text"),
        ("sex = weight", "'sex' is text"),
        ("weight = admission * 2", "does not apply to dates"),
        ("weight = admission", "a date is set to a number"),
        ("weight <= admission", "a date is compared with a number"),
        ("weight = years(height)", "years takes 2"),
        ("weight = days(height, weight)", "days expects two dates"),
        ("weight = __import__('os').system('x')", "position 10"),
        ("weight = [height for height in ()]", "position 10"),
        ("weight = weight.__class__", "unknown column"),
        ("weight = 1 if height else 2", "expected columns"),
        ("weight = True", "expected a number"),
        ("weight == height", "comparisons are"),
        ("weight = ", "not a formula"),
        ("", "expected one formula"),
        ("weight = 1; height = 2", "expected one formula"),
        ("weight = " + "(" * 300 + "1" + ")" * 300, "not a formula"),
        ("weight = " + "1+" * 600 + "1", "characters"),
        ("weight = 1" + "0" * 400, "out of range"),
        ("weight", "expected 'column = formula'"),
    ],
)
def test_what_is_not_a_formula_is_refused_with_its_place(rule: str, message: str) -> None:
    with pytest.raises(ManifestError) as refusal:
        parse(rule, NATURES)
    assert message in str(refusal.value)


def test_a_huge_power_is_missing_and_takes_no_time() -> None:
    assert np.isnan(value("weight = 9**9**9**9"))


leaves: st.SearchStrategy[Expression] = st.one_of(
    st.sampled_from([Name("weight"), Name("height"), Name("alk.phos")]),
    st.floats(-1e6, 1e6).map(lambda number: Number(round(number, 3) + 0.0)),
)
expressions = st.recursive(
    leaves, lambda inner: st.builds(Operation, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner)
)


@given(expressions)
def test_what_is_written_reads_back_the_same(expression: Expression) -> None:
    (statement,) = parse(f"âge = {expression.text()}", NATURES)
    numbers = {"weight": np.array([2.5]), "height": np.array([0.5]), "alk.phos": np.array([3.0])}
    expected = expression.evaluate(numbers.__getitem__)
    np.testing.assert_array_equal(statement.right.evaluate(numbers.__getitem__), expected)


@given(st.text(max_size=40) | st.text(alphabet="weight=<>+-*/()`., 0123456789eE", max_size=40))
def test_no_text_raises_anything_but_a_manifest_error(text: str) -> None:
    with contextlib.suppress(ManifestError):
        assert len(parse(text, NATURES)) > 0
