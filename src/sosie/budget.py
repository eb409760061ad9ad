"""One privacy accountant over all modalities: what each look at the patients costs, and what is left.

The currency is rho of zero-concentrated differential privacy (Bun and Steinke 2016, arXiv 1605.02658), which adds up
over charges; the claim is the (epsilon, delta) that it converts to. Neighbours are two cohorts that differ by the
presence of one patient, in every modality at once. An accountant is made for one release and refuses to overspend.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from sosie.errors import ManifestError, SosieError

UNIT = "patient"
COUNT = "patients"
SLACK = 1e-9
_STEPS = 200


@dataclass(frozen=True)
class Charge:
    """One look at the patients.

    Parameters
    ----------
    name : str
        What it paid for, for a human reader; never a value.
    rho : float
    delta : float
    """

    name: str
    rho: float
    delta: float = 0.0


class Budget:
    """An accountant.

    Parameters
    ----------
    epsilon : float
        Claim, above 0.
    delta : float
        Claim, in (0, 1).
    counted : float
        Part of epsilon that the noisy number of patients has taken, in pure differential privacy.
    reserved : float
        Part of delta that charges may use (a threshold on the categories that are found); the rest converts rho.

    Attributes
    ----------
    rho : float
        All there is to spend.
    charges : list of Charge
    """

    def __init__(self, epsilon: float, delta: float, *, counted: float = 0.0, reserved: float = 0.0) -> None:
        if not epsilon > 0.0 or not math.isfinite(epsilon):
            raise ManifestError(f"epsilon {epsilon:g}: expected a number above 0")
        if not 0.0 <= reserved < delta < 1.0:
            raise ManifestError(f"delta {delta:g}: expected a number between {reserved:g} and 1")
        if not 0.0 <= counted < epsilon:
            raise ManifestError(f"epsilon {epsilon:g}: expected more than the {counted:g} that counting took")
        self.epsilon, self.delta, self.counted, self.reserved = epsilon, delta, counted, reserved
        self.rho = rho_of(epsilon - counted, delta - reserved)
        self.charges: list[Charge] = [Charge(COUNT, 0.0)] if counted else []

    @property
    def left(self) -> float:
        """Rho not yet spent."""
        return max(self.rho - math.fsum(charge.rho for charge in self.charges), 0.0)

    @property
    def covers(self) -> tuple[str, ...]:
        """What was paid for, in the order in which it was, once each."""
        return tuple(dict.fromkeys(charge.name for charge in self.charges))

    @property
    def spent_epsilon(self) -> float:
        """Epsilon that the charges so far amount to, at the delta of the claim."""
        rho = math.fsum(charge.rho for charge in self.charges)
        return self.counted + epsilon_of(rho, self.delta - self.reserved)

    def spend(self, name: str, rho: float, delta: float = 0.0) -> None:
        """Pay for one look at the patients, before it.

        Raises
        ------
        SosieError
            When the budget does not cover it: a fault of the caller, since charges are planned beforehand.
        """
        total = math.fsum(charge.rho for charge in self.charges) + rho
        deltas = math.fsum(charge.delta for charge in self.charges) + delta
        if rho < 0.0 or delta < 0.0 or total > self.rho * (1 + SLACK) or deltas > self.reserved * (1 + SLACK):
            asked = f"{total:.3g} of {self.rho:.3g} would be spent"
            raise SosieError(f"the privacy budget does not cover {name!r}: {asked}")
        self.charges.append(Charge(name, rho, delta))


def default_delta(patients: float) -> float:
    """Return 1 / n^1.5 for a number of patients, rounded down to one figure so that it does not count them."""
    exact = float(max(patients, 2.0)) ** -1.5
    unit = math.pow(10.0, math.floor(math.log10(exact)))
    return float(math.floor(exact / unit) * unit)


def delta_of(rho: float, epsilon: float) -> float:
    """Return the delta of ``rho``-zCDP at an epsilon.

    Canonne, Kamath and Steinke (2020, arXiv 2004.00010, corollary 13): the infimum over alpha > 1 of
    ``exp((alpha - 1)(alpha rho - epsilon)) / (alpha - 1) * (1 - 1 / alpha)^alpha``.
    """
    if rho <= 0.0:
        return 0.0

    def log_delta(step: float) -> float:
        alpha = 1.0 + math.exp(step)
        return (alpha - 1) * (alpha * rho - epsilon) + alpha * math.log1p(-1 / alpha) - math.log(alpha - 1)

    low, high = -12.0, 24.0
    for _ in range(_STEPS):
        third = (high - low) / 3
        if log_delta(low + third) < log_delta(high - third):
            high -= third
        else:
            low += third
    return min(math.exp(min(log_delta((low + high) / 2), 0.0)), 1.0)


@lru_cache(maxsize=1024)  # A replicate of the attacks asks the same again, hundreds of times.
def rho_of(epsilon: float, delta: float) -> float:
    """Return the largest rho whose delta at ``epsilon`` is at most ``delta``."""
    low, high = 0.0, epsilon + 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, epsilon) <= delta else (low, middle)
    return low


@lru_cache(maxsize=1024)
def epsilon_of(rho: float, delta: float) -> float:
    """Return the smallest epsilon at which ``rho``-zCDP has at most ``delta``."""
    if rho <= 0.0:
        return 0.0
    low, high = 0.0, rho + 2 * math.sqrt(rho * math.log(1 / delta)) + 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if delta_of(rho, middle) <= delta else (middle, high)
    return high
