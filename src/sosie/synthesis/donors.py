"""Who fills a column of a release: a random share of the patients, and the isolated ones less often.

Public figures of a cohort (patients, columns, bins) enter, and codes of its patients; leave the share of patients that
each column is drawn from, how much each patient may weigh, and the donors that a fit draws. That choice is the noise
which hides a patient from an attacker who knows everyone else: the smaller the share, the safer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sosie.cohort import Column, Floats, Kind, Mask
from sosie.synthesis.grid import Codes

MOST_DONORS = 0.5
FEWEST_DONORS = 3
BINS_RANGE = (6, 40)
NUMBER_FIGURES = 3.4
FIGURES_PER_DOUBLING = 0.8
DEFLECTION = 0.12


def bin_count(patients: int) -> int:
    """Return the bins of a number: few where few patients would make many bins noisy, and give themselves away."""
    return int(np.clip(round(np.sqrt(patients) / 2.0), *BINS_RANGE))


def donor_share(patients: int, columns: Sequence[Column], bins: int, deflection: float = DEFLECTION) -> float:
    """Return the share of the patients that each column is drawn from, from public figures alone.

    To first order a patient moves each free figure of a release by 1/n, against a scatter of ``noise / n`` that the
    choice of donors makes. An attacker who adds up all free figures reaches the deflection
    ``sqrt(figures / (0.8 n noise))`` and an AUC of ``Phi(deflection / sqrt 2)``; the share is the one that leaves him
    the deflection that is asked for. Figures: the levels of a category but one; for a number, as many as were measured
    by the leave-out attack on ACTG 175 at 4 to 40 bins.
    """
    number = NUMBER_FIGURES + FIGURES_PER_DOUBLING * np.log2(bins / BINS_RANGE[0])
    figures = sum(number if column.kind is Kind.NUMERIC else column.levels - 1 for column in columns)
    noise = figures / (0.8 * max(patients, 1) * max(deflection, 1e-6) ** 2)
    return float(min(MOST_DONORS, 1.0 / max(noise, 1.0)))


def influence(codes: Codes) -> Floats:
    """Return how much each patient may weigh, in (0, 1]: less where rare values give more leverage than the median.

    The leverage of a patient on the shares of a column's codes is ``1 / share - 1`` (the chi-squared distance to the
    column), added up over columns.

    Parameters
    ----------
    codes : ndarray of uint16, shape (patients, columns)

    Returns
    -------
    ndarray of float64, shape (patients,)
    """
    leverage = np.zeros(len(codes))
    for column in codes.T:
        leverage += len(codes) / np.bincount(column)[column] - 1.0
    median = float(np.median(leverage)) if len(leverage) else 0.0
    return np.asarray(np.minimum(1.0, median / np.maximum(leverage, 1e-12))) if median > 0 else np.ones(len(codes))


def relative(weights: Floats | None, n: int) -> Floats:
    """Return weights of at most 1; weights that say nothing weigh everybody alike."""
    if weights is None or not weights.max(initial=0.0) > 0.0:
        return np.ones(n)
    return np.asarray(weights / weights.max())


def choose(chance: Floats, rng: np.random.Generator) -> Mask:
    """Choose the donors of one column: a few at least, and never everybody."""
    if len(chance) < 2:
        return np.ones(len(chance), dtype=bool)
    drawn = rng.random(len(chance)) / np.maximum(chance, 1e-12)
    kept = drawn < 1.0
    wanted = int(np.clip(kept.sum(), min(FEWEST_DONORS, len(chance) // 2), len(chance) - 1))
    if kept.sum() != wanted:
        kept[:] = False
        kept[np.argsort(drawn, kind="stable")[:wanted]] = True
    return kept
