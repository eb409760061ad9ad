"""Membership of patients who have several records each (images, visits), by an attacker who holds other patients.

Features of the records enter, with whose they are; figures by patient leave. A round cuts the patients in halves: each
makes a release, of which its patients are the members. Of the others, half are tested as non-members and half are the
reference that the attacker holds, then the other way round: in a round everybody is member, non-member and reference,
so that who is easy to find cannot be taken for who was in the data. A patient
whom the release resembles more than the reference does was probably in the data (DOMIAS, arXiv 2302.12580): nearest
neighbours show copies, kernel densities what a model learned locally, and the projection on what sets the release apart
from the reference (Homer et al. 2008, doi:10.1371/journal.pgen.1000167) what it learned of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sosie.attack.estimate import CONFIDENCE, Figure, over_rounds
from sosie.attack.roc import auc
from sosie.attack.space import Singles, nearest
from sosie.cohort import Floats, Mask, Rows

STATISTICS = ("closest", "near", "density", "projection")
NEIGHBOURS = 5
COPY_QUANTILE = 0.01
TINY = 1e-9

View = Callable[[Floats], Floats]
"""Turns records, shape (records, ...), into the features that one attacker compares, shape (records, width)."""


@dataclass(frozen=True)
class Records:
    """Records of patients.

    Parameters
    ----------
    values : ndarray, shape (records, ...)
    patient : ndarray of int64, shape (records,)
        Number of the patient, from 0, each with at least one record.
    """

    values: Floats
    patient: Rows

    @property
    def patients(self) -> int:
        """Number of patients."""
        return int(self.patient.max(initial=-1)) + 1

    def of(self, chosen: Rows) -> Records:
        """Return the records of some patients, who are numbered from 0 in the order given."""
        number = np.full(self.patients, -1)
        number[chosen] = np.arange(len(chosen))
        kept = number[self.patient] >= 0
        return Records(self.values[kept], number[self.patient[kept]])


Generate = Callable[[Rows, np.random.Generator], Floats]
"""Makes a release from some patients, by number, and returns the values of its records."""


@dataclass(frozen=True)
class Seen:
    """What one attacker achieves.

    Parameters
    ----------
    auc : Figure
        Area under the ROC curve, members against non-members, by patient: the worst statistic.
    by_statistic : mapping of str to float
    copies : float
        Share of members with a record that some double is nearer to than all but a hundredth of the patients are to
        each other, minus the same share of non-members.
    """

    auc: Figure
    by_statistic: Mapping[str, float]
    copies: Figure


def held_out(
    records: Records,
    generate: Generate,
    views: Mapping[str, View],
    *,
    rounds: int,
    rng: np.random.Generator,
    confidence: float = CONFIDENCE,
) -> dict[str, Seen]:
    """Attack two releases a round, with each view.

    Parameters
    ----------
    records : Records
        Of the whole cohort, as the attacker sees them.
    generate : callable
    views : mapping of str to callable
    rounds : int
    rng : numpy.random.Generator
    confidence : float, optional
        Of the one-sided bounds, which hold for all statistics of a view at once.

    Returns
    -------
    dict of str to Seen
        For each view.
    """
    features = {name: _singles(view(records.values)) for name, view in views.items()}
    limits = {name: _copy_limit(seen, records.patient) for name, seen in features.items()}
    areas: dict[str, list[Floats]] = {name: [] for name in views}
    copies: dict[str, list[list[float]]] = {name: [] for name in views}
    for stream in rng.spawn(rounds):
        halves = np.array_split(stream.permutation(records.patients), 2)
        found: dict[str, list[Floats]] = {name: [] for name in views}
        copied: dict[str, list[float]] = {name: [] for name in views}
        for members, others in (halves, halves[::-1]):
            release = generate(np.sort(members), stream)
            for name, view in views.items():
                doubles = _singles(view(release))
                for tested, reference in _both_ways(np.array_split(others, 2)):
                    held = features[name][np.isin(records.patient, reference)]
                    scores, distances = _scores(features[name], records, doubles, held)
                    found[name].append(np.array([auc(column[members], column[tested]) for column in scores.T]))
                    near = distances < limits[name]
                    copied[name].append(float(near[members].mean() - near[tested].mean()))
        for name in views:
            areas[name].append(np.mean(found[name], axis=0))
            copies[name].append([float(np.mean(copied[name]))])
    return {
        name: Seen(
            over_rounds(np.array(areas[name]), confidence=confidence),
            dict(zip(STATISTICS, np.mean(areas[name], axis=0).tolist(), strict=True)),
            over_rounds(np.array(copies[name]), confidence=confidence),
        )
        for name in views
    }


def same_patient(features: Floats, patient: Rows, chosen: Mask | None = None) -> float:
    """Return how well distances tell pairs of records of one patient from pairs of two: the AUC, patients alike.

    Each patient with two records or more weighs the same; its pairs are compared with its pairs with the others.
    """
    kept = np.ones(len(patient), dtype=bool) if chosen is None else chosen
    points, whose = _singles(features[kept]), patient[kept]
    gaps = _distances(points, points)
    areas = []
    for one in np.unique(whose):
        mine = whose == one
        if mine.sum() < 2:
            continue
        own = gaps[np.ix_(mine, mine)][np.triu_indices(int(mine.sum()), 1)]
        areas.append(auc(-own, -gaps[np.ix_(mine, ~mine)].ravel()))
    return float(np.mean(areas)) if areas else 0.5


def _both_ways(parts: Sequence[Rows]) -> Sequence[tuple[Rows, Rows]]:
    first, second = parts
    return (first, second), (second, first)


def _scores(features: Singles, records: Records, doubles: Singles, held: Singles) -> tuple[Floats, Floats]:
    """Return the statistics of each patient, shape (patients, statistics), and the distance to its nearest double."""
    near, _ = nearest(features, doubles, min(NEIGHBOURS, len(doubles)))
    known, _ = nearest(features, held, min(NEIGHBOURS, len(held)))
    width = float(np.median(near[:, 0])) + TINY
    first = np.log(known[:, 0] + TINY) - np.log(near[:, 0] + TINY)
    some = np.log(known.mean(axis=1) + TINY) - np.log(near.mean(axis=1) + TINY)
    dense = _density(features, doubles, width) - _density(features, held, width)
    apart = doubles.mean(axis=0) - held.mean(axis=0)
    middle = (doubles.mean(axis=0) + held.mean(axis=0)) / 2.0
    along = (features - middle) @ apart
    # The closest of a patient's records gives it away as a copy; elsewhere its records speak together.
    scores = [
        _by_patient(first, records, np.maximum),
        *(_by_patient(one, records, np.add) for one in (some, dense, along)),
    ]
    return np.column_stack(scores), -_by_patient(-near[:, 0], records, np.maximum)


def _density(features: Singles, points: Singles, width: float) -> Floats:
    exponents = -((_distances(features, points) / width) ** 2)
    peak = exponents.max(axis=1)
    return np.asarray(peak + np.log(np.exp(exponents - peak[:, None]).mean(axis=1)))


def _distances(left: Singles, right: Singles) -> Floats:
    square = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2.0 * left @ right.T
    return np.asarray(np.sqrt(np.maximum(square.astype(np.float64), 0.0)))


def _by_patient(values: Floats, records: Records, how: np.ufunc) -> Floats:
    """Return the largest (``maximum``) or the mean (``add``) of the values of each patient's records."""
    found: Floats = np.full(records.patients, -np.inf if how is np.maximum else 0.0)
    how.at(found, records.patient, values)
    return found if how is np.maximum else np.asarray(found / np.bincount(records.patient))


def _copy_limit(features: Singles, patient: Rows) -> float:
    """Return the distance that a hundredth of the patients have to the nearest record of another."""
    gaps = _distances(features, features)
    gaps[patient[:, None] == patient] = np.inf
    closest = -_by_patient(-gaps.min(axis=1), Records(gaps, patient), np.maximum)
    return float(np.quantile(closest, COPY_QUANTILE))


def _singles(features: Floats) -> Singles:
    return np.ascontiguousarray(features.reshape(len(features), -1), dtype=np.float32)
