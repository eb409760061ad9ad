"""Compiled kernel: noise that resembles the last one of the same double. Importing it imports numba."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def fade(owner, time, noise, scale):  # type: ignore[no-untyped-def]
    """Return an autoregression of unit variance over uneven times: the correlation falls by e in ``scale`` days."""
    out = np.empty(len(noise))
    for at in range(len(noise)):
        if at == 0 or owner[at] != owner[at - 1]:
            out[at] = noise[at]
        else:
            kept = np.exp(-abs(time[at] - time[at - 1]) / scale)
            out[at] = kept * out[at - 1] + np.sqrt(max(1.0 - kept * kept, 0.0)) * noise[at]
    return out
