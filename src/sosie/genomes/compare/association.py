"""Association of variants with a phenotype: effects and top hits of patients and of doubles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sosie.cohort import Floats
from sosie.genomes.compare.frequencies import correlation
from sosie.genomes.dosage import Singles

TOP = 20
SHOWN = 2_000
COMMON = 0.05
LEAST = 50


def association(
    mine: Singles, theirs: Singles, phenotypes: tuple[Floats, Floats], bases: tuple[Floats, Floats]
) -> Mapping[str, object]:
    """Compare linear regressions of a phenotype on each dose, given coordinates of ancestry.

    Parameters
    ----------
    mine, theirs : ndarray of float32, shape (people, sites)
    phenotypes : pair of ndarray of float64, shape (people,)
    bases : pair of ndarray of float64, shape (people, axes)
        Coordinates that are held constant.
    """
    if min(len(mine), len(theirs)) < LEAST:
        return {}
    frequency = mine.mean(axis=0) / 2.0
    common = np.flatnonzero(np.minimum(frequency, 1.0 - frequency) >= COMMON)
    if len(common) < TOP:
        return {}
    tested = [
        regress(doses[:, common], values, base)
        for doses, values, base in zip((mine, theirs), phenotypes, bases, strict=True)
    ]
    top = np.argsort(-np.abs(tested[0][1]))[:TOP]
    again = np.argsort(-np.abs(tested[1][1]))[:TOP]
    shown = np.unique(np.linspace(0, len(common) - 1, SHOWN).astype(int))
    logs = [chi(each[1]) for each in tested]
    return {
        "effects_r": correlation(tested[0][0][top], tested[1][0][top]),
        "signs": round(float((np.sign(tested[0][0][top]) == np.sign(tested[1][0][top])).mean()), 3),
        "top_shared": round(len(set(top.tolist()) & set(again.tolist())) / TOP, 3),
        "manhattan": {
            "site": common[shown].tolist(),
            "original": [round(float(value), 1) for value in logs[0][shown]],
            "doubles": [round(float(value), 1) for value in logs[1][shown]],
        },
    }


def regress(doses: Singles, values: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Return the effect of one more allele, and its z, at each site, shape (sites,)."""
    known = ~np.isnan(values)
    given = np.column_stack([np.ones(int(known.sum())), base[known]])
    basis = np.linalg.qr(given)[0]
    x, y = doses[known].astype(np.float64), values[known]
    x, y = x - basis @ (basis.T @ x), y - basis @ (basis.T @ y)
    power = np.maximum((x**2).sum(axis=0), 1e-9)
    effect = x.T @ y / power
    left = np.maximum((y**2).sum() - effect**2 * power, 1e-9) / max(len(y) - given.shape[1] - 1, 1)
    return effect, effect / np.sqrt(left / power)


def chi(z: Floats) -> Floats:
    """Return -log10 of the two-sided p-values of z."""
    from scipy.special import log_ndtr

    return np.asarray(-(np.log(2.0) + log_ndtr(-np.abs(z))) / np.log(10.0))
