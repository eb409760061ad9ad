from __future__ import annotations

import math

import pytest

from sosie.budget import Budget, default_delta, delta_of, epsilon_of, rho_of
from sosie.errors import ManifestError, SosieError


def test_the_conversion_agrees_with_known_values() -> None:
    # OpenDP 0.16, make_zCDP_to_approxDP of a Gaussian with scale 10.
    assert epsilon_of(0.005, 1e-5) == pytest.approx(0.37526123569902, rel=1e-9)
    assert delta_of(0.005, 0.3) == pytest.approx(0.00015032310195749, rel=1e-9)


def test_the_conversion_is_tighter_than_the_plain_bound() -> None:
    rho, delta = 0.1, 1e-6

    assert epsilon_of(rho, delta) < rho + 2 * math.sqrt(rho * math.log(1 / delta))


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 1.0, 10.0, 50.0])
def test_rho_and_epsilon_are_each_others_inverse(epsilon: float) -> None:
    assert epsilon_of(rho_of(epsilon, 1e-6), 1e-6) == pytest.approx(epsilon, rel=1e-6)


def test_charges_add_up_to_the_claim() -> None:
    budget = Budget(1.0, 1e-5)

    for name in ("bounds", "columns", "columns", "pairs"):
        budget.spend(name, budget.rho / 4)

    assert budget.spent_epsilon == pytest.approx(1.0, rel=1e-6)
    assert budget.covers == ("bounds", "columns", "pairs")


def test_overspending_raises() -> None:
    budget = Budget(1.0, 1e-5)
    budget.spend("columns", budget.rho)

    with pytest.raises(SosieError, match="does not cover 'more'"):
        budget.spend("more", budget.rho / 100)


def test_counting_the_patients_is_part_of_the_claim() -> None:
    budget = Budget(1.0, 1e-5, counted=0.25)
    budget.spend("columns", budget.rho)

    assert budget.rho < Budget(1.0, 1e-5).rho
    assert budget.spent_epsilon == pytest.approx(1.0, rel=1e-6)
    assert budget.covers == ("patients", "columns")


def test_a_delta_that_was_not_reserved_cannot_be_spent() -> None:
    budget = Budget(1.0, 1e-5, reserved=1e-6)
    budget.spend("categories", 0.0, 1e-6)

    with pytest.raises(SosieError, match="does not cover"):
        budget.spend("categories", 0.0, 1e-6)


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.inf, math.nan])
def test_an_epsilon_that_promises_nothing_is_refused(epsilon: float) -> None:
    with pytest.raises(ManifestError, match="expected a number above 0"):
        Budget(epsilon, 1e-5)


def test_delta_tells_the_size_of_a_cohort_but_not_its_number() -> None:
    assert default_delta(1497) == default_delta(1490) == 1e-5
    assert default_delta(100) <= 100**-1.5
