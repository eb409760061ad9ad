"""How few sites single out a person: those that tell most, and sites taken at random.

The steps have the shape of those of tables, so that the report shows them alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosie.genomes.genotypes import Variants
from sosie.genomes.identify.thinned import Thinned

CANDIDATES = 150
MOST = 20
"""Sites that the attacker chooses, at most."""
RANDOM = (5, 10, 15, 20, 30, 50, 100)
DRAWS = 20
ENOUGH = 0.999


def singled_out(seen: Thinned, variants: Variants, k: int) -> dict[str, object]:
    """Measure how few sites single out a person.

    Returns
    -------
    dict
        ``patients``, ``k``; ``all_columns``, a list of ``{"columns", "alone", "under_k"}`` for one, two ... sites; and
        ``random``, a list of ``{"sites", "alone", "under_k"}``, means over `DRAWS` sets.
    """
    doses = seen.doses.astype(np.int64) + 1
    people = doses.shape[1]
    if not len(doses) or not people:
        return {"patients": people, "k": k, "quasi_identifiers": [], "all_columns": [], "random": []}
    return {
        "patients": people,
        "k": k,
        "quasi_identifiers": [],
        "all_columns": _greedy(doses, [name(variants, int(row)) for row in seen.rows], k),
        "random": _random(doses, k),
    }


def name(variants: Variants, row: int) -> str:
    """Return what a site is called: its identifier, or its place."""
    known = str(variants.ids[row])
    place = f"{variants.contigs[variants.contig[row]]}:{variants.position[row]}"
    return known if known not in {".", ""} else place


def _greedy(doses: NDArray[np.int64], names: list[str], k: int) -> list[dict[str, object]]:
    """Add the site that leaves most people alone, then most groups."""
    chosen = np.unique(np.linspace(0, len(doses) - 1, CANDIDATES).astype(np.int64))
    cells = np.zeros(doses.shape[1], dtype=np.int64)
    steps: list[dict[str, object]] = []
    known: list[str] = []
    left = list(chosen)
    while left and len(known) < MOST:
        joined = {row: np.unique(cells * 4 + doses[row], return_inverse=True)[1] for row in left}
        best = max(left, key=lambda row: _rank(joined[row]))
        left.remove(best)
        cells = joined[best]
        known.append(names[best])
        steps.append({"columns": list(known), **_shares(cells, k)})
        if np.bincount(cells).max() == 1 or steps[-1]["alone"] == 1:
            break
    return steps


def _random(doses: NDArray[np.int64], k: int) -> list[dict[str, object]]:
    # A fixed stream: the figure describes the source, and must not differ from one look to the next.
    rng = np.random.default_rng(0)
    found: list[dict[str, object]] = []
    for size in RANDOM:
        if size > len(doses):
            break
        shares = []
        for _ in range(DRAWS):
            rows = rng.choice(len(doses), size, replace=False)
            cells = np.unique(np.ascontiguousarray(doses[rows].T), axis=0, return_inverse=True)[1]
            shares.append(_shares(cells.ravel(), k))
        means = {key: round(float(np.mean([each[key] for each in shares])), 4) for key in ("alone", "under_k")}
        found.append({"sites": size, **means})
        if means["alone"] > ENOUGH:
            break
    return found


def _rank(cells: NDArray[np.int64]) -> tuple[int, int]:
    counts = np.bincount(cells)
    return int((counts == 1).sum()), len(counts)


def _shares(cells: NDArray[np.int64], k: int) -> dict[str, float]:
    sizes = np.bincount(cells)[cells]
    return {"alone": round(float(np.mean(sizes == 1)), 4), "under_k": round(float(np.mean(sizes < k)), 4)}
