from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sosie.budget import Budget
from sosie.cohort import Column, Kind, Vectors
from sosie.noise import Fast
from sosie.synthesis.marginals import Marginals


def population(n: int, rng: np.random.Generator) -> Vectors:
    """Draw people whose outcome depends on their age, and whose weight depends on both."""
    age = rng.integers(20, 90, n).astype(float)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-(age - 60) / 6))).astype(float)
    weight = 50 + 0.4 * age + 8 * outcome + rng.normal(0, 5, n)
    weight[rng.random(n) < 0.1] = np.nan
    group = rng.integers(0, 3, n).astype(float)
    columns = (
        Column("age", Kind.NUMERIC, bounds=(0.0, 110.0), step=1.0),
        Column("outcome", Kind.CATEGORICAL, 2),
        Column("weight", Kind.NUMERIC, bounds=(0.0, 200.0)),
        Column("group", Kind.CATEGORICAL, 3),
    )
    return Vectors(columns, np.column_stack([age, outcome, weight, group]))


def distance(first: Vectors, second: Vectors) -> float:
    """Return the mean distance between outcome rates by decade of age."""
    gaps = []
    for low in range(20, 90, 10):
        decades = [(one.values[:, 0] >= low) & (one.values[:, 0] < low + 10) for one in (first, second)]
        rates = [
            one.values[decade, 1].mean() if decade.any() else 0.5
            for one, decade in zip((first, second), decades, strict=True)
        ]
        gaps.append(abs(rates[0] - rates[1]))
    return float(np.mean(gaps))


def doubles(patients: Vectors, epsilon: float, seed: int = 0, targets: tuple[str, ...] = ()) -> Vectors:
    rng = np.random.default_rng(seed)
    return Marginals(epsilon=epsilon, targets=targets).fit(patients, rng).sample(len(patients), rng)


def test_doubles_have_the_columns_and_stay_between_the_bounds() -> None:
    patients = population(500, np.random.default_rng(1))

    drawn = doubles(patients, 3.0)

    assert drawn.columns == patients.columns
    assert np.nanmin(drawn.values[:, 2]) >= 0.0
    assert np.nanmax(drawn.values[:, 2]) <= 200.0
    assert set(np.unique(drawn.values[:, 3])) <= {0.0, 1.0, 2.0}


@pytest.mark.parametrize("targets", [(), ("outcome",)])
def test_what_doubles_keep_grows_with_epsilon(targets: tuple[str, ...]) -> None:
    patients = population(2000, np.random.default_rng(2))

    far, near = (np.mean([distance(patients, doubles(patients, e, s, targets)) for s in range(3)]) for e in (0.1, 10.0))

    assert near < 0.06
    assert near < far / 2


def test_missing_values_come_back_as_often() -> None:
    patients = population(2000, np.random.default_rng(3))

    drawn = doubles(patients, 10.0)

    assert np.isnan(drawn.values[:, 2]).mean() == pytest.approx(0.1, abs=0.03)
    assert not np.isnan(drawn.values[:, 0]).any()


def test_bounds_that_nobody_declared_are_found_and_paid_for() -> None:
    patients = population(2000, np.random.default_rng(4))
    bare = tuple(Column(c.name, c.kind, c.levels) for c in patients.columns)
    rng = np.random.default_rng(0)

    model = Marginals(epsilon=10.0).fit(Vectors(bare, patients.values), rng)

    assert "bounds" in model.budget.covers
    drawn = model.sample(2000, rng).values[:, 0]
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(patients.values[:, 0], [0.1, 0.5, 0.9]), abs=4
    )


def test_charges_add_up_to_the_budget() -> None:
    model = Marginals(epsilon=2.0).fit(population(500, np.random.default_rng(5)), np.random.default_rng(0))

    assert model.budget.spent_epsilon == pytest.approx(model.budget.epsilon, rel=1e-6)
    assert model.budget.left == pytest.approx(0.0, abs=1e-9)


def test_one_column_and_a_handful_of_patients_are_no_error() -> None:
    patients = population(12, np.random.default_rng(6))

    assert len(doubles(patients.block(["age"]), 1.0)) == 12
    assert len(doubles(patients.block(["outcome"]), 0.01, targets=("outcome",))) == 12
    assert len(doubles(patients, 0.01)) == 12


class Replay:
    """Keeps every true count and score that it is shown, and answers as another run was answered."""

    def __init__(self, answers: list[Any] | None = None) -> None:
        self.fast, self.answers = Fast(np.random.default_rng(0)), answers
        self.shown: list[np.ndarray] = []
        self.said: list[Any] = []

    def _answer(self, shown: Any, draw: Callable[[], Any]) -> Any:
        self.shown.append(np.asarray(shown, dtype=float))
        answer = draw() if self.answers is None else self.answers[len(self.said)]
        self.said.append(answer)
        return answer

    def gaussian(self, counts: Any, sigma: float) -> Any:
        return self._answer(counts, lambda: self.fast.gaussian(counts, sigma))

    def laplace(self, count: int, scale: float) -> Any:
        return self._answer(count, lambda: self.fast.laplace(count, scale))

    def choose(self, scores: Any, scale: float) -> Any:
        return self._answer(scores, lambda: self.fast.choose(scores, scale))


@pytest.mark.parametrize("targets", [(), ("outcome",)])
@pytest.mark.parametrize("declared", [True, False])
def test_one_patient_moves_each_count_and_each_score_by_one_at_most(targets: tuple[str, ...], declared: bool) -> None:
    patients = population(300, np.random.default_rng(7))
    if not declared:
        patients = Vectors(tuple(Column(c.name, c.kind, c.levels) for c in patients.columns), patients.values)
    method = Marginals(targets=targets)
    whole = Replay()
    method.measure(patients, Budget(2.0, 1e-4), whole, 300.0)

    for patient in range(0, 300, 30):
        rest = patients.take(np.delete(np.arange(300), patient))
        without = Replay(whole.said)
        method.measure(rest, Budget(2.0, 1e-4), without, 300.0)
        for answer, first, second in zip(whole.said, whole.shown, without.shown, strict=True):
            change = np.abs(first - second)
            # A choice answers with a place; what it looked at are scores, of which none may move by more than one.
            moved = change.max() if isinstance(answer, int) else np.sqrt((change**2).sum())
            assert moved <= 1.0 + 1e-9
