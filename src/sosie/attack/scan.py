"""Compiled scans over blocks of distances and of predicates.

Arrays enter, and the running results given as arguments are updated in place. The loops release the GIL and keep
no state, so that replicates can be attacked in threads. Importing this module imports numba: import it where used.
"""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
from numpy.typing import NDArray

from sosie.cohort import Floats, Mask, Rows

Singles = NDArray[np.float32]
STRIDE = 64
FINITE = 1e300


def _keep_nearest(scores: Singles, offset: int, best: Singles, index: Rows) -> None:
    rows, columns = scores.shape
    count = best.shape[1]
    for i in range(rows):
        worst = best[i, count - 1]
        for j in range(columns):
            score = scores[i, j]
            if score < worst:
                at = count - 1
                while at > 0 and best[i, at - 1] > score:
                    best[i, at] = best[i, at - 1]
                    index[i, at] = index[i, at - 1]
                    at -= 1
                best[i, at] = score
                index[i, at] = offset + j
                worst = best[i, count - 1]


def _keep_nearest_without(
    scores: Singles,
    queries: Singles,
    columns: Singles,
    edges: Rows,
    offset: int,
    best: Singles,
    index: Rows,
) -> None:
    rest = np.empty(STRIDE, dtype=np.float32)
    for i in range(len(scores)):
        for group in range(len(edges)):
            least = best[i, group]
            for start in range(0, scores.shape[1], STRIDE):
                row = scores[i, start : start + STRIDE]
                for j in range(STRIDE):
                    rest[j] = row[j]
                for at in range(edges[group, 0], edges[group, 1]):
                    here = queries[i, at]
                    column = columns[at, start : start + STRIDE]
                    for j in range(STRIDE):
                        gap = here - column[j]
                        rest[j] -= gap * gap
                # A sum without a branch runs on vectors; few strides need the second look.
                below = np.int32(0)
                for j in range(STRIDE):
                    below += np.int32(rest[j] < least)
                if below > 0:
                    for j in range(STRIDE):
                        if rest[j] < least:
                            least = rest[j]
                            index[i, group] = offset + start + j
            best[i, group] = least


def _keep_few_without(
    scores: Singles,
    queries: Singles,
    columns: Singles,
    edges: Rows,
    offset: int,
    best: Singles,
    index: Rows,
) -> None:
    rest = np.empty(STRIDE, dtype=np.float32)
    last = best.shape[2] - 1
    for i in range(len(scores)):
        for group in range(len(edges)):
            worst = best[i, group, last]
            for start in range(0, scores.shape[1], STRIDE):
                row = scores[i, start : start + STRIDE]
                for j in range(STRIDE):
                    rest[j] = row[j]
                for at in range(edges[group, 0], edges[group, 1]):
                    here = queries[i, at]
                    column = columns[at, start : start + STRIDE]
                    for j in range(STRIDE):
                        gap = here - column[j]
                        rest[j] -= gap * gap
                below = np.int32(0)
                for j in range(STRIDE):
                    below += np.int32(rest[j] < worst)
                if below > 0:
                    for j in range(STRIDE):
                        if rest[j] < worst:
                            at = last
                            while at > 0 and best[i, group, at - 1] > rest[j]:
                                best[i, group, at] = best[i, group, at - 1]
                                index[i, group, at] = index[i, group, at - 1]
                                at -= 1
                            best[i, group, at] = rest[j]
                            index[i, group, at] = offset + start + j
                            worst = best[i, group, last]


def _box_gaps(coordinates: Floats, centre: Floats, chosen: Rows, categorical: Mask, gaps: Floats) -> None:
    gaps[:] = 0.0
    for column in chosen:
        if column < 0:
            break
        here = centre[column]
        values = coordinates[column]
        if categorical[column]:
            for j in range(len(gaps)):
                gaps[j] = gaps[j] if values[j] == here else np.inf
        else:
            for j in range(len(gaps)):
                gaps[j] = max(gaps[j], abs(values[j] - here))


def _guess_boxes(
    doubles: Floats,
    patients: Floats,
    categorical: Mask,
    centres: Rows,
    chosen: Rows,
    margin: float,
    guesses: int,
    hits: Floats,
) -> int:
    near_doubles = np.empty(doubles.shape[1])
    near_patients = np.empty(patients.shape[1])
    made = 0
    for guess in range(len(centres)):
        if made == guesses:
            break
        centre = np.ascontiguousarray(doubles[:, centres[guess]])
        box_gaps(doubles, centre, chosen[guess], categorical, near_doubles)
        near_doubles[centres[guess]] = np.inf
        radius = near_doubles.min()
        if radius == 0.0:
            continue
        made += 1
        # Categories alone may hold for one double: numbers are then free, but other categories stay out.
        reach = min(margin * radius, FINITE)
        box_gaps(patients, centre, chosen[guess], categorical, near_patients)
        if (near_patients <= reach).sum() == 1:
            hits[near_patients.argmin()] += 1.0
    return made


def _add_densities(scores: Singles, norms: Singles, scale: np.float32, sums: Floats) -> None:
    for i in range(len(scores)):
        wide, narrow = 0.0, 0.0
        for j in range(scores.shape[1]):
            closeness = np.exp(-max(scores[i, j] + norms[i], np.float32(0.0)) * scale)
            wide += closeness
            narrow += closeness * closeness
        sums[i, 0] += wide
        sums[i, 1] += narrow


def _add_agreement(theirs: Floats, known: Rows, mine: Floats, bands: Floats, total: Floats) -> None:
    doubles = theirs.shape[1]
    for at in range(theirs.shape[0]):
        column = theirs[at, : known[at]]
        for i in range(mine.shape[0]):
            value = mine[i, at]
            if np.isnan(value):
                agree = doubles - known[at]
            else:
                high = np.searchsorted(column, value + bands[at], side="right")
                agree = high - np.searchsorted(column, value - bands[at], side="left")
            total[i] += np.log((agree + 0.5) / (max(doubles, 1) + 1.0))


_compiled = numba.njit(nogil=True, cache=True)
_compiled_fast = numba.njit(nogil=True, cache=True, fastmath={"contract"})

keep_nearest: Callable[[Singles, int, Singles, Rows], None] = _compiled(_keep_nearest)
"""Merge a block of scores (queries, points) into each query's least scores and their point numbers."""

keep_nearest_without: Callable[[Singles, Singles, Singles, Rows, int, Singles, Rows], None] = _compiled_fast(
    _keep_nearest_without
)
"""Merge a block into the nearest point of each query when one group of columns is hidden, for each group.

The number of points is a multiple of ``STRIDE``. ``columns`` is (embedded columns, points); ``edges`` (groups, 2) gives
the embedded columns of each group, whose squared differences are taken off the scores.
"""

keep_few_without: Callable[[Singles, Singles, Singles, Rows, int, Singles, Rows], None] = _compiled_fast(
    _keep_few_without
)
"""The same for a few nearest points: ``best`` and ``index`` are (queries, groups, few), nearest first."""

box_gaps: Callable[[Floats, Floats, Rows, Mask, Floats], None] = _compiled_fast(_box_gaps)

guess_boxes: Callable[[Floats, Floats, Mask, Rows, Rows, float, int, Floats], int] = _compiled(_guess_boxes)
"""Grow a box around each double until it meets the next one; count the patients whom the boxes isolate.

A box is the predicate "equal on the categories, within the radius on the numbers" over the columns ``chosen``
(padded with -1). Coordinates are (columns, rows). Returns the number of guesses made: a double that another equals
gives none.
"""

add_densities: Callable[[Singles, Singles, np.float32, Floats], None] = numba.njit(
    nogil=True, cache=True, fastmath=True
)(_add_densities)
"""Add, for each query, the sums of exp(-scale d^2) and of its square over a block; ``norms`` are |query|^2."""

add_agreement: Callable[[Floats, Rows, Floats, Floats, Floats], None] = _compiled(_add_agreement)
"""Add, for each patient, the log shares of doubles that agree with it, column by column.

``theirs`` is (columns, doubles), sorted with the missing last; ``known`` counts those that are not missing; ``mine`` is
(patients, columns); within ``bands`` two numbers agree.
"""
