"""How what a double is about tilts the choice of what its notes say.

Features of patients and who has which thing enter; scores leave, one for each double and thing: log ratios of a naive
Bayes model, damped towards none by `SOFT` patients and left out where chance explains them, so that one patient more or
less changes little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie.cohort import Floats, Mask

SOFT = 4.0
"""Patients who are added to each level in the proportions of the cohort."""
CHANCE = 1.5
"""Standard deviations below which a ratio is taken for chance."""
WIDE = 2.5
"""Standard deviations at which a number is cut."""
MOST = 4.0


@dataclass(frozen=True)
class Tilt:
    """What each feature says for each thing.

    Parameters
    ----------
    centre, scale : ndarray of float64, shape (features,)
        Of numbers; 0 and 1 for indicators.
    weights : ndarray of float64, shape (features, things)
    bias : ndarray of float64, shape (things,)
    """

    centre: Floats
    scale: Floats
    weights: Floats
    bias: Floats

    @classmethod
    def fit(cls, features: Floats, indicators: Mask, thing: Any, patient: Any, things: int) -> Tilt:
        """Learn from who has what.

        Parameters
        ----------
        features : ndarray of float64, shape (patients, features)
        indicators : ndarray of bool, shape (features,)
        thing, patient : ndarray of int, shape (pairs,)
            Each thing with each patient who has it.
        things : int
        """
        from scipy import sparse

        numeric = ~indicators
        centre = np.where(numeric, _mean(features), 0.0)
        spread = np.sqrt(_mean((features - centre) ** 2))
        scale = np.where(numeric & (spread > 0), spread, 1.0)
        standard = _standard(features, centre, scale)
        shape = (things, len(features))
        has = sparse.csr_array((np.ones(len(thing)), (thing, patient)), shape=shape)
        count: Floats = np.asarray(has.sum(axis=1), dtype=np.float64).reshape(-1, 1)
        told = np.asarray(has @ standard)
        share = standard.mean(axis=0) if len(standard) else np.zeros(features.shape[1])
        expected = count * share
        deviation = np.sqrt(np.maximum(count * np.where(numeric, 1.0, share * (1.0 - share)), 1e-9))
        certain = np.abs(told - expected) > CHANCE * deviation
        ratio = np.log((told + SOFT * share + 1e-9) / (expected + SOFT * share + 1e-9), where=~numeric, out=told * 0.0)
        shifted = (told - expected) / (count + SOFT)
        weights = np.where(certain, np.where(numeric, shifted, ratio), 0.0)
        bias = -0.5 * (np.where(numeric, weights, 0.0) ** 2).sum(axis=1)
        return cls(centre, scale, weights.T, bias)

    def scores(self, features: Floats) -> Floats:
        """Return the log ratios of doubles, shape (doubles, things)."""
        found = _standard(features, self.centre, self.scale) @ self.weights + self.bias
        return np.clip(found, -MOST, MOST)


def _mean(values: Floats) -> Floats:
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _standard(features: Floats, centre: Floats, scale: Floats) -> Floats:
    return np.nan_to_num(np.clip((features - centre) / scale, -WIDE, WIDE), nan=0.0)
