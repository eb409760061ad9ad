import numpy as np

from sosie.cohort import Column, Kind
from sosie.synthesis.donors import FEWEST_DONORS, MOST_DONORS, choose, donor_share, influence

NUMBERS = tuple(Column(f"n{i}", Kind.NUMERIC) for i in range(10))


def test_the_share_of_donors_grows_with_patients_and_with_the_deflection_that_is_allowed() -> None:
    shares = [donor_share(n, NUMBERS, 16, deflection) for n, deflection in ((1000, 0.1), (1000, 0.13), (4000, 0.13))]
    assert shares == sorted(shares)
    assert donor_share(10**7, NUMBERS, 40) == MOST_DONORS


def test_patients_with_rare_codes_weigh_less() -> None:
    codes = np.zeros((100, 3), dtype=np.uint16)
    codes[50:, :] = 1
    codes[0, :] = 2
    weight = influence(codes)
    assert weight[0] < 0.05
    assert weight[1:].min() > 0.9


def test_a_few_donors_at_least_and_never_everybody() -> None:
    rng = np.random.default_rng(0)
    assert choose(np.full(50, 1e-9), rng).sum() == FEWEST_DONORS
    assert choose(np.ones(50), rng).sum() == 49
