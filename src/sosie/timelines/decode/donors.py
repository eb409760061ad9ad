"""How many patients a fit is made on: the choice of them, afresh in each fit, is what hides any one of them.

To first order a patient moves each free figure of a fit by a deviation over the square root of the patients. Noise of
``noise`` times the scatter that a sample of the size of the cohort has leaves an attacker who adds up all figures the
deflection ``sqrt(figures / (patients noise))``, as in `sosie.synthesis.donors`; a share ``1 / (1 + noise)`` of the
patients makes it.
"""

from __future__ import annotations

import numpy as np

from sosie.cohort import Mask

DEFLECTION = 0.12
SAFETY = 0.8
LAID_ON = 0.5
"""Share of the patients from whom the population's gaps, values and neighbours are learned."""
LEAST_SHARE = 0.1


def paid(patients: int) -> float:
    """Return the free figures that a cohort pays for with noise as large as its own scatter."""
    return SAFETY * patients * DEFLECTION**2


def noise(figures: float, patients: int) -> float:
    """Return the noise that a number of free figures needs, in variances of a sample of the size of the cohort."""
    return figures / max(paid(patients), 1e-9)


def choose(patients: int, needed: float, rng: np.random.Generator) -> Mask:
    """Choose patients at random, so few that the choice makes the noise."""
    share = max(1.0 / (1.0 + needed), LEAST_SHARE)
    chosen = rng.random(patients) < share
    if chosen.sum() < min(patients, 3):
        chosen[rng.permutation(patients)[:3]] = True
    return chosen
