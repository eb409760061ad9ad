"""Linkability: linking two records of the same individual (WP29 Opinion 05/2014, section 2.2).

The attacker holds two sets of records on the same patients, with different columns and no common key, and uses the
release as a bridge: two records that resemble the same double are declared the same person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sosie.attack.space import Singles, Space, score_blocks
from sosie.cohort import Floats, Rows, Vectors
from sosie.evidence import CriterionId

SPLITS = 4


@dataclass(frozen=True)
class Half:
    """One of the two sets of records.

    Parameters
    ----------
    axes : ndarray of int64
        The columns that it holds, as axes of the space.
    embedded : ndarray of int64
        Their columns in the embedding.
    points : ndarray of float32
        The patients, in those columns.
    """

    axes: Rows
    embedded: Rows
    points: Singles


@dataclass(frozen=True)
class SplitColumns:
    """The columns split in two halves; a patient is linked when both halves find the same double.

    Splits alternate between halves of about equal information and random halves.
    """

    id: ClassVar[CriterionId] = CriterionId.LINKABILITY
    unit: ClassVar[Literal["patients"]] = "patients"
    space: Space
    patients: int
    splits: tuple[tuple[Half, Half], ...]
    within: int

    @classmethod
    def of(
        cls,
        patients: Vectors,
        rng: np.random.Generator,
        space: Space | None = None,
        *,
        splits: int = SPLITS,
        within: int = 1,
    ) -> SplitColumns:
        """Draw the splits, which stay the same for every release.

        Parameters
        ----------
        patients : Vectors
        rng : numpy.random.Generator
        space : Space, optional
        splits : int
        within : int
            A link counts when the halves share one of their nearest ``within`` doubles.
        """
        space = space or Space.of(patients)
        points = space.embed(patients)
        if len(space.axes) < 2:
            return cls(space, len(patients), (), within)
        information = _information(points, space)
        halves = [_halves(information, balanced=i % 2 == 0, rng=rng) for i in range(splits)]
        pairs = tuple((half_of(space, points, left), half_of(space, points, right)) for left, right in halves)
        return cls(space, len(patients), pairs, within)

    @property
    def details(self) -> dict[str, object]:
        """Names of the columns that are linked: each split, then one list for each half."""
        names = self.space.names
        splits = [[[names[axis] for axis in half.axes] for half in pair] for pair in self.splits]
        return {"attacked": list(names), "auxiliary": splits, "guesses": self.patients * len(splits)}

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return the share of splits in which each patient is linked."""
        linked = np.zeros(self.patients)
        if not len(release):
            return linked
        # Equally near doubles are told apart by their place alone: a random one, the same for both halves.
        doubles = self.space.embed(release)[rng.permutation(len(release))]
        for left, right in self.splits:
            found = [nearest_rows(half.points, doubles[:, half.embedded], self.within) for half in (left, right)]
            linked += (found[0][:, :, None] == found[1][:, None, :]).any(axis=(1, 2))
        return linked / max(len(self.splits), 1)


def _information(points: Singles, space: Space) -> Floats:
    """Spread of each column in the embedding: what it adds to a distance on average."""
    spread = points.var(axis=0, dtype=np.float64)
    return np.array([spread[axis.first : axis.last].sum() for axis in space.axes])


def _halves(information: Floats, *, balanced: bool, rng: np.random.Generator) -> tuple[Rows, Rows]:
    order = rng.permutation(len(information))
    if not balanced:
        middle = len(order) // 2
        return np.sort(order[:middle]), np.sort(order[middle:])
    totals = [0.0, 0.0]
    sides: tuple[list[int], list[int]] = ([], [])
    for axis in order[np.argsort(-information[order], kind="stable")]:
        lighter = int(totals[1] < totals[0])
        sides[lighter].append(int(axis))
        totals[lighter] += float(information[axis])
    return np.sort(np.array(sides[0], dtype=np.int64)), np.sort(np.array(sides[1], dtype=np.int64))


def half_of(space: Space, points: Singles, axes: Rows) -> Half:
    """Return the set of records that holds some axes."""
    embedded = np.concatenate([np.arange(space.axes[i].first, space.axes[i].last) for i in axes])
    return Half(axes, embedded, np.ascontiguousarray(points[:, embedded]))


def nearest_rows(queries: Singles, points: Singles, count: int) -> Rows:
    """Return the nearest points of each query, by row number, shape (queries, count)."""
    from sosie.attack import scan

    best = np.full((len(queries), count), np.inf, dtype=np.float32)
    index = np.full((len(queries), count), -1, dtype=np.int64)
    for rows, offset, scores in score_blocks(queries, points):
        if count > 1:
            scan.keep_nearest(scores, offset, best[rows], index[rows])
            continue
        least = scores.argmin(axis=1)
        score = np.take_along_axis(scores, least[:, None], axis=1)
        closer = score < best[rows]
        best[rows] = np.where(closer, score, best[rows])
        index[rows] = np.where(closer, least[:, None] + offset, index[rows])
    return index
