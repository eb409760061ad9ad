"""How doubles' haplotypes are drawn: the numbers that the frontier of docs/genomes-evidence.md is drawn over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Settings of the walk.

    Parameters
    ----------
    context : float
        Patients who must share a context, in units of k, on average; never below k.
    pool : int
        Patients whom a group of doubles draws from: those nearest in ancestry.
    heard : float
        Share of the donors who are heard in a stretch of the genome. What is left unheard moves allele frequencies as
        a cohort that much smaller would.
    stretch : int
        Variants of a stretch.
    leaps : float
        Times that a double forgets all before it, a Morgan.
    mutation : float
        Chance that an allele is written as the other one.
    """

    context: float = 1.5
    pool: int = 150
    heard: float = 1.0
    stretch: int = 200
    leaps: float = 0.0
    mutation: float = 0.0


DEFAULT = Recipe()
