from dataclasses import dataclass

import numpy as np
import pytest

from sosie.cohort import Cohort, Column, Floats, Kind, Vectors
from sosie.joint.canonical import correlations
from sosie.joint.consistency import check, violations
from sosie.joint.prediction import predictions
from sosie.stream import Described, Measured


@dataclass(frozen=True)
class Telling:
    told: Described
    keys: tuple[str, ...] = ("1", "2", "3")

    def take(self, rows: object) -> "Telling":
        return self

    def described(self) -> Described:
        return self.told


def cohort(*told: Described) -> Cohort:
    return Cohort(("1", "2", "3"), {f"room{at}": Telling(each) for at, each in enumerate(told)})


def two_rooms(n: int, shared: float, seed: int) -> Vectors:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    values = [shared * common + (1 - shared) * rng.normal(size=n) for _ in range(6)]
    columns = tuple(Column(f"c{at}", Kind.NUMERIC, block="left" if at < 3 else "right") for at in range(6))
    return Vectors(columns, np.column_stack(values))


AGE: Floats = np.array([40.0, 50.0, np.nan])


def test_a_contradiction_is_counted_and_named_by_its_double() -> None:
    one = Described(["F", "M", "F"], AGE, measures={"718-7": Measured(np.array([12.0, 13.0, 14.0]))})
    other = Described(["F", "F", ""], AGE + 0.5, measures={"718-7": Measured(np.array([12.1, 17.0, np.nan]))})
    rules = {rule.name: rule for rule in check(cohort(one, other))}
    assert (rules["sex"].checked, rules["sex"].violated, rules["sex"].examples) == (2, 1, ("2",))
    assert (rules["age"].checked, rules["age"].violated) == (2, 0)
    assert (rules["718-7"].checked, rules["718-7"].violated) == (2, 1)


def test_what_only_one_part_tells_contradicts_nothing() -> None:
    assert violations(check(cohort(Described(["F", "M", "F"], AGE), Described(["", "", ""], np.full(3, np.nan))))) == 0


@pytest.mark.parametrize(("shared", "expected"), [(0.9, 0.9), (0.0, 0.25)])
def test_the_canonical_correlation_of_doubles_stands_beside_the_original_s(shared: float, expected: float) -> None:
    (found,) = correlations(two_rooms(400, 0.9, 0), two_rooms(400, shared, 1))
    assert found["original"] > 0.9
    assert found["doubles"] >= expected if shared else found["doubles"] <= expected


def test_one_modality_predicts_another_after_learning_on_doubles_that_keep_the_relation() -> None:
    original = two_rooms(300, 0.8, 0)
    kept = predictions(original, two_rooms(300, 0.8, 1), np.random.default_rng(0))
    lost = predictions(original, two_rooms(300, 0.0, 2), np.random.default_rng(0))
    assert all(abs(one["doubles"] - one["original"]) < 0.05 for one in kept)
    assert all(one["doubles"] < 0.1 for one in lost)
