"""What chromosome X says of a person's sex: whether it is as homozygous as a single copy is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats
from sosie.genomes.genotypes import MISSING, Alleles
from sosie.genomes.source import chromosomes

FEWEST = 50
"""Sites of X by which somebody is judged."""


@dataclass
class OnX:
    """Sums over the sites of X that men have one copy of, a person each."""

    build: str
    called: Floats
    same: Floats
    expected: Floats

    @classmethod
    def of(cls, people: int, build: str) -> OnX:
        """Return sums over nothing."""
        return cls(build, np.zeros(people), np.zeros(people), np.zeros(people))

    def add(self, position: np.ndarray, alleles: Alleles) -> None:
        """Add sites, alleles of shape (sites, 2 * people); one who has a single allele is as one with two alike."""
        own = np.array([chromosomes.own(int(each), self.build) for each in position], dtype=bool)
        if not own.any():
            return
        first, second = alleles[own, 0::2], alleles[own, 1::2]
        called = first != MISSING
        alike = called & ((second == MISSING) | (first == second))
        alleles_ = np.where(called, first, 0).sum(1) + np.where(called & (second != MISSING), second, 0).sum(1)
        count = called.sum(1) + (called & (second != MISSING)).sum(1)
        share = alleles_ / np.maximum(count, 1)
        # Expected homozygosity in a sample of this many alleles, as PLINK's --check-sex takes it (Nei 1978).
        expected = 1 - 2 * share * (1 - share) * count / np.maximum(count - 1, 1)
        usable = (share > 0) & (share < 1)
        self.called += called[usable].sum(0)
        self.same += alike[usable].sum(0)
        self.expected += (called[usable] * expected[usable, None]).sum(0)

    def coefficient(self) -> Floats:
        """Return the inbreeding coefficient on X, near 1 for one copy and near 0 for two; NaN where it is not told."""
        left = self.called - self.expected
        told = (self.called >= FEWEST) & (left > 0)
        return np.where(told, (self.same - self.expected) / np.where(told, left, 1.0), np.nan)
