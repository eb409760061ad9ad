"""The self-test of the demonstration: which planted associations the doubles keep, which planted identifiers are left.

The folders of the cohort and of its doubles' data come in, counts leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sosie.fictitious.gather import gather
from sosie.fictitious.leftovers import leftovers
from sosie.fictitious.truths import Truth, truths
from sosie.manifest import FILE_NAME, load


@dataclass(frozen=True)
class SelfTest:
    """What was found.

    Parameters
    ----------
    truths : tuple of Truth
        Estimated on the doubles.
    left : dict of str to int
        Planted identifiers in the release, by kind.
    """

    truths: tuple[Truth, ...]
    left: dict[str, int]

    def recovered(self, *, across: bool) -> tuple[int, int]:
        """Return how many associations within a modality, or across several, are recovered, and of how many."""
        some = [one for one in self.truths if (len(one.modalities) > 1) == across]
        return sum(one.recovered for one in some), len(some)

    def told(self) -> dict[str, Any]:
        """Return the test for programs."""
        return {
            "associations": [
                {
                    "name": one.name,
                    "modalities": list(one.modalities),
                    "planted": round(one.planted, 3),
                    "estimate": round(one.estimate, 3),
                    "low": round(one.low, 3),
                    "high": round(one.high, 3),
                    "recovered": one.recovered,
                }
                for one in self.truths
            ],
            "identifiers": self.left,
        }


def self_test(cohort: Path, release: Path, present: frozenset[str]) -> SelfTest:
    """Test a release of the fictitious cohort.

    Parameters
    ----------
    cohort, release : Path
        Folders of the cohort, and of the doubles' data.
    present : frozenset of str
        Modalities of both: what joins others is not tested.
    """
    traits = load(cohort / FILE_NAME).genomes.variants
    found = truths(gather(release, traits), gather(cohort, traits))
    return SelfTest(tuple(one for one in found if set(one.modalities) <= present), leftovers(cohort, release))
