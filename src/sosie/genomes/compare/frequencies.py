"""Allele frequencies, heterozygosity and the spectrum of rare alleles: what doubles keep of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sosie.cohort import Floats
from sosie.genomes.dosage import Singles

POINTS = 400
"""Points of the plot: means of groups of variants of like frequency."""
CLASSES = (0.0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)


def frequencies(mine: Singles, theirs: Singles, k: int) -> Mapping[str, object]:
    """Compare frequencies; those plotted belong to alleles that at least k patients carry.

    Parameters
    ----------
    mine, theirs : ndarray of float32, shape (people, sites)
        Doses.
    """
    p, q = (each.mean(axis=0, dtype=np.float64) / 2.0 for each in (mine, theirs))
    carried = np.minimum((mine > 0).sum(axis=0), (mine < 2).sum(axis=0)) >= k
    order = np.flatnonzero(carried)
    shown = order[np.unique(np.linspace(0, max(len(order) - 1, 0), POINTS).astype(int))] if len(order) else order
    return {
        "r": correlation(p, q),
        "fst": fst(p, q, len(mine), len(theirs)),
        "largest_gap": round(float(np.abs(p - q).max(initial=0.0)), 4),
        "points": [[round(float(p[at]), 2), round(float(q[at]), 2)] for at in shown],
        "spectrum": {"edges": list(CLASSES), "original": _spectrum(p), "doubles": _spectrum(q)},
        "monomorphic": {"original": _share((p == 0) | (p == 1)), "doubles": _share((q == 0) | (q == 1))},
        "heterozygosity": {"original": _mixed(mine), "doubles": _mixed(theirs)},
    }


def fst(p: Floats, q: Floats, mine: int, theirs: int) -> float | None:
    """Return F_ST: Hudson's estimator as a ratio of means (Bhatia et al. 2013, doi:10.1101/gr.154831.113, eq. 10)."""
    if min(mine, theirs) < 2:
        return None
    between = (p - q) ** 2 - p * (1 - p) / (2 * mine - 1) - q * (1 - q) / (2 * theirs - 1)
    whole = p * (1 - q) + q * (1 - p)
    return round(float(between.sum() / whole.sum()), 5) if whole.sum() > 0 else None


def correlation(one: Floats, other: Floats) -> float | None:
    """Return Pearson's correlation; None where one does not vary."""
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return None
    return round(float(np.corrcoef(one, other)[0, 1]), 4)


def _spectrum(p: Floats) -> list[float]:
    """Return the share of the variants that vary, by frequency of their rarer allele."""
    rarer = np.minimum(p, 1.0 - p)
    counts = np.histogram(rarer[rarer > 0], bins=np.array(CLASSES))[0]
    return [round(float(share), 4) for share in counts / max(counts.sum(), 1)]


def _mixed(doses: Singles) -> dict[str, float]:
    each = (np.abs(doses - 1.0) < 0.5).mean(axis=1) if doses.size else np.zeros(1)
    return {"mean": round(float(each.mean()), 4), "sd": round(float(each.std()), 4)}


def _share(mask: np.ndarray) -> float:
    return round(float(mask.mean()), 4) if len(mask) else 0.0
