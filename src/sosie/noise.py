"""Where the noise of differential privacy comes from: OpenDP for what leaves, numpy for what never does.

Integer counts enter, noisy integers leave. A release draws from OpenDP: exact discrete samplers on the randomness of
the system, so that neither the seed nor floating point tells anything (Mironov 2012, "On significance of the least
significant bits"). The replicates of the attacks draw from the same distributions by numpy, because there are
hundreds of them and none is published.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sosie.errors import ManifestError

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
_WIDEST = 12.0
"""Standard deviations beyond which a table of the discrete Gaussian ends: 1e-32 of its mass."""


class Noise(Protocol):
    """Two mechanisms for integer counts of which one patient changes one by one, and scores that change by one."""

    def gaussian(self, counts: Counts, sigma: float) -> Counts:
        """Add discrete Gaussian noise: ``1 / (2 sigma^2)``-zCDP where the counts change by 1 in Euclidean norm."""
        ...

    def laplace(self, count: int, scale: float) -> int:
        """Add discrete Laplace noise: pure ``1 / scale``-differential privacy where the count changes by 1."""
        ...

    def choose(self, scores: Floats, scale: float) -> int:
        """Choose the highest score, with Gumbel noise of this scale: ``1 / (2 scale^2)``-zCDP at sensitivity 1."""
        ...


class Fast:
    """The distributions, drawn by numpy: for replicates and benchmarks, never for what is published."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def gaussian(self, counts: Counts, sigma: float) -> Counts:
        """Add discrete Gaussian noise from a table of its distribution."""
        reach = int(np.ceil(_WIDEST * sigma)) + 1
        support = np.arange(-reach, reach + 1)
        cumulative = np.cumsum(np.exp(-(support**2) / (2 * sigma**2)))
        drawn = np.searchsorted(cumulative, self.rng.random(counts.shape) * cumulative[-1], side="right")
        return np.asarray(counts + support[np.minimum(drawn, len(support) - 1)], dtype=np.int64)

    def laplace(self, count: int, scale: float) -> int:
        """Add the difference of two geometric numbers."""
        first, second = self.rng.geometric(1.0 - np.exp(-1.0 / scale), 2)
        return int(count + first - second)

    def choose(self, scores: Floats, scale: float) -> int:
        """Choose by the exponential mechanism."""
        return int(np.argmax(scores + self.rng.gumbel(0.0, scale, scores.shape)))


class OpenDP:
    """The mechanisms of OpenDP, on the randomness of the system.

    Raises
    ------
    ManifestError
        When OpenDP is not installed.
    """

    def __init__(self) -> None:
        self.library = _library()

    def gaussian(self, counts: Counts, sigma: float) -> Counts:
        """Add discrete Gaussian noise (Canonne, Kamath and Steinke 2020)."""
        dp = self.library
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
        mechanism = dp.m.make_gaussian(*space, scale=float(sigma))
        _within(mechanism.map(1.0), 1.0 / (2.0 * sigma**2))
        noisy = mechanism([int(count) for count in counts.ravel()])
        return np.array(noisy, dtype=np.int64).reshape(counts.shape)

    def laplace(self, count: int, scale: float) -> int:
        """Add discrete Laplace noise."""
        dp = self.library
        mechanism = dp.m.make_laplace(dp.atom_domain(T="i64"), dp.absolute_distance(T="i64"), scale=float(scale))
        _within(mechanism.map(1), 1.0 / scale)
        return int(mechanism(int(count)))

    def choose(self, scores: Floats, scale: float) -> int:
        """Choose by report-noisy-max."""
        dp = self.library
        space = dp.vector_domain(dp.atom_domain(T="f64", nan=False)), dp.linf_distance(T="f64")
        mechanism = dp.m.make_noisy_max(*space, dp.zero_concentrated_divergence(), scale=float(scale))
        _within(mechanism.map(1.0), 1.0 / (2.0 * scale**2))
        return int(mechanism([float(score) for score in scores]))


def _library() -> Any:
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise ManifestError("--guarantee dp needs OpenDP: pip install 'sosie[dp]'") from error
    dp.enable_features("contrib")
    return dp


def _within(asked: float, paid: float) -> None:
    """Make sure that the library asks no more for a mechanism than was paid for it."""
    assert asked <= paid * (1 + 1e-9), "the library's privacy map exceeds the charge"
