"""The synthesizers by name, each with the one number that says how strongly it protects.

A name and a strength enter, a synthesizer leaves. What a strength means is the synthesizer's own: the deflection that
an attacker may reach for trees and mixtures, epsilon for marginals; the smaller, the safer and the less faithful.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sosie.cohort import Synthesizer

NAMES = ("trees", "marginals", "mixture")
STARTS: Mapping[str, float] = {"trees": 0.12, "mixture": 0.12, "marginals": 3.0}
"""Where a search begins, chosen on ACTG 175 (docs/benchmarks.md)."""


@dataclass(frozen=True)
class Setting:
    """One way to make doubles.

    Parameters
    ----------
    synthesizer : {"trees", "mixture", "marginals"}
    strength : float
    """

    synthesizer: str
    strength: float

    @classmethod
    def default(cls, synthesizer: str) -> Setting:
        """Return the setting that a search begins with."""
        return cls(synthesizer, STARTS[synthesizer])

    def build(self, k: int, jobs: int = 1) -> Synthesizer:
        """Return the synthesizer, for values of at least k patients, on so many threads."""
        from sosie.synthesis.marginals import Marginals
        from sosie.synthesis.mixture import Mixture
        from sosie.synthesis.trees import Trees

        if self.synthesizer == "mixture":
            return Mixture(k=k, deflection=self.strength, jobs=jobs)
        if self.synthesizer == "marginals":
            return Marginals(epsilon=self.strength, tails=k)
        return Trees(k=k, leaf=2 * k, deflection=self.strength, jobs=jobs)
