"""Figures by which two samples are compared."""

from __future__ import annotations

import numpy as np

from sosie.cohort import Floats


def distance(first: Floats, second: Floats) -> float | None:
    """Return the Kolmogorov-Smirnov distance of two samples, None where one is empty."""
    first, second = np.sort(first[~np.isnan(first)]), np.sort(second[~np.isnan(second)])
    if not len(first) or not len(second):
        return None
    every = np.unique(np.concatenate([first, second]))
    shares = [np.searchsorted(each, every, side="right") / len(each) for each in (first, second)]
    return round(float(np.abs(shares[0] - shares[1]).max()), 4)


def determination(original: Floats, doubles: Floats) -> float | None:
    """Return the share of the variance of some figures that the doubles' explain as they stand (no line is fitted)."""
    if len(original) < 2:
        return None
    spread = float(((original - original.mean()) ** 2).sum())
    return round(1.0 - float(((original - doubles) ** 2).sum()) / spread, 4) if spread > 0 else None


def middle(values: list[float | None]) -> float | None:
    """Return the median of what is known."""
    known = [value for value in values if value is not None]
    return round(float(np.median(known)), 4) if known else None


def area(truth: Floats, score: Floats) -> float | None:
    """Return the area under the ROC curve, None with one class."""
    from scipy.stats import rankdata

    yes = truth > 0
    pairs = int(yes.sum()) * int((~yes).sum())
    if not pairs:
        return None
    return float((rankdata(score)[yes].sum() - yes.sum() * (yes.sum() + 1) / 2) / pairs)


def around(ordered: Floats, share: float, k: int) -> float:
    """Return a quantile as the mean of the k values around it, so that it is nobody's; ``ordered`` rises."""
    first = int(np.clip(round(share * len(ordered) - k / 2), 0, max(len(ordered) - k, 0)))
    return float(ordered[first : first + k].mean())
