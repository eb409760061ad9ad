import numpy as np
import polars as pl
import pytest

import sosie
from sosie.cohort import Cohort, Column, Kind, Vectors
from sosie.errors import ManifestError
from sosie.release.comparable import foreign, notices, refuse_same_keys, refuse_same_rows

COLUMNS = (*(Column(f"t.x{at}", Kind.NUMERIC) for at in range(5)), Column("t.c", Kind.CATEGORICAL, 4))


def people(n: int, seed: int = 0, shift: float = 0.0, columns: int = 5) -> Vectors:
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 5))
    numbers[:, :columns] += shift
    return Vectors(COLUMNS, np.column_stack([numbers, rng.integers(0, 3, n)]))


def keyed(*keys: str) -> Cohort:
    return Cohort(keys)


def test_a_control_made_of_the_original_is_refused_and_other_patients_are_not() -> None:
    original = people(60)
    refuse_same_rows(original, people(60, 1))
    with pytest.raises(ManifestError, match="83% of rows"):
        refuse_same_rows(original, Vectors(COLUMNS, np.vstack([original.values[:50], people(10, 1).values])))


def test_rows_that_many_have_refuse_nobody() -> None:
    sexes = Vectors(COLUMNS[5:], np.arange(30.0)[:, None] % 2)
    refuse_same_rows(sexes, sexes)


def test_a_control_that_bears_the_keys_of_the_original_is_refused() -> None:
    refuse_same_keys(keyed("a", "b", "c"), keyed("c", "d", "e"))
    with pytest.raises(ManifestError, match="67% of its patient keys"):
        refuse_same_keys(keyed("a", "b", "c"), keyed("b", "c", "d"))


def test_row_numbers_are_no_keys() -> None:
    refuse_same_keys(keyed("1", "2", "3"), keyed("1", "2", "3"))
    refuse_same_keys(keyed("3", "1", "2"), keyed("1", "2", "3"))


@pytest.mark.parametrize("n", [22, 100, 1000])
def test_other_patients_of_the_same_population_raise_no_notice(n: int) -> None:
    for seed in range(1, 21):
        assert notices(people(n), people(n, seed), people(n, seed + 50)) == []


def test_another_population_is_told_with_its_columns_and_no_value() -> None:
    (told,) = notices(people(100), people(100, 1, shift=7.25, columns=3), people(100, 2))
    assert told.startswith("the release: 3 of 6 columns hardly overlap")
    assert "(x0, x1, x2)" in told
    assert "7.25" not in told
    assert notices(people(100), people(100, 1), people(100, 2, shift=9.0))[0].startswith("the control: 5 of 6")


def test_one_foreign_column_among_many_is_a_poor_double_and_no_other_population() -> None:
    other = people(100, 1, shift=9.0, columns=1)
    assert foreign(people(100), other) == (("x0",), 6)
    assert notices(people(100), other, people(100, 2)) == []


def test_missing_values_and_categories_count() -> None:
    original, other = people(100), people(100, 1)
    other.values[:, 0] = np.nan
    other.values[:, 5] = 3.0
    assert foreign(original, other)[0] == ("x0", "c")


def test_an_audit_tells_in_its_evidence() -> None:
    rng = np.random.default_rng(0)
    frames = [pl.DataFrame({f"lab{at}": rng.normal(mean, 1, 60).round(2) for at in range(3)}) for mean in (0, 50, 0)]
    found = sosie.audit(*frames, random_state=0)
    assert any("another population" in told for told in found.privacy["notices"])


def test_an_audit_of_one_common_column_ends_and_tells_how_few_there_are() -> None:
    rng = np.random.default_rng(0)
    original, release, control = (
        pl.DataFrame({f"lab{at}": rng.normal(0, 1, 60).round(2) for at in range(3)}) for _ in range(3)
    )
    found = sosie.audit(original, release.select("lab0"), control, random_state=0)
    assert any("1 of the 3 columns" in told for told in found.privacy["notices"])
