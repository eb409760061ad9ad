"""How well a score tells two groups apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats


def area(inside: NDArray[np.floating], outside: NDArray[np.floating]) -> float:
    """Return the area under the ROC curve: how often one inside scores above one outside, ties by half."""
    if not len(inside) or not len(outside):
        return float("nan")
    ordered = np.sort(outside)
    below, up_to = np.searchsorted(ordered, inside, "left"), np.searchsorted(ordered, inside, "right")
    return float((below + up_to).mean() / (2.0 * len(outside)))


def rate(inside: Floats, outside: Floats, false: float = 0.01) -> float:
    """Return the share of those inside whom a threshold finds that so few of those outside pass."""
    if not len(inside) or not len(outside):
        return float("nan")
    return float((inside > np.quantile(outside, 1.0 - false, method="higher")).mean())
