"""Rules that every timeline obeys: nothing after death, ends after starts, nothing before birth, one end of all."""

from __future__ import annotations

import numpy as np

from sosie.timelines.compare.sides import Both, Side
from sosie.timelines.events import Group


def broken(both: Both) -> list[dict[str, str | int | None]]:
    """Return how many events of the doubles, and of the patients, break each rule; 0 is expected of doubles.

    Of the patients, a number below k is not told (None).
    """
    deaths = both.of(Group.DEATH)
    told = [_broken(side, deaths) for side in both.pair]
    mine, theirs = told
    return [
        {"rule": rule, "original": None if 0 < count < both.k else count, "doubles": theirs[rule]}
        for rule, count in mine.items()
    ]


def _broken(side: Side, deaths: np.ndarray) -> dict[str, int]:
    day = np.floor(side.time)
    last, born = np.floor(side.followed)[side.patient], np.floor(side.born)[side.patient]
    died = side.dead[side.patient] > 0
    is_death = np.isin(side.code, deaths)
    ends = np.bincount(side.patient[is_death], minlength=side.n)
    with np.errstate(invalid="ignore"):
        return {
            "after_death": int((died & (day > last)).sum()),
            "before_birth": int((day < born).sum()),
            "end_before_start": int((side.end < side.time).sum()),
            "stop_before_start": int((side.followed < 0).sum()),
            "two_deaths": int((ends > 1).sum()),
            "death_of_the_living": int(((ends > 0) & (side.dead == 0)).sum()),
        }
