import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from made_evidence import utility

from sosie.report import reading
from sosie.report.utility import read

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def paths(tree: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [here, *(path for key, value in inner for path in paths(value, (*here, key)))]


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = dict(tree) if isinstance(tree, dict) else list(tree)
    copied[path[0]] = replaced(tree[path[0]], path[1:], value)
    return copied


WHOLE = utility(("age", "arm", "weight"))


@given(path=st.sampled_from(paths(WHOLE)), value=JSON)
@settings(max_examples=200)
def test_any_part_may_be_anything_and_the_rest_is_read(path: tuple[Any, ...], value: Any) -> None:
    found = read(replaced(WHOLE, path, value))

    for table in found.tables if found else ():
        for column in table.ranked:
            assert len(column.real) == len(column.doubles) == (len(column.levels) or len(column.bins) - 1)
        for survival in table.survival:
            sides = [side for curves in survival.curves for side in (curves.real, curves.doubles) if side]
            assert all(len(side.times) == len(side.survival) > 0 for side in sides)


def test_what_is_whole_is_read_whole() -> None:
    found = read(WHOLE)

    assert found is not None
    table = found.tables[0]
    assert [column.name for column in table.ranked] == ["age", "weight", "arm"]
    assert table.columns[0].real == (0.2, 0.3, 0.5)
    assert table.survival[0].hazards[0].real is not None
    assert table.correlations is not None


def test_numbers_that_are_not_finite_are_unknown() -> None:
    assert reading.number(math.inf) is None
    assert reading.number(True) is None
    assert reading.numbers([1, math.nan]) == ()


def test_edges_are_dates_or_rising_numbers() -> None:
    assert reading.edges(["1970-01-02", "1970-01-04"]) == (1.0, 3.0)
    assert reading.edges([1, 1]) == ()
    assert reading.edges(["yesterday", "1970-01-04"]) == ()
