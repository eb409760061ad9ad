"""When a group of codes that happens once first does: where in the time before the origin, or in follow-up.

Drawn from the population, apart for those who die: what heralds a death comes near the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.timelines.encode.block import Block, View, to_place
from sosie.timelines.quantiles import Quantiles, fewest

ANY, EARLY, LATE = 0, 1, 2
STEPS = 40


@dataclass(frozen=True)
class Firsts:
    """Places of firsts, by group, side of the origin (`ANY` where it is not told) and whether they die (-1: all)."""

    places: Mapping[tuple[int, int, int], Quantiles]

    def draw(self, group: int, side: Rows, dead: Mask, rng: np.random.Generator) -> Floats:
        """Draw places, as `to_place` tells them."""
        place = np.where(side == EARLY, -0.5, 0.5)
        for which in (ANY, EARLY, LATE):
            for dies in (0, 1):
                mine = np.flatnonzero((side == which) & (dead == bool(dies)))
                found = self.places.get((group, which, dies)) or self.places.get((group, which, -1))
                if found is not None and len(mine):
                    place[mine] = found.draw(len(mine), rng)
        return place


def learn(block: Block, view: View, k: int, rng: np.random.Generator) -> Firsts:
    """Learn the places of firsts of a cohort."""
    found, n = view.slots, len(view.part.keys)
    places: dict[tuple[int, int, int], Quantiles] = {}
    for group in np.flatnonzero(block.groups.single[: block.groups.coded]):
        mine = block.groups.of[found.code] == group
        first = np.full(n, np.inf)
        np.minimum.at(first, found.patient[mine], found.start[found.slot[mine]])
        had = np.isfinite(first)
        place = to_place(first, view.spans.lead, view.spans.followed)
        side = np.where(first < 0, EARLY, LATE)
        for which in (ANY, EARLY, LATE):
            for dies in (-1, 0, 1):
                some = had & ((side == which) | (which == ANY)) & ((view.spans.dead == dies) | (dies < 0))
                learned = Quantiles.of(place[some], fewest(k, rng), most=STEPS)
                if learned is not None:
                    places[int(group), which, dies] = learned
    return Firsts(places)
