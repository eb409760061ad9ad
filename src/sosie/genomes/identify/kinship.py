"""Who is kin to whom, robustly to ancestry (Manichaikul et al. 2010, Bioinformatics 26:2867, equation 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats

SITES = 4_000
"""Sites that are multiplied at once."""
PAIRS, BLOCKS = 400, 20
CHANCE = 5.0
"""Standard errors that one pair in millions exceeds."""
SAME, FIRST, SECOND = 2**-1.5, 2**-2.5, 2**-3.5
"""Least kinship of one person twice (or identical twins), of relatives of the first degree, and of the second (the
paper's Table 1)."""


def king(doses: NDArray[np.int8], others: NDArray[np.int8] | None = None) -> Floats:
    """Return the kinship coefficient of each pair.

    Parameters
    ----------
    doses : ndarray of int8, shape (sites, people)
        Alternative alleles, -1 where one was not called.
    others : ndarray of int8, shape (sites, others), optional
        The people themselves where it is left out.

    Returns
    -------
    ndarray of float64, shape (people, others)
        NaN where one of a pair has no heterozygous site.
    """
    theirs = doses if others is None else others
    shape = doses.shape[1], theirs.shape[1]
    both, opposite, mine, other = (np.zeros(shape) for _ in range(4))
    for start in range(0, len(doses), SITES):
        a, b = doses[start : start + SITES], theirs[start : start + SITES]
        a0, a1, a2, ac = ((a == 0).T, (a == 1).T, (a == 2).T, (a >= 0).T)
        b0, b1, b2, bc = (b == 0, b == 1, b == 2, b >= 0)
        f = np.float32
        both += a1.astype(f) @ b1.astype(f)
        opposite += a0.astype(f) @ b2.astype(f) + a2.astype(f) @ b0.astype(f)
        mine += a1.astype(f) @ bc.astype(f)
        other += ac.astype(f) @ b1.astype(f)
    fewer = np.minimum(mine, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        kinship = (both - 2 * opposite) / (2 * fewer) + 0.5 - 0.25 * (mine + other) / fewer
    return np.where(fewer > 0, kinship, np.nan)


def uncertainty(doses: NDArray[np.int8]) -> float:
    """Return the median standard error of the kinship of unrelated people.

    It comes from the spread between stretches of the genome; a short one tells no kin, for
    neighbours on a chromosome say the same.
    """
    people = doses.shape[1]
    # A fixed stream: who is looked at must not change from one look to the next.
    one, two = np.random.default_rng(0).integers(people, size=(2, PAIRS))
    one, two = one[one != two], two[one != two]
    parts = []
    for block in np.array_split(doses, BLOCKS):
        a, b = block[:, one], block[:, two]
        known = (a >= 0) & (b >= 0)
        mine, other = ((a == 1) & known).sum(0), ((b == 1) & known).sum(0)
        both, opposite = ((a == 1) & (b == 1)).sum(0), (known & (np.abs(a - b) == 2)).sum(0)
        fewer = np.maximum(np.minimum(mine, other), 1)
        parts.append((both - 2 * opposite) / (2 * fewer) + 0.5 - 0.25 * (mine + other) / fewer)
    return float(np.median(np.std(parts, axis=0, ddof=1))) / BLOCKS**0.5 if len(one) else np.inf


def relatives(kinship: Floats, error: float) -> dict[str, NDArray[np.int64]]:
    """Return pairs of kin, shape (pairs, 2), by degree: ``same``, ``first``, ``second``.

    A degree is told only where its least kinship is beyond what chance gives among many pairs.
    """
    one, two = np.triu_indices(len(kinship), 1)
    degree = np.nan_to_num(kinship[one, two], nan=-1.0)
    pairs = np.column_stack([one, two])
    found = {
        "same": (SAME, degree > SAME),
        "first": (FIRST, (degree <= SAME) & (degree > FIRST)),
        "second": (SECOND, (degree <= FIRST) & (degree > SECOND)),
    }
    return {name: pairs[mask] for name, (least, mask) in found.items() if least > CHANCE * error}
