"""Attribute inference by an attacker who speaks only when confident: how often it is right, and on how many patients.

The attacker knows all columns of a patient but one. It claims the missing value where the nearest doubles agree on it,
or where one double stands much nearer than the next. A value that most doubles have needs no attack and is not
claimed. Precision is right claims over claims, recall is right claims over the values that could be claimed; both are
compared with releases made without the patient (Stadler, Oprisanu and Troncoso 2022, arXiv 2011.07018, section 4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sosie.attack.inference import entropy
from sosie.attack.space import Singles, Space, score_blocks
from sosie.cohort import Floats, Mask, Rows, Vectors
from sosie.evidence import CriterionId

SECRETS = 6
AGREEING = 3
CLASSES = 5
MAJORITY = 0.5
ALONE = 1.0 / 3.0
"""A double stands alone when it is so much nearer than the next (ratio of distances)."""
RULES = ("the nearest doubles agree", "one double stands alone")
SLACK = 1e-5


@dataclass(frozen=True)
class ConfidentClaims:
    """Claims on the secrets that say most, numbers being claimed to a fifth of the patients.

    Credits are counts over the secrets, for each patient: right claims, claims, right claims on values open to claims
    (those of no more than half of the patients), and such values; each has one column for each rule by which the
    attacker is confident.

    Parameters
    ----------
    space : Space
    points : ndarray of float32, shape (patients, width)
    secrets : ndarray of int64
        Axes of the space that are attacked.
    edges : tuple of ndarray of float64
        Of the classes of each secret.
    truth : ndarray of int64, shape (patients, secrets)
        Classes of the patients.
    rare : ndarray of bool, shape (patients, secrets)
        Whose class is that of no more than half of the patients.
    """

    id: ClassVar[CriterionId] = CriterionId.ATTRIBUTE_PRECISION
    unit: ClassVar[Literal["claims"]] = "claims"
    space: Space
    points: Singles
    secrets: Rows
    edges: tuple[Floats, ...]
    truth: Rows
    rare: Mask

    @classmethod
    def of(cls, patients: Vectors, space: Space | None = None, *, secrets: int = SECRETS) -> ConfidentClaims:
        """Choose the secrets, and freeze their classes."""
        space = space or Space.of(patients)
        columns = [patients.values[:, axis.position] for axis in space.axes]
        edges = [_edges(values) for values in columns]
        classes = [_classes(values, cuts) for values, cuts in zip(columns, edges, strict=True)]
        chosen = _chosen(classes, np.array([len(np.unique(values)) > 2 * CLASSES for values in columns]), secrets)
        truth = np.array([classes[i] for i in chosen], dtype=np.int64).reshape(len(chosen), len(patients)).T
        rare = np.zeros(truth.shape, dtype=bool)
        for at, column in enumerate(truth.T):
            rare[:, at] = _shares(column)[column] <= MAJORITY
        return cls(space, space.embed(patients), chosen, tuple(edges[i] for i in chosen), truth, rare)

    @property
    def details(self) -> dict[str, object]:
        """Names of the secrets, of the columns known, and the rules by which the attacker speaks."""
        names = [self.space.names[axis] for axis in self.secrets]
        return {
            "attacked": names,
            "auxiliary": list(self.space.names),
            "scenarios": list(RULES),
            "guesses": self.truth.size,
        }

    def credit(self, release: Vectors, rng: np.random.Generator) -> Floats:
        """Return right claims, claims, right claims on open values and open values; shape (patients, 4 * rules)."""
        patients = len(self.points)
        open_to = np.repeat(self.rare.sum(axis=1, keepdims=True), len(RULES), axis=1)
        if len(self.space.axes) < 2 or len(release) < AGREEING:
            return np.hstack([np.zeros((patients, 3 * len(RULES))), open_to])
        release = release.take(rng.permutation(len(release)))  # equally near doubles: a random one first
        distances, index = self._nearest(self.space.embed(release))
        positions = [self.space.axes[axis].position for axis in self.secrets]
        right, claimed, told = np.zeros((3, patients, len(RULES)))
        for at, position in enumerate(positions):
            classes = _classes(release.values[:, position], self.edges[at])
            read = classes[index[:, at]]  # (patients, AGREEING)
            claim = read[:, 0]
            speaks = _shares(classes)[claim] <= MAJORITY
            agree = (read == claim[:, None]).all(axis=1)
            alone = distances[:, at, 0] <= ALONE**2 * distances[:, at, 1] + SLACK
            says = np.column_stack([speaks & agree, speaks & alone])
            hits = says & (claim == self.truth[:, at])[:, None]
            claimed += says
            right += hits
            told += hits & self.rare[:, [at]]
        return np.hstack([right, claimed, told, open_to])

    def _nearest(self, doubles: Singles) -> tuple[Floats, Rows]:
        """Squared distances and numbers of the nearest doubles in all columns but each secret.

        Shape (patients, secrets, AGREEING) each.
        """
        from sosie.attack import scan

        edges = np.array([[self.space.axes[axis].first, self.space.axes[axis].last] for axis in self.secrets])
        # Strides are filled with points that are nobody's neighbour.
        filler = np.full((-len(doubles) % scan.STRIDE, doubles.shape[1]), 1e6, dtype=np.float32)
        doubles = np.vstack([doubles, filler])
        shape = (len(self.points), len(self.secrets), AGREEING)
        best, index = np.full(shape, np.inf, dtype=np.float32), np.zeros(shape, dtype=np.int64)
        for rows, offset, scores in score_blocks(self.points, doubles):
            columns = np.ascontiguousarray(doubles[offset : offset + scores.shape[1]].T)
            scan.keep_few_without(scores, self.points[rows], columns, edges, offset, best[rows], index[rows])
        # Scores lack |x|^2; the hidden columns were taken off whole, with their part of it.
        found = best + (self.points.astype(np.float64) ** 2).sum(axis=1)[:, None, None]
        return np.maximum(found, 0.0), index


def _chosen(classes: list[Rows], many: Mask, count: int) -> Rows:
    """Choose by entropy, half of the secrets among numbers of many values and half among the others."""
    known = np.array([entropy(codes.astype(np.float64)) for codes in classes])
    order = np.argsort(-known, kind="stable")
    ranks = np.empty(len(order), dtype=np.int64)
    for group in (many, ~many):
        inside = order[group[order]]
        ranks[inside] = np.arange(len(inside))
    return np.sort(np.lexsort((-known, ranks))[:count])


def _edges(values: Floats) -> Floats:
    """Cuts between classes: between the values where they are few, at the quintiles where they are many."""
    states = np.unique(values[~np.isnan(values)])
    if len(states) <= 2 * CLASSES:
        return np.asarray((states[1:] + states[:-1]) / 2.0)
    return np.unique(np.quantile(values[~np.isnan(values)], np.arange(1, CLASSES) / CLASSES))


def _classes(values: Floats, edges: Floats) -> Rows:
    """Class of each value; a missing one is a class of its own, the last."""
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values)).astype(np.int64)


def _shares(classes: Rows) -> Floats:
    return np.asarray(np.bincount(classes) / max(len(classes), 1))
