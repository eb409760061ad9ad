"""What a trained attacker looks at in a release, for each of a few patients.

A release enters, a row of features for each target leaves. Everything that a target is compared with (scales, bands,
its rarest values and pairs of values, radii) is frozen on the patients once, so that releases made with and without it
are measured with the same ruler. Columns are ordered, target by target, from the one in which the target is rarest to
the one in which it is commonest: "the rarest column" means the same for all targets, and one classifier can serve them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.attack.proximity import MOST_DOUBLES, Proximity
from sosie.attack.space import Singles, Space, nearest
from sosie.cohort import Floats, Kind, Mask, Rows, Vectors

MOST_COLUMNS = 40
MOST_PAIRS = 30
MOST_PATIENTS = 5_000
RANKS = (1, 2, 3, 5, 10, 20, 50)
RADII = (1, 3, 10, 30, 100)
"""Ranks of the patients whose distances to the target are the radii of its balls."""
BANDS = (1e-9, 0.05, 0.25)
"""Half-widths, in robust standard deviations, within which a number agrees with the target's."""
BOXES = ((2, 0.25), (2, 1.0), (3, 0.25), (3, 1.0), (4, 0.5), (6, 1.0))
"""Boxes around the target: how many of its rarest columns, and the half-width."""
FAR = 1e6
RIDGE = 0.1


@dataclass(frozen=True)
class Portrait:
    """One target, and what the patients say of it.

    Parameters
    ----------
    chosen : ndarray of int64, shape (columns,)
        Axes of the space, the one in which the target is rarest first.
    values, side : ndarray of float64, shape (columns,)
        Coordinates (a missing one is `FAR`), and on which side of the median: 1 or -1.
    numeric : ndarray of bool, shape (columns,)
    centre, scale : ndarray of float64, shape (columns,)
        Of a number, or of the indicator "agrees with the target" of a category.
    pairs, strong : ndarray of int64, shape (pairs, 2)
        Pairs of columns whose values fewest patients share with it, and those in which it stands out most.
    radii : ndarray of float64, shape (len(RADII),)
    """

    chosen: Rows
    values: Floats
    side: Floats
    numeric: Mask
    centre: Floats
    scale: Floats
    pairs: Rows
    strong: Rows
    radii: Floats

    @property
    def standing(self) -> Floats:
        """The target itself in standard deviations, shape (columns,)."""
        return _standing(np.where(self.numeric, self.values, 1.0), self)

    def look(self, theirs: Floats, distances: Floats) -> Floats:
        """Return the features that concern this target alone.

        Parameters
        ----------
        theirs : ndarray of float64, shape (doubles, axes)
            Coordinates of the doubles, missing ones `FAR`.
        distances : ndarray of float64, shape (doubles,)
            To this target.
        """
        seen = theirs[:, self.chosen]
        gaps = _gaps(seen, self)
        count = max(len(seen), 1)
        agree = [gaps <= band for band in BANDS]
        shares = [np.sqrt(one.sum(axis=0)) for one in agree]
        known = np.where(seen < FAR, seen * self.side, -FAR)
        tails = np.sqrt((known >= self.values * self.side).sum(axis=0))
        extremes = (
            np.sort(np.partition(known, -3, axis=0)[-3:], axis=0) if len(known) > 3 else np.zeros((3, len(tails)))
        )
        extremes = np.where(self.numeric & (extremes > -FAR), extremes, 0.0)
        return np.concatenate(
            [
                _distances(gaps, agree, distances, self.radii),
                _boxes(gaps),
                *shares,
                tails,
                extremes[2],
                extremes[0],
                *_pairs(agree, self.pairs),
                *_moments(np.where(self.numeric, seen, agree[0]), self, count),
            ]
        )


@dataclass(frozen=True)
class Lens:
    """The features of all targets, built once on the patients.

    Parameters
    ----------
    proximity : Proximity
        The statistics of the leave-out attack, for the targets.
    portraits : tuple of Portrait
    """

    proximity: Proximity
    portraits: tuple[Portrait, ...]

    @classmethod
    def of(cls, patients: Vectors, targets: Rows) -> Lens:
        """Freeze the features of some patients (row numbers) on the cohort."""
        rows = np.union1d(
            np.linspace(0, len(patients) - 1, min(len(patients), MOST_PATIENTS)).astype(np.int64), targets
        )
        seen = patients.take(rows)
        everyone = Proximity.of(seen)
        space, places = everyone.space, np.searchsorted(rows, targets)
        mine = Proximity(space, everyone.points[places], everyone.coordinates[places], everyone.width)
        coordinates = _filled(everyone.coordinates)
        near, _ = nearest(mine.points, everyone.points, min(RADII[-1] + 1, len(rows)))
        portraits = [
            _portrait(space, coordinates, place, near[at][np.minimum(RADII, near.shape[1] - 1)])
            for at, place in enumerate(places)
        ]
        return cls(mine, tuple(portraits))

    def look(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return the features of a release, shape (targets, features)."""
        scores = self.proximity.score(release, rng)
        if len(release) > MOST_DOUBLES:
            release = release.take(rng.choice(len(release), MOST_DOUBLES, replace=False))
        doubles, theirs = self.proximity.space.embed(release), _filled(self.proximity.space.coordinates(release))
        own = [
            portrait.look(theirs, _to(point, doubles))
            for point, portrait in zip(self.proximity.points, self.portraits, strict=True)
        ]
        return np.nan_to_num(np.hstack([scores, np.array(own)]), posinf=FAR, neginf=-FAR)


def _filled(coordinates: Floats) -> Floats:
    return np.where(np.isnan(coordinates), FAR, coordinates)


def _to(point: Singles, doubles: Singles) -> Floats:
    gap = doubles - point
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", gap, gap, dtype=np.float64)))


def _gaps(seen: Floats, portrait: Portrait) -> Floats:
    """How far each double is from the target in each column: 0 or 2 for a category."""
    gaps = np.abs(seen - portrait.values)
    return np.where(portrait.numeric, gaps, 2.0 * (gaps > 0))


def _standing(values: Floats, portrait: Portrait) -> Floats:
    standing = np.where(values < FAR, (values - portrait.centre) / portrait.scale, 0.0)
    return np.asarray(np.clip(standing, -10.0, 10.0))


def _distances(gaps: Floats, agree: list[Mask], distances: Floats, radii: Floats) -> Floats:
    """Ranks of distances (Euclid's, and capped city blocks), balls, and the most columns that a double shares."""
    found: list[Floats] = []
    for measure in (
        distances,
        np.minimum(gaps, 1.0).sum(axis=1),
        *(-one.sum(axis=1, dtype=np.float64) for one in agree),
    ):
        ranks = [min(rank, len(measure)) - 1 for rank in RANKS]
        found.append(np.partition(measure, ranks)[ranks] if len(measure) else np.zeros(len(ranks)))
    found[0] = np.log(found[0] + 1e-6)
    balls = np.sqrt((distances[:, None] <= radii).sum(axis=0))
    return np.concatenate([*found, balls])


def _boxes(gaps: Floats) -> Floats:
    return np.sqrt(
        np.array([(gaps[:, :columns].max(axis=1) <= width).sum() for columns, width in BOXES], dtype=np.float64)
    )


def _pairs(agree: list[Mask], pairs: Rows) -> list[Floats]:
    """Doubles that share both values of a pair, exactly and within the widest band."""
    found = []
    for one in (agree[0], agree[-1]):
        shared = one.astype(np.float32)
        found.append(np.sqrt((shared.T @ shared)[pairs[:, 0], pairs[:, 1]].astype(np.float64)))
    return found


def _moments(values: Floats, portrait: Portrait, count: int) -> list[Floats]:
    """Means, deviations and products of the doubles, and the target's place among them as a Gaussian would see it."""
    standard, mine = _standing(values, portrait), portrait.standing
    mean = standard.sum(axis=0) / count
    products = standard.T @ standard / count
    centred = products - np.outer(mean, mean) + RIDGE * np.eye(len(mean))
    gap = mine - mean
    solved = np.linalg.solve(centred, gap)
    _, size = np.linalg.slogdet(centred)
    along = mean @ mine
    return [
        mean,
        np.sqrt(np.diag(centred)),
        products[portrait.strong[:, 0], portrait.strong[:, 1]],
        np.array([along, mine @ products @ mine, gap @ solved, size, gap @ solved + size]),
    ]


def _portrait(space: Space, coordinates: Floats, place: int, radii: Floats) -> Portrait:
    numeric = np.array([axis.kind is Kind.NUMERIC for axis in space.axes], dtype=bool)
    mine = coordinates[place]
    gaps = np.where(numeric, np.abs(coordinates - mine), 2.0 * (coordinates != mine))
    within = gaps <= BANDS[-1]
    rarest = np.argsort(within.sum(axis=0), kind="stable")[:MOST_COLUMNS]
    within, values, numeric = within[:, rarest], mine[rarest], numeric[rarest]
    theirs = coordinates[:, rarest]
    read = np.where(numeric, np.where(theirs < FAR, theirs, np.nan), within)
    centre, scale = np.nanmean(read, axis=0), np.nanstd(read, axis=0)
    side = np.where(values >= np.nanmedian(np.where(theirs < FAR, theirs, np.nan), axis=0), 1.0, -1.0)
    shared = within.T.astype(np.float64) @ within
    drawn = Portrait(rarest, values, side, numeric, centre, scale + 1e-9, _NONE, _NONE, radii)
    first, second = np.triu_indices(len(rarest), 1)
    pairs = np.column_stack([first, second])
    rare = np.argsort(shared[first, second], kind="stable")[:MOST_PAIRS]
    strong = np.argsort(-np.abs(drawn.standing[first] * drawn.standing[second]), kind="stable")[:MOST_PAIRS]
    return Portrait(rarest, values, side, numeric, centre, scale + 1e-9, pairs[rare], pairs[strong], radii)


_NONE = np.zeros((0, 2), dtype=np.int64)
